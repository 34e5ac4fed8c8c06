// Failures are never lost, and never told twice.
import * as asyncio from "@effect-asyncio/compat"
import type { ExceptionContext } from "@effect-asyncio/core"
import { Effect } from "effect"
import { assert, describe, it } from "vitest"
import { deferred, macrotask, rejection, reportingTo, run, text, unhandledRejections } from "../support.ts"

const hour = () => asyncio.sleep("1 hour")

const fail = (message: string) => Promise.reject(new Error(message))

const failAfter = (millis: number, message: string) => async (): Promise<never> => {
  await asyncio.sleep(millis)
  throw new Error(message)
}

/** Runs `main`, and gives what the loop reported and what the host took for an unhandled rejection. */
const observe = async (main: () => unknown, options?: asyncio.RunOptions) => {
  const reports: Array<ExceptionContext> = []
  const program = async () => {
    await main()
    // The host reports a rejection after the microtasks of its macrotask.
    await macrotask()
  }
  const unhandled = await unhandledRejections(() => run(program, { loopFactory: reportingTo(reports), ...options }))
  return {
    reports,
    messages: reports.map(({ exception, message }) => `${message}: ${exception}`),
    unhandled: unhandled.map(String)
  }
}

const silent = { messages: [], unhandled: [] }

const seenIn = async (main: () => unknown) => {
  const { messages, unhandled } = await observe(main)
  return { messages, unhandled }
}

describe("a failed task", () => {
  it("is silent when somebody handles it later in the same iteration", async () => {
    const seen = await seenIn(async () => {
      const task = asyncio.createTask(() => fail("early"))
      await asyncio.sleep(0)
      assert.isTrue(task.done())
      await Promise.resolve()
      assert.strictEqual(await text(task), "Error: early")
    })

    assert.deepStrictEqual(seen, silent)
  })

  it("is silent when somebody handles it a day later", async () => {
    const seen = await seenIn(async () => {
      const task = asyncio.createTask(() => fail("early"))
      await asyncio.sleep("1 day")
      await macrotask()
      await text(task)
    })

    assert.deepStrictEqual(seen, silent)
  })

  it("that nobody awaits is reported once, with its name", async () => {
    const { messages, reports, unhandled } = await observe(async () => {
      asyncio.createTask(() => fail("lost"), { name: "forgotten" })
      await asyncio.sleep("1 day")
    })

    assert.deepStrictEqual([messages, unhandled], [["Task exception was never retrieved: Error: lost"], []])
    assert.include(String(reports[0]?.task), "name='forgotten'")
  })

  it("that nobody awaits is reported with the place of its creation in debug mode", async () => {
    const { reports } = await observe(
      async () => {
        asyncio.createTask(() => fail("lost"), { name: "forgotten" })
        await asyncio.sleep(1)
      },
      { debug: true }
    )

    assert.strictEqual(reports.length, 1)
    assert.match(reports[0]?.createdAt ?? "", /reports\.test\.ts/)
  })

  it("that somebody awaits with then and without catch is an unhandled rejection, as any promise", async () => {
    const seen = await seenIn(async () => {
      void asyncio.createTask(() => fail("no catch")).then(() => {})
      await asyncio.sleep(1)
      await macrotask()
    })

    assert.deepStrictEqual(seen, { messages: [], unhandled: ["Error: no catch"] })
  })

  it("is the host's business where it is awaited from outside of the loop", async () => {
    const seen = await observe(async () => {
      const task = asyncio.createTask(() => fail("outside"))
      queueMicrotask(() => undefined)
      await text(task)
    })

    assert.deepStrictEqual([seen.messages, seen.unhandled], [[], []])
  })
})

