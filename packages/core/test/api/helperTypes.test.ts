import { describe, expectTypeOf, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import type { Cause, Effect, Exit, Schedule, Stream } from "effect"

class Failure {
  readonly _tag = "Failure"
}
class OtherFailure {
  readonly _tag = "OtherFailure"
}
interface Service {
  readonly port: number
}
interface OtherService {
  readonly host: string
}

declare const body: Effect.Effect<number, Failure, Service>
declare const other: Effect.Effect<string, OtherFailure, OtherService>
declare const task: asyncio.Task<boolean, Failure>
declare const promise: Promise<Date>
/** What a promise rejects with has no type. */
type OfPromise = Cause.UnknownError | asyncio.ExceptionGroup
declare const release: (value: number) => Effect.Effect<void, OtherFailure, OtherService>
declare const inTimeout: (timeout: asyncio.Timeout) => typeof body
declare const schedule: Schedule.Schedule<number, Failure, OtherFailure, OtherService>
declare const stream: Stream.Stream<string, OtherFailure, OtherService>
declare const asyncItems: AsyncIterable<string>
declare const f: (item: string, index: number) => typeof body
declare const group: asyncio.TaskGroup<Failure>
declare const groupBody: (group: asyncio.TaskGroup<Failure>) => Effect.Effect<number>

// The declared values above do not exist: the calls are written down to be checked, and never run.
const unrun = (calls: () => void): void => void calls

describe("the types of the helpers", () => {
  it("moveOn adds no error, and tells by timedOut whether there is a value", () =>
    unrun(() => {
      type Moved = Effect.Effect<asyncio.MovedOn<number>, Failure, Service>
      expectTypeOf(asyncio.moveOn("1 second", body)).toEqualTypeOf<Moved>()
      expectTypeOf(asyncio.moveOn(undefined, inTimeout)).toEqualTypeOf<Moved>()
      const narrow = (moved: asyncio.MovedOn<number>) =>
        moved.timedOut
          ? expectTypeOf(moved.value).toEqualTypeOf<undefined>()
          : expectTypeOf(moved.value).toEqualTypeOf<number>()
      void narrow
      // @ts-expect-error -- the two are swapped
      void asyncio.moveOn(body, "1 second")
    }))

  it("shielded gives and fails as its body does", () =>
    unrun(() => {
      expectTypeOf(asyncio.shielded(body)).toEqualTypeOf<typeof body>()
      expectTypeOf(asyncio.shielded(() => body, { limit: "5 seconds" })).toEqualTypeOf<typeof body>()
      // @ts-expect-error -- no such option
      void asyncio.shielded(body, { timeout: 5 })
    }))

  it("race gives and fails as any of its members, and as a task that is cancelled", () =>
    unrun(() => {
      expectTypeOf(asyncio.race([body, other])).toEqualTypeOf<
        Effect.Effect<number | string, Failure | OtherFailure | asyncio.CancelledError, Service | OtherService>
      >()
      expectTypeOf(asyncio.race([task])).toEqualTypeOf<Effect.Effect<boolean, Failure | asyncio.CancelledError>>()
      expectTypeOf(asyncio.race([promise])).toEqualTypeOf<Effect.Effect<Date, OfPromise | asyncio.CancelledError>>()
      expectTypeOf(asyncio.race([body, promise])).toEqualTypeOf<
        Effect.Effect<number | Date, Failure | OfPromise | asyncio.CancelledError, Service>
      >()
    }))

  it("discard is given the members' values, and may need services, and its failures are nobody's", () =>
    unrun(() => {
      type Raced = Effect.Effect<number, Failure | asyncio.CancelledError, Service | OtherService>
      expectTypeOf(asyncio.race([body], { discard: release })).toEqualTypeOf<Raced>()
      // @ts-expect-error -- of another type
      void asyncio.race([other], { discard: release })
      // @ts-expect-error -- of another type
      void asyncio.anyOf([other], { discard: release })
      // @ts-expect-error -- of another type
      void asyncio.staggered(250, [other], { discard: release })
    }))

  it("anyOf and staggered fail with a group of all failures", () =>
    unrun(() => {
      type First = Effect.Effect<
        number | string,
        asyncio.ExceptionGroup<Failure | OtherFailure | asyncio.CancelledError>,
        Service | OtherService
      >
      expectTypeOf(asyncio.anyOf([body, other])).toEqualTypeOf<First>()
      expectTypeOf(asyncio.staggered(250, [body, other])).toEqualTypeOf<First>()
      expectTypeOf(asyncio.staggered(undefined, [() => body, () => other])).toEqualTypeOf<First>()
      expectTypeOf(asyncio.staggered("1 second", new Set([() => promise]))).toEqualTypeOf<
        Effect.Effect<Date, asyncio.ExceptionGroup<OfPromise | asyncio.CancelledError>>
      >()
      expectTypeOf(asyncio.anyOf([promise, body])).toEqualTypeOf<
        Effect.Effect<Date | number, asyncio.ExceptionGroup<OfPromise | Failure | asyncio.CancelledError>, Service>
      >()
      // @ts-expect-error -- a promise has begun
      void asyncio.staggered(250, [promise])
    }))

  it("mapTasks fails with a group of what items, and what gives them, may fail with", () =>
    unrun(() => {
      type Group<E> = asyncio.ExceptionGroup<E | asyncio.CancelledError>
      const options = { concurrency: 5 }
      expectTypeOf(asyncio.mapTasks(["item"], f, options)).toEqualTypeOf<
        Effect.Effect<Array<number>, Group<Failure>, Service>
      >()
      expectTypeOf(asyncio.mapTasks(stream, f, options)).toEqualTypeOf<
        Effect.Effect<Array<number>, Group<Failure | OtherFailure>, Service | OtherService>
      >()
      expectTypeOf(asyncio.mapTasks(asyncItems, f, options)).toEqualTypeOf<
        Effect.Effect<Array<number>, Group<Failure | Cause.UnknownError>, Service>
      >()
      // @ts-expect-error -- items of another type
      void asyncio.mapTasks([1], f, options)
      // @ts-expect-error -- how many at a time has to be said
      void asyncio.mapTasks(["item"], f, {})
      // @ts-expect-error -- no such word
      void asyncio.mapTasks(["item"], f, { concurrency: 5, order: "random" })
    }))

  it("mapTasks with returnExceptions gives exits, and fails only as what gives the items does", () =>
    unrun(() => {
      type Exits = Array<Exit.Exit<number, Failure | asyncio.CancelledError>>
      const options = { concurrency: 5, returnExceptions: true } as const
      expectTypeOf(asyncio.mapTasks(["item"], f, options)).toEqualTypeOf<Effect.Effect<Exits, never, Service>>()
      expectTypeOf(asyncio.mapTasks(stream, f, { concurrency: 5, returnExceptions: true })).toEqualTypeOf<
        Effect.Effect<Exits, asyncio.ExceptionGroup<OtherFailure>, Service | OtherService>
      >()
      const either = (returnExceptions: boolean) => asyncio.mapTasks(["item"], f, { concurrency: 5, returnExceptions })
      expectTypeOf(either).returns.toEqualTypeOf<
        Effect.Effect<Exits | Array<number>, asyncio.ExceptionGroup<Failure | asyncio.CancelledError>, Service>
      >()
    }))

  it("restart adds what the schedule and the handler may fail with, and need", () =>
    unrun(() => {
      expectTypeOf(asyncio.restart(body, schedule)).toEqualTypeOf<
        Effect.Effect<number, Failure | OtherFailure, Service | OtherService>
      >()
      const onRestart = (error: Failure, delay: number) => {
        expectTypeOf(delay).toEqualTypeOf<number>()
        void error
        return other
      }
      expectTypeOf(asyncio.restart(body, schedule, { onRestart, resetAfter: "1 minute" })).toEqualTypeOf<
        Effect.Effect<number, Failure | OtherFailure, Service | OtherService>
      >()
      // @ts-expect-error -- not before it is made
      void asyncio.restart(() => body, schedule)
    }))

  it("a group with a handler fails with what that fails with, too; the handler is given the tasks' errors", () =>
    unrun(() => {
      const onFailure = (error: Failure, failed: asyncio.Task<unknown, unknown>) => {
        void error
        expectTypeOf(failed.getName()).toEqualTypeOf<string>()
        return other
      }
      expectTypeOf(asyncio.taskGroup(groupBody, { onFailure })).toEqualTypeOf<
        Effect.Effect<number, asyncio.ExceptionGroup<Failure | OtherFailure>, OtherService>
      >()
      expectTypeOf(asyncio.taskGroup(groupBody, { onFailure: "collect" })).toEqualTypeOf<
        Effect.Effect<number, asyncio.ExceptionGroup<Failure>>
      >()
      // @ts-expect-error -- no such word
      void asyncio.taskGroup(groupBody, { onFailure: "ignore" })
    }))

  it("start gives what its task has called started with, and fails as the task may before", () =>
    unrun(() => {
      const started = group.start((ready: asyncio.Started<{ readonly port: number }>) => {
        expectTypeOf(ready({ port: 80 })).toEqualTypeOf<Effect.Effect<void>>()
        return body
      })
      expectTypeOf(started).toEqualTypeOf<
        Effect.Effect<{ readonly port: number }, Failure | asyncio.CancelledError, Service>
      >()
      // @ts-expect-error -- the group is one of Failures
      void group.start(() => other)
    }))

  it("a group is an iterable of its tasks", () => {
    expectTypeOf<asyncio.TaskGroup>().toExtend<Iterable<asyncio.Task<unknown, unknown>>>()
  })
})
