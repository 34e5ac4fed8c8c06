import { describe, expectTypeOf, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import type { Effect } from "effect"

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
  it("a task group fails with a group of the body's and its tasks' errors", () =>
    unrun(() => {
      expectTypeOf(asyncio.taskGroup(() => body)).toEqualTypeOf<
        Effect.Effect<number, asyncio.ExceptionGroup<BodyError>, Service>
      >()
      expectTypeOf(asyncio.taskGroup(inGroup)).toEqualTypeOf<
        Effect.Effect<number, asyncio.ExceptionGroup<BodyError | ChildError>, Service>
      >()
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
})
