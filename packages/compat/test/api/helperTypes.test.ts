import * as asyncio from "@effect-asyncio/compat"
import type { Effect } from "effect"
import { describe, expectTypeOf, it } from "vitest"

declare const task: asyncio.Task<string>
declare const promise: Promise<boolean>
declare const effect: Effect.Effect<Date, Error, { readonly service: "needed" }>
declare const body: () => Promise<number>
declare const asyncItems: AsyncIterable<string>
declare const f: (item: string, index: number) => Promise<number>
declare const group: asyncio.TaskGroup

// The declared values above do not exist: the calls are written down to be checked, and never run.
const unrun = (calls: () => unknown): void => void calls

describe("the types of the helpers", () => {
  it("moveOn tells by timedOut whether there is a value", () =>
    unrun(async () => {
      const moved = await asyncio.moveOn("1 second", body)
      if (moved.timedOut) expectTypeOf(moved.value).toEqualTypeOf<undefined>()
      else expectTypeOf(moved.value).toEqualTypeOf<number>()
      await asyncio.moveOn(undefined, (timeout) => expectTypeOf(timeout).toEqualTypeOf<asyncio.Timeout>())
      await asyncio.moveOn(1, body, { discard: (value) => expectTypeOf(value).toEqualTypeOf<number>(), grace: 5 })
      // @ts-expect-error -- the two are swapped
      await asyncio.moveOn(body, 1)
      // @ts-expect-error -- a promise has begun, and cannot be limited
      await asyncio.moveOn(1, promise)
    }))

  it("shielded gives what its body gives", () =>
    unrun(() => {
      expectTypeOf(asyncio.shielded(body)).toEqualTypeOf<Promise<number>>()
      expectTypeOf(asyncio.shielded(() => "plain", { limit: "5 seconds" })).toEqualTypeOf<Promise<string>>()
      // @ts-expect-error -- a promise has begun: what was begun outside belongs outside
      void asyncio.shielded(promise)
    }))

  it("race and anyOf give what any of their members gives, of whatever kind, and discard gets that", () =>
    unrun(async () => {
      const members = [body, task, promise, effect]
      type Any = number | string | boolean | Date
      expectTypeOf(await asyncio.race(members)).toEqualTypeOf<Any>()
      expectTypeOf(await asyncio.anyOf(members)).toEqualTypeOf<Any>()
      expectTypeOf(await asyncio.race(new Set([body]))).toEqualTypeOf<number>()
      const discard = (value: string | number) => value
      await asyncio.race([body, task], { discard })
      await asyncio.anyOf([body, task], { discard })
      // @ts-expect-error -- of another type
      await asyncio.race([promise], { discard })
      // @ts-expect-error -- a single awaitable is no list
      await asyncio.race(body)
    }))

  it("staggered takes what has not begun", () =>
    unrun(async () => {
      expectTypeOf(await asyncio.staggered(250, [body, effect])).toEqualTypeOf<number | Date>()
      expectTypeOf(await asyncio.staggered(undefined, [() => "plain"])).toEqualTypeOf<string>()
      // @ts-expect-error -- a promise has begun
      await asyncio.staggered(250, [promise])
    }))

  it("mapTasks gives what f gives, as an array, or settled", () =>
    unrun(async () => {
      const options = { concurrency: 5 }
      expectTypeOf(await asyncio.mapTasks(["item"], f, options)).toEqualTypeOf<Array<number>>()
      expectTypeOf(await asyncio.mapTasks(asyncItems, f, options)).toEqualTypeOf<Array<number>>()
      expectTypeOf(await asyncio.mapTasks(new Set([1]), (item) => `${item}`, options)).toEqualTypeOf<Array<string>>()
      expectTypeOf(await asyncio.mapTasks(["item"], f, { concurrency: 5, returnExceptions: true })).toEqualTypeOf<
        Array<PromiseSettledResult<number>>
      >()
      const either = (returnExceptions: boolean) => asyncio.mapTasks(["item"], f, { concurrency: 5, returnExceptions })
      expectTypeOf(await either(true)).toEqualTypeOf<Array<PromiseSettledResult<number>> | Array<number>>()
      // @ts-expect-error -- items of another type
      await asyncio.mapTasks([1], f, options)
      // @ts-expect-error -- how many at a time has to be said
      await asyncio.mapTasks(["item"], f, {})
      // @ts-expect-error -- no such word
      await asyncio.mapTasks(["item"], f, { concurrency: 5, onFailure: "ignore" })
    }))

  it("restart gives an async function", () =>
    unrun(() => {
      expectTypeOf(asyncio.restart(body, { delay: "1 second", times: 5 })).toEqualTypeOf<() => Promise<number>>()
      expectTypeOf(asyncio.restart(() => "plain")).toEqualTypeOf<() => Promise<string>>()
      const onRestart: asyncio.RestartOptions["onRestart"] = (error, delay) => {
        expectTypeOf(error).toEqualTypeOf<unknown>()
        expectTypeOf(delay).toEqualTypeOf<number>()
      }
      asyncio.restart(body, { onRestart })
      // @ts-expect-error -- no such option
      asyncio.restart(body, { retries: 5 })
    }))

  it("a group's handler is given a failure and its task", () =>
    unrun(() => {
      const onFailure: asyncio.TaskGroupOptions["onFailure"] = (error, failed) => {
        expectTypeOf(error).toEqualTypeOf<unknown>()
        expectTypeOf(failed).toEqualTypeOf<asyncio.Task<unknown>>()
      }
      expectTypeOf(asyncio.taskGroup(body, { onFailure })).toEqualTypeOf<Promise<number>>()
      // @ts-expect-error -- no such word
      void asyncio.taskGroup(body, { onFailure: "ignore" })
    }))

  it("start gives what its task has called started with", () =>
    unrun(async () => {
      expectTypeOf(await group.start(async (started: (port: number) => void) => started(80))).toEqualTypeOf<number>()
      expectTypeOf(await group.start(async (started) => started())).toEqualTypeOf<void>()
    }))

  it("a group is an iterable of its tasks", () => {
    expectTypeOf<asyncio.TaskGroup>().toExtend<Iterable<asyncio.Task<unknown>>>()
  })
})