describe("a gather with two failures", () => {
  it("tells the first to who awaits it, and the second to nobody", async () => {
    const seen = await seenIn(async () => {
      assert.strictEqual(await text(asyncio.gather([failAfter(1, "first"), failAfter(2, "second")])), "Error: first")
      await asyncio.sleep(5)
    })

    assert.deepStrictEqual(seen, silent)
  })

  it("that nobody awaits is reported once", async () => {
    const { messages, unhandled } = await observe(async () => {
      asyncio.gather([failAfter(1, "first"), failAfter(2, "second")])
      await asyncio.sleep(5)
    })

    assert.deepStrictEqual([messages, unhandled], [["Future exception was never retrieved: Error: first"], []])
  })
})

describe("a scope whose body fails", () => {
  it("tells it once to who awaits", async () => {
    const seen = await seenIn(async () => {
      const errors = [
        await text(asyncio.timeout(5, () => fail("timeout"))),
        await text(asyncio.timeout(1, () => hour().catch(() => fail("in the cleanup")))),
        await text(asyncio.waitFor(() => fail("waitFor"), 5)),
        await text(
          asyncio.catchCancelled(
            () => fail("catchCancelled"),
            () => {}
          )
        ),
        await text(new asyncio.Lock().use(() => fail("lock"))),
        await text(asyncio.runEffect(Effect.fail(new Error("effect")))),
        await text(asyncio.abortable(fail("promise")))
      ]
      assert.deepStrictEqual(errors, [
        "Error: timeout",
        "Error: in the cleanup",
        "Error: waitFor",
        "Error: catchCancelled",
        "Error: lock",
        "Error: effect",
        "Error: promise"
      ])
      const group = await rejection(
        asyncio.taskGroup(async (group) => {
          group.createTask(failAfter(1, "task"))
          await hour()
        })
      )
      assert.instanceOf(group, asyncio.ExceptionGroup)
    })

    assert.deepStrictEqual(seen, silent)
  })
})

/** Everything that waits, begun in a task and then in flight. */
const waits: Record<string, () => PromiseLike<unknown>> = {
  sleep: hour,
  "sleep(0)": () => asyncio.sleep(0),
  task: () => asyncio.createTask(hour).then(),
  future: () => asyncio.getRunningLoop().createFuture<void>().then(),
  gather: () => asyncio.gather([hour]).then(),
  "gather with returnExceptions": () => asyncio.gather([hour], { returnExceptions: true }).then(),
  shield: () => asyncio.shield(hour).then(),
  wait: () => asyncio.wait([asyncio.createTask(hour)]),
  "waitFor of a function": () => asyncio.waitFor(hour, "1 day"),
  "waitFor of a task": () => asyncio.waitFor(asyncio.createTask(hour), "1 day"),
  "for of asCompleted": () => [...asyncio.asCompleted([hour])][0]!,
  "for await of asCompleted": () => asyncio.asCompleted([hour])[Symbol.asyncIterator]().next(),
  timeout: () => asyncio.timeout("1 day", hour),
  timeoutAt: () => asyncio.timeoutAt(Infinity, hour),
  taskGroup: () => asyncio.taskGroup((group) => group.createTask(hour)),
  catchCancelled: () =>
    asyncio.catchCancelled(hour, (error) => {
      throw error
    }),
  abortable: () => asyncio.abortable(new Promise(() => {})),
  cancelAndWait: () => asyncio.cancelAndWait([asyncio.createTask(() => hour().catch(hour))]),
  runEffect: () => asyncio.runEffect(Effect.never),
  "Lock.acquire": () => heldLock().acquire(),
  "Lock.use": () => heldLock().use(() => {}),
  "Lock.hold": () => heldLock().hold(),
  "Event.wait": () => new asyncio.Event().wait(),
  "Condition.use": () => {
    const condition = new asyncio.Condition()
    return condition.use(() => condition.wait())
  },
  "Semaphore.use": () => new asyncio.Semaphore(0).use(() => {}),
  "Barrier.use": () => new asyncio.Barrier(2).use(() => {}),
  "Queue.get": () => new asyncio.Queue().get(),
  "for await of a queue": () => new asyncio.Queue()[Symbol.asyncIterator]().next()
}

