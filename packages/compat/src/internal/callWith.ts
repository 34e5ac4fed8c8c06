/**
 * Whether a function of the program gets the argument that it may want. A function with no parameter before the first default gets
 * none: `async function main(port = 3000)` would take the task for the port.
 */
export const takesArguments = (body: (given: never) => unknown): boolean => body.length > 0

/** Calls a function of the program with something it may want to know. */
export const callWith = <T, A>(body: (given: T) => A, given: () => T): A =>
  takesArguments(body) ? body(given()) : (body as () => A)()
