// The tasks of an object that is started and stopped.
import * as asyncio from "@effect-asyncio/compat"
import type { ExceptionContext } from "@effect-asyncio/core"
import { Effect } from "effect"
import { assert, describe, it } from "vitest"
import { collectReports, deferred, run, runningLoop, text, thrown } from "../support.ts"

const hour = () => asyncio.sleep("1 hour")

/** A class as a program has it. */
class Consumer {
  readonly lines: Array<string> = []
  readonly #tasks = new asyncio.BackgroundTasks({
    onError: (error, task) => this.lines.push(`${task.getName()}: ${error}`)
  })

  start(): void {
    this.#tasks.createTask(() => this.#consume("one"), { name: "one" })
    this.#tasks.createTask(() => this.#consume("two"), { name: "two" })
  }

  add(body: () => Promise<unknown>, name: string): asyncio.Task<unknown> {
    return this.#tasks.createTask(body, { name })
  }

  get size(): number {
    return this.#tasks.size
  }

  async stop(options?: { timeout: number }): Promise<ReadonlyArray<string>> {
    const left = await this.#tasks.stop(options)
    return left.map((task) => task.getName())
  }

  async #consume(name: string): Promise<void> {
    try {
      await hour()
    } finally {
      await asyncio.sleep(1)
      this.lines.push(`${name} cleaned up`)
    }
  }
}

