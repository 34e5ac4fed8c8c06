/**
 * What code leaves in flight when its scope, or its task, is over: it ends cancelled, and keeps no place in any wait queue.
 */
import { assert, describe, it, vi } from "vitest"
import * as asyncio from "@effect-asyncio/compat"
import type { ExceptionContext } from "@effect-asyncio/core"
import { Effect } from "effect"
import { deferred, macrotask, rejection, reportingTo, run, runningLoop, self } from "../support.ts"

const fail = () => {
  throw new Error("boom")
}

/** Fails after 5 ms, while `rest` is in flight. */
const besides = (rest: () => unknown) => () => Promise.all([rest(), asyncio.sleep(5).then(fail)])

/** The scopes that a body can be over in, each awaited until then. A group's failures are in an ExceptionGroup. */
const scopes: Record<string, (body: () => Promise<unknown>) => Promise<unknown>> = {
  "a timeout": (body) => asyncio.timeout(10, body),
  "a group": (body) => asyncio.taskGroup(body),
  "a timeout in a timeout": (body) => asyncio.timeout(20, () => asyncio.timeout(10, body)),
  "a task": (body) => asyncio.createTask(body) as PromiseLike<unknown> as Promise<unknown>,
  "a task inside a group": (body) => asyncio.taskGroup(async (group) => void group.createTask(body)),
  "an async function in an Effect": (body) => asyncio.createTask(asyncio.toEffect(body)) as never,
  "an async function in an Effect of the task": (body) => asyncio.runEffect(asyncio.toEffect(body)),
  "a function that is waited for": (body) => asyncio.waitFor(body, 10)
}

