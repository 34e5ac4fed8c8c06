// What tools that look into a program are given, and the option of a run that lets them.
import { describe, expectTypeOf, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { Effect } from "effect"

type AnyTask = asyncio.Task<unknown, unknown>
type Stop = () => void

declare const loop: asyncio.EventLoop
declare const task: asyncio.Task<number, "failure">
declare const ring: lowlevel.TaskRing

// The declared values above do not exist: the calls are written down to be checked, and never run.
const unrun = (calls: () => void): void => void calls

describe("types of looking into a program", () => {
  it("loops are told of, and where they end is no promise", () =>
    unrun(() => {
      expectTypeOf(lowlevel.loopsUnsafe()).toEqualTypeOf<ReadonlyArray<asyncio.EventLoop>>()
      expectTypeOf(lowlevel.onLoopUnsafe).toEqualTypeOf<(listener: (loop: asyncio.EventLoop) => void) => Stop>()
      expectTypeOf(lowlevel.isOfThisCopy(loop)).toEqualTypeOf<boolean>()
    }))

  it("a task of any type can be looked at", () =>
    unrun(() => {
      expectTypeOf(lowlevel.awaitsUnsafe(task)).toEqualTypeOf<ReadonlyArray<lowlevel.TaskAwait>>()
      expectTypeOf(lowlevel.awaitersUnsafe(task)).toEqualTypeOf<ReadonlyArray<AnyTask>>()
      expectTypeOf(lowlevel.factsUnsafe(task)).toEqualTypeOf<lowlevel.TaskFacts>()
      expectTypeOf(lowlevel.syncObjectsUnsafe(loop, [task])).toEqualTypeOf<ReadonlyArray<lowlevel.SyncObject>>()
      // @ts-expect-error a loop is no task
      lowlevel.awaitsUnsafe(loop)
    }))

  it("tasks that are on no loop are announced, and told of", () => {
    expectTypeOf(lowlevel.announceTasksUnsafe).toEqualTypeOf<(tasks: lowlevel.TasksElsewhere) => Stop>()
    expectTypeOf(lowlevel.onTasksElsewhereUnsafe).toEqualTypeOf<
      (listener: (tasks: lowlevel.TasksElsewhere) => Stop) => Stop
    >()
    expectTypeOf<lowlevel.TaskElsewhere["labels"]>().toEqualTypeOf<asyncio.Labels>()
  })

  it("what a task waits for is told apart by its kind", () => {
    expectTypeOf<Extract<lowlevel.TaskAwait, { kind: "sleep" }>["until"]>().toEqualTypeOf<number>()
    expectTypeOf<Extract<lowlevel.TaskAwait, { kind: "task" }>["task"]>().toEqualTypeOf<AnyTask>()
    expectTypeOf<Extract<lowlevel.TaskAwait, { kind: "object" }>["operation"]>().toEqualTypeOf<string>()
  })

  it("an observer has what it wants to hear of, and nothing that there is not", () =>
    unrun(() => {
      expectTypeOf(lowlevel.observeUnsafe(loop, {})).toEqualTypeOf<Stop>()
      lowlevel.observeUnsafe(loop, {
        created: (made, by) => {
          expectTypeOf(made).toEqualTypeOf<AnyTask>()
          expectTypeOf(by).toEqualTypeOf<AnyTask | undefined>()
        },
        cancelRequested: (_, error) => expectTypeOf(error).toEqualTypeOf<asyncio.CancelledError>()
      })
      // @ts-expect-error there is no such event
      lowlevel.observeUnsafe(loop, { finished: () => {} })
    }))

  it("reports, leftovers and what is recorded can be listened to", () =>
    unrun(() => {
      expectTypeOf(lowlevel.onReportUnsafe).toEqualTypeOf<
        (listener: (loop: asyncio.EventLoop, context: asyncio.ExceptionContext) => void) => Stop
      >()
      expectTypeOf(lowlevel.onLeftoversUnsafe).toEqualTypeOf<
        (listener: (loop: asyncio.EventLoop, tasks: ReadonlyArray<AnyTask>) => void) => Stop
      >()
      expectTypeOf(lowlevel.recordUnsafe(loop, ring)).toEqualTypeOf<Stop>()
    }))

  it("leaks are looked for in pieces of a heap snapshot", () =>
    unrun(() => {
      expectTypeOf(lowlevel.leakProbeUnsafe()).toEqualTypeOf<lowlevel.LeakProbe>()
      expectTypeOf(lowlevel.heapFindings([new Uint8Array()])).toEqualTypeOf<lowlevel.HeapFindings>()
      // @ts-expect-error text is no piece
      lowlevel.heapFindings(["{}"])
    }))

  it("a tree is cancelled by a kind that there is", () =>
    unrun(() => {
      expectTypeOf(lowlevel.cancelTreeUnsafe(task, "why", { kind: "shutdown" })).toEqualTypeOf<ReadonlyArray<AnyTask>>()
      // @ts-expect-error no such kind
      lowlevel.cancelTreeUnsafe(task, "why", { kind: "whim" })
    }))

  it("a run lets itself be looked into by true, or by options", () =>
    unrun(() => {
      expectTypeOf(asyncio.run(Effect.succeed(1), { inspect: true })).toEqualTypeOf<Promise<number>>()
      expectTypeOf(asyncio.run(Effect.succeed(1), { inspect: { name: "api" } })).toEqualTypeOf<Promise<number>>()
      // @ts-expect-error a name alone is no option
      void asyncio.run(Effect.succeed(1), { inspect: "api" })
    }))
})
