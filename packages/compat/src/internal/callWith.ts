/**
 * Calls a function of the program with something it may want to know. One that declares no parameter is not given it: with
 * `async function main(port = 3000)` a task would be taken for the port.
 */
export const callWith = <T, A>(body: (given: T) => A, given: () => T): A =>
  body.length > 0 ? body(given()) : (body as () => A)()
