import * as asyncio from "@effect-asyncio/compat"
import type { EventLoop, ExceptionContext } from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"

/** Runs a program to its end on a loop of its own, whose time jumps when nothing can run. */
export const run = <A>(main: asyncio.AsyncFunction<A>, options?: asyncio.RunOptions): Promise<A> =>
  asyncio.run(main, { loopFactory: makeVirtualTimeLoop, handleSigint: false, ...options })

/** The task that the calling code runs in. */
export const self = (): asyncio.Task<unknown> => {
  const task = asyncio.currentTask()
  if (task === undefined) throw new Error("not in a task")
  return task
}

/** The loop that the calling code runs on. */
export const runningLoop = (): EventLoop => self().core.loop

/** What the loop tells its exception handler, in place of the default handler's log. */
export const collectReports = (loop: EventLoop): Array<ExceptionContext> => {
  const reports: Array<ExceptionContext> = []
  loop.setExceptionHandlerUnsafe((_, context) => reports.push(context))
  return reports
}

/** A `loopFactory` whose loops report to `reports` from beginning to end. */
export const reportingTo =
  (reports: Array<ExceptionContext>): NonNullable<asyncio.RunOptions["loopFactory"]> =>
  (options) => {
    const loop = makeVirtualTimeLoop(options)
    loop.setExceptionHandlerUnsafe((_, context) => reports.push(context))
    return loop
  }

/** Waits for the host's next macrotask. */
export const macrotask = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

/** What a promise or task rejects with; a value that it resolves with is the caller's mistake. */
export const rejection = async (awaitable: PromiseLike<unknown>): Promise<unknown> => {
  let value: unknown
  try {
    value = await awaitable
  } catch (error) {
    return error
  }
  throw new Error(`resolved with ${String(value)}`)
}

/** An error as `NAME: MESSAGE`. */
export const text = async (awaitable: PromiseLike<unknown>): Promise<string> => String(await rejection(awaitable))

/** How a piece of code that throws fails. */
export const thrown = (f: () => unknown): string => {
  try {
    f()
  } catch (error) {
    return String(error)
  }
  throw new Error("did not throw")
}

/** A promise and its two ends. */
export const deferred = <A = void>() => {
  let resolve!: (value: A) => void
  let reject!: (error: unknown) => void
  const promise = new Promise<A>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}

/** Runs a program and gives what became an unhandled rejection in the meantime. */
export const unhandledRejections = async (program: () => Promise<unknown>): Promise<ReadonlyArray<unknown>> => {
  const seen: Array<unknown> = []
  const listener = (error: unknown) => seen.push(error)
  process.on("unhandledRejection", listener)
  await program()
  // The host reports a rejection after the microtasks of its macrotask.
  await macrotask()
  await macrotask()
  process.off("unhandledRejection", listener)
  return seen
}
