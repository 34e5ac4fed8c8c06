import { describe, expectTypeOf, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect, pipe, Schedule, type Scope } from "effect"

class BodyError {
  readonly _tag = "BodyError"
}
class ChildError {
  readonly _tag = "ChildError"
}
class OtherError {
  readonly _tag = "OtherError"
}
interface Service {
  readonly port: number
}

declare const body: Effect.Effect<number, BodyError, Service>
declare const child: Effect.Effect<string, ChildError | asyncio.CancelledError, Service>
declare const other: Effect.Effect<string, OtherError>
declare const inGroup: (group: asyncio.TaskGroup<ChildError>) => typeof body
declare const inTimeout: (timeout: asyncio.Timeout) => typeof body
declare const task: asyncio.Task<number, BodyError>
declare const group: asyncio.TaskGroup<ChildError>

// The declared values above do not exist: the calls are written down to be checked, and never run.
const unrun = (calls: () => void): void => void calls

describe("types of scopes", () => {
  it("a program with a loop of its own keeps its types, also in a pipe and as a generator function", () =>
    unrun(() => {
      expectTypeOf(asyncio.withLoop(body)).toEqualTypeOf<Effect.Effect<number, BodyError, Service>>()
      expectTypeOf(body.pipe(asyncio.withLoop)).toEqualTypeOf<Effect.Effect<number, BodyError, Service>>()
      expectTypeOf(
        asyncio.withLoop(function* () {
          yield* asyncio.Loop
          return yield* body
        })
      ).toEqualTypeOf<Effect.Effect<number, BodyError, Service>>()
    }))

  it("a task group fails with a group of the body's and its tasks' errors", () =>
    unrun(() => {
      expectTypeOf(asyncio.taskGroup(() => body)).toEqualTypeOf<
        Effect.Effect<number, asyncio.ExceptionGroup<BodyError>, Service>
      >()
      expectTypeOf(asyncio.taskGroup(inGroup)).toEqualTypeOf<
        Effect.Effect<number, asyncio.ExceptionGroup<BodyError | ChildError>, Service>
      >()
    }))

  it("a task group in which nothing can fail does not fail", () =>
    unrun(() => {
      expectTypeOf(asyncio.taskGroup((group) => group.cancel)).toEqualTypeOf<Effect.Effect<void>>()
      expectTypeOf(asyncio.taskGroup((group) => group.createTask(asyncio.sleep(1)))).toEqualTypeOf<
        Effect.Effect<asyncio.Task<void>>
      >()
      expectTypeOf(
        asyncio.taskGroup((group: asyncio.TaskGroup<ChildError>) => group.cancel, { onFailure: "collect" })
      ).toEqualTypeOf<Effect.Effect<void, asyncio.ExceptionGroup<ChildError>>>()
    }))

  it("a CancelledError of the body stays outside of the group", () =>
    unrun(() => {
      expectTypeOf(asyncio.taskGroup(() => task)).toEqualTypeOf<
        Effect.Effect<number, asyncio.ExceptionGroup<BodyError> | asyncio.CancelledError>
      >()
    }))

  it("a group's task has the coroutine's result, its requirements, and its error without the CancelledError", () =>
    unrun(() => {
      expectTypeOf(group.createTask(child)).toEqualTypeOf<
        Effect.Effect<asyncio.Task<string, ChildError>, never, Service>
      >()
    }))

  it("a group takes no task that may fail with anything else", () =>
    unrun(() => {
      // @ts-expect-error the group is one of ChildErrors
      void group.createTask(other)
      // @ts-expect-error a group that nothing was said of takes only tasks that do not fail
      void asyncio.taskGroup((silent) => silent.createTask(child))
    }))

  it("a timeout adds its TimeoutError, for a body of either form", () =>
    unrun(() => {
      type Timed = Effect.Effect<number, BodyError | asyncio.TimeoutError, Service>

      expectTypeOf(asyncio.timeout("1 second", body)).toEqualTypeOf<Timed>()
      expectTypeOf(asyncio.timeout(undefined, inTimeout)).toEqualTypeOf<Timed>()
      expectTypeOf(asyncio.timeoutAt(1000, () => body)).toEqualTypeOf<Timed>()
    }))

  it("waitFor adds its TimeoutError to what an awaitable may fail with", () =>
    unrun(() => {
      expectTypeOf(asyncio.waitFor(child, 1000)).toEqualTypeOf<
        Effect.Effect<string, ChildError | asyncio.CancelledError | asyncio.TimeoutError, Service>
      >()
    }))

  it("an ExceptionGroup has members of its error type, nested", () => {
    type Group = asyncio.ExceptionGroup<ChildError>

    expectTypeOf<Group["errors"]>().toEqualTypeOf<ReadonlyArray<ChildError | Group>>()
    expectTypeOf<ReturnType<Group["leaves"]>>().toEqualTypeOf<ReadonlyArray<ChildError>>()
    expectTypeOf<Group>().toExtend<asyncio.ExceptionGroup<ChildError | OtherError>>()
  })

  it("what takes a body takes it last as well", () =>
    unrun(() => {
      type Timed = Effect.Effect<number, BodyError | asyncio.TimeoutError, Service>

      expectTypeOf(body.pipe(asyncio.timeout("1 second"))).toEqualTypeOf<Timed>()
      expectTypeOf(body.pipe(asyncio.timeoutAt(undefined))).toEqualTypeOf<Timed>()
      expectTypeOf(body.pipe(asyncio.waitFor(1000))).toEqualTypeOf<Timed>()
      expectTypeOf(body.pipe(asyncio.moveOn(1000))).toEqualTypeOf<
        Effect.Effect<asyncio.MovedOn<number>, BodyError, Service>
      >()
      expectTypeOf(body.pipe(asyncio.shielded({ limit: 5 }))).toEqualTypeOf<Effect.Effect<number, BodyError, Service>>()
      expectTypeOf(body.pipe(asyncio.shield)).toEqualTypeOf<
        Effect.Effect<number, BodyError | asyncio.CancelledError, Service>
      >()
      type ChildTask<R = never> = Effect.Effect<asyncio.Task<string, ChildError>, never, Service | R>
      expectTypeOf(child.pipe(asyncio.createTask({ name: "child" }))).toEqualTypeOf<ChildTask>()
      expectTypeOf(child.pipe(asyncio.createTask)).toEqualTypeOf<ChildTask>()
      expectTypeOf(child.pipe(asyncio.createTaskScoped)).toEqualTypeOf<ChildTask<Scope.Scope>>()
      expectTypeOf(child.pipe(asyncio.createTaskScoped({ name: "child" }))).toEqualTypeOf<ChildTask<Scope.Scope>>()
      expectTypeOf(pipe(child, asyncio.createTask, Effect.flatten)).toEqualTypeOf<
        Effect.Effect<string, ChildError | asyncio.CancelledError, Service>
      >()
      const generic = <A, E, R>(
        work: Effect.Effect<A, E, R>
      ): Effect.Effect<asyncio.Task<A, Exclude<E, asyncio.CancelledError>>, never, R> => asyncio.createTask(work)
      expectTypeOf(generic(child)).toEqualTypeOf<ChildTask>()
      // @ts-expect-error -- no such option
      asyncio.createTask({ name: "child", labls: {} })
      // @ts-expect-error -- a promise is no coroutine
      asyncio.createTask(Promise.resolve(1))
    }))

  it("a generator function may make what a function is to make", () =>
    unrun(() => {
      const sized = asyncio.mapTasks(
        ["a"],
        function* (item) {
          expectTypeOf(item).toEqualTypeOf<string>()
          yield* other
          return yield* body
        },
        { concurrency: 1 }
      )
      expectTypeOf(sized).toEqualTypeOf<
        Effect.Effect<Array<number>, asyncio.ExceptionGroup<BodyError | OtherError | asyncio.CancelledError>, Service>
      >()
      const restarted = asyncio.restart(
        function* () {
          return yield* child
        },
        Schedule.forever,
        {
          onRestart: function* (error) {
            expectTypeOf(error).toEqualTypeOf<ChildError | asyncio.CancelledError>()
            yield* other
            yield* body
          }
        }
      )
      expectTypeOf(restarted).toEqualTypeOf<
        Effect.Effect<string, ChildError | asyncio.CancelledError | OtherError | BodyError, Service>
      >()
      const looped = asyncio.withLoop(function* () {
        yield* asyncio.Loop
        return yield* body
      })
      expectTypeOf(looped).toEqualTypeOf<Effect.Effect<number, BodyError, Service>>()
      const scoped = asyncio.createTaskScoped(function* () {
        return yield* child
      })
      expectTypeOf(scoped).toEqualTypeOf<
        Effect.Effect<asyncio.Task<string, ChildError>, never, Service | Scope.Scope>
      >()
      const caught = other.pipe(
        asyncio.catchCancelled(function* (error) {
          expectTypeOf(error).toEqualTypeOf<asyncio.CancelledError>()
          return yield* body
        })
      )
      expectTypeOf(caught).toEqualTypeOf<Effect.Effect<string | number, OtherError | BodyError, Service>>()
      const caughtByKind = asyncio.catchCancelled(other, {
        timeout: function* (error) {
          expectTypeOf(error.deadline).toEqualTypeOf<number>()
          return yield* body
        },
        disconnect: () => Effect.succeed(true)
      })
      expectTypeOf(caughtByKind).toEqualTypeOf<
        Effect.Effect<string | number | boolean, OtherError | BodyError, Service>
      >()
      const group = asyncio.taskGroup((group: asyncio.TaskGroup<ChildError>) => group.createTask(child), {
        onFailure: function* (error) {
          expectTypeOf(error).toEqualTypeOf<ChildError>()
          yield* other
        }
      })
      expectTypeOf(group).toEqualTypeOf<
        Effect.Effect<asyncio.Task<string, ChildError>, asyncio.ExceptionGroup<ChildError | OtherError>, Service>
      >()
      const begun = asyncio.staggered(
        5,
        [
          function* () {
            return yield* child
          }
        ],
        {
          discard: function* (value) {
            expectTypeOf(value).toEqualTypeOf<string>()
            yield* body
          }
        }
      )
      expectTypeOf(begun).toEqualTypeOf<
        Effect.Effect<string, asyncio.ExceptionGroup<ChildError | asyncio.CancelledError>, Service>
      >()
    }))

  it("a generator function is a body with what its Effects fail with and need", () =>
    unrun(() => {
      expectTypeOf(
        asyncio.timeout("1 second", function* (timeout) {
          expectTypeOf(timeout).toEqualTypeOf<asyncio.Timeout>()
          yield* other
          return yield* body
        })
      ).toEqualTypeOf<Effect.Effect<number, BodyError | OtherError | asyncio.TimeoutError, Service>>()
      expectTypeOf(
        asyncio.createTask(function* () {
          return yield* child
        })
      ).toEqualTypeOf<Effect.Effect<asyncio.Task<string, ChildError>, never, Service>>()
      expectTypeOf(
        asyncio.taskGroup(function* (group: asyncio.TaskGroup<ChildError>) {
          yield* group.createTask(child)
          yield* group.createTask(function* () {
            yield* child
          })
          return yield* body
        })
      ).toEqualTypeOf<Effect.Effect<number, asyncio.ExceptionGroup<BodyError | ChildError>, Service>>()
      expectTypeOf(
        asyncio.run(function* () {
          return yield* other
        })
      ).toEqualTypeOf<Promise<string>>()
      expectTypeOf(
        asyncio.moveOn(5, function* () {
          return 1
        })
      ).toEqualTypeOf<Effect.Effect<asyncio.MovedOn<number>>>()
      void asyncio.run(
        // @ts-expect-error -- a service that nobody provides
        function* () {
          yield* body
        }
      )
    }))

  it("a group without its type parameter says what to write", () =>
    unrun(() =>
      asyncio.taskGroup((withoutParameter) => {
        // @ts-expect-error -- Property '"Say what the tasks of the group may fail with: taskGroup((group: TaskGroup<MyError>) => ...)"' is missing
        return withoutParameter.createTask(other)
      })
    ))
})
