/** What the compiler knows of what asyncio has no word for, or another one, and no other test of types says. */
import * as asyncio from "@effect-asyncio/compat"
import { describe, expectTypeOf, it } from "vitest"

declare const task: asyncio.Task<number>
declare const loop: asyncio.EventLoop
declare const error: asyncio.CancelledError
declare const group: asyncio.ExceptionGroup<TypeError>
declare const background: asyncio.BackgroundTasks

// The declared values above do not exist: the calls are written down to be checked, and never run.
const unrun = (calls: () => unknown): void => void calls

describe("the types of", () => {
  it("what a task knows of itself", () =>
    unrun(() => {
      expectTypeOf(task.id).toEqualTypeOf<number>()
      expectTypeOf(task.createdAt).toEqualTypeOf<number>()
      expectTypeOf(task.createdBy?.name).toEqualTypeOf<string | undefined>()
      expectTypeOf(task.detached).toEqualTypeOf<boolean>()
      expectTypeOf(task.snapshot().cancellation?.kind).toEqualTypeOf<string | undefined>()
      // @ts-expect-error -- a task is detached or not
      asyncio.createTask(() => 1, { detached: "yes" })
    }))

  it("what a cancellation tells", () =>
    unrun(() => {
      expectTypeOf(error.reason).toEqualTypeOf<string | undefined>()
      expectTypeOf(error.requestedBy?.id).toEqualTypeOf<number | undefined>()
      expectTypeOf(error.requests[0]?.by?.name).toEqualTypeOf<string | undefined>()
      if (error.is("timeout")) expectTypeOf(error.deadline).toEqualTypeOf<number>()
      expectTypeOf(asyncio.isCancelled(error)).toBeBoolean()
      expectTypeOf(asyncio.currentSignal()).toEqualTypeOf<AbortSignal>()
      expectTypeOf(asyncio.recognizeCancellation((each) => each === error)).toEqualTypeOf<() => void>()
      // @ts-expect-error -- a function that decides was expected
      asyncio.recognizeCancellation("AbortError")
    }))

  it("what has ended", () =>
    unrun(() => {
      expectTypeOf(asyncio.keepEndedTasks(10)).toBeVoid()
      expectTypeOf(loop.endedTasks[0]!.outcome).toEqualTypeOf<"finished" | "failed" | "cancelled">()
      expectTypeOf(group.leaves()).toEqualTypeOf<ReadonlyArray<TypeError>>()
    }))

  it("what reports, handles and is told of signals", () =>
    unrun(() => {
      expectTypeOf(loop.getExceptionHandler()).toEqualTypeOf<asyncio.ExceptionHandler | undefined>()
      expectTypeOf(loop.defaultExceptionHandler({ message: "broken" })).toBeVoid()
      expectTypeOf(loop.addSignalHandler("SIGUSR2", (n: number) => n, 1)).toBeVoid()
      expectTypeOf(loop.removeSignalHandler("SIGUSR2")).toBeBoolean()
      expectTypeOf(loop.callSoonThreadsafe((n: number) => void n, 1)).toEqualTypeOf<asyncio.Handle>()
      expectTypeOf(asyncio.run(() => 1, { signals: ["SIGTERM"], grace: 5000, maxThreads: 2 })).toEqualTypeOf<
        Promise<number>
      >()
      // @ts-expect-error -- an argument of another type
      loop.addSignalHandler("SIGUSR2", (n: number) => n, "one")
      // @ts-expect-error -- nothing ends a program so
      void asyncio.run(() => 1, { signals: ["SIGWINCH"] })
    }))

  it("tasks in the background", () =>
    unrun(() => {
      expectTypeOf(background.createTask(async () => "done")).toEqualTypeOf<asyncio.Task<string>>()
      expectTypeOf(background.stop()).toExtend<Promise<unknown>>()
      return new asyncio.BackgroundTasks({
        onError: (_, failed) => expectTypeOf(failed).toEqualTypeOf<asyncio.Task<unknown>>()
      })
    }))

  it("context variables that are set and taken back", () =>
    unrun(() => {
      const user = asyncio.ContextVar.make<string>("user")
      expectTypeOf(user.set("ada")).toEqualTypeOf<asyncio.Token<string>>()
      expectTypeOf(user.reset({} as asyncio.Token<string>)).toBeVoid()
      // @ts-expect-error -- of a variable with values of another type
      user.reset({} as asyncio.Token<number>)
    }))

  it("a member that may leave its group", () =>
    unrun(() => {
      expectTypeOf(asyncio.taskGroup(async () => 1, { promotable: true })).toEqualTypeOf<Promise<number>>()
      // @ts-expect-error -- it is promotable or not
      void asyncio.taskGroup(async () => 1, { promotable: 1 })
    }))
})
