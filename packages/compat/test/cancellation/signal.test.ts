import * as asyncio from "@effect-asyncio/compat"
import { createTask as createCoreTask } from "@effect-asyncio/core"
import { Effect } from "effect"
import { AsyncResource } from "node:async_hooks"
import { EventEmitter, getEventListeners, once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { Readable, Writable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { setTimeout as delay } from "node:timers/promises"
import { assert, describe, it } from "vitest"
import { collectReports, deferred, macrotask, rejection, run, runningLoop, self, text } from "../support.ts"

// Far longer than any test lives. Whoever waits for it is aborted.
const never = 1_000_000

/** Rejects with the reason of the signal, as `fetch` does. */
const fetchLike = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true })
  })

/** Catches a cancellation. */
const onlyCancelled = (error: unknown): void => {
  if (!asyncio.isCancelled(error)) throw error
}

/** Looks at the signal between two pieces of work, as a long loop does. */
const pollLike = async (signal: AbortSignal): Promise<never> => {
  for (;;) {
    signal.throwIfAborted()
    await macrotask()
  }
}

/** Cancels a task while it waits for `wait`, with a cleanup that awaits, and tells how it ended. */
const cancelDuring = async (wait: (signal: AbortSignal) => Promise<unknown>): Promise<ReadonlyArray<string>> => {
  const lines: Array<string> = []
  const task = asyncio.createTask(async () => {
    try {
      await wait(self().signal)
    } finally {
      await asyncio.sleep(1)
      lines.push("cleaned up")
    }
  })
  await asyncio.sleep(0)
  task.cancel("stop")
  lines.push(await text(task), `cancelled: ${task.cancelled()}`)
  return lines
}

describe("a listener of a signal", () => {
  it("is in the loop of its task, and in no task, where a group has aborted the signal", () =>
    run(async () => {
      const loop = asyncio.getRunningLoop()
      const seen: Array<unknown> = []
      const listening = async () => {
        self().signal.addEventListener("abort", () =>
          seen.push(asyncio.getRunningLoop() === loop, asyncio.currentTask())
        )
        await asyncio.sleep(never)
      }
      const group = asyncio.taskGroup(async (group) => {
        group.createTask(listening)
        group.createTask(() => asyncio.sleep(1).then(() => Promise.reject(new Error("no"))))
      })

      await group.catch(() => {})

      assert.deepStrictEqual(seen, [true, undefined])
    }))
})