describe.each(Object.entries(scopes))("what %s leaves in flight when it fails", (_, scope) => {
  it("takes no item of a queue", () =>
    run(async () => {
      const queue = new asyncio.Queue<string>()
      await rejection(scope(besides(() => queue.get())))

      queue.putNowait("message")
      await asyncio.sleep(1)

      assert.deepStrictEqual([queue.qsize(), await asyncio.timeout(5, () => queue.get())], [1, "message"])
    }))

  it("gives back an item that was on its way", () =>
    run(async () => {
      const queue = new asyncio.Queue<string>()
      const both = () =>
        Promise.all([
          queue.get(),
          asyncio.sleep(5).then(() => {
            queue.putNowait("message")
            fail()
          })
        ])
      await rejection(scope(both))

      assert.strictEqual(await asyncio.timeout(5, () => queue.get()), "message")
    }))

  it("takes no lock, and no permit", () =>
    run(async () => {
      const lock = new asyncio.Lock()
      const semaphore = new asyncio.Semaphore(1)
      await lock.acquire()
      await semaphore.acquire()
      await rejection(scope(besides(() => Promise.all([lock.acquire(), semaphore.acquire()]))))

      lock.release()
      semaphore.release()
      await asyncio.sleep(1)

      assert.deepStrictEqual(
        { lockLocked: lock.locked(), semaphoreLocked: semaphore.locked() },
        { lockLocked: false, semaphoreLocked: false }
      )
    }))

  it("puts nothing, and does not count at a barrier or a condition", () =>
    run(async () => {
      const queue = new asyncio.Queue<string>({ maxsize: 1 })
      const barrier = new asyncio.Barrier(2)
      const condition = new asyncio.Condition()
      queue.putNowait("first")
      const waiting = () => condition.use(() => condition.wait())
      await rejection(scope(besides(() => Promise.all([queue.put("second"), barrier.wait(), waiting()]))))

      queue.getNowait()
      await asyncio.sleep(1)

      assert.deepStrictEqual(
        { qsize: queue.qsize(), nWaiting: barrier.nWaiting(), locked: condition.locked() },
        { qsize: 0, nWaiting: 0, locked: false }
      )
    }))

  it("leaves no timer, and cleans up", () =>
    run(async () => {
      const lines: Array<string> = []
      const orphan = async () => {
        try {
          await asyncio.sleep("1 hour")
        } catch (error) {
          lines.push(String(error).split(":")[0]!)
          throw error
        } finally {
          await asyncio.sleep(1)
          lines.push(`cleaned up at ${runningLoop().time()}`)
        }
      }
      await rejection(scope(besides(orphan)))

      await asyncio.sleep(10)

      assert.deepStrictEqual([lines, runningLoop().snapshot().timers], [["CancelledError", "cleaned up at 6"], 0])
    }))

  it("interrupts an Effect, whose finalizers run", () =>
    run(async () => {
      const lines: Array<string> = []
      const cleanup = Effect.andThen(
        asyncio.toEffect(() => asyncio.sleep(1)),
        Effect.sync(() => lines.push("released"))
      )
      const effect = Effect.ensuring(Effect.never, Effect.orDie(cleanup))
      await rejection(scope(besides(() => asyncio.runEffect(effect))))

      await asyncio.sleep(10)

      assert.deepStrictEqual(lines, ["released"])
    }))

  it("cancels a timeout and a group that nobody awaited, with the tasks of the group", () =>
    run(async () => {
      const lines: Array<string> = []
      const sleeper = async () => {
        try {
          await asyncio.sleep("1 hour")
        } finally {
          await asyncio.sleep(1)
          lines.push("cleaned up")
        }
      }
      const group = () => asyncio.taskGroup(async (group) => void group.createTask(sleeper))
      await rejection(scope(besides(() => Promise.all([group(), asyncio.timeout("2 hours", sleeper)]))))

      await asyncio.sleep(10)

      assert.deepStrictEqual(
        [lines, asyncio.allTasks().size, runningLoop().snapshot().timers],
        [["cleaned up", "cleaned up"], 1, 0]
      )
    }))

  it("lets a task go on that somebody only listens to", () =>
    run(async () => {
      const task = asyncio.createTask(() => asyncio.sleep(20, "done"))
      await rejection(scope(besides(() => task)))

      assert.strictEqual(await task, "done")
    }))

  it("aborts the signal that it has handed out", () =>
    run(async () => {
      const signals: Array<AbortSignal> = []
      const ask = () => {
        signals.push(self().signal)
        return asyncio.sleep("1 hour")
      }
      await rejection(scope(besides(ask)))

      assert.deepStrictEqual(
        signals.map((signal) => signal.aborted),
        [true]
      )
    }))

  it("gives none of several results that were on their way", () =>
    run(async () => {
      const lines: Array<string> = []
      const orphan = (name: string) =>
        asyncio.sleep(5, name).then(
          (value) => lines.push(value),
          (error: Error) => lines.push(`${name}: ${error.name}`)
        )
      await rejection(
        scope(() => Promise.all([asyncio.sleep(5).then(fail), orphan("first"), orphan("second"), orphan("third")]))
      )

      await asyncio.sleep(1)

      assert.deepStrictEqual(lines, ["first: CancelledError", "second: CancelledError", "third: CancelledError"])
    }))

  it("is told at its next await where it is at a plain promise", () =>
    run(async () => {
      const queue = new asyncio.Queue<string>()
      const plain = deferred()
      const orphan = async () => {
        await plain.promise
        return await queue.get()
      }
      await rejection(scope(besides(orphan)))

      plain.resolve()
      await asyncio.sleep(0)
      queue.putNowait("message")
      await asyncio.sleep(1)

      assert.strictEqual(queue.qsize(), 1)
    }))

  // A scope further in keeps the request, which nothing in flight there can take. What hangs in it ends much later.
  const hanging: Record<string, (body: () => Promise<unknown>) => Promise<unknown>> = {
    "a timeout": (body) => asyncio.timeout("1 day", body),
    "a group": (body) => asyncio.taskGroup(body),
    "a group in a timeout": (body) => asyncio.timeout("1 day", () => asyncio.taskGroup(body))
  }

  it.each(Object.entries(hanging))(
    "is told at its next await behind %s that hangs on a plain promise, and what goes on around is not cancelled",
    (_, inner) =>
      run(async () => {
        const lines: Array<unknown> = []
        const plain = deferred<string>()
        const note = (error: unknown) => void lines.push(String(error))
        const ends = async () => void lines.push(await inner(() => plain.promise))
        const awaits = async () => {
          await inner(() => plain.promise)
          await asyncio.sleep(1).catch(note)
        }
        const task = asyncio.createTask(async () => {
          await rejection(scope(besides(() => Promise.all([ends(), awaits()]))))
          await asyncio.sleep(5)
          plain.resolve("value")
          await macrotask()
          await asyncio.sleep(5)
          return "goes on"
        })

        lines.push(await task)

        const told = "CancelledError: the code that began it is over"
        assert.deepStrictEqual(lines, ["value", told, "goes on"])
      })
  )

  it("does not cancel whoever goes on behind it", () =>
    run(async () => {
      await rejection(scope(besides(() => asyncio.sleep("1 hour"))))

      await asyncio.sleep(1)

      assert.deepStrictEqual([self().cancelling(), runningLoop().time()], [0, 6])
    }))
})

