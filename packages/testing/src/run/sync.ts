/**
 * Reading locks, semaphores, queues, groups and timeouts by how they print: that is all they tell.
 */

interface Printable {
  toString(): string
}

/** How many permits a semaphore has left. */
export const freePermits = (semaphore: Printable): number => Number(/value:(\d+)/.exec(String(semaphore))?.[1] ?? 0)

/** How many items of a queue were taken, and not said to be dealt with. */
export const itemsInWork = (queue: Printable & { qsize(): number }): number =>
  Number(/ tasks=(\d+)/.exec(String(queue))?.[1] ?? 0) - queue.qsize()

/** Whether a timeout has a deadline that can still be reached. */
export const isRunning = (timeout: Printable): boolean => String(timeout).startsWith("<Timeout [active] when=")

/** Whether a group has tasks, and is not being cancelled. */
export const isWorking = (group: Printable): boolean => /^<TaskGroup tasks=\d+.* entered>$/.test(String(group))
