/**
 * The stores of every `AsyncLocalStorage` of the host: a task, or a callback, starts with those that the code which made it
 * sees. Node, Bun, Deno and workerd have them; where they are missing there is nothing to keep.
 */
import { fastPaths } from "./fastPaths.ts"

/** The stores as they were at some time. */
export type AsyncContext = unknown

interface Resource {
  runInAsyncScope<A, B>(f: (argument: A) => B, thisArgument: undefined, argument: A): B
  emitDestroy?(): void
}

/**
 * What is used of a storage of the host's `AsyncLocalStorage`.
 *
 * @category for libraries
 * @since 0.1.0
 */
export interface HostStorage<T> {
  /** The store that the code sees. */
  getStore(): T | undefined
  /** Calls `f` with a store, which what it begins sees as well. */
  run<A, B>(store: T, f: (argument: B) => A, argument: B): A
  /** Calls `f` with a store, which what it begins sees as well. */
  run<A>(store: T, f: () => A): A
  /** Has the rest of the code that is running see a store. */
  enterWith(store: T): void
  /** Calls `f` without a store. */
  exit<A>(f: () => A): A
  /** Takes the store from all code, until one is entered again. Not every host has it. */
  disable?(): void
}

interface AsyncHooks {
  readonly AsyncResource?: new (type: string) => Resource
  readonly AsyncLocalStorage: { new <T>(): HostStorage<T>; readonly snapshot?: () => <A>(f: () => A) => A }
}

/** Where Node keeps the stores: one frame for all of them, which is never changed, only replaced. */
export interface Frames {
  current(): AsyncContext
  set(frame: AsyncContext): void
  /** Sets a frame, and gives back the one before. */
  exchange(frame: AsyncContext): AsyncContext
}

const host = globalThis as {
  readonly AsyncLocalStorage?: AsyncHooks["AsyncLocalStorage"]
  readonly process?: { readonly getBuiltinModule?: (name: string) => unknown }
}

// Asked for at run time, because a static import would keep the package out of browsers.
const hooks = host.process?.getBuiltinModule?.("node:async_hooks") as AsyncHooks | undefined
export const AsyncLocalStorage: AsyncHooks["AsyncLocalStorage"] | undefined =
  hooks?.AsyncLocalStorage ?? host.AsyncLocalStorage

/**
 * Node's frames, from version 24 on. To keep and enter one costs next to nothing, where a resource costs as much as an iteration
 * of the loop. Node does not promise them: they are tried out, and where they are missing or do otherwise, resources serve.
 */
export const frames = ((): Frames | undefined => {
  const Resource = hooks?.AsyncResource
  if (!fastPaths || Resource === undefined || AsyncLocalStorage === undefined) return undefined
  // Where there are none, a storage that was used once would make every promise dearer.
  if (frameKeyOf(new Resource("asyncio")) === undefined) return undefined
  const [first, second] = [new AsyncLocalStorage<number>(), new AsyncLocalStorage<number>()]
  try {
    return first.run(1, () => {
      const found = framesOf(new Resource("asyncio"))
      return found !== undefined && work(found, first, second) ? found : undefined
    })
  } catch {
    return undefined
  } finally {
    first.disable?.()
    second.disable?.()
  }
})()

/** Where a resource keeps the frame that it was made in. */
function frameKeyOf(resource: Resource): symbol | undefined {
  return Object.getOwnPropertySymbols(resource).find((key) => key.description === "context_frame")
}

/** The class of the frame that a resource was made in. */
function framesOf(resource: Resource): Frames | undefined {
  const frame: unknown = resource[frameKeyOf(resource) as never]
  const found = (frame as { readonly constructor?: Partial<Frames> } | null | undefined)?.constructor
  const fits = [found?.current, found?.set, found?.exchange].every((method) => typeof method === "function")
  return fits && (found as Frames).current() === frame ? (found as Frames) : undefined
}

/** Whether frames do what they are used for, inside of `first.run(1)`. */
function work(tried: Frames, first: HostStorage<number>, second: HostStorage<number>): boolean {
  const outer = tried.exchange(undefined)
  try {
    const [none, inside] = second.run(2, () => [first.getStore(), tried.current()])
    const left = tried.current()
    const replaced = tried.exchange(inside)
    const seen = [first.getStore(), second.getStore(), tried.current()]
    tried.set(outer)
    // Behind `run` some versions have the frame of before, others a new one with the same stores.
    return (
      replaced === left &&
      none === undefined &&
      seen[0] === undefined &&
      seen[1] === 2 &&
      seen[2] === inside &&
      first.getStore() === 1 &&
      second.getStore() === undefined
    )
  } finally {
    tried.set(outer)
  }
}

/** Remembers the stores of the code that is running. */
export const captureAsyncContext: () => AsyncContext = (() => {
  if (frames !== undefined) return frames.current.bind(frames)
  const Resource = hooks?.AsyncResource
  if (Resource !== undefined) return () => new Resource("asyncio")
  const snapshot = AsyncLocalStorage?.snapshot
  if (snapshot !== undefined) return () => new Snapshot(snapshot())
  return () => undefined
})()

class Snapshot implements Resource {
  readonly #run: <A>(f: () => A) => A

  constructor(run: <A>(f: () => A) => A) {
    this.#run = run
  }

  runInAsyncScope<A, B>(f: (argument: A) => B, _thisArgument: undefined, argument: A): B {
    return this.#run(() => f(argument))
  }
}

/**
 * Calls `f` with the stores that {@link captureAsyncContext} remembered. What `f` enters with `enterWith` stays in it, and
 * what it begins.
 */
export const runInAsyncContext: <A, B>(context: AsyncContext, f: (argument: A) => B, argument: A) => B =
  frames === undefined
    ? (context, f, argument) =>
        context === undefined ? f(argument) : (context as Resource).runInAsyncScope(f, undefined, argument)
    : (context, f, argument) => {
        const outer = frames.exchange(context)
        try {
          return f(argument)
        } finally {
          frames.set(outer)
        }
      }

/**
 * The stores of no program: what lives longer than the code that made it must neither see nor keep its stores. Where the host
 * shows neither frames nor the stores of a resource, they are those of the code that loaded this module.
 */
export const outermostAsyncContext: AsyncContext =
  frames === undefined ? withoutStores(captureAsyncContext()) : undefined

/** A resource of Node keeps its stores in fields: in one up to Node 22, in a field for each storage; in its frame from 24 on. */
function withoutStores(context: AsyncContext): AsyncContext {
  if (context instanceof Object) {
    for (const key of Object.getOwnPropertySymbols(context)) {
      if (key.description === "kResourceStore" || key.description === "context_frame")
        Reflect.set(context, key, undefined)
    }
  }
  return context
}
