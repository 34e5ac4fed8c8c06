/**
 * An `AsyncLocalStorage` for browsers, which have none: what carries the current task of compat over every await.
 *
 * A host's own is carried by the engine. Here those who call back do it: `then` and the timers remember the stores of the code that
 * hands them a callback. Only a native `await` cannot be reached: asyncFunctions.ts writes those of the program as generators, and
 * whoever bundles the library has the bundler do the same.
 *
 * A module of its own, because it has to be in place before the library is loaded.
 */

/** The stores of some code: never changed, only replaced. */
type Frame = ReadonlyMap<object, unknown> | undefined

let current: Frame

type Callback = (...args: Array<any>) => any

const inFrame = <A>(frame: Frame, f: () => A): A => {
  const outer = current
  current = frame
  try {
    return f()
  } finally {
    current = outer
  }
}

/** A callback that runs with the stores of now. What is no function is left as it is. */
const carried = <F>(callback: F): F => {
  const frame = current
  if (typeof callback !== "function" || frame === undefined) return callback
  return function (this: unknown, ...args: Array<unknown>) {
    return inFrame(frame, () => callback.apply(this, args))
  } as F
}

/** As much of Node's class as the library uses, and programs. */
class CarriedStorage<T> {
  static snapshot(): <A>(f: (...args: Array<any>) => A, ...args: Array<any>) => A {
    const frame = current
    return (f, ...args) => inFrame(frame, () => f(...args))
  }

  static bind<F extends Callback>(f: F): F {
    return carried(f)
  }

  getStore(): T | undefined {
    return current?.get(this) as T | undefined
  }

  run<A>(store: T, f: (...args: Array<any>) => A, ...args: Array<any>): A {
    return inFrame(new Map(current).set(this, store), () => f(...args))
  }

  exit<A>(f: (...args: Array<any>) => A, ...args: Array<any>): A {
    return inFrame(this.#others(), () => f(...args))
  }

  enterWith(store: T): void {
    current = new Map(current).set(this, store)
  }

  disable(): void {
    current = this.#others()
  }

  #others(): Frame {
    const others = new Map(current)
    others.delete(this)
    return others
  }
}

// oxlint-disable-next-line typescript/unbound-method -- called with the promise it is called on
const nativeThen = Promise.prototype.then
const nativeResolve = Promise.resolve.bind(Promise)
const nativeMicrotask = globalThis.queueMicrotask

/** Calls `then` of an object that is no promise in a microtask, as the host does, and with the stores of now, as Node does. */
const follow = (value: object, then: Callback, resolve: Callback, reject: Callback): void => {
  const call = () => {
    try {
      then.call(value, resolve, reject)
    } catch (error) {
      reject(error)
    }
  }
  nativeMicrotask(carried(call))
}

/** The method of what is awaited but is no promise, such as a task; undefined for all else. */
const thenOf = (value: unknown): Callback | undefined => {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return undefined
  if (value instanceof Promise && value.constructor === Promise) return undefined
  const { then } = value as { readonly then?: unknown }
  return typeof then === "function" ? (then as Callback) : undefined
}

/** What `await value` waits for: takes as many microtasks. */
export const promiseOf = (value: unknown): Promise<unknown> => {
  try {
    const then = thenOf(value)
    if (then === undefined) return nativeResolve(value)
    return new Promise((resolve, reject) => follow(value as object, then, resolve, reject))
  } catch (error) {
    return Promise.reject(error)
  }
}

/** What the end of an async function does with what it returns. */
export const settle = (value: unknown, resolve: Callback, reject: Callback): void => {
  try {
    const then = thenOf(value)
    if (then === undefined) return resolve(value)
    follow(value as object, then, resolve, reject)
  } catch (error) {
    reject(error)
  }
}

type Timers = Record<"queueMicrotask" | "setTimeout" | "setInterval" | "setImmediate", Callback | undefined>

/** Puts it in place, where the host has none. */
export const installAsyncLocalStorage = (): void => {
  const host = globalThis as unknown as Timers & { AsyncLocalStorage?: unknown }
  host.AsyncLocalStorage = CarriedStorage
  // oxlint-disable-next-line no-extend-native -- this is the only way to be asked
  Promise.prototype.then = function (this: Promise<unknown>, fulfilled: any, rejected: any) {
    return nativeThen.call(this, carried(fulfilled), carried(rejected))
  } as never
  // `Promise.all` and its like ask for this one.
  Promise.resolve = function (this: PromiseConstructor, value: unknown) {
    return this === Promise ? promiseOf(value) : Reflect.apply(nativeResolve, this, [value])
  } as never
  for (const name of ["queueMicrotask", "setTimeout", "setInterval", "setImmediate"] as const) {
    const native = host[name]
    if (native !== undefined) host[name] = (callback, ...args) => native.call(globalThis, carried(callback), ...args)
  }
}
