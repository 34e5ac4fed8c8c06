/**
 * A sweep finds each planted bug, tells where it is, and finds nothing in the same program without it.
 */
import * as asyncio from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { ledger, sweep } from "@effect-asyncio/testing"
import * as effects from "@effect-asyncio/testing/core"
import { Effect } from "effect"
import { assert, describe, it } from "vitest"
import { failureOf, quiet } from "./support.ts"

describe("a permit that is lost", () => {
  const program = (use: (free: asyncio.Semaphore) => Promise<unknown>) => async (): Promise<void> => {
    const free = new asyncio.Semaphore(2)
    await asyncio.taskGroup(async (group) => {
      for (const name of ["a", "b", "c"]) group.createTask(() => use(free), { name })
    })
  }

  it("is found between acquire and try", async () => {
    const use = async (free: asyncio.Semaphore): Promise<void> => {
      await free.acquire()
      await asyncio.sleep(1)
      try {
        await asyncio.sleep(10)
      } finally {
        free.release()
      }
    }

    const failure = await failureOf(sweep(program(use), quiet))

    assert.deepStrictEqual(
      failure.findings.map(({ check }) => check),
      ["permits"]
    )
    assert.strictEqual(failure.replay, "a:1")
    assert.match(
      failure.message,
      /^a is cancelled at its await 1, .*sweep\.test\.ts[.a-z]*:\d+\n {2}where a sleeps until 1 ms/
    )
    assert.include(failure.message, "a goes on; gets the cancellation: cancelled by the test; ends cancelled")
    assert.match(failure.svg, /^<svg/)
  })

  it("is seen again by its place alone", async () => {
    const use = async (free: asyncio.Semaphore): Promise<void> => {
      await free.acquire()
      await asyncio.sleep(1)
      free.release()
    }

    const failure = await failureOf(sweep(program(use), { ...quiet, at: "b:1" }))

    assert.strictEqual(failure.replay, "b:1")
  })

  it("is not there with use", async () => {
    const use = (free: asyncio.Semaphore) => free.use(() => asyncio.sleep(10))

    const { left, places, runs } = await sweep(program(use), quiet)

    assert.deepStrictEqual(
      { left, hasPlaces: places.length > 5, hasRunsForEach: runs > places.length },
      { left: 0, hasPlaces: true, hasRunsForEach: true }
    )
  })
})

