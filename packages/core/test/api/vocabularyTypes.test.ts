/** What the compiler knows of what asyncio has no word for, or another one, and no other test of types says. */
import { describe, expectTypeOf, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import type { Cause, Effect, Exit, Layer, Scope, Tracer } from "effect"

declare const task: asyncio.Task<number, string>
declare const loop: asyncio.EventLoop
declare const error: asyncio.CancelledError
declare const cause: Cause.Cause<string>
declare const traced: Effect.Effect<number, string, Tracer.ParentSpan>

// The declared values above do not exist: the calls are written down to be checked, and never run.
const unrun = (calls: () => void): void => void calls

describe("the types of", () => {
  it("what a task knows of itself", () =>
    unrun(() => {
      expectTypeOf(task.id).toEqualTypeOf<number>()
      expectTypeOf(task.createdAt).toEqualTypeOf<number>()
      expectTypeOf(task.detached).toEqualTypeOf<boolean>()
      expectTypeOf(task.snapshot().cancellation?.kind).toEqualTypeOf<string | undefined>()
      expectTypeOf(task.snapshot()).toExtend<{ readonly id: number; readonly labels: asyncio.Labels }>()
      // @ts-expect-error -- a task is detached or not
      void asyncio.createTask(asyncio.sleep(1), { detached: "yes" })
      // @ts-expect-error -- nobody gives a task its number
      task.id = 5
    }))

  it("what a cancellation tells", () =>
    unrun(() => {
      expectTypeOf(error.reason).toEqualTypeOf<string | undefined>()
      expectTypeOf(error.requestedBy).toEqualTypeOf<asyncio.TaskRef | undefined>()
      expectTypeOf(error.requests).toEqualTypeOf<ReadonlyArray<asyncio.CancelLink>>()
      expectTypeOf(error.requests[0]?.to.id).toEqualTypeOf<number | undefined>()
      if (error.is("timeout")) expectTypeOf(error.deadline).toEqualTypeOf<number>()
    }))

  it("what was cancelled and waited for", () =>
    unrun(() => {
      type Report<T> = Effect.Effect<asyncio.CancelReport<T>>
      type Any = asyncio.Task<unknown, unknown>
      expectTypeOf(asyncio.cancelAndWait(task)).toEqualTypeOf<Report<typeof task>>()
      expectTypeOf(asyncio.cancelAndWait([task], { timeout: "1 second" })).toEqualTypeOf<Report<typeof task>>()
      expectTypeOf(asyncio.cancelAndWait("worker")).toEqualTypeOf<Report<Any>>()
      expectTypeOf(asyncio.cancelAndWait({ job: 17 }, { tree: true })).toEqualTypeOf<Report<Any>>()
      expectTypeOf(asyncio.cancelAndWait((each) => each.detached)).toEqualTypeOf<Report<Any>>()
      // @ts-expect-error -- an object is no label
      void asyncio.cancelAndWait({ job: {} })
    }))

  it("what has ended", () =>
    unrun(() => {
      expectTypeOf(asyncio.keepEndedTasks(10)).toEqualTypeOf<Effect.Effect<void>>()
      expectTypeOf(loop.endedTasks).toEqualTypeOf<ReadonlyArray<asyncio.EndedTask>>()
      expectTypeOf(loop.endedTasks[0]!.outcome).toEqualTypeOf<"finished" | "failed" | "cancelled">()
      expectTypeOf(asyncio.exceptionOf(cause)).toBeUnknown()
      // @ts-expect-error -- an exit has a cause
      asyncio.exceptionOf({} as Exit.Exit<number>)
    }))

  it("what reports, handles and logs", () =>
    unrun(() => {
      expectTypeOf(loop.getExceptionHandler()).toEqualTypeOf<asyncio.ExceptionHandler | undefined>()
      expectTypeOf(loop.defaultExceptionHandlerUnsafe({ message: "broken" })).toBeVoid()
      expectTypeOf(loop.addSignalHandler("SIGUSR2", (n: number) => n, 1)).toEqualTypeOf<Effect.Effect<void>>()
      expectTypeOf(loop.removeSignalHandler("SIGUSR2")).toEqualTypeOf<Effect.Effect<boolean>>()
      expectTypeOf(loop.callSoonThreadsafe((n: number) => void n, 1)).toEqualTypeOf<Effect.Effect<asyncio.Handle>>()
      expectTypeOf(asyncio.taskLogger).toEqualTypeOf<Layer.Layer<never>>()
      expectTypeOf(asyncio.taskMetrics).toEqualTypeOf<Layer.Layer<never>>()
      expectTypeOf(asyncio.withTaskSpan(traced)).toEqualTypeOf<Effect.Effect<number, string>>()
      // @ts-expect-error -- an argument of another type
      void loop.addSignalHandler("SIGUSR2", (n: number) => n, "one")
      // @ts-expect-error -- no name of a signal
      void loop.removeSignalHandler("USR2")
    }))

  it("where tasks run", () =>
    unrun(() => {
      expectTypeOf(asyncio.layer({ maxThreads: 2 })).toEqualTypeOf<Layer.Layer<asyncio.Loop>>()
      expectTypeOf(asyncio.scopedLoop()).toEqualTypeOf<Effect.Effect<asyncio.EventLoop, never, Scope.Scope>>()
      expectTypeOf(asyncio.threadPool({ maxThreads: 2 })).toEqualTypeOf<asyncio.ToThread>()
      expectTypeOf(
        asyncio.run(asyncio.sleep(1, "done"), { signals: ["SIGTERM"], grace: "10 seconds", maxThreads: 2 })
      ).toEqualTypeOf<Promise<string>>()
      // @ts-expect-error -- a pool says how many threads it may have
      asyncio.threadPool({})
      // @ts-expect-error -- nothing ends a program so
      void asyncio.run(asyncio.sleep(1), { signals: ["SIGWINCH"] })
    }))

  it("context variables that are set and taken back", () =>
    unrun(() => {
      const user = asyncio.ContextVar.make<string>("user")
      expectTypeOf(user.reset({} as asyncio.Token<string>)).toEqualTypeOf<Effect.Effect<void>>()
      expectTypeOf(asyncio.copyContext).toEqualTypeOf<Effect.Effect<asyncio.ContextVars>>()
      // @ts-expect-error -- of a variable with values of another type
      void user.reset({} as asyncio.Token<number>)
    }))

  it("a member that may leave its group", () =>
    unrun(() => {
      const group = asyncio.taskGroup((group) => group.cancel, { promotable: true })
      expectTypeOf(group).toEqualTypeOf<Effect.Effect<void>>()
      // @ts-expect-error -- it is promotable or not
      void asyncio.taskGroup((group) => group.cancel, { promotable: 1 })
    }))
})
