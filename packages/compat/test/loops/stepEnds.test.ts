/**
 * When the step of an async function is over, and what runs before the next one of another task.
 */
import * as asyncio from "@effect-asyncio/compat"
import { assert, describe, it, vi } from "vitest"
import { deferred, run } from "../support.ts"

/** Awaits of what is there already. */
const hops = async (count: number) => {
  for (let n = 0; n < count; n++) await Promise.resolve()
}

/** An async function in others. */
const within = async <A>(depth: number, body: () => Promise<A>): Promise<A> =>
  depth === 0 ? await body() : await within(depth - 1, body)

const names = ["a", "b", "c"]

/** Runs a body for each name, beside each other, and gives the lines that they write. */
const beside = (body: (write: (word: string) => void) => Promise<void>) =>
  run(async () => {
    const lines: Array<string> = []
    await asyncio.gather(names.map((name) => () => body((word) => lines.push(`${name} ${word}`))))
    return lines
  })

const inSteps = (...steps: ReadonlyArray<ReadonlyArray<string>>) =>
  steps.flatMap((words) => names.flatMap((name) => words.map((word) => `${name} ${word}`)))

describe("a step", () => {
  it.each([0, 1, 2, 11, 12, 13, 40])("lasts until the task waits again, over %i plain awaits", async (count) => {
    const lines = await beside(async (write) => {
      write("begins")
      await hops(count)
      write("waits")
      await asyncio.sleep(0)
      write("woken")
      await hops(count)
      write("waits again")
      await asyncio.sleep(0)
      await hops(count)
      write("ends")
    })

    assert.deepStrictEqual(lines, inSteps(["begins", "waits"], ["woken", "waits again"], ["ends"]))
  })

  it.each([0, 3, 50])("lasts until an await has returned through %i functions", async (depth) => {
    const lines = await beside(async (write) => {
      await within(depth, () => asyncio.sleep(0))
      write("back")
      await within(depth, () => asyncio.sleep(0))
      write("end")
    })

    assert.deepStrictEqual(lines, inSteps(["back"], ["end"]))
  })

  it("lasts until scopes that it ends are left, and the next is entered", async () => {
    const lock = () => new asyncio.Lock()
    const lines = await beside(async (write) => {
      const own = lock()
      await asyncio.timeout(1000, () => asyncio.taskGroup(() => own.use(() => asyncio.sleep(0))))
      write("left")
      await asyncio.waitFor(() => own.use(() => asyncio.moveOn(1000, () => asyncio.sleep(0))), 1000)
      write("left again")
    })

    assert.deepStrictEqual(lines, inSteps(["left"], ["left again"]))
  })

  it("with a task that begins eagerly in it lasts until both wait", () =>
    run(async () => {
      const lines: Array<string> = []
      const eager = async () => {
        await hops(3)
        lines.push("eager waits")
        await asyncio.sleep(0)
      }
      const creator = async () => {
        await asyncio.sleep(0)
        asyncio.createTask(eager, { eagerStart: true })
        lines.push("creator waits")
        await asyncio.sleep(0)
      }
      const other = async () => {
        await asyncio.sleep(0)
        lines.push("other")
      }

      await asyncio.gather([creator, other])

      assert.deepStrictEqual(lines, ["creator waits", "eager waits", "other"])
    }))

  it("with several awaits in flight lets others go on at each of them", async () => {
    const lines = await beside(async (write) => {
      const branch = async (name: string) => {
        await asyncio.sleep(0)
        write(`${name} 1`)
        await asyncio.sleep(0)
        await hops(2)
        write(`${name} 2`)
      }
      await Promise.all([branch("left"), branch("right")])
      write("both")
    })

    const [first, second] = [lines.slice(0, 6), lines.slice(6)]
    assert.deepStrictEqual(first, inSteps(["left 1", "right 1"]))
    assert.sameMembers(second, inSteps(["left 2", "right 2", "both"]))
    for (const name of names) {
      assert.deepStrictEqual(
        second.filter((line) => line.startsWith(name)),
        [`${name} left 2`, `${name} right 2`, `${name} both`]
      )
    }
  })
})

describe("what goes on beside a step", () => {
  it("is over before the ninth round, however many microtasks it takes, where everybody waits for compat", () =>
    run(async () => {
      const state = { over: false }
      let rounds = 0
      const starting = async () => {
        void hops(1000).then(() => (state.over = true))
        await asyncio.sleep(0)
      }
      const counting = async () => {
        while (!state.over) {
          rounds++
          await asyncio.sleep(0)
        }
      }

      await asyncio.createTask(starting)
      await asyncio.createTask(counting)

      assert.isAtMost(rounds, 8)
    }))

  it("is over before the next round where a task waits for a plain promise", () =>
    run(async () => {
      const lines: Array<string> = []
      const gate = deferred()
      const starting = async () => {
        void hops(100).then(() => lines.push("beside"))
        await asyncio.sleep(0)
        lines.push("round 2")
        gate.resolve()
      }

      const tasks = [() => gate.promise, starting].map((body) => asyncio.createTask(body))
      for (const task of tasks) await task

      assert.deepStrictEqual(lines, ["beside", "round 2"])
    }))

  it("moves on at each step of others", () =>
    run(async () => {
      let seen = 0
      const counting = async () => {
        for (let n = 0; n < 1000; n++) {
          await Promise.resolve()
          seen++
        }
      }
      const counts: Array<number> = []
      const other = async () => {
        counts.push(seen)
        await asyncio.sleep(0)
      }
      const starting = async () => {
        void counting()
        await asyncio.sleep(0)
      }

      await asyncio.gather([starting, ...Array.from({ length: 20 }, () => other)])

      for (let i = 1; i < counts.length; i++) assert.isTrue(counts[i]! > counts[i - 1]! || counts[i] === 1000)
    }))

  it("reads promises of a task together with that", () =>
    run(async () => {
      const lines: Array<string> = []
      const { promise, resolve } = deferred()
      const reader = async (name: string) => {
        await promise
        lines.push(`${name} reads`)
        await asyncio.sleep(0)
        lines.push(`${name} goes on`)
      }
      const readers = names.map((name) => asyncio.createTask(() => reader(name)))
      await asyncio.sleep(0)
      const resolving = asyncio.createTask(() => resolve())

      await asyncio.gather([resolving, ...readers])

      assert.deepStrictEqual(lines, inSteps(["reads"], ["goes on"]))
    }))
})

it("of a program that only calls asyncio's own functions is never waited for by way of the host", async () => {
  const foreign = await run(async () => {
    const loop = asyncio.getRunningLoop() as asyncio.EventLoop & { core: { noteForeign(): void } }
    const noted = vi.spyOn(loop.core, "noteForeign")
    const variable = asyncio.ContextVar.make("variable", { defaultValue: 0 })
    variable.set(1)
    await asyncio.gather([() => asyncio.sleep(0), () => asyncio.sleep(0)])
    await asyncio.shield(asyncio.createTask(() => asyncio.sleep(0)))
    for (const next of asyncio.asCompleted([() => asyncio.sleep(0)])) await next
    await asyncio.wait([asyncio.createTask(() => asyncio.sleep(0))])
    await asyncio.waitFor(() => asyncio.sleep(0), 1000)
    await asyncio.taskGroup(async (group) => void group.createTask(() => asyncio.sleep(0)))
    return noted.mock.calls.length
  })

  assert.strictEqual(foreign, 0)
})