describe("a pool", () => {
  class Pool {
    readonly #free = ["first", "second"]
    readonly #waiting: Array<asyncio.Future<string>> = []
    readonly #handsOver: boolean

    constructor(handsOver: boolean) {
      this.#handsOver = handsOver
    }

    async acquire(): Promise<string> {
      const free = this.#free.pop()
      if (free !== undefined) return free
      const place = asyncio.getRunningLoop().createFuture<string>()
      this.#waiting.push(place)
      try {
        return await place
      } catch (error) {
        this.#waiting.splice(this.#waiting.indexOf(place), 1)
        // It was given a connection in the very moment in which it was cancelled.
        if (this.#handsOver && place.done() && !place.cancelled()) this.release(place.result())
        throw error
      }
    }

    release(connection: string): void {
      const next = this.#waiting.find((place) => !place.done())
      if (next === undefined) this.#free.push(connection)
      else next.setResult(connection)
    }

    get size(): number {
      return this.#free.length
    }
  }

  const users = async (pool: Pool): Promise<void> => {
    const connections = ledger<string>("connection")
    const user = async (): Promise<void> => {
      const connection = await pool.acquire()
      connections.take(connection)
      try {
        await asyncio.sleep(5)
      } finally {
        connections.giveBack(connection)
        pool.release(connection)
      }
    }
    await asyncio.taskGroup(async (group) => {
      for (const name of ["a", "b", "c", "d"]) group.createTask(user, { name })
    })
  }

  const check = (pool: Pool) => assert.strictEqual(pool.size, 2, "free connections")

  it("that loses what was handed over to who is cancelled is found", async () => {
    const failure = await failureOf(sweep(users, { ...quiet, setup: () => new Pool(false), check }))

    assert.strictEqual(failure.findings[0]?.check, "check")
    assert.include(failure.message, "free connections")
  })

  it("that hands it on is not", async () => {
    await sweep(users, { ...quiet, setup: () => new Pool(true), check })
  })

  it("that books a connection twice is found by a ledger", async () => {
    class Doubling extends Pool {
      override async acquire(): Promise<string> {
        try {
          return await super.acquire()
        } catch (error) {
          // It may not have had one.
          this.release("first")
          throw error
        }
      }
    }

    const failure = await failureOf(sweep(users, { ...quiet, setup: () => new Doubling(true) }))

    assert.include(["ledgers", "errors"], failure.findings[0]?.check)
    assert.include(failure.message, "connection: first was taken twice")
  })
})

describe("a cleanup", () => {
  const program = (cleanUp: (rows: Array<string>) => Promise<unknown>) => async (rows: Array<string>) => {
    const task = asyncio.createTask(
      async () => {
        try {
          rows.push("begin")
          await asyncio.sleep(10)
        } finally {
          await cleanUp(rows)
        }
      },
      { name: "writer" }
    )
    await task
  }

  const halves = async (rows: Array<string>): Promise<void> => {
    await asyncio.sleep(1)
    rows.push("end")
  }

  const check = (rows: Array<string>) => assert.include(["", "begin,end"], rows.join(","))
  const setup = (): Array<string> => []

  it("that is cut in half is found", async () => {
    const failure = await failureOf(sweep(program(halves), { ...quiet, setup, check }))

    assert.strictEqual(failure.replay, "writer:2")
  })

  it("that is cut by a second cancellation alone is found by pairs", async () => {
    const guarded = async (rows: Array<string>): Promise<void> => {
      try {
        await halves(rows)
      } catch (error) {
        await halves(rows)
        throw error
      }
    }
    await sweep(program(guarded), { ...quiet, setup, check })

    const failure = await failureOf(sweep(program(guarded), { ...quiet, setup, check, pairs: true }))

    assert.match(failure.replay, /^writer:\d\+writer:\d$/)
  })

  it("that is shielded is not", async () => {
    const shielded = (rows: Array<string>) => asyncio.shielded(() => halves(rows))

    await sweep(program(shielded), { ...quiet, setup, check, pairs: true })
  })
})

describe("a sweep finds", () => {
  it("a task that is left", async () => {
    const failure = await failureOf(
      sweep(async () => {
        const task = asyncio.createTask(() => asyncio.sleep(5), { name: "orphan" })
        await asyncio.sleep(1)
        await task
      }, quiet)
    )

    assert.strictEqual(failure.findings[0]?.check, "tasks")
    assert.include(failure.message, "a task is left: orphan")
  })

  it("a cancellation that is swallowed", async () => {
    const failure = await failureOf(
      sweep(async function poll() {
        await asyncio.sleep(1).catch(() => {})
      }, quiet)
    )

    assert.strictEqual(failure.findings[0]?.check, "swallowed")
  })

  it("a lock that is held for ever", async () => {
    const failure = await failureOf(
      sweep(async () => {
        const lock = new asyncio.Lock()
        await lock.acquire()
        await asyncio.sleep(1)
        lock.release()
      }, quiet)
    )

    assert.strictEqual(failure.findings[0]?.check, "locks")
  })

  it("an item of a queue that is never dealt with", async () => {
    const failure = await failureOf(
      sweep(async () => {
        const queue = new asyncio.Queue<number>()
        await queue.put(1)
        await queue.get()
        await asyncio.sleep(1)
        queue.taskDone()
      }, quiet)
    )

    assert.strictEqual(failure.findings[0]?.check, "queues")
  })

  it("a failure that nobody looks at", async () => {
    const failure = await failureOf(
      sweep(
        async () => {
          const task = asyncio.createTask(
            async () => {
              await asyncio.sleep(1)
              throw new Error("lost")
            },
            { name: "failing" }
          )
          await asyncio.sleep(2)
          await asyncio.sleep(2)
          await task.catch(() => {})
        },
        { ...quiet, ignore: ["tasks"] }
      )
    )

    assert.include(
      failure.findings.map(({ check }) => check),
      "reports"
    )
  })

  it("a program that hangs once it is cancelled", async () => {
    const failure = await failureOf(
      sweep(async () => {
        const ready = new asyncio.Event()
        await asyncio.taskGroup(async (group) => {
          group.createTask(() => ready.wait(), { name: "waiter" })
          await asyncio
            .createTask(
              async () => {
                await asyncio.sleep(1)
                ready.set()
              },
              { name: "setter" }
            )
            .catch(() => {})
        })
      }, quiet)
    )

    assert.include(
      failure.findings.map(({ check }) => check),
      "hangs"
    )
  })

  it("an error of the program's own in a cleanup", async () => {
    const failure = await failureOf(
      sweep(async () => {
        let file: { close(): void } | undefined
        try {
          await asyncio.sleep(1)
          file = { close: () => {} }
        } finally {
          file!.close()
        }
      }, quiet)
    )

    assert.strictEqual(failure.findings[0]?.check, "errors")
    assert.include(failure.message, "TypeError")
  })

  it("what is wrong without any cancellation", async () => {
    const failure = await failureOf(
      sweep(async () => {
        const lock = new asyncio.Lock()
        await lock.acquire()
      }, quiet)
    )

    assert.match(failure.message, /^the program does not hold, even where nothing is cancelled/)
  })
})

describe("a sweep", () => {
  const program = async (): Promise<void> => {
    await asyncio.timeout("1 minute", async () => {
      await asyncio.taskGroup(async (group) => {
        group.createTask(() => asyncio.sleep(10), { name: "member" })
        await asyncio.sleep(5)
      })
    })
  }

  it("cancels tasks, the main task, groups and timeouts, each at every await", async () => {
    const runs = async (victims: ReadonlyArray<"task" | "main" | "groups" | "timeouts">) => {
      const { places, runs } = await sweep(program, { ...quiet, victims })
      return [places, runs - 1]
    }

    const counts = [await runs(["task"]), await runs(["main"]), await runs(["groups"]), await runs(["timeouts"])]

    const places = ["member:0", "Task-1:1", "member:1", "Task-1:2"]
    assert.deepStrictEqual(counts, [
      [places, 4],
      [places, 2],
      [places, 4],
      [places, 4]
    ])
  })

  it("cancels no group in the middle of a step that makes an eager task", async () => {
    const eager = async (): Promise<void> => {
      await asyncio.taskGroup(async (group) => {
        for (const name of ["first", "second"]) {
          group.createTask(() => asyncio.sleep(1), { name, eagerStart: true })
        }
      })
    }
    const ofEffects = core.taskGroup((group: core.TaskGroup) =>
      Effect.forEach(["first", "second"], (name) => group.createTask(core.sleep(1), { name, eagerStart: true }))
    )

    const { places } = await sweep(eager, quiet)
    const { places: placesOfEffects } = await effects.sweep(ofEffects, quiet)

    assert.notInclude([...places, ...placesOfEffects], "first:0", "it has begun")
  })

  it("leaves out what is over its limit, and says so", async () => {
    const { left, runs } = await sweep(program, { ...quiet, limit: 4 })

    assert.deepStrictEqual([runs, left], [5, 10])
  })

  it("tells how far it is", async () => {
    const told: Array<number> = []

    await sweep(program, { ...quiet, onProgress: ({ runs }) => told.push(runs) })

    assert.deepStrictEqual(told.slice(0, 2), [2, 3])
  })

  it("is stopped by a signal", async () => {
    const controller = new AbortController()
    const { signal } = controller

    const stopped = sweep(program, { ...quiet, signal, onProgress: () => controller.abort() })

    assert.strictEqual(
      await stopped.catch(String),
      "AbortError: the sweep was stopped after 2 of 15 runs, none of which failed"
    )
  })

  it("leaves nothing of what it has replaced", async () => {
    const replaced = (): ReadonlyArray<unknown> => [
      setTimeout,
      setInterval,
      Date,
      Math.random,
      Reflect.get(performance, "now"),
      Reflect.get(AbortSignal, "timeout")
    ]
    const before = replaced()

    await Promise.all([sweep(program, quiet), sweep(program, quiet)])

    assert.deepStrictEqual(before, replaced())
  })

  it("refuses a place that the program does not come to", async () => {
    const swept = sweep(program, { ...quiet, at: "nobody:1" })

    assert.include(await swept.catch(String), "the program did not come to nobody:1; it came to ")
  })
})
