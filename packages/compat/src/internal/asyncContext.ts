/**
 * The host's `AsyncLocalStorage`: what carries the current task over every await. Node, Bun, Deno and workerd have it.
 *
 * Where it is missing, as in browsers, a value is only known while the code that set it is on the stack.
 */
import { AsyncLocalStorage } from "@effect-asyncio/core/lowlevel"
import { framesFit, FrameStorage, type Storage } from "./frameStorage.ts"

/** Whether the current task is known after an await. */
export const hasAsyncContext: boolean = AsyncLocalStorage !== undefined

class StackStorage<T> implements Storage<T> {
  #current: T | undefined = undefined

  getStore(): T | undefined {
    return this.#current
  }

  run<A, B>(store: T, f: (argument: B) => A, argument?: B): A {
    const outer = this.#current
    this.#current = store
    try {
      return f(argument as B)
    } finally {
      this.#current = outer
    }
  }
}

/** Whether it costs next to nothing to remember the stores of some code. */
export const hasFrames: boolean = AsyncLocalStorage !== undefined && framesFit(AsyncLocalStorage)

export const makeStorage = <T>(): Storage<T> => {
  if (AsyncLocalStorage === undefined) return new StackStorage<T>()
  return hasFrames ? new FrameStorage<T>(new AsyncLocalStorage<T>()) : new AsyncLocalStorage<T>()
}

const { process } = globalThis as { readonly process?: { readonly getBuiltinModule?: (name: string) => unknown } }

// Asked for at run time, because a static import would keep the package out of browsers.
const events = process?.getBuiltinModule?.("node:events") as
  | { readonly setMaxListeners?: (n: number, target: object) => void }
  | undefined

/** Lets any number of operations listen to one task's signal at a time: that is no leak, and Node need not warn of one. */
// `Infinity` and not 0, which means the same: `getMaxListeners` of Node 20 throws for a signal whose limit is 0, and undici calls it.
export const allowManyListeners = (signal: AbortSignal): void => events?.setMaxListeners?.(Infinity, signal)
