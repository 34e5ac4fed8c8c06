import { assert, describe, it } from "vitest"
import * as asyncio from "@effect-asyncio/compat"
import { rejection, run, self } from "../support.ts"

const bad = (value: unknown): never => value as never

const notDurations: Record<string, unknown> = {
  "{}": {},
  "a Date": new Date(0),
  "{ second: 5 }": { second: 5 },
  "{ seconds: NaN }": { seconds: NaN },
  "[NaN, 0]": [NaN, 0],
  "a function": () => 1,
  '"5 secs"': "5 secs",
  true: true,
  null: null
}

/** Every function that takes a duration. */
const waits: Record<string, (delay: never) => unknown> = {
  sleep: (delay) => asyncio.sleep(delay),
  timeout: (delay) => asyncio.timeout(delay, async () => {}),
  "await using timeout": async (delay) => {
    await using _scope = asyncio.timeout(delay)
  },
  "waitFor with a function": (delay) => asyncio.waitFor(async () => {}, delay),
  "waitFor with a task": (delay) => asyncio.waitFor(self(), delay),
  wait: (delay) => asyncio.wait([self()], { timeout: delay }),
  asCompleted: (delay) => asyncio.asCompleted([async () => {}], { timeout: delay }),
  cancelAndWait: (delay) => asyncio.cancelAndWait([], { timeout: delay }),
  callLater: (delay) => asyncio.getRunningLoop().callLater(delay, () => {})
}

for (const [name, wait] of Object.entries(waits)) {
  describe(name, () => {
    it.each(Object.entries(notDurations))("refuses %s with a hint", async (_, delay) => {
      const error = (await run(() => rejection((async () => wait(bad(delay)))()))) as TypeError & asyncio.ErrorNotes

      assert.match(String(error), /^TypeError: Invalid delay: .* is not a duration$/s)
      assert.match(error.hint ?? "", /^Give it milliseconds or a duration/)
    })
  })
}
