/**
 * Whether a function of the program is given what it may want to know. One that declares no parameter is not: with
 * `async function main(port = 3000)` a task would be taken for the port.
 */
export const takesArguments = (body: (given: never) => unknown): boolean => body.length > 0

/** Calls a function of the program with something it may want to know. */
export const callWith = <T, A>(body: (given: T) => A, given: () => T): A =>
  takesArguments(body) ? body(given()) : (body as () => A)()