describe("what a group leaves in flight when it fails", () => {
  it("is told once, and may clean up for longer than the group's tasks", () =>
    run(async () => {
      const lines: Array<string> = []
      const orphan = async () => {
        try {
          await asyncio.sleep("1 hour")
        } finally {
          lines.push(await asyncio.sleep(10, "cleaned up"))
        }
      }
      const member = async () => {
        try {
          await asyncio.sleep("1 hour")
        } finally {
          await asyncio.sleep(5)
        }
      }
      await rejection(
        asyncio.taskGroup((group) => {
          group.createTask(member)
          return besides(orphan)()
        })
      )
      lines.push(`over at ${runningLoop().time()}`)

      await asyncio.sleep(10)

      assert.deepStrictEqual(lines, ["over at 10", "cleaned up"])
    }))
})

describe("what a scope leaves in flight when it succeeds", () => {
  it("ends cancelled, and says why", () =>
    run(async () => {
      const queue = new asyncio.Queue<string>()
      const errors: Array<unknown> = []
      await asyncio.timeout(10, async () => {
        void queue.get().catch((error: unknown) => errors.push(error))
      })

      await asyncio.sleep(1)

      const [error] = errors as [asyncio.CancelledError & asyncio.ErrorNotes]
      assert.deepStrictEqual(
        [error.reason, error.hint],
        [
          "the code that began it is over",
          "Await what you begin, or make a task of it with `createTask`: that one goes on by itself."
        ]
      )
    }))

  it("can be awaited by the tasks of its group until the group ends", () =>
    run(async () => {
      const queue = new asyncio.Queue<string>()
      const lines: Array<string> = []

      await asyncio.taskGroup(async (group) => {
        const item = queue.get()
        group.createTask(async () => {
          await asyncio.sleep(5)
          queue.putNowait("item")
          lines.push(await item)
        })
      })

      assert.deepStrictEqual(lines, ["item"])
    }))

  it("has no influence on handlers that the code has registered: their awaits are of the code around", () =>
    run(async () => {
      const lines: Array<unknown> = []
      const register = async () => {
        const request = deferred()
        const handle = async () => {
          await request.promise
          await asyncio.sleep(1)
          const handled = await asyncio.timeout(5, () => asyncio.sleep(1, "handled"))
          lines.push(`${handled}, aborted: ${self().signal.aborted}`)
        }
        return [request.resolve, handle()]
      }
      const [resolve, handling] = (await asyncio.timeout(10, register)) as [() => void, Promise<void>]
      const [resolveOfTask, handlingOfTask] = (await asyncio.createTask(register)) as [() => void, Promise<void>]

      resolve()
      resolveOfTask()
      await handling
      await handlingOfTask

      assert.deepStrictEqual(lines, ["handled, aborted: false", "handled, aborted: false"])
    }))

  it("is cancelled with the task when it goes on in the code around", () =>
    run(async () => {
      const plain = deferred()
      const lines: Array<string> = []
      const task = asyncio.createTask(async () => {
        let orphan!: Promise<void>
        await asyncio.timeout(10, async () => {
          orphan = plain.promise.then(() => asyncio.sleep("1 hour")).catch((error) => void lines.push(String(error)))
        })
        plain.resolve()
        await orphan
      })
      await asyncio.sleep(1)

      task.cancel("enough")
      await asyncio.wait([task])

      assert.deepStrictEqual(lines, ["CancelledError: enough"])
    }))
})

