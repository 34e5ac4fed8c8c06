// A cancellation that nobody awaits: no unhandled rejection, and the only thing that is none.
import * as asyncio from "@effect-asyncio/compat"
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { setTimeout as delay } from "node:timers/promises"
import { assert, describe, it } from "vitest"
import { macrotask, run, self, unhandledRejections } from "../support.ts"

const hour = async () => {
  await asyncio.sleep("1 hour")
}

/** An async function of the program, begun early and awaited late. */
const beginEarly = async (early: () => Promise<unknown>) => {
  const begun = early()
  await asyncio.sleep("1 hour")
  await begun
}

/** Runs `body` as a task, cancels it while it waits, and gives what became an unhandled rejection, as text. */
const unhandledOf = async (body: () => Promise<unknown>) => {
  const seen = await unhandledRejections(() =>
    run(async () => {
      const task = asyncio.createTask(body)
      await asyncio.sleep(1)
      task.cancel()
      await asyncio.wait([task])
      await asyncio.sleep(10)
      await macrotask()
    })
  )
  return seen.map(String)
}

describe("a cancellation that reaches an async function nobody awaits yet", () => {
  it("is passed over by one listener, however many there are", async () => {
    await unhandledOf(hour)
    const emit: unknown = Reflect.get(process, "emit")
    await unhandledOf(hour)
    assert.strictEqual(Reflect.get(process, "emit"), emit)
  })

  it("is silent in the body of a task", async () => {
    assert.deepStrictEqual(await unhandledOf(() => beginEarly(hour)), [])
  })

  it("is silent in the body of a timeout, of a group, and behind catchCancelled", async () => {
    const bodies = [
      () => asyncio.timeout(10_000, () => beginEarly(hour)),
      () => asyncio.timeout(0, () => beginEarly(hour)),
      () => asyncio.taskGroup(() => beginEarly(hour)),
      () =>
        asyncio.catchCancelled(
          () => beginEarly(hour),
          () => {}
        ),
      async () => {
        await using group = new asyncio.TaskGroup()
        group.createTask(() => beginEarly(hour))
        await beginEarly(hour)
      }
    ]
    const seen: Array<string> = []
    for (const body of bodies) seen.push(...(await unhandledOf(body)))

    assert.deepStrictEqual(seen, [])
  })

  it("is silent when it has cleaned up for long after the task has ended", async () => {
    const slow = async () => {
      try {
        await hour()
      } finally {
        await delay(5)
      }
    }
    const seen = await unhandledRejections(async () => {
      await unhandledOf(() => beginEarly(slow))
      await delay(10)
    })

    assert.deepStrictEqual(seen, [])
  })

  it("is silent where it came by way of the signal", async () => {
    const early = () => delay(1_000_000, undefined, { signal: self().signal })

    assert.deepStrictEqual(await unhandledOf(() => beginEarly(early)), [])
  })
})

describe("what else is rejected and awaited by nobody", () => {
  it("is an unhandled rejection: a failure of the cleanup, and an AbortError of somebody else", async () => {
    const failing = async () => {
      try {
        await hour()
      } finally {
        // oxlint-disable-next-line no-unsafe-finally -- the cleanup fails
        throw new Error("could not clean up")
      }
    }
    const foreign = async () => {
      await delay(1_000_000, undefined, { signal: AbortSignal.abort() })
    }

    const seen = [...(await unhandledOf(() => beginEarly(failing))), ...(await unhandledOf(() => beginEarly(foreign)))]

    assert.deepStrictEqual(seen, ["Error: could not clean up", "AbortError: The operation was aborted"])
  })

  it("is reported while tasks do nothing but take steps", async () => {
    const seen = await unhandledRejections(() =>
      run(async () => {
        const state = { over: false }
        const spin = async () => {
          while (!state.over) await asyncio.sleep(0)
        }
        const failing = async () => {
          void Promise.reject(new Error("nobody"))
          const listening = new Promise((resolve) => process.once("unhandledRejection", resolve))
          await listening
          state.over = true
        }
        await asyncio.gather([spin, spin, failing])
      })
    )

    assert.deepStrictEqual(seen.map(String), ["Error: nobody"])
  })

  it("ends the process, also after a cancellation that was silent, and a run that nobody handles does too", () => {
    const outcomes = ["failure", "run", "signal", "nothing"].map((kind) => {
      const program = fileURLToPath(new URL("../programs/unawaited.ts", import.meta.url))
      const { status, stderr, stdout } = spawnSync(
        process.execPath,
        ["--conditions=@effect-asyncio/source", "--no-warnings", program, kind],
        { encoding: "utf8" }
      )
      return [kind, status, stdout.trim(), /(?:Cancelled)?Error: \w+/.exec(stderr)?.[0]]
    })

    assert.deepStrictEqual(outcomes, [
      ["failure", 1, "cancelled in silence", "Error: boom"],
      ["run", 1, "cancelled in silence", "CancelledError: everything"],
      ["signal", 0, "cancelled in silence", undefined],
      ["nothing", 0, "cancelled in silence", undefined]
    ])
  })
})
