// Bodies that do not listen: what becomes of the scope, and of what they give.
import * as asyncio from "@effect-asyncio/compat"
import type { ExceptionContext } from "@effect-asyncio/core"
import { Effect } from "effect"
import { setTimeout as delay } from "node:timers/promises"
import { assert, describe, it } from "vitest"
import { deferred, rejection, reportingTo, run, runningLoop, self, text, unhandledRejections } from "../support.ts"

const never = () => new Promise<never>(() => {})

const gaveUp = (scope: string, name = "Task-1") =>
  `${scope} has given up on its body in ${name}, which did not end when its time was up`

/** Runs a program, and gives what its loop has reported. */
const reported = async (main: () => Promise<unknown>): Promise<ReadonlyArray<string>> => {
  const reports: Array<ExceptionContext> = []
  await run(main, { loopFactory: reportingTo(reports) })
  return reports.map(({ exception, message }) =>
    exception === undefined ? message : `${message}: ${(exception as Error).toString()}`
  )
}

type Scope = (body: () => Promise<string>, options?: asyncio.TimeoutOptions<string>) => Promise<string | undefined>

const scopes: Record<string, Scope> = {
  "timeout()": (body, options) => asyncio.timeout(20, body, options),
  "timeoutAt()": (body, options) => asyncio.timeoutAt(runningLoop().time() + 20, body, options),
  "waitFor()": (body, options) => asyncio.waitFor(body, 20, options)
}

describe.each(Object.entries(scopes))("%s around a body that hangs on a plain promise", (name, scope) => {
  const reportedAs = name === "waitFor()" ? "timeout()" : name

  it("ends 5 seconds after its time was up, and tells whose body it has given up", async () => {
    const lines: Array<unknown> = []
    const reports = await reported(() =>
      asyncio.createTask(
        async () => {
          lines.push(
            await text(scope(never)),
            runningLoop().time(),
            self().cancelling(),
            await asyncio.sleep(1, "goes on")
          )
        },
        { name: "worker" }
      )
    )

    assert.deepStrictEqual([...lines, ...reports], ["TimeoutError", 5020, 0, "goes on", gaveUp(reportedAs, "worker")])
  })

  it("ends after its grace, and waits for ever where that is without end", async () => {
    const lines: Array<unknown> = []
    await reported(async () => {
      lines.push(await text(scope(never, { grace: 10 })), runningLoop().time())
      lines.push(await text(scope(never, { grace: 0 })), runningLoop().time())
      const slow = deferred<string>()
      runningLoop().callLaterUnsafe("1 hour", () => slow.resolve("late"))
      lines.push(await text(scope(() => slow.promise, { grace: Infinity })), runningLoop().time())
    })

    assert.deepStrictEqual(lines, ["TimeoutError", 30, "TimeoutError", 50, "TimeoutError", 3_600_050])
  })

  it("offers a late result to be discarded, whether it was waited for or given up", async () => {
    const lines: Array<string> = []
    const reports = await reported(async () => {
      const discard = (value: string) => lines.push(`discarded ${value}`)
      for (const grace of [undefined, 1]) {
        const slow = deferred<string>()
        runningLoop().callLaterUnsafe(30, () => slow.resolve(`after a grace of ${grace}`))
        lines.push(await text(scope(() => slow.promise, { discard, grace })))
        await asyncio.sleep(50)
      }
      lines.push(String(await scope(() => asyncio.sleep(1, "in time"), { discard })))
    })

    assert.deepStrictEqual(
      [...lines, ...reports],
      [
        "discarded after a grace of undefined",
        "TimeoutError",
        "TimeoutError",
        "discarded after a grace of 1",
        "in time",
        gaveUp(reportedAs)
      ]
    )
  })

  it("cancels what the body comes to when it goes on after all, and reports how it fails", async () => {
    const lines: Array<string> = []
    const reports = await reported(async () => {
      for (const error of [undefined, new Error("broken")]) {
        const slow = deferred<string>()
        const body = async () => {
          await slow.promise
          await asyncio.sleep("1 hour").catch((reason: unknown) => lines.push(String(reason)))
          if (error !== undefined) throw error
          return "late"
        }
        await text(scope(body, { grace: 1 }))
        slow.resolve("")
        await asyncio.sleep(1)
      }
    })

    const over = "CancelledError: the code that began it is over"
    assert.deepStrictEqual(lines, [over, over])
    assert.deepStrictEqual(reports, [
      gaveUp(reportedAs),
      gaveUp(reportedAs),
      `the body of ${reportedAs} failed after the scope had given it up: Error: broken`
    ])
  })
})

