import { assert, describe, it } from "vitest"
import { Effect } from "effect"
import { barLabel, endText, timeText, traceText, waitLabel } from "../../../packages/testing/src/timeline/describe.ts"
import { record } from "../../../packages/testing/src/timeline/record.ts"
import type { Trace, Wait } from "../../../packages/testing/src/timeline/trace.ts"
import { running } from "./support.ts"

describe("a trace in words", () => {
  it("writes a time in at most two units", () => {
    assert.deepStrictEqual(
      [0, 1, 0.5, 999, 1000, 1500, 59_999, 60_000, 90_000, 3_600_000, 3_660_000, 86_400_000, 90_061_000].map(timeText),
      [
        "0 s",
        "1 ms",
        "0.5 ms",
        "999 ms",
        "1 s",
        "1.5 s",
        "59.999 s",
        "1 min",
        "1 min 30 s",
        "1 h",
        "1 h 1 min",
        "1 d",
        "1 d 1 h"
      ]
    )
  })

  it("says what a task waits for, and shorter on a bar", () => {
    const task = (name: string) => ({ name, coroutine: undefined, made: 0, ended: undefined, outcome: undefined })
    const trace: Trace = { tasks: ["a", "b", "c"].map(task), steps: [], end: { kind: "returned", text: "" } }
    const waits: ReadonlyArray<Wait> = [
      { kind: "iteration" },
      { kind: "sleep", until: 3000 },
      { kind: "sleep", until: Infinity },
      { kind: "tasks", tasks: [0] },
      { kind: "tasks", tasks: [0, 1, 2] },
      { kind: "object", object: "<Lock [locked, waiters:1]>" },
      { kind: "future" },
      { kind: "elsewhere" }
    ]

    assert.deepStrictEqual(
      waits.map((wait) => [waitLabel(trace, wait), barLabel(trace, wait, 1000)]),
      [
        ["the next iteration", ""],
        ["sleeps until 3 s", "sleep 2 s"],
        ["sleeps", "sleep"],
        ["waits for a", "for a"],
        ["waits for a, b and c", "for a, b, c"],
        ["waits for a lock", "lock"],
        ["waits for a future", "a future"],
        ["waits for what the loop does not know", "elsewhere"]
      ]
    )
  })

  it("says of a cancellation who asks, and what comes of it", async () => {
    const trace = await record(
      running((asyncio, console) =>
        Effect.gen(function* () {
          const slow = asyncio.timeout("1 second", asyncio.sleep("1 hour"))
          yield* Effect.catchTag(slow, "TimeoutError", () => Effect.sync(() => console.log("too slow")))
          yield* (yield* asyncio.currentTask).cancel("enough")
          yield* asyncio.createTask(asyncio.sleep("1 hour"), { name: "left over" })
          yield* asyncio.sleep(0)
        })
      )
    )

    assert.deepStrictEqual(traceText(trace), [
      "0 s: Task-1 begins; sleeps until 1 h",
      "1 s: its timeout or group asks Task-1 to cancel itself",
      "1 s: Task-1 goes on; gets the cancellation, and goes on; prints “too slow”; is to be cancelled: enough; makes left over; lets others go first",
      "1 s: left over begins; sleeps until 1 h",
      "1 s: Task-1 goes on; gets the cancellation: enough; ends cancelled",
      "1 s: the end of the run asks left over to cancel itself",
      "1 s: left over goes on; gets the cancellation; ends cancelled"
    ])
    assert.strictEqual(endText(trace), "The program fails: CancelledError: enough")
  })

  it("says when one sees the cancellation of another", async () => {
    const trace = await record(
      running((asyncio) =>
        Effect.gen(function* () {
          const task = yield* asyncio.createTask(asyncio.sleep("1 hour"), { name: "other" })
          yield* asyncio.createTask(task.cancel("no"), { name: "foe" })
          yield* Effect.catchTag(task, "CancelledError", () => Effect.void)
        })
      )
    )

    assert.include(traceText(trace).at(-1), "Task-1 goes on; sees that what it waited for was cancelled: no; returns")
  })
})
