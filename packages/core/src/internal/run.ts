import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type { Coroutine } from "../Coroutine.ts"
import { KeyboardInterrupt, RuntimeError } from "../errors.ts"
import { RunningLoop } from "../fiberRefs.ts"
import type { RunOptions } from "../run.ts"
import { createCoroutineTask } from "./coroutineTask.ts"
import { type EventLoopImpl, makeEventLoop } from "./eventLoop.ts"
import { FutureImpl } from "./future.ts"
import { keepAlive } from "./host.ts"
import { onSigint } from "./sigint.ts"
import type { TaskImpl } from "./task.ts"
import { spawn } from "./tasks.ts"

/** Runs an Effect as the main task. */
export const run = <A, E>(main: Effect.Effect<A, E>, options: RunOptions = {}): Promise<A> =>
  runMain(options, (loop) => spawn(loop, contextOf(loop, options), main, { name: options.name }))

/** Runs another kind of coroutine as the main task. */
export const runCoroutine = <A, E>(coroutine: Coroutine<A, E>, options: RunOptions = {}): Promise<A> =>
  runMain(options, (loop) =>
    createCoroutineTask(loop, coroutine, { name: options.name, context: contextOf(loop, options) })
  )

// The loop's own services, such as the clock of a loop on virtual time, stay unless they are given.
const contextOf = (loop: EventLoopImpl, { context }: RunOptions): Context.Context<never> =>
  context === undefined ? loop.context : Context.merge(loop.context, context)

const runMain = async <A, E>(options: RunOptions, start: (loop: EventLoopImpl) => TaskImpl<A, E>): Promise<A> => {
  if (insideLoop()) throw new RuntimeError("asyncio.run() cannot be called from a running event loop")
  const loop = (options.loopFactory?.() ?? makeEventLoop(options)) as EventLoopImpl
  if (options.debug !== undefined) loop.debug = options.debug
  const release = keepAlive()
  try {
    return await runToTheEnd(loop, start(loop), options)
  } finally {
    try {
      await cancelAllTasks(loop)
    } finally {
      release()
      loop.closeUnsafe()
    }
  }
}

const runToTheEnd = async <A, E>(loop: EventLoopImpl, task: TaskImpl<A, E>, options: RunOptions): Promise<A> => {
  const listening = options.handleSigint === false ? undefined : onSigint(() => void task.cancelUnsafe())
  try {
    await loop.runUntilComplete(task)
  } finally {
    listening?.stop()
  }
  const exit = task.exitUnsafe()!
  if (Exit.isSuccess(exit)) return exit.value
  if (listening?.interrupted() === true && task.cancelled() && task.uncancelUnsafe() === 0) throw new KeyboardInterrupt()
  throw Cause.squash(exit.cause)
}

const insideLoop = (): boolean => {
  const fiber = Fiber.getCurrent()
  return fiber !== undefined && fiber.getRef(RunningLoop)?.isRunning() === true
}

/** Cancels what is left, waits for it, and reports what failed on the way. */
const cancelAllTasks = async (loop: EventLoopImpl): Promise<void> => {
  const tasks = loop.allTasksUnsafe()
  if (tasks.length === 0) return
  for (const task of tasks) task.cancelUnsafe()
  const allDone = new FutureImpl<void, never>(loop)
  let left = tasks.length
  const countDown = () => {
    if (--left === 0) allDone.setResultUnsafe()
  }
  for (const task of tasks) task.addCallback(countDown, "gather")
  await loop.runUntilComplete(allDone)
  for (const task of tasks) {
    const exit = task.exitUnsafe()!
    if (task.cancelled() || Exit.isSuccess(exit)) continue
    loop.callExceptionHandlerUnsafe({
      message: "unhandled exception during asyncio.run() shutdown",
      exception: Cause.squash(exit.cause),
      cause: exit.cause,
      task: String(task)
    })
  }
}