describe("a timeout whose time is up", () => {
  it("waits for cleanup as long as it takes, but not longer than the grace that it was given", async () => {
    const lines: Array<unknown> = []
    const reports = await reported(async () => {
      const body = async () => {
        try {
          await asyncio.sleep("1 hour")
        } finally {
          await asyncio.sleep("1 minute")
          lines.push("cleaned up")
        }
      }
      lines.push(await text(asyncio.timeout(20, body)), runningLoop().time())
      lines.push(await text(asyncio.timeout(20, body, { grace: 1000 })), runningLoop().time())
    })

    assert.deepStrictEqual(
      [...lines, ...reports],
      ["cleaned up", "TimeoutError", 60_020, "TimeoutError", 61_040, gaveUp("timeout()")]
    )
  })

  it("waits for cleanup on a plain promise, for an Effect that lets itself not be interrupted, and behind a shield", async () => {
    const bodies = {
      cleanup: async () => {
        try {
          await asyncio.sleep("1 hour")
        } finally {
          const slow = deferred()
          runningLoop().callLaterUnsafe(8000, () => slow.resolve())
          await slow.promise
        }
      },
      effect: () => asyncio.runEffect(Effect.uninterruptible(Effect.sleep(8000))),
      shield: async () => {
        await asyncio.shielded(() => asyncio.sleep(8000))
        await asyncio.sleep("1 hour")
      }
    }
    const lines: Array<unknown> = []
    const reports = await reported(async () => {
      for (const body of Object.values(bodies)) {
        lines.push(await text(asyncio.timeout(20, body)), runningLoop().time())
      }
    })

    assert.deepStrictEqual(
      [...lines, ...reports],
      ["TimeoutError", 8020, "TimeoutError", 16_020, "TimeoutError", 24_020]
    )
  })

  it("gives no more time to a body that is cancelled again", async () => {
    const lines: Array<unknown> = []
    await reported(async () => {
      const task = asyncio.createTask(() => asyncio.timeout(20, never, { grace: 10 }))
      await asyncio.sleep(25)
      task.cancel("stop")
      lines.push(await text(task), runningLoop().time())
    })

    assert.deepStrictEqual(lines, ["CancelledError: stop", 30])
  })

  it("gives up on what hangs further in", async () => {
    const nested = () => asyncio.taskGroup(() => asyncio.timeout("1 day", never))
    const lines: Array<unknown> = []
    await reported(async () => void lines.push(await text(asyncio.timeout(20, nested)), runningLoop().time()))

    assert.deepStrictEqual(lines, ["TimeoutError", 5020])
  })

  it("waits for a task that cleans up, and that its body awaits beside what hangs further in", async () => {
    const lines: Array<unknown> = []
    const cleaning = async () => {
      try {
        await asyncio.sleep("1 hour")
      } finally {
        await asyncio.sleep("1 minute")
        lines.push("cleaned up")
      }
    }
    const hangs = deferred()
    const body = () => Promise.all([asyncio.createTask(cleaning), asyncio.taskGroup(() => hangs.promise)])
    const reports = await reported(async () => {
      lines.push(await text(asyncio.timeout(20, body)), runningLoop().time())
      hangs.resolve()
    })

    assert.deepStrictEqual([...lines, ...reports], ["cleaned up", "TimeoutError", 60_020])
  })

  it("lets a cancellation from outside win, and is over all the same", async () => {
    const lines: Array<unknown> = []
    await reported(async () => {
      const task = asyncio.createTask(() => asyncio.timeout(20, never))
      await asyncio.sleep(10)
      task.cancel("outside")
      const error = (await rejection(task)) as asyncio.CancelledError
      lines.push(error.reason, runningLoop().time(), task.cancelled())
    })

    assert.deepStrictEqual(lines, ["outside", 5020, true])
  })

  it("is not late because of a cancellation from outside before", () =>
    run(async () => {
      const slow = deferred<string>()
      runningLoop().callLaterUnsafe(6000, () => slow.resolve("in time"))
      const task = asyncio.createTask(() => asyncio.timeout(10_000, () => slow.promise))
      await asyncio.sleep(1)
      task.cancel()
      task.uncancel()

      assert.deepStrictEqual([await task, runningLoop().time()], ["in time", 6000])
    }))

  it("has not given up a body whose promise has settled before, in the same iteration", async () => {
    const lines: Array<unknown> = []
    const reports = await reported(async () => {
      const slow = deferred<string>()
      runningLoop().callLaterUnsafe(30, () => slow.resolve("the value"))
      const discard = (value: string) => lines.push(`discarded ${value}`)
      lines.push(await text(asyncio.timeout(20, () => slow.promise, { grace: 10, discard })), runningLoop().time())
    })

    assert.deepStrictEqual([...lines, ...reports], ["discarded the value", "TimeoutError", 30])
  })

  it("goes on without its body in the next iteration, before what was put into that behind it", async () => {
    const lines: Array<string> = []
    await reported(async () => {
      const loop = runningLoop()
      loop.callLaterUnsafe(25, () =>
        loop.callLaterUnsafe(5, () => {
          lines.push("a callback of the same iteration")
          loop.callSoonUnsafe(() => {
            lines.push("a callback of the next")
            loop.callSoonUnsafe(() => lines.push("a callback of the one after"))
          })
        })
      )
      lines.push(await text(asyncio.timeout(20, never, { grace: 10 })))
      await asyncio.sleep(1)
    })

    assert.deepStrictEqual(lines, [
      "a callback of the same iteration",
      "TimeoutError",
      "a callback of the next",
      "a callback of the one after"
    ])
  })

  it("leaves no timer behind of a body that seemed to clean up when it was given up", () =>
    run(async () => {
      const body = async () => {
        const signal = asyncio.currentSignal()
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()))
        await asyncio.sleep(0)
        await never()
      }

      const error = await text(asyncio.timeout(20, body, { grace: 10 }))

      assert.deepStrictEqual([error, runningLoop().snapshot().timers], ["TimeoutError", 0])
    }))

  it("lets a discard wait, in the scope around the one that is over", () =>
    run(async () => {
      const slow = deferred<string>()
      const lines: Array<string> = []
      const discard = async (value: string) => {
        lines.push(value, await asyncio.sleep(1, "released"))
      }
      lines.push(await text(asyncio.timeout(20, () => slow.promise, { discard, grace: 1 })))

      slow.resolve("late")

      await asyncio.sleep(10)
      assert.deepStrictEqual(lines, ["TimeoutError", "late", "released"])
    }))

  it("tells of a discard that fails, and goes on", async () => {
    const lines: Array<string> = []
    const reports = await reported(async () => {
      const discards = [
        () => {
          throw new Error("at once")
        },
        () => Promise.reject(new Error("later"))
      ]
      for (const discard of discards) {
        const slow = deferred<string>()
        runningLoop().callLaterUnsafe(30, () => slow.resolve("late"))
        lines.push(await text(asyncio.timeout(20, () => slow.promise, { discard })))
      }
    })

    assert.deepStrictEqual(lines, ["TimeoutError", "TimeoutError"])
    assert.deepStrictEqual(reports, [
      "the function discard has failed: Error: at once",
      "the function discard has failed: Error: later"
    ])
  })

  it("refuses options that are none", () =>
    run(async () => {
      const timeout = asyncio.timeout as (delay: number, body: () => void, options: unknown) => Promise<unknown>

      assert.deepStrictEqual(
        [
          await text(timeout(1, () => {}, [])),
          await text(timeout(1, () => {}, { grace: NaN })),
          await text(timeout(1, () => {}, { discard: 1 }))
        ],
        [
          "TypeError: an object of options was expected by timeout(), got []",
          "ValueError: Invalid delay: NaN (not a number)",
          "TypeError: a function was expected by timeout(), got 1"
        ]
      )
    }))
})

