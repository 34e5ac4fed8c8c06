/**
 * What stands for `async`, `for await` and `using` in a program that asyncFunctions.ts has rewritten. Everything takes as many
 * microtasks as the host's own, so that a program prints in the same order.
 */
import { promiseOf, settle } from "./asyncLocalStorage.ts"

type Body = (...args: ReadonlyArray<unknown>) => Generator<unknown, unknown, unknown>
type Method = "next" | "throw" | "return"

/** An async function, given as a generator that yields what it awaits. */
const asyncFunction = (self: unknown, args: Iterable<unknown>, body: Body): Promise<unknown> =>
  new Promise((resolve, reject) => {
    let generator: ReturnType<Body>
    const step = (method: Method, value: unknown): void => {
      let result: IteratorResult<unknown, unknown>
      try {
        generator ??= body.apply(self, [...args])
        result = generator[method](value)
      } catch (error) {
        return reject(error)
      }
      if (result.done === true) return settle(result.value, resolve, reject)
      void promiseOf(result.value).then(
        (value) => step("next", value),
        (error) => step("throw", error)
      )
    }
    step("next", undefined)
  })

/** What an async generator yields to wait for it, and not to give it to its caller. */
class Awaited {
  readonly value: unknown

  constructor(value: unknown) {
    this.value = value
  }
}

const awaited = (value: unknown): Awaited => new Awaited(value)

/** What an async generator is in the middle of: the loops of its `yield*`. */
interface State {
  readonly delegates: Array<Loop>
}

/** Yielded to get the {@link State} of the generator. */
const askForState = Symbol("askForState")

interface Request {
  readonly method: Method
  readonly value: unknown
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

/** An async generator. Calls are answered one after the other. */
const asyncGenerator = (self: unknown, args: Iterable<unknown>, body: Body): AsyncGenerator => {
  const generator = body.apply(self, [...args])
  const requests: Array<Request> = []
  const state: State = { delegates: [] }

  const answer = (reply: (request: Request) => void) => {
    reply(requests.shift()!)
    if (requests.length > 0) begin()
  }
  const step = (method: Method, value: unknown): void => {
    let result: IteratorResult<unknown, unknown>
    try {
      result = generator[method](value)
    } catch (error) {
      return answer(({ reject }) => reject(error))
    }
    if (result.done === true) return answer(({ resolve }) => resolve(result))
    const given = result.value
    if (given === askForState) return step("next", state)
    if (given instanceof Awaited) return wait(given.value, (value) => step("next", value))
    // `yield` waits as well.
    wait(given, (value) => answer(({ resolve }) => resolve({ value, done: false })))
  }
  const wait = (value: unknown, then: (value: unknown) => void) =>
    void promiseOf(value).then(then, (error) => step("throw", error))
  const begin = () => {
    const { method, value } = requests[0]!
    const delegate = state.delegates.at(-1)
    if (method === "next") step(method, value)
    // What is given on to is told first: afterwards the generator is left from there.
    else if (delegate?.open === true) wait(delegate.close(), () => begin())
    else if (method === "return") wait(value, (value) => step("return", value))
    else step(method, value)
  }
  const ask = (method: Method) => (value?: unknown) =>
    new Promise((resolve, reject) => {
      if (requests.push({ method, value, resolve, reject }) === 1) begin()
    })
  return {
    next: ask("next"),
    throw: ask("throw"),
    return: ask("return"),
    [Symbol.asyncIterator]() {
      return this
    },
    [Symbol.asyncDispose]() {
      return this.return(undefined) as never
    }
  } as AsyncGenerator
}

/** `yield*` in an async generator. */
function* delegate(iterable: never): Generator<unknown, unknown> {
  const state: State = yield askForState
  const each = iterate(iterable)
  state.delegates.push(each)
  try {
    for (;;) {
      const result: IteratorResult<unknown> = yield awaited(each.next())
      if (!each.goesOn(result)) return result.value
      yield result.value
    }
  } finally {
    state.delegates.pop()
  }
}

interface AnyIterator {
  next(): unknown
  return?(): unknown
}

/** The loop of a `for await`. */
class Loop {
  #goesOn = false
  #failed = false
  readonly #iterator: AnyIterator

