import { describe, expectTypeOf, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { type Cause, type Context, Effect } from "effect"

class Failure {
  readonly _tag = "Failure"
}
interface Service {
  readonly port: number
}

declare const coroutine: Effect.Effect<number, Failure | asyncio.CancelledError, Service>
declare const task: asyncio.Task<number, Failure>
declare const promise: Promise<string>
declare const handler: (error: asyncio.CancelledError) => Effect.Effect<string | undefined, "other", { other: 1 }>

// The declared values above do not exist: the calls are written down to be checked, and never run.
const unrun = (calls: () => void): void => void calls

describe("types", () => {
  it("createTask takes the CancelledError out of the error and keeps the requirements", () =>
    unrun(() => {
      expectTypeOf(asyncio.createTask(coroutine)).toEqualTypeOf<
        Effect.Effect<asyncio.Task<number, Failure>, never, Service>
      >()
    }))

  it("a task is an Effect that may fail with its own error or a CancelledError", () => {
    expectTypeOf<asyncio.Task<number, Failure>>().toExtend<Effect.Effect<number, Failure | asyncio.CancelledError>>()
    expectTypeOf<Effect.Error<asyncio.Task<number>>>().toEqualTypeOf<asyncio.CancelledError>()
    expectTypeOf<Effect.Success<asyncio.Task<number>>>().toEqualTypeOf<number>()
    expectTypeOf<asyncio.Task<number, Failure>>().toExtend<asyncio.Task<unknown, unknown>>()
  })

  it("sleep has the result it is given, or none", () =>
    unrun(() => {
      expectTypeOf(asyncio.sleep("1 second")).toEqualTypeOf<Effect.Effect<void>>()
      expectTypeOf(asyncio.sleep("1 second", 42)).toEqualTypeOf<Effect.Effect<number>>()
    }))

  it("catchCancelled takes the CancelledError out and adds what the handler has, called either way", () =>
    unrun(() => {
      type Caught = Effect.Effect<number | string | undefined, Failure | "other", Service | { other: 1 }>

      expectTypeOf(asyncio.catchCancelled(coroutine, handler)).toEqualTypeOf<Caught>()
      expectTypeOf(asyncio.catchCancelled(handler)(coroutine)).toEqualTypeOf<Caught>()
    }))

  it("catchCancelled with a handler for each kind leaves the other kinds, and knows what each tells", () =>
    unrun(() => {
      const deadline = (error: asyncio.CancelledErrorOf<"timeout">) => Effect.succeed(error.deadline)
      const caught = asyncio.catchCancelled(coroutine, {
        timeout: (error) => Effect.succeed(error.deadline),
        disconnect: (error) => Effect.fail(error.kind)
      })

      expectTypeOf(caught).toEqualTypeOf<
        Effect.Effect<number, Failure | asyncio.CancelledError | "disconnect", Service>
      >()
      expectTypeOf(coroutine.pipe(asyncio.catchCancelled({ timeout: deadline }))).toEqualTypeOf<
        Effect.Effect<number, Failure | asyncio.CancelledError, Service>
      >()
      // @ts-expect-error no kind
      asyncio.catchCancelled(coroutine, { tiemout: () => Effect.succeed(1) })
      // @ts-expect-error no kind
      void task.cancel("why", { kind: "tiemout" })
      // @ts-expect-error only a timeout has a deadline
      asyncio.catchCancelled(coroutine, { disconnect: (error) => Effect.succeed(error.deadline.toFixed()) })
    }))

  it("ensureFuture gives back a future, and tasks for Effects and promises", () =>
    unrun(() => {
      expectTypeOf(asyncio.ensureFuture(task)).toEqualTypeOf<Effect.Effect<asyncio.Future<number, Failure>>>()
      expectTypeOf(asyncio.ensureFuture(coroutine)).toEqualTypeOf<
        Effect.Effect<asyncio.Task<number, Failure>, never, Service>
      >()
      expectTypeOf(asyncio.ensureFuture(promise)).toEqualTypeOf<
        Effect.Effect<asyncio.Task<string, Cause.UnknownError | asyncio.ExceptionGroup>>
      >()
    }))

  it("looking at a task without waiting may find it pending", () =>
    unrun(() => {
      expectTypeOf(task.result()).toEqualTypeOf<
        Effect.Effect<number, Failure | asyncio.CancelledError | asyncio.InvalidStateError>
      >()
      expectTypeOf(task.exception()).toEqualTypeOf<
        Effect.Effect<unknown, asyncio.CancelledError | asyncio.InvalidStateError>
      >()
      expectTypeOf(task.getContext()).toEqualTypeOf<Context.Context<never>>()
    }))

  it("tasks are found and stopped by names, ids, labels and functions, and labels are strings, numbers and booleans", () =>
    unrun(() => {
      type Tasks = ReadonlyArray<asyncio.Task<unknown, unknown>>

      expectTypeOf(asyncio.findTask("worker")).toEqualTypeOf<Effect.Effect<Tasks[number] | undefined>>()
      expectTypeOf(asyncio.findTasks({ job: 17 })).toEqualTypeOf<Effect.Effect<Tasks>>()
      expectTypeOf(asyncio.findTasks((task) => task.labels["job"] === 17)).toEqualTypeOf<Effect.Effect<Tasks>>()
      expectTypeOf(asyncio.cancelTree(task, "why", { kind: "disconnect" })).toEqualTypeOf<Effect.Effect<Tasks>>()
      expectTypeOf(asyncio.promote(task)).toEqualTypeOf<Effect.Effect<void>>()
      expectTypeOf(task.createdBy?.name).toEqualTypeOf<string | undefined>()
      expectTypeOf(task.labels["job"]).toEqualTypeOf<string | number | boolean | undefined>()
      // @ts-expect-error an object is no label
      void asyncio.createTask(coroutine, { labels: { job: {} } })
      // @ts-expect-error nor is nothing
      void asyncio.createTask(coroutine, { labels: { job: undefined } })
      // @ts-expect-error there is no such kind
      void asyncio.cancelTree(task, "why", { kind: "whatever" })
    }))

  it("run takes what requires nothing, and resolves with its result", () =>
    unrun(() => {
      expectTypeOf(asyncio.run(task)).toEqualTypeOf<Promise<number>>()
      // @ts-expect-error the Service is missing
      void asyncio.run(coroutine)
    }))

  it("a context variable fails with a LookupError only without a default, and not with a fallback", () =>
    unrun(() => {
      const user = asyncio.ContextVar.make("user", { defaultValue: "nobody" })
      const bare = asyncio.ContextVar.make<string>("user")

      expectTypeOf(user.get()).toEqualTypeOf<Effect.Effect<string>>()
      expectTypeOf(bare.get()).toEqualTypeOf<Effect.Effect<string, asyncio.LookupError>>()
      expectTypeOf(bare.get(0)).toEqualTypeOf<Effect.Effect<string | number>>()
      expectTypeOf(bare.getUnsafe(undefined)).toEqualTypeOf<string | undefined>()
      expectTypeOf(bare.set("ada")).toEqualTypeOf<Effect.Effect<asyncio.Token<string>>>()
      expectTypeOf<asyncio.Token<string>["oldValue"]>().toEqualTypeOf<string | typeof asyncio.Token.MISSING>()
      // @ts-expect-error -- the value of another type
      bare.set(1)
    }))

  it("a handler of a signal is given its arguments, and the signal is one by its name", () =>
    unrun((loop: asyncio.EventLoop = asyncio.newEventLoop()) => {
      expectTypeOf(loop.addSignalHandler("SIGUSR2", (n: number) => void n, 1)).toEqualTypeOf<Effect.Effect<void>>()
      expectTypeOf(loop.removeSignalHandlerUnsafe("SIGTERM")).toEqualTypeOf<boolean>()
      expectTypeOf(loop.getExceptionHandler()).toEqualTypeOf<asyncio.ExceptionHandler | undefined>()
      expectTypeOf(loop.callSoonUnsafe(() => {}).getContext()).toEqualTypeOf<asyncio.ContextVars>()
      // @ts-expect-error -- no name of a signal
      loop.addSignalHandlerUnsafe("TERM", () => {})
      // @ts-expect-error -- an argument of another type
      loop.callSoonThreadsafe((n: number) => void n, "1")
    }))

  it("toThread fails with an UnknownError, or with what catch makes", () =>
    unrun(() => {
      const length = (text: string) => text.length
      const toFailure = () => new Failure()

      expectTypeOf(asyncio.toThread(length, "a")).toEqualTypeOf<Effect.Effect<number, Cause.UnknownError>>()
      expectTypeOf(asyncio.toThread<Date>({ module: "x" }, 1)).toEqualTypeOf<Effect.Effect<Date, Cause.UnknownError>>()
      expectTypeOf(asyncio.toThread({ try: length, catch: toFailure }, "a")).toEqualTypeOf<
        Effect.Effect<number, Failure>
      >()
      expectTypeOf(asyncio.toThread({ module: "x", catch: toFailure })).toEqualTypeOf<Effect.Effect<unknown, Failure>>()
      // @ts-expect-error -- an argument of another type
      asyncio.toThread({ try: length, catch: toFailure }, 1)
    }))
})