describe("waitFor with options", () => {
  it("hands back what a promise brings too late", () =>
    run(async () => {
      const lines: Array<string> = []
      const connecting = deferred<string>()
      const late = await text(
        asyncio.waitFor(connecting.promise, 20, { discard: (value) => lines.push(`released ${value}`) })
      )
      connecting.resolve("connection")
      await asyncio.sleep(1)

      assert.deepStrictEqual([late, ...lines], ["TimeoutError", "released connection"])
    }))

  it("gives up on a task that does not end", async () => {
    const lines: Array<unknown> = []
    const hangs = deferred()
    await reported(async () => {
      const task = asyncio.createTask(() => hangs.promise)
      lines.push(await text(asyncio.waitFor(task, 20, { grace: 10 })), runningLoop().time(), task.done())
      hangs.resolve()
    })

    assert.deepStrictEqual(lines, ["TimeoutError", 30, false])
  })
})

describe("moveOn", () => {
  it("says that the time was up, and else gives what the body gives or throws", () =>
    run(async () => {
      const inner = () => asyncio.moveOn(100, () => asyncio.timeout(1, () => asyncio.sleep("1 hour")))

      assert.deepStrictEqual(
        [
          await asyncio.moveOn(5, () => asyncio.sleep(1, "in time")),
          await asyncio.moveOn(5, () => asyncio.sleep("1 hour", "late")),
          await asyncio.moveOn(5, () => asyncio.sleep("1 hour").catch(() => "caught")),
          await text(inner()),
          await text(asyncio.moveOn(5, () => Promise.reject(new Error("mine")))),
          self().cancelling()
        ],
        [
          { timedOut: false, value: "in time" },
          { timedOut: true, value: undefined },
          { timedOut: false, value: "caught" },
          "TimeoutError",
          "Error: mine",
          0
        ]
      )
    }))

  it("lets a cancellation from outside pass", () =>
    run(async () => {
      const task = asyncio.createTask(() => asyncio.moveOn(5, () => asyncio.sleep("1 hour")))
      await asyncio.sleep(1)
      task.cancel("outside")

      assert.strictEqual(await text(task), "CancelledError: outside")
    }))

  it("goes on without a body that hangs on a plain promise", async () => {
    const lines: Array<unknown> = []
    await reported(async () => void lines.push((await asyncio.moveOn(5, never)).timedOut, runningLoop().time()))

    assert.deepStrictEqual(lines, [true, 5005])
  })
})

