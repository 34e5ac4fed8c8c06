/**
 * Lists that core reads in a fiber of its own, and whose code belongs to the function that has given them.
 */
import type { PromiseScope } from "./promiseScope.ts"
import { runIn } from "./current.ts"

/** Calls an iterator in `scope`, and not in the fiber that reads: what the code of a generator begins belongs there. */
class ReadingIn implements Iterator<unknown> {
  readonly #scope: PromiseScope
  readonly #iterator: Iterator<unknown>

  constructor(scope: PromiseScope, items: Iterable<unknown>) {
    this.#scope = scope
    this.#iterator = runIn(scope, () => items[Symbol.iterator]())
  }

  next(): IteratorResult<unknown> {
    return runIn(this.#scope, next, this.#iterator)
  }

  return(): IteratorResult<unknown> {
    return runIn(this.#scope, end, this.#iterator)
  }
}

const next = (iterator: Iterator<unknown>): IteratorResult<unknown> => iterator.next()

const end = (iterator: Iterator<unknown>): IteratorResult<unknown> =>
  iterator.return?.() ?? { done: true, value: undefined }

/** `items` as they are to be read for `scope`. */
export const readIn = (scope: PromiseScope, items: Iterable<unknown>): Iterable<unknown> =>
  // To read an array runs no code of the program.
  Array.isArray(items) ? items : { [Symbol.iterator]: () => new ReadingIn(scope, items) }