const heldLock = (): asyncio.Lock => {
  const lock = new asyncio.Lock()
  void lock.acquire()
  return lock
}

describe("an await in flight that nobody looks at", () => {
  for (const [name, wait] of Object.entries(waits)) {
    it(`is silent when it is cancelled: ${name}`, async () => {
      const seen = await seenIn(async () => {
        const task = asyncio.createTask(async () => {
          void wait()
          await hour()
        })
        await asyncio.sleep(0)
        task.cancel("stop")
        assert.strictEqual(await text(task), "CancelledError: stop")
        await macrotask()
      })

      assert.deepStrictEqual(seen, silent)
    })
  }

  it("is silent when it lost a race and is cancelled later", async () => {
    const seen = await seenIn(async () => {
      const task = asyncio.createTask(async () => {
        await Promise.race([Promise.resolve("won"), ...Object.values(waits).map((wait) => wait())])
        await hour()
      })
      await asyncio.sleep(1)
      task.cancel("stop")
      await text(task)
      await macrotask()
    })

    assert.deepStrictEqual(seen, silent)
  })

  it("is an unhandled rejection when it fails for another reason", async () => {
    const { unhandled } = await observe(async () => {
      void asyncio.timeout(5, failAfter(1, "timeout"))
      void asyncio.catchCancelled(failAfter(1, "catchCancelled"), () => {})
      void new asyncio.Lock().use(failAfter(1, "lock"))
      void asyncio.runEffect(Effect.delay(Effect.fail(new Error("effect")), 1))
      void asyncio.wait([])
      void asyncio.waitFor(failAfter(1, "waitFor"), 5)
      await asyncio.sleep(5)
      await macrotask()
    })

    assert.deepStrictEqual(unhandled.toSorted(), [
      "Error: catchCancelled",
      "Error: effect",
      "Error: lock",
      "Error: timeout",
      "Error: waitFor",
      "ValueError: Set of Tasks/Futures is empty."
    ])
  })

  it("is silent when it lost a race and fails later", async () => {
    const seen = await seenIn(async () => {
      await Promise.race([asyncio.sleep(1), asyncio.timeout(5, failAfter(2, "lost"))])
      await asyncio.sleep(5)
      await macrotask()
    })

    assert.deepStrictEqual(seen, silent)
  })
})

describe("an error thrown in a place nobody waits for", () => {
  it("is reported: done callbacks, callbacks, timers", async () => {
    const { messages, unhandled } = await observe(async () => {
      const loop = asyncio.getRunningLoop()
      const throws = (message: string) => () => {
        throw new Error(message)
      }
      asyncio.createTask(() => {}).addDoneCallback(throws("done"))
      loop.callSoon(throws("soon"))
      loop.callLater(1, throws("later"))
      await asyncio.sleep(5)
    })

    assert.deepStrictEqual(unhandled, [])
    assert.deepStrictEqual(
      messages.map((message) => message.replace(/^.*: Error/, "Error")),
      ["Error: soon", "Error: done", "Error: later"]
    )
  })

  it("is reported when a task fails in the cleanup at the end of the run", async () => {
    const { messages, unhandled } = await observe(async () => {
      asyncio.createTask(() => hour().catch(() => fail("cleanup")))
      await asyncio.sleep(1)
    })

    assert.deepStrictEqual(
      [messages, unhandled],
      [["unhandled exception during asyncio.run() shutdown: Error: cleanup"], []]
    )
  })

  it("is a promise's own business where the loop is not involved", async () => {
    const plain = deferred()
    const { messages, unhandled } = await observe(async () => {
      void plain.promise
      plain.reject(new Error("plain"))
      await macrotask()
    })

    assert.deepStrictEqual([messages, unhandled], [[], ["Error: plain"]])
  })
})