  constructor(iterator: AnyIterator) {
    this.#iterator = iterator
  }

  next(): unknown {
    this.#goesOn = false
    return this.#iterator.next()
  }

  goesOn(result: IteratorResult<unknown>): boolean {
    if (typeof result !== "object" || result === null) throw new TypeError(`${String(result)} is not an object`)
    this.#goesOn = result.done !== true
    return this.#goesOn
  }

  fail(error: unknown): never {
    this.#failed = true
    throw error
  }

  /** Whether the iterator has to be told that the loop is left. */
  get open(): boolean {
    return this.#goesOn && typeof this.#iterator.return === "function"
  }

  close(): unknown {
    this.#goesOn = false
    return this.#iterator.return!()
  }

  /** The body's own error goes first. */
  closingFailed(error: unknown): void {
    if (!this.#failed) throw error
  }
}

const iterate = (iterable: AsyncIterable<unknown> | Iterable<unknown>): Loop => {
  if (Symbol.asyncIterator in iterable) return new Loop(iterable[Symbol.asyncIterator]() as AnyIterator)
  const iterator = iterable[Symbol.iterator]()
  return new Loop({
    next: () => {
      const { done, value } = iterator.next()
      return promiseOf(value).then((value) => ({ value, done }))
    },
    return: () => iterator.return?.()
  })
}

/** A block with `using`. */
class Resources {
  readonly #disposals: Array<() => unknown> = []
  #error: { readonly error: unknown } | undefined

  use<A>(value: A, isAsync: boolean): A {
    if (value === null || value === undefined) {
      if (isAsync) this.#disposals.push(() => undefined)
      return value
    }
    const found = value as Partial<AsyncDisposable & Disposable>
    const dispose = (isAsync ? found[Symbol.asyncDispose] : undefined) ?? found[Symbol.dispose]
    if (typeof dispose !== "function") throw new TypeError("Property [Symbol.dispose] is not a function.")
    this.#disposals.push(() => dispose.call(value as never))
    return value
  }

  fail(error: unknown): void {
    this.#error = { error }
  }

  /** Gives, one after the other, what is to be waited for. */
  *disposals(): Generator<unknown, void, unknown> {
    for (let dispose = this.#disposals.pop(); dispose !== undefined; dispose = this.#disposals.pop()) {
      try {
        yield dispose()
      } catch (error) {
        this.#error = { error: this.#error === undefined ? error : suppressed(error, this.#error.error) }
      }
    }
    if (this.#error !== undefined) throw this.#error.error
  }

  *disposalsAwaited(): Generator<unknown, void, unknown> {
    const disposals = this.disposals()
    let result = disposals.next()
    while (result.done !== true) {
      try {
        yield awaited(result.value)
        result = disposals.next()
      } catch (error) {
        result = disposals.throw(error)
      }
    }
  }

  disposeNow(): void {
    const disposals = this.disposals()
    while (disposals.next().done !== true);
  }
}

const suppressed = (error: unknown, before: unknown): unknown => {
  const { SuppressedError } = globalThis as {
    readonly SuppressedError?: new (error: unknown, suppressed: unknown, message?: string) => Error
  }
  const message = "An error was suppressed during disposal."
  return SuppressedError === undefined
    ? Object.assign(new Error(message), { name: "SuppressedError", error, suppressed: before })
    : new SuppressedError(error, before, message)
}

/** What a rewritten program knows as `__run`. */
export const asyncRuntime = {
  asyncFunction,
  asyncGenerator,
  awaited,
  delegate,
  iterate,
  resources: (): Resources => new Resources()
}