describe("what goes on when its scope has ended without it", () => {
  type End = (goesOn: () => Promise<unknown>) => Promise<unknown>
  const ends: Record<string, End> = {
    "a timeout": (goesOn) => asyncio.timeout(5, goesOn, { grace: 1 }),
    "a moveOn": (goesOn) => asyncio.moveOn(5, goesOn, { grace: 1 }),
    "a moveOn whose body is cut short": (goesOn) =>
      asyncio.moveOn(5, async () => {
        void goesOn()
        await asyncio.sleep("1 hour")
      }),
    "a waitFor": (goesOn) => asyncio.waitFor(goesOn, 5, { grace: 1 }),
    "a group that was cancelled": (goesOn) =>
      asyncio.taskGroup(async (group) => {
        void goesOn()
        group.cancel()
        await asyncio.sleep("1 hour")
      }),
    "a group that has failed": (goesOn) =>
      asyncio.taskGroup(() => {
        void goesOn()
        throw new Error("broken")
      }),
    "a task that has failed": (goesOn) =>
      asyncio
        .createTask(() => {
          void goesOn()
          throw new Error("broken")
        })
        .then(),
    "a task that has failed, in an await of a task": (goesOn) =>
      asyncio
        .createTask(() => {
          const other = asyncio.createTask(() => asyncio.sleep(8))
          void other.then(goesOn)
          throw new Error("broken")
        })
        .then(),
    "a group that has failed, behind a shield": (goesOn) =>
      asyncio.taskGroup(() => {
        void asyncio.shielded(() => asyncio.sleep(8)).then(goesOn)
        throw new Error("broken")
      }),
    "a timeout, behind a shield": (goesOn) =>
      asyncio.timeout(
        5,
        async () => {
          await asyncio.shielded(() => asyncio.sleep(8))
          await goesOn()
        },
        { grace: 1 }
      ),
    "a timeout, in an await of a task": (goesOn) =>
      asyncio.timeout(
        5,
        async () => {
          await asyncio.createTask(() => asyncio.shielded(() => asyncio.sleep(8))).catch(() => {})
          await goesOn()
        },
        { grace: 1 }
      )
  }

  it.each(Object.entries(ends))("is cancelled once: %s", (_, end) =>
    run(async () => {
      const lines: Array<string> = []
      const slow = deferred()
      const goesOn = async () => {
        await slow.promise
        for (let i = 0; i < 2; i++) lines.push(await asyncio.sleep(1, "sleeps").catch(String))
      }
      await end(goesOn).catch(() => {})
      await asyncio.sleep(10)

      slow.resolve()

      await asyncio.sleep(10)
      assert.deepStrictEqual(lines, ["CancelledError: the code that began it is over", "sleeps"])
    })
  )
})