describe("background tasks", () => {
  const bothWorlds = async (): Promise<ReadonlyArray<unknown>> => {
    const consumer = new Consumer()
    consumer.start()
    await asyncio.sleep(1)
    const before = consumer.size
    const left = await consumer.stop()
    return [before, left, consumer.size, consumer.lines]
  }
  const expected = [2, [], 0, ["one cleaned up", "two cleaned up"]]

  it("go on behind start, and are cancelled and awaited by stop, in a run and in none", async () => {
    assert.deepStrictEqual([await run(bothWorlds), await bothWorlds()], [expected, expected])
  })

  it("that were started in no run are stopped in one", async () => {
    const consumer = new Consumer()
    consumer.start()
    await asyncio.sleep(1)

    await asyncio.run(() => consumer.stop(), { handleSigint: false })

    assert.deepStrictEqual(consumer.lines, ["one cleaned up", "two cleaned up"])
  })

  it("can be started again", () =>
    run(async () => {
      const consumer = new Consumer()
      for (let i = 0; i < 2; i++) {
        consumer.start()
        await asyncio.sleep(1)
        await consumer.stop()
      }

      assert.strictEqual(consumer.lines.length, 4)
    }))

  it("fail by themselves, and are told of at once", () =>
    run(async () => {
      const consumer = new Consumer()
      consumer.start()
      consumer.add(async () => {
        throw new Error("boom")
      }, "broken")

      await asyncio.sleep(1)

      assert.deepStrictEqual([consumer.lines, consumer.size], [["broken: Error: boom"], 2])
      await consumer.stop()
    }))

  it("without onError are told of by the loop", () =>
    run(async () => {
      const reports: Array<ExceptionContext> = collectReports(runningLoop())
      const tasks = new asyncio.BackgroundTasks()
      tasks.createTask(Effect.fail("boom"), { name: "broken" })

      await asyncio.sleep(1)

      assert.deepStrictEqual(
        reports.map(({ exception, message }) => [message, exception]),
        [["a background task has failed", "boom"]]
      )
    }))

  it("take no other while they are being stopped", () =>
    run(async () => {
      const consumer = new Consumer()
      const late = deferred<string>()
      consumer.add(async () => {
        try {
          await hour()
        } finally {
          late.resolve(thrown(() => consumer.add(hour, "late")))
        }
      }, "cleans up")
      await asyncio.sleep(1)
      await consumer.stop()

      assert.strictEqual(
        await late.promise,
        "RuntimeError: <BackgroundTasks 1> take no task while they are being stopped"
      )
    }))

  it("are given by stop when they do not end in time", () =>
    run(async () => {
      const consumer = new Consumer()
      consumer.add(async () => {
        try {
          await hour()
        } finally {
          await asyncio.sleep(10)
        }
      }, "slow")
      await asyncio.sleep(1)

      assert.deepStrictEqual([await consumer.stop({ timeout: 5 }), await consumer.stop()], [["slow"], []])
    }))

  it("can stop the others from one of them", () =>
    run(async () => {
      const consumer = new Consumer()
      consumer.start()
      const stopper = consumer.add(async () => {
        await asyncio.sleep(1)
        await consumer.stop()
        return "goes on"
      }, "stopper")

      assert.deepStrictEqual([await stopper, consumer.lines], ["goes on", ["one cleaned up", "two cleaned up"]])
    }))

  it("end with the run that they are in", async () => {
    const consumer = new Consumer()
    await run(async () => {
      consumer.start()
      await asyncio.sleep(1)
    })

    assert.deepStrictEqual([consumer.lines, consumer.size], [["one cleaned up", "two cleaned up"], 0])
  })

  it("of a handler that is in no task are of the loop of the others", async () => {
    let later = (): void => {}
    const ticks = setInterval(() => later(), 1)
    const same = await asyncio.run(
      async () => {
        const consumer = new Consumer()
        consumer.start()
        const loop = asyncio.getRunningLoop()
        const seen = deferred<boolean>()
        later = () => {
          later = () => {}
          consumer.add(async () => seen.resolve(asyncio.getRunningLoop() === loop), "of a handler")
        }
        return await seen.promise
      },
      { handleSigint: false }
    )
    clearInterval(ticks)

    assert.strictEqual(same, true)
  })

  it("are stopped at the end of a block of await using", () =>
    run(async () => {
      const lines: Array<string> = []
      {
        await using tasks = new asyncio.BackgroundTasks()
        tasks.createTask(() => hour().finally(() => lines.push("stopped")))
        await asyncio.sleep(1)
      }

      assert.deepStrictEqual(lines, ["stopped"])
    }))

  it("are waited for by onIdle, with those that they begin and those that fail", async () => {
    const drained = async (): Promise<ReadonlyArray<unknown>> => {
      const lines: Array<unknown> = []
      const tasks = new asyncio.BackgroundTasks({ onError: (error) => lines.push(String(error)) })
      await tasks.onIdle()
      lines.push("idle")
      tasks.createTask(async () => {
        await asyncio.sleep(5)
        tasks.createTask(async () => lines.push(await asyncio.sleep(5, "begun by another")))
      })
      tasks.createTask(() => Promise.reject(new Error("boom")))
      const both = [tasks.onIdle(), tasks.onIdle()]
      await Promise.all(both)
      lines.push(tasks.size)
      return lines
    }
    const expected = ["idle", "Error: boom", "begun by another", 0]

    assert.deepStrictEqual([await run(drained), await drained()], [expected, expected])
  })

  it("are not waited for by onIdle where one of them asks", () =>
    run(async () => {
      const lines: Array<string> = []
      const tasks = new asyncio.BackgroundTasks()
      tasks.createTask(async () => void lines.push(await asyncio.sleep(1, "other")))
      const own = tasks.createTask(async () => {
        await tasks.onIdle()
        lines.push("the last one")
      })
      await own

      assert.deepStrictEqual(lines, ["other", "the last one"])
    }))

  it("go on when onIdle is cancelled, and are stopped under it", () =>
    run(async () => {
      const tasks = new asyncio.BackgroundTasks()
      const work = tasks.createTask(hour)
      const { timedOut } = await asyncio.moveOn(1, () => tasks.onIdle())
      const isDone = work.done()
      const waiting = asyncio.createTask(() => tasks.onIdle())
      await asyncio.sleep(1)

      await tasks.stop()
      await waiting

      assert.deepStrictEqual(
        { timedOut, isDone, cancelled: work.cancelled() },
        { timedOut: true, isDone: false, cancelled: true }
      )
    }))

  it("of no run are waited for by onIdle in one", async () => {
    const tasks = new asyncio.BackgroundTasks()
    let ended = false
    tasks.createTask(async () => {
      await asyncio.sleep(1)
      ended = true
    })

    await asyncio.run(() => tasks.onIdle(), { handleSigint: false })

    assert.isTrue(ended)
  })

  it("refuse what is no function", async () => {
    assert.deepStrictEqual(
      [
        thrown(() => new asyncio.BackgroundTasks({ onError: 1 as never })),
        await text(Promise.resolve().then(() => new asyncio.BackgroundTasks().createTask(1 as never)))
      ],
      [
        "TypeError: a function was expected by BackgroundTasks(), got 1",
        "TypeError: a coroutine function was expected, got 1"
      ]
    )
  })
})