describe("the cleanup of what a scope has left in flight", () => {
  it("takes no request from its task, which is due at the same time", () =>
    run(async () => {
      const loop = asyncio.getRunningLoop()
      const [cleaned, awaited] = [loop.createFuture<void>(), loop.createFuture<void>()]
      const lines: Array<string> = []
      const cleaning = Effect.exit(cleaned.core).pipe(Effect.map((exit) => lines.push(`cleanup: ${exit._tag}`)))
      const task = asyncio.createTask(async () => {
        const left = () => asyncio.runEffect(Effect.ensuring(Effect.never, cleaning))
        await rejection(asyncio.timeout(1000, besides(left)))
        lines.push(`task: ${String(await rejection(awaited))}`)
      })
      await asyncio.sleep(10)

      cleaned.setResult()
      awaited.setResult()
      task.cancel("enough")

      await asyncio.wait([task])
      assert.deepStrictEqual(lines, ["cleanup: Success", "task: CancelledError: enough"])
    }))
})

describe("code that nobody awaits", () => {
  it("is cancelled when a run ends, and cleans up before that", async () => {
    const lines: Array<string> = []
    const work = async () => {
      try {
        await asyncio.sleep("1 hour")
      } catch (error) {
        lines.push(String(error))
      } finally {
        await asyncio.sleep(5)
        lines.push(`cleaned up at ${runningLoop().time()}`)
      }
    }

    await run(async () => {
      void work()
      await asyncio.createTask(async () => {
        void work()
        await asyncio.sleep(1)
      })
      await asyncio.sleep(10)
    })

    assert.deepStrictEqual(lines, [
      "CancelledError: the code that began it is over",
      "cleaned up at 6",
      "CancelledError: the code that began it is over",
      "cleaned up at 16"
    ])
  })

  it("that goes on after its task is cancelled when the run ends, and reported by name", async () => {
    const lines: Array<string> = []
    const reports: Array<ExceptionContext> = []
    const stubborn = async () => {
      for (let i = 0; i < 2; i++) {
        await asyncio.sleep("1 hour").catch((error) => lines.push(String(error)))
      }
    }

    await run(
      async () => {
        await asyncio.createTask(async () => void stubborn(), { name: "worker" })
        await asyncio.sleep(1)
      },
      { loopFactory: reportingTo(reports) }
    )

    assert.deepStrictEqual(
      [lines, reports.map(({ message }) => message)],
      [
        ["CancelledError: the code that began it is over", "CancelledError: the run is over"],
        ["code that nobody awaits was under way at the end of the run, and was cancelled: of worker"]
      ]
    )
  })

  it("is cancelled when the run ends where it waits for a future that nobody will finish", async () => {
    const lines: Array<string> = []
    const listen = async () => {
      try {
        await asyncio.getRunningLoop().createFuture()
      } catch (error) {
        lines.push(String(error))
      }
    }

    await run(async () => void listen())

    assert.deepStrictEqual(lines, ["CancelledError: the run is over"])
  })

  it("is named after ten seconds where it does not end", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    const reports: Array<ExceptionContext> = []
    const { promise, resolve } = deferred()
    const stubborn = async () => {
      await asyncio.sleep("1 hour").catch(() => {})
      await asyncio.runEffect(Effect.uninterruptible(Effect.promise(() => promise)))
    }
    const over = run(
      async () => {
        await asyncio.createTask(async () => void stubborn(), { name: "worker" })
        await asyncio.sleep(1)
      },
      { loopFactory: reportingTo(reports) }
    )
    // The end of the run has begun when it is about to say what it waits for.
    while (vi.getTimerCount() === 0) await macrotask()
    reports.length = 0

    vi.advanceTimersByTime(10_000)

    const messages = reports.map(({ message }) => message)
    resolve()
    await over
    vi.useRealTimers()
    assert.deepStrictEqual(messages, [
      "code of worker that nobody awaits has not ended since it was cancelled at the end of the run"
    ])
  })

  it("does not cancel a task that it listens to before the run does", async () => {
    const lines: Array<string> = []

    await run(async () => {
      const task = await asyncio.createTask(async () => {
        const work = asyncio.createTask(() => asyncio.sleep(5, "done"))
        void work.then((result) => lines.push(result))
        return [work]
      })
      await task[0]
      await asyncio.sleep(1)
    })

    assert.deepStrictEqual(lines, ["done"])
  })
})