describe("a body that was given up", () => {
  it("keeps a lock until it goes on, and ends", () =>
    run(async () => {
      const lines: Array<unknown> = []
      const lock = new asyncio.Lock()
      const slow = deferred()
      const body = () =>
        lock.use(async () => {
          await slow.promise
          await asyncio.sleep("1 hour")
        })
      runningLoop().callLaterUnsafe(100, () => slow.resolve())
      await text(asyncio.timeout(20, body, { grace: 1 }))
      lines.push(lock.locked())

      await lock.use(() => lines.push(runningLoop().time()))

      assert.deepStrictEqual(lines, [true, 100])
    }))

  it("catches the cancellation, goes on in the code around, and ends with that", async () => {
    const lines: Array<string> = []
    const slow = deferred()
    const body = async () => {
      await slow.promise
      for (let i = 0; i < 2; i++) await asyncio.sleep("1 hour").catch((error) => lines.push(`${i}: ${error}`))
    }
    await run(async () => {
      const task = asyncio.createTask(async () => {
        await asyncio.moveOn(20, body, { grace: 1 })
        slow.resolve()
        await asyncio.sleep("1 hour")
      })
      await asyncio.sleep(50)
      task.cancel("enough")
      await text(task)
    })

    assert.deepStrictEqual(lines, ["0: CancelledError: the code that began it is over", "1: CancelledError: enough"])
  })

  it("is in no run when the run is over before it goes on, and nothing cancels it there", async () => {
    const lines: Array<unknown> = []
    const slow = deferred()
    const ended = deferred()
    const body = async () => {
      await slow.promise
      const slept = asyncio.sleep(1, "sleeps").catch(String)
      lines.push(asyncio.currentTask(), await slept)
      ended.resolve()
    }
    await reported(() => text(asyncio.timeout(20, body, { grace: 1 })))

    slow.resolve()

    await ended.promise
    assert.deepStrictEqual(lines, [undefined, "sleeps"])
  })
})

describe("waiting with a timeout", () => {
  it("says whether an event was set, a lock or a permit taken, a condition notified", () =>
    run(async () => {
      const event = new asyncio.Event()
      const lock = new asyncio.Lock()
      const semaphore = new asyncio.Semaphore(1)
      const condition = new asyncio.Condition()
      const timeout = { timeout: 5 }
      const before = {
        set: await event.wait(timeout),
        locks: { first: await lock.acquire(timeout), second: await lock.acquire(timeout) },
        permits: { first: await semaphore.acquire({ timeout: 0 }), second: await semaphore.acquire({ timeout: 0 }) },
        notified: await condition.use(() => condition.wait(timeout))
      }
      event.set()
      lock.release()
      const after = {
        set: await event.wait(timeout),
        locked: await lock.acquire(timeout),
        setWithoutLimit: await event.wait({ timeout: undefined })
      }

      const oneOfTwo = { first: true, second: false }
      assert.deepStrictEqual(before, { set: false, locks: oneOfTwo, permits: oneOfTwo, notified: false })
      assert.deepStrictEqual(after, { set: true, locked: true, setWithoutLimit: true })
      assert.strictEqual(condition.locked(), false)
    }))

  it("does not take what was on its way when the time was up", () =>
    run(async () => {
      const lock = new asyncio.Lock()
      await lock.acquire()
      const late = lock.acquire({ timeout: 5 })
      runningLoop().callLaterUnsafe(5, () => lock.release())

      const taken = await late
      assert.strictEqual(taken, lock.locked())
    }))

  it("refuses options that are none", () =>
    run(async () => {
      const event = new asyncio.Event()

      assert.strictEqual(
        await text(event.wait(5 as never)),
        "TypeError: an object of options was expected by wait(), got 5"
      )
    }))
})

