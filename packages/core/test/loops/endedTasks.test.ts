import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { collectGarbage } from "../collectGarbage.ts"
import { collectReports, macrotask, run } from "../support.ts"

const loopOf = asyncio.getRunningLoop
const namesOf = (ended: ReadonlyArray<asyncio.EndedTask>) => ended.map(({ name }) => name)

describe("endedTasks", () => {
  it("tells how the last tasks have ended, why, by whom, and how long they took", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* loopOf
        const main = yield* asyncio.currentTask
        yield* asyncio.keepEndedTasks(10)
        collectReports(loop)
        yield* asyncio.sleep(5)
        const labels = { job: 17 }
        const finished = yield* asyncio.createTask(asyncio.sleep(10), { name: "finished", labels })
        const failed = yield* asyncio.createTask(Effect.fail(new Error("boom")), { name: "failed" })
        const cancelled = yield* asyncio.createTask(asyncio.sleep("1 hour"), { name: "cancelled" })
        yield* asyncio.sleep(1)
        yield* cancelled.cancel("stop", { kind: "disconnect" })
        yield* asyncio.wait([finished, failed, cancelled])

        const none = {
          labels: {},
          createdBy: { id: main.id, name: "Task-1" },
          error: undefined,
          kind: undefined,
          reason: undefined,
          requestedBy: undefined,
          createdAt: 5
        }
        assert.deepStrictEqual(loop.endedTasks, [
          { ...none, id: failed.id, name: "failed", outcome: "failed", error: "Error: boom", endedAt: 5, duration: 0 },
          {
            ...none,
            id: cancelled.id,
            name: "cancelled",
            outcome: "cancelled",
            kind: "disconnect",
            reason: "stop",
            requestedBy: { id: main.id, name: "Task-1" },
            endedAt: 6,
            duration: 1
          },
          { ...none, id: finished.id, name: "finished", labels, outcome: "finished", endedAt: 15, duration: 10 }
        ])
        assert.deepStrictEqual(loop.snapshot().endedTasks, loop.endedTasks)
        assert.deepStrictEqual(JSON.parse(JSON.stringify(loop.endedTasks[1])).kind, "disconnect")
      })
    ))

  it("keeps so many, the oldest first, and nothing by default", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* loopOf
        const make = (name: string) => Effect.flatten(asyncio.createTask(Effect.void, { name }))
        const seen: Array<ReadonlyArray<string>> = []
        const note = () => void seen.push(namesOf(loop.endedTasks))

        yield* make("unseen")
        note()
        yield* asyncio.keepEndedTasks(2)
        for (const name of ["a", "b", "c"]) yield* make(name)
        note()
        yield* asyncio.keepEndedTasks(3)
        for (const name of ["d", "e"]) yield* make(name)
        note()
        yield* asyncio.keepEndedTasks(1)
        note()
        yield* asyncio.keepEndedTasks(0)
        yield* make("unseen")
        note()

        assert.deepStrictEqual(seen, [[], ["b", "c"], ["c", "d", "e"], ["e"], []])
      })
    ))

  it("knows eager tasks, tasks that never began, and fibers that were given one", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* loopOf
        yield* asyncio.keepEndedTasks(10)
        yield* asyncio.createTask(Effect.void, { name: "eager", eagerStart: true })
        const never = yield* asyncio.createTask(Effect.void, { name: "never" })
        never.cancelUnsafe()
        const rename = Effect.flatMap(asyncio.currentTask, (task) => task.setName("adopted"))
        yield* Effect.promise(() => Effect.runPromiseWith(loop.context)(rename))
        yield* asyncio.sleep(1)

        assert.deepStrictEqual(
          loop.endedTasks.map(({ name, outcome }) => [name, outcome]),
          [
            ["eager", "finished"],
            ["adopted", "finished"],
            ["never", "cancelled"]
          ]
        )
      })
    ))

  it("keeps no task alive, and survives what cannot be printed", () => {
    const unprintable = {
      toString() {
        throw new Error("no")
      }
    }
    const make = (body: Effect.Effect<unknown, unknown>) =>
      Effect.flatMap(asyncio.createTask(body), (task) =>
        Effect.as(Effect.exit(task), new WeakRef<asyncio.Task<unknown, unknown>>(task))
      )
    return run(
      Effect.gen(function* () {
        const loop = yield* loopOf
        yield* asyncio.keepEndedTasks(10)
        const made = [yield* make(asyncio.sleep(1)), yield* make(Effect.fail(unprintable))]
        yield* asyncio.sleep(1)

        for (let n = 0; n < 50 && made.some((ref) => ref.deref() !== undefined); n++) {
          yield* Effect.promise(macrotask)
          collectGarbage()
        }

        assert.deepStrictEqual(
          made.map((ref) => ref.deref()),
          [undefined, undefined]
        )
        assert.deepStrictEqual(
          loop.endedTasks.map(({ error }) => error),
          [undefined, "an error that cannot be printed"]
        )
      })
    )
  })

  it("refuses what is no number of tasks", () =>
    run(
      Effect.gen(function* () {
        const keep = (count: unknown) =>
          Effect.flip(Effect.catchDefect(asyncio.keepEndedTasks(count as never), Effect.fail))
        const errors = yield* Effect.forEach([-1, 1.5, NaN, Infinity, "3", undefined], keep)

        for (const error of errors) {
          assert.match(String(error), /^TypeError: a whole number was expected by keepEndedTasks\(\), got /)
        }
      })
    ))
})
