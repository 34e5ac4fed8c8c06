// The next callback of the loop begins when a step of a promise task has ended, however many microtasks that takes. The expected lines are what CPython prints for the same program.
import * as asyncio from "@effect-asyncio/compat"
import { newEventLoop } from "@effect-asyncio/core"
import { assert, describe, it } from "vitest"
import { macrotask, run, runningLoop } from "../support.ts"

/** Awaits that do not suspend in Python, where a coroutine that is awaited runs inside the one that awaits. */
const nothing = async () => {
  for (let n = 0; n < 50; n++) await Promise.resolve()
}

describe("the order of steps", () => {
  it("is CPython's for tasks that await each other, callbacks and steps, with any number of plain awaits", () =>
    run(async () => {
      const lines: Array<string> = []
      const loop = runningLoop()
      const tick = (n: number) => {
        lines.push(`tick ${n}`)
        if (n < 6) loop.callSoonUnsafe(tick, n + 1)
      }
      const worker = (name: string, iterations: number) => async () => {
        for (let n = 1; n <= iterations; n++) {
          lines.push(`${name}${n}`)
          await nothing()
          await asyncio.sleep(0)
          await nothing()
        }
        return name
      }
      const waiter = (name: string, task: asyncio.Task<string>) => async () => {
        lines.push(`${name} waits`)
        await nothing()
        const result = await task
        await nothing()
        lines.push(`${name} got ${result}`)
        await asyncio.sleep(0)
        lines.push(`${name} ends`)
      }

      const a = asyncio.createTask(worker("a", 3))
      loop.callSoonUnsafe(tick, 1)
      const b = asyncio.createTask(worker("b", 2))
      const w = asyncio.createTask(waiter("w", b))
      const x = asyncio.createTask(waiter("x", a))
      b.addDoneCallback(() => lines.push("b done"))
      a.addDoneCallback(() => lines.push("a done"))
      await asyncio.sleep(0)
      lines.push("main")
      const y = asyncio.createTask(waiter("y", b))
      await x
      await w
      await y
      lines.push("end")

      // prettier-ignore
      assert.deepStrictEqual(lines, [
        "a1", "tick 1", "b1", "w waits", "x waits", "main", "a2", "tick 2", "b2", "y waits", "a3", "tick 3",
        "tick 4", "b done", "w got b", "y got b", "a done", "x got a", "tick 5", "w ends", "y ends", "x ends",
        "tick 6", "end"
      ])
    }))

  it("lets a done callback see everything the function did", () =>
    run(async () => {
      const state: Array<string> = []
      const task = asyncio.createTask(async () => {
        await asyncio.sleep(1)
        await nothing()
        state.push("after the await")
        try {
          return "value"
        } finally {
          await nothing()
          state.push("finally")
        }
      })
      const seen = new Promise<ReadonlyArray<string>>((resolve) => {
        task.addDoneCallback((done) => resolve([...state, done.result()]))
      })

      assert.deepStrictEqual(await seen, ["after the await", "finally", "value"])
    }))

  it("keeps steps apart that the same timer begins", () =>
    run(async () => {
      const lines: Array<string> = []
      const body = (name: string) => async () => {
        await asyncio.sleep(1)
        for (const n of [1, 2, 3]) {
          lines.push(`${name}${n}`)
          await Promise.resolve()
        }
      }

      await Promise.all(["a", "b"].map((name) => asyncio.createTask(body(name))))

      assert.deepStrictEqual(lines, ["a1", "a2", "a3", "b1", "b2", "b3"])
    }))

  it("includes promises that settle because of a step, wherever they are awaited", () =>
    run(async () => {
      const lines: Array<string> = []
      let open!: () => void
      const gate = new Promise<void>((resolve) => {
        open = resolve
      })
      const guest = asyncio.createTask(async () => {
        await gate
        lines.push("guest enters")
      })
      asyncio.createTask(() => lines.push("opens", String(open())))
      asyncio.createTask(() => lines.push("next task"))

      await guest

      assert.deepStrictEqual(lines, ["opens", "undefined", "guest enters", "next task"])
    }))
})

const spin = async () => {
  const outcome = { text: "the host starved" }
  void macrotask().then(() => (outcome.text = "the host went on"))
  for (let iterations = 0; outcome.text === "the host starved" && iterations < 1_000_000; iterations++)
    await asyncio.sleep(0)
  return outcome.text
}

describe("the host", () => {
  // Without an end to its slice a loop of promise tasks would keep the host from its timers and its I/O for good.
  it("goes on while tasks spin, on either kind of loop", async () => {
    const outcomes = await Promise.all([run(spin), run(spin, { loopFactory: newEventLoop })])

    assert.deepStrictEqual(outcomes, ["the host went on", "the host went on"])
  })
})