describe("abortable with hooks", () => {
  it("hands back what comes after the waiting was given up, also when it had come already", () =>
    run(async () => {
      const lines: Array<string> = []
      const discard = (value: string) => lines.push(`released ${value}`)
      const connecting = [deferred<string>(), deferred<string>()]
      const tasks = connecting.map(({ promise }) => asyncio.createTask(() => asyncio.abortable(promise, { discard })))
      await asyncio.sleep(1)
      connecting[1]!.resolve("the one that had come")
      await Promise.resolve()
      for (const task of tasks) task.cancel()
      for (const task of tasks) lines.push(await text(task))
      connecting[0]!.resolve("the late one")
      await asyncio.sleep(1)

      assert.deepStrictEqual(lines.toSorted(), [
        "CancelledError",
        "CancelledError",
        "released the late one",
        "released the one that had come"
      ])
    }))

  it("stops the work, and waits until that is done", () =>
    run(async () => {
      const lines: Array<string> = []
      const onCancel = async (error: asyncio.CancelledError) => {
        lines.push(`stops the query: ${error.reason}`)
        await asyncio.sleep(1)
        lines.push("stopped")
      }
      const task = asyncio.createTask(() => asyncio.abortable(never(), { onCancel }))
      await asyncio.sleep(1)
      task.cancel("enough")
      lines.push(await text(task))

      assert.deepStrictEqual(lines, ["stops the query: enough", "stopped", "CancelledError: enough"])
    }))

  it("calls neither when the promise settles in time, or fails", () =>
    run(async () => {
      const lines: Array<string> = []
      const hooks = { discard: () => lines.push("discard"), onCancel: () => lines.push("onCancel") }

      assert.deepStrictEqual(
        [
          await asyncio.abortable(Promise.resolve(1), hooks),
          await text(asyncio.abortable(Promise.reject(new Error("broken")), hooks)),
          ...lines
        ],
        [1, "Error: broken"]
      )
    }))

  it("lets the cancellation pass where the hook fails, and reports that", async () => {
    const lines: Array<string> = []
    const reports = await reported(async () => {
      const onCancel = () => {
        throw new Error("no connection")
      }
      const task = asyncio.createTask(() => asyncio.abortable(never(), { onCancel }))
      await asyncio.sleep(1)
      task.cancel()
      lines.push(await text(task))
    })

    assert.deepStrictEqual(
      [...lines, ...reports],
      ["CancelledError", "the function onCancel has failed: Error: no connection"]
    )
  })

  it("leaves no rejection behind of a promise that fails when nobody waits any more", async () => {
    const seen = await unhandledRejections(() =>
      run(async () => {
        const connecting = deferred<string>()
        await rejection(asyncio.timeout(1, () => asyncio.abortable(connecting.promise, { discard: () => {} })))
        connecting.reject(new Error("refused"))
        await asyncio.sleep(1)
      })
    )

    assert.deepStrictEqual(seen, [])
  })

  it("refuses hooks that are none", () =>
    run(async () => {
      assert.strictEqual(
        await text(asyncio.abortable(never(), { discard: "later" as never })),
        "TypeError: a function was expected by abortable(), got 'later'"
      )
    }))
})

describe("a signal that a scope has given out", () => {
  type Around = (body: () => Promise<AbortSignal>) => Promise<AbortSignal>
  const around: Record<string, Around> = {
    "a timeout": (body) => asyncio.timeout(1000, body),
    "a timeout in a timeout": (body) => asyncio.timeout(1000, () => asyncio.timeout(1000, body)),
    "a group": (body) => asyncio.taskGroup(body),
    "a function that is waited for": (body) => asyncio.waitFor(body, 1000)
  }

  it.each(Object.entries(around))("of %s aborts with the task when the body is over", (_, scope) =>
    run(async () => {
      const lines: Array<string> = []
      const task = asyncio.createTask(async () => {
        const signal = await scope(async () => asyncio.currentSignal())
        lines.push(`over, aborted: ${signal.aborted}`)
        try {
          // As the text of a response that a body has fetched.
          await delay(1_000_000, undefined, { signal })
        } finally {
          await asyncio.sleep(1)
          lines.push("cleaned up")
        }
      })
      await asyncio.sleep(2000)
      task.cancel("enough")

      assert.deepStrictEqual(
        { end: await text(task), lines, cancelled: task.cancelled() },
        { end: "CancelledError: enough", lines: ["over, aborted: false", "cleaned up"], cancelled: true }
      )
    })
  )

  it("aborts with the scope around that is over later, and tells of its timeout", () =>
    run(async () => {
      const body = async () => {
        const signal = await asyncio.timeout(1000, async () => asyncio.currentSignal())
        await delay(1_000_000, undefined, { signal })
      }

      assert.deepStrictEqual([await text(asyncio.timeout(2000, body)), runningLoop().time()], ["TimeoutError", 2000])
    }))

  it("keeps nothing that nobody has any more", () =>
    run(async () => {
      for (let i = 0; i < 2000; i++) await asyncio.timeout(1000, async () => void asyncio.currentSignal())
      const kept = await asyncio.timeout(1000, async () => asyncio.currentSignal())
      const { signal } = self()
      self().cancel()
      self().uncancel()

      assert.deepStrictEqual(
        { signalAborted: signal.aborted, keptAborted: kept.aborted },
        { signalAborted: true, keptAborted: true }
      )
    }))
})
