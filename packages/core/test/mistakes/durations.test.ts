import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Cause, Duration, Effect, Exit } from "effect"
import { run } from "../support.ts"

const bad = (value: unknown): never => value as never

const notDurations: Record<string, unknown> = {
  "{}": {},
  "a Date": new Date(0),
  "{ second: 5 }": { second: 5 },
  "{ seconds: 5, minute: 1 }": { seconds: 5, minute: 1 },
  "{ seconds: NaN }": { seconds: NaN },
  '{ seconds: "5" }': { seconds: "5" },
  "{ months: 1, days: 2 }": { months: 1, days: 2 },
  "a Temporal.Duration of a month and two days": Object.create({ months: 1, days: 2 }),
  "[NaN, 0]": [NaN, 0],
  "[1]": [1],
  "a Map": new Map(),
  "a function": () => 1,
  '"5 secs"': "5 secs",
  '""': "",
  true: true,
  null: null,
  "a symbol": Symbol("soon")
}

/** Every function that takes a duration. */
const waits: Record<string, (delay: never) => Effect.Effect<unknown, unknown>> = {
  sleep: (delay) => asyncio.sleep(delay),
  timeout: (delay) => asyncio.timeout(delay, Effect.void),
  waitFor: (delay) => asyncio.waitFor(Effect.void, delay),
  wait: (delay) => Effect.flatMap(asyncio.currentTask, (task) => asyncio.wait([task], { timeout: delay })),
  asCompleted: (delay) => asyncio.asCompleted([Effect.void], { timeout: delay }),
  cancelAndWait: (delay) => asyncio.cancelAndWait([], { timeout: delay }),
  callLater: (delay) => Effect.flatMap(asyncio.getRunningLoop, (loop) => loop.callLater(delay, () => {})),
  sleepUnsafe: (delay) => Effect.map(asyncio.getRunningLoop, (loop) => loop.sleepUnsafe(delay)),
  advanceUnsafe: (delay) => Effect.sync(() => makeVirtualTimeLoop().advanceUnsafe(delay))
}

for (const [name, wait] of Object.entries(waits)) {
  describe(name, () => {
    it.each(Object.entries(notDurations))("refuses %s with a hint", async (_, delay) => {
      const exit = await run(Effect.exit(wait(bad(delay))))

      assert.isTrue(Exit.isFailure(exit), "it fails")
      const error = Cause.squash((exit as Exit.Failure<unknown, unknown>).cause) as TypeError & asyncio.ErrorNotes
      assert.match(String(error), /^TypeError: Invalid delay: .* is not a duration$/s)
      assert.match(error.hint ?? "", /^Give it milliseconds or a duration/)
    })
  })
}

class Elapsed {
  get seconds() {
    return 2
  }
  get months() {
    return 0
  }
  readonly unit = "own"
}

describe("a duration", () => {
  it.each([
    [Duration.seconds(2), 2000],
    ["2 seconds", 2000],
    [2_000_000_000n, 2000],
    [[2, 0], 2000],
    [{ seconds: 1, milliseconds: 1000, hours: undefined }, 2000],
    [Object.assign(Object.create(null), { seconds: 2 }), 2000],
    // As of `Temporal.Duration`: the units are getters, and there is more beside them.
    [new Elapsed(), 2000],
    [-5, -5],
    [{ seconds: Infinity }, Infinity],
    ["Infinity", Infinity]
  ])("%s is any of Effect's", (delay, millis) => {
    assert.strictEqual(lowlevel.toMillis(bad(delay)), millis)
  })
})