describe("a cancellation that is delivered through the signal", () => {
  const asExpected = ["cleaned up", "CancelledError: stop", "cancelled: true"]

  it("ends node:timers/promises, is not delivered again to the cleanup, and ends the task cancelled", () =>
    run(async () => {
      assert.deepStrictEqual(await cancelDuring((signal) => delay(never, undefined, { signal })), asExpected)
    }))

  it("ends events.once", () =>
    run(async () => {
      assert.deepStrictEqual(await cancelDuring((signal) => once(new EventEmitter(), "event", { signal })), asExpected)
    }))

  it("ends a function that rejects with the reason, as fetch does", () =>
    run(async () => {
      assert.deepStrictEqual(await cancelDuring(fetchLike), asExpected)
    }))

  it("ends fetch itself", async () => {
    // A server that never answers.
    const server = createServer()
    await once(server.listen(0, "127.0.0.1"), "listening")
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`

    const lines = await run(() => cancelDuring((signal) => fetch(url, { signal })))

    server.close()
    server.closeAllConnections()
    assert.deepStrictEqual(lines, asExpected)
  })

  it("ends a loop that looks with throwIfAborted", () =>
    run(async () => {
      assert.deepStrictEqual(await cancelDuring(pollLike), asExpected)
    }))

  it("can be caught, after which the task goes on", () =>
    run(async () => {
      const task = asyncio.createTask(async () => {
        await fetchLike(self().signal).catch(onlyCancelled)
        await asyncio.sleep(1)
        return "went on"
      })
      await asyncio.sleep(0)

      task.cancel()

      assert.deepStrictEqual(
        { result: await task, cancelled: task.cancelled(), cancelling: task.cancelling() },
        { result: "went on", cancelled: false, cancelling: 1 }
      )
    }))

  it("is the same one that an await in flight beside it gets", () =>
    run(async () => {
      const errors: Array<unknown> = []
      const task = asyncio.createTask(async () => {
        await Promise.all([fetchLike(self().signal).catch((error) => errors.push(error)), asyncio.sleep("1 day")])
      })
      await asyncio.sleep(0)

      task.cancel()

      errors.push(await rejection(task))
      assert.instanceOf(errors[0], asyncio.CancelledError)
      assert.strictEqual(errors[0], errors[1])
    }))
})

describe("the signal of a task", () => {
  it("is the same until a cancellation, and aborts inside of cancel with the CancelledError as its reason", () =>
    run(async () => {
      const plain = deferred()
      const task = asyncio.createTask(() => plain.promise, { name: "stuck" })
      await asyncio.sleep(0)
      const { signal } = task
      assert.deepStrictEqual(
        { sameSignal: signal === task.signal, aborted: signal.aborted },
        { sameSignal: true, aborted: false }
      )

      task.cancel("why")

      const reason: unknown = signal.reason
      assert.isTrue(signal.aborted)
      assert.instanceOf(reason, asyncio.CancelledError)
      assert.deepStrictEqual([reason.reason, reason.requestedBy?.name], ["why", "Task-1"])
      plain.resolve()
      assert.strictEqual(await text(task), "CancelledError: why")
    }))

  it("is aborted when the task asks only after it was cancelled", () =>
    run(async () => {
      const plain = deferred()
      const task = asyncio.createTask(async () => {
        await plain.promise
        await delay(never, undefined, { signal: self().signal })
      })
      await asyncio.sleep(0)
      task.cancel("before")

      plain.resolve()

      assert.strictEqual(await text(task), "CancelledError: before")
    }))

  it("is a fresh one after a cancellation that was caught, whichever way it came", () =>
    run(async () => {
      const signals: Array<AbortSignal> = []
      const task = asyncio.createTask(async () => {
        const me = self()
        signals.push(me.signal)
        await fetchLike(me.signal).catch(onlyCancelled)
        signals.push(me.signal)
        await asyncio.sleep("1 day").catch(() => {})
        signals.push(me.signal)
        await fetchLike(me.signal)
      })

      for (const message of ["through the signal", "through an await", "the last"]) {
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel(message)
      }

      assert.strictEqual(await text(task), "CancelledError: the last")
      assert.deepStrictEqual(
        signals.map(({ reason }) => `${reason}`),
        ["CancelledError: through the signal", "CancelledError: through an await", "CancelledError: the last"]
      )
    }))

  it("is that of the code around for a handler that a scope has registered and left", () =>
    run(async () => {
      let ask = () => asyncio.currentSignal()
      await asyncio.timeout("1 hour", async () => {
        asyncio.currentSignal()
        ask = AsyncResource.bind(() => asyncio.currentSignal())
        await asyncio.sleep(1)
      })

      assert.strictEqual(ask(), asyncio.currentSignal())
    }))

  it("lets cleanup use signals again", () =>
    run(async () => {
      const task = asyncio.createTask(async () => {
        try {
          await asyncio.sleep("1 day")
        } finally {
          const emitter = new EventEmitter()
          setImmediate(() => emitter.emit("ready"))
          await once(emitter, "ready", { signal: self().signal })
        }
      })
      await asyncio.sleep(0)

      task.cancel("clean")

      assert.strictEqual(await text(task), "CancelledError: clean")
    }))

  it("does not abort when the task ends by itself", () =>
    run(async () => {
      const task = asyncio.createTask(() => "value")
      const { signal } = task

      await task

      assert.deepStrictEqual(
        { signalAborted: signal.aborted, taskSignalAborted: task.signal.aborted },
        { signalAborted: false, taskSignalAborted: false }
      )
    }))

  it("aborts for who asked before the task started", () =>
    run(async () => {
      const task = asyncio.createTask(() => {})
      const { signal } = task

      task.cancel("not even started")

      assert.strictEqual(`${signal.reason}`, "CancelledError: not even started")
      await text(task)
    }))

  it("is aborted for who asks after the task ended cancelled, and leaves the message to who awaits it", () =>
    run(async () => {
      const task = asyncio.createTask(() => asyncio.sleep("1 day"))
      await asyncio.sleep(0)
      task.cancel("over")
      await asyncio.sleep(1)

      assert.strictEqual(`${task.signal.reason}`, "CancelledError: over")
      assert.strictEqual(await text(task), "CancelledError: over")
    }))

  it("is the same at every read when the task has ended cancelled, and the one that told of it", () =>
    run(async () => {
      const seen: Array<object> = []
      for (const isAskedBefore of [true, false]) {
        const task = asyncio.createTask(() => asyncio.sleep("1 day"))
        await asyncio.sleep(0)
        const before = isAskedBefore ? task.signal : undefined
        task.cancel("over")
        await text(task)

        const { signal } = task
        seen.push({
          aborted: signal.aborted,
          isSameAgain: signal === task.signal,
          isSameAsBefore: before === undefined || before === signal
        })
      }

      assert.deepStrictEqual(
        seen,
        Array.from({ length: 2 }, () => ({ aborted: true, isSameAgain: true, isSameAsBefore: true }))
      )
    }))

  it("of a task that runs an Effect aborts when it ends cancelled, and hides no failure", () =>
    run(async () => {
      const reports = collectReports(runningLoop())
      const context = self().core.getContext()
      const core = <A, E>(effect: Effect.Effect<A, E>) =>
        asyncio.Task.of(Effect.runSyncWith(context)(createCoreTask(effect)))
      const cancelled = core(Effect.never)
      const { signal } = cancelled
      await asyncio.sleep(0)

      cancelled.cancel("effect")
      const failing = core(Effect.fail("failure")).signal
      await text(cancelled)
      await asyncio.sleep(1)

      assert.deepStrictEqual([`${signal.reason}`, failing.aborted], ["CancelledError", false])
      assert.deepStrictEqual(reports, [])
      return { reports }
    }).then(({ reports }) => {
      assert.deepStrictEqual(
        reports.map(({ exception }) => exception),
        ["failure"]
      )
    }))

  it("aborts for a function in an Effect in the task, and for those around it before that", () =>
    run(async () => {
      const lines: Array<string> = []
      const listen = (name: string) => self().signal.addEventListener("abort", () => lines.push(name), { once: true })
      const task = asyncio.createTask(async () => {
        listen("task")
        const inside = asyncio.toEffect(async () => {
          listen("inside")
          await fetchLike(self().signal)
        })
        await Promise.allSettled([
          asyncio.runEffect(inside),
          asyncio.timeout(never, async () => {
            listen("limited")
            await fetchLike(self().signal)
          })
        ])
      })
      await asyncio.sleep(1)

      task.cancel("enough")

      assert.deepStrictEqual(lines, ["task", "inside", "limited"])
      await asyncio.wait([task])
    }))

  it("of a task that runs an Effect is the same at every read", () =>
    run(async () => {
      const task = asyncio.createTask(Effect.never)
      const { signal } = task
      const same = task.signal === signal
      await asyncio.sleep(0)

      task.cancel()

      await text(task)
      await asyncio.sleep(0)
      assert.deepStrictEqual(
        { same, sameSignal: task.signal === signal, aborted: signal.aborted },
        { same: true, sameSignal: true, aborted: true }
      )
    }))

  it("gets no listener from an await", async () => {
    const warnings: Array<Error> = []
    const listener = (warning: Error) => warnings.push(warning)
    process.on("warning", listener)

    await run(async () => {
      void self().signal
      const inner = asyncio.createTask(() => asyncio.sleep(1))
      const many = Array.from({ length: 5_000 }, () => inner)
      await Promise.all([...many, ...many.map(() => asyncio.sleep(1))])
      for (const task of many) await task
    })

    await macrotask()
    process.off("warning", listener)
    assert.deepStrictEqual(warnings, [])
  })
})

/** Rejects as a library does that knows of the signal only that it aborted. */
const abortErrorOf = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const abort = () => reject(Object.assign(new Error("The operation was aborted"), { name: "AbortError" }))
    signal.addEventListener("abort", abort, { once: true })
  })

describe("an AbortError that says nothing of the reason", () => {
  it("ends the task cancelled, with the message", () =>
    run(async () => {
      const task = asyncio.createTask(() => abortErrorOf(self().signal))
      await asyncio.sleep(0)

      task.cancel("stop")

      assert.deepStrictEqual([await text(task), task.cancelled()], ["CancelledError: stop", true])
    }))

  it("has delivered the cancellation when it leaves a timeout, so that the cleanup around it can wait", () =>
    run(async () => {
      const lines: Array<string> = []
      const task = asyncio.createTask(async () => {
        try {
          await asyncio.timeout(100, () => abortErrorOf(self().signal))
        } finally {
          await asyncio.sleep(1)
          lines.push("cleaned up")
        }
      })
      await asyncio.sleep(0)

      task.cancel("stop")

      lines.push(await text(task))
      assert.deepStrictEqual(lines, ["cleaned up", "CancelledError: stop"])
    }))

  it("of a signal that has nothing to do with the task is an error like others", () =>
    run(async () => {
      const controller = new AbortController()
      const task = asyncio.createTask(() => abortErrorOf(controller.signal))
      await asyncio.sleep(0)

      controller.abort()

      assert.deepStrictEqual([await text(task), task.cancelled()], ["AbortError: The operation was aborted", false])
    }))
})

describe("two cancellations of a task that waits for its signal", () => {
  it("abort a signal each", () =>
    run(async () => {
      const lines: Array<string> = []
      const task = asyncio.createTask(async () => {
        await fetchLike(self().signal).catch((error: unknown) => {
          onlyCancelled(error)
          lines.push(String(error))
        })
        await abortErrorOf(self().signal)
      })
      await asyncio.sleep(0)
      task.cancel("first")
      await asyncio.sleep(0)

      task.cancel("second")

      lines.push(await text(task))
      assert.deepStrictEqual(lines, ["CancelledError: first", "CancelledError: second"])
    }))

  it("that come at once abort one signal, with the first", () =>
    run(async () => {
      const lines: Array<string> = []
      const task = asyncio.createTask(async () => {
        await fetchLike(self().signal).catch((error: unknown) => {
          onlyCancelled(error)
          lines.push(String(error))
        })
        lines.push(await asyncio.sleep(1, "slept").catch(String))
        lines.push(`fresh: ${!self().signal.aborted}`, `cancelling: ${self().cancelling()}`)
      })
      await asyncio.sleep(0)

      task.cancel("first")
      task.cancel("second")

      await task
      assert.deepStrictEqual(lines, ["CancelledError: first", "slept", "fresh: true", "cancelling: 2"])
    }))
})

describe("streams and servers", () => {
  it("a pipeline ends with its task, and destroys its streams", async () => {
    const lines: Array<string> = []
    await asyncio.run(
      async () => {
        const source = new Readable({ read() {} })
        const sink = new Writable({ write: (_chunk, _encoding, done) => done() })
        source.push("data")
        const task = asyncio.createTask(async () => {
          try {
            await pipeline(source, sink, { signal: self().signal })
          } finally {
            await asyncio.sleep(1)
            lines.push(`destroyed: ${source.destroyed} ${sink.destroyed}`)
          }
        })
        await asyncio.sleep(1)
        task.cancel("stop")
        lines.push(await text(task))
      },
      { handleSigint: false }
    )

    assert.deepStrictEqual(lines, ["destroyed: true true", "CancelledError: stop"])
  })

  it("fetch ends in the middle of a body, and the server sees the connection close", async () => {
    const closed = deferred()
    const server = createServer((_, response) => {
      response.write("begin")
      response.on("close", () => closed.resolve())
    })
    await once(server.listen(0, "127.0.0.1"), "listening")
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`

    const seen = await asyncio.run(
      async () => {
        const began = deferred()
        const download = asyncio.createTask(async () => {
          const response = await fetch(url, { signal: self().signal })
          began.resolve()
          return await response.text()
        })
        await began.promise
        download.cancel("enough")
        return [await text(download), download.cancelled()]
      },
      { handleSigint: false }
    )

    await closed.promise
    server.close()
    assert.deepStrictEqual(seen, ["CancelledError: enough", true])
  })

  it("fetch times out with asyncio.timeout", async () => {
    const server = createServer()
    await once(server.listen(0, "127.0.0.1"), "listening")
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`

    const message = await asyncio.run(() => text(asyncio.timeout(1, () => fetch(url, { signal: self().signal }))), {
      handleSigint: false
    })

    server.close()
    server.closeAllConnections()
    assert.strictEqual(message, "TimeoutError")
  })
})

describe("listeners on a task's signal", () => {
  /** What Node warns of while a program runs. */
  const warningsOf = async (program: () => Promise<unknown>): Promise<ReadonlyArray<string>> => {
    const warnings: Array<string> = []
    const listener = (warning: Error) => void warnings.push(String(warning))
    process.on("warning", listener)
    await program()
    await macrotask()
    process.off("warning", listener)
    return warnings
  }

  it("do not pile up over 100,000 operations one after the other", async () => {
    const warnings = await warningsOf(() =>
      run(async () => {
        const { signal } = self()
        for (let n = 0; n < 100_000; n++) {
          const listener = () => {}
          self().signal.addEventListener("abort", listener)
          if (n % 100 === 0) await asyncio.sleep(0)
          self().signal.removeEventListener("abort", listener)
        }
        assert.strictEqual(self().signal, signal)
        assert.strictEqual(getEventListeners(signal, "abort").length, 0)
      })
    )

    assert.deepStrictEqual(warnings, [])
  })

  it("come from no await of ours, 100,000 of which leave the signal alone", async () => {
    const warnings = await warningsOf(() =>
      run(async () => {
        const { signal } = self()
        for (let n = 0; n < 100_000; n++) await asyncio.sleep(0)
        assert.strictEqual(getEventListeners(signal, "abort").length, 0)
      })
    )

    assert.deepStrictEqual(warnings, [])
  })

  it("may be a thousand at a time", async () => {
    const warnings = await warningsOf(() =>
      run(async () => {
        const task = asyncio.createTask(async () => {
          const { signal } = self()
          await Promise.all(Array.from({ length: 1000 }, () => delay(never, undefined, { signal })))
        })
        await asyncio.sleep(0)
        task.cancel("all")
        assert.strictEqual(await text(task), "CancelledError: all")
      })
    )

    assert.deepStrictEqual(warnings, [])
  })
})
