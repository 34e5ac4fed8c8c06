/**
 * How many tasks are followed as they change.
 *
 * Each of them is known on both ends: a million took 0.6 GB of the program and 1.2 GB of the client, and the program was read for
 * minutes. For so many there is what reads them once, piece by piece.
 */
export const mostFollowed = 250_000

/** What is said of a process with more. */
export const tooManyTasks = (tasks: number, most: number): string =>
  `it has ${count(tasks)} tasks, and no more than ${count(most)} are followed as they change: ps, pstree, where and dump read them all`

const count = (tasks: number): string => tasks.toLocaleString("en")
