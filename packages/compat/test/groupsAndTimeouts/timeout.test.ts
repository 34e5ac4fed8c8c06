import * as asyncio from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { setTimeout as delay } from "node:timers/promises"
import { assert, describe, it } from "vitest"
import { deferred, rejection, run, runningLoop, self, text, thrown } from "../support.ts"

const hour = () => asyncio.sleep("1 hour")

/** Rejects as a library does that knows of the signal only that it aborted. */
const abortErrorOf = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const abort = () => reject(Object.assign(new Error("The operation was aborted"), { name: "AbortError" }))
    if (signal.aborted) abort()
    else signal.addEventListener("abort", abort, { once: true })
  })

/** Cancels a task at `when`, and tells how it ends. */
const cancelledAt = async (when: number, body: asyncio.AsyncFunction<unknown>): Promise<string> => {
  const task = asyncio.createTask(body)
  const timer = asyncio.getRunningLoop().callLater(when, () => task.cancel("outside"))
  try {
    return `${String(await task)} ${task.cancelling()}`
  } catch (error) {
    return `${String(error)} ${task.cancelling()}`
  } finally {
    timer.cancel()
  }
}

describe("timeout", () => {
  it("gives what its body gives in time, and leaves no timer behind", () =>
    run(async () => {
      const results = [
        await asyncio.timeout(5, () => asyncio.sleep(1, "slow")),
        await asyncio.timeout(5, () => "plain")
      ]

      const { timers } = runningLoop().snapshot()
      assert.deepStrictEqual([results, timers, runningLoop().time()], [["slow", "plain"], 0, 1])
    }))

  it("rejects with TimeoutError when the time is up, and takes its cancellation back", () =>
    run(async () => {
      const error = await rejection(asyncio.timeout(5, hour))

      assert.instanceOf(error, asyncio.TimeoutError)
      assert.deepStrictEqual(
        [runningLoop().time(), self().cancelling(), await asyncio.sleep(1, "goes on")],
        [5, 0, "goes on"]
      )
    }))

  it("waits for the cleanup of its body", () =>
    run(async () => {
      const lines: Array<string> = []
      const body = async () => {
        try {
          await hour()
        } catch (error) {
          lines.push(String(error))
          await asyncio.sleep(10)
          throw error
        }
      }

      lines.push(await text(asyncio.timeout(5, body)), `at ${runningLoop().time()}`)

      assert.deepStrictEqual(lines, ["CancelledError", "TimeoutError", "at 15"])
    }))

  it("gives the result of a body that caught the cancellation", () =>
    run(async () => {
      const result = await asyncio.timeout(5, () => hour().then(String, () => "caught"))

      assert.deepStrictEqual([result, self().cancelling()], ["caught", 0])
    }))

  it("lets an error of the body win", () =>
    run(async () => {
      const broken = async () => {
        try {
          await hour()
        } finally {
          // oxlint-disable-next-line no-unsafe-finally -- the error takes the place of the cancellation
          throw new Error("cleanup failed")
        }
      }

      const errors = [
        await text(asyncio.timeout(5, () => Promise.reject(new Error("at once")))),
        await text(
          asyncio.timeout(5, () => {
            throw new Error("synchronously")
          })
        ),
        await text(asyncio.timeout(5, broken))
      ]

      assert.deepStrictEqual(errors, ["Error: at once", "Error: synchronously", "Error: cleanup failed"])
    }))

  it("takes undefined and Infinity for no limit, and zero and less for a time that is up", () =>
    run(async () => {
      const day = () => asyncio.sleep("1 day", "a day")

      const seen = [
        await asyncio.timeout(undefined, day),
        await asyncio.timeout(Infinity, day),
        await text(asyncio.timeout(0, hour)),
        await text(asyncio.timeout(-5, hour)),
        await asyncio.timeout(0, () => "no await, no timeout")
      ]

      assert.deepStrictEqual(seen, ["a day", "a day", "TimeoutError", "TimeoutError", "no await, no timeout"])
    }))

  it("lets a cancellation from outside win, before and together with its own", () =>
    run(async () => {
      const body = () => asyncio.timeout(5, hour)

      assert.deepStrictEqual(
        [await cancelledAt(4, body), await cancelledAt(5, body)],
        ["CancelledError: outside 1", "CancelledError: outside 1"]
      )
    }))

  it("lets a cancellation win that comes while the body cleans up after the deadline", () =>
    run(async () => {
      const body = () =>
        asyncio.timeout(5, async () => {
          await hour().catch(() => {})
          await hour()
        })

      assert.strictEqual(await cancelledAt(10, body), "CancelledError: outside 1")
    }))

  it("is the TimeoutError of the inner one, or of the outer one, by whose time is up", () =>
    run(async () => {
      const nested = (outer: number, inner: number) =>
        asyncio.timeout(outer, async () => {
          try {
            return await asyncio.timeout(inner, hour)
          } catch (error) {
            return `inner: ${String(error)}`
          }
        })

      const seen = [
        await nested(10, 5),
        await nested(5, 10).catch((error: unknown) => `outer: ${String(error)}`),
        self().cancelling(),
        runningLoop().time()
      ]

      assert.deepStrictEqual(seen, ["inner: TimeoutError", "inner: CancelledError", 0, 10])
    }))

  it("is the inner one's after the body has withdrawn the cancellation of the outer one", () =>
    run(async () => {
      const lines: Array<string> = []
      await asyncio.timeout(0, async () => {
        const inner = asyncio.timeout(1, async () => {
          await asyncio.sleep(0).catch((error: unknown) => lines.push(`${String(error)} ${self().uncancel()}`))
          await hour()
        })
        lines.push(String(await rejection(inner)))
      })

      assert.deepStrictEqual(lines, ["CancelledError 0", "TimeoutError"])
    }))

  it("of the outer one that comes while the innermost body hangs on a plain promise is delivered at its next await", () =>
    run(async () => {
      const after = (millis: number) => {
        const plain = deferred()
        asyncio.getRunningLoop().callLater(millis, () => plain.resolve())
        return plain.promise
      }
      const slow = async () => {
        await after(10)
        await hour()
      }

      const errors = [
        await text(asyncio.timeout(5, () => asyncio.timeout(100, slow))),
        await text(asyncio.timeout(5, () => asyncio.runEffect(asyncio.toEffect(slow))))
      ]

      assert.deepStrictEqual([errors, runningLoop().time()], [["TimeoutError", "TimeoutError"], 20])
    }))

  it("of the outer one passes through the inner one", () =>
    run(async () => {
      const error = await text(asyncio.timeout(5, () => asyncio.timeout(10, hour)))

      assert.deepStrictEqual([error, self().cancelling(), runningLoop().time()], ["TimeoutError", 0, 5])
    }))
})

describe("timeouts beside each other", () => {
  it("in a Promise.all do not disturb each other", () =>
    run(async () => {
      const settled = await Promise.allSettled([
        asyncio.timeout(5, hour),
        asyncio.timeout(20, () => asyncio.sleep(10, "in time")),
        asyncio.timeout(7, hour),
        asyncio.sleep(15, "without")
      ])

      assert.deepStrictEqual(
        settled.map((each) => (each.status === "fulfilled" ? each.value : String(each.reason))),
        ["TimeoutError", "in time", "TimeoutError", "without"]
      )
      assert.deepStrictEqual([runningLoop().time(), self().cancelling()], [15, 0])
    }))

  it("are all ended by a cancellation from outside", () =>
    run(async () => {
      const lines: Array<string> = []
      const branch = (name: string) =>
        asyncio.timeout(100, async () => {
          try {
            await hour()
          } finally {
            lines.push(name)
          }
        })
      const task = asyncio.createTask(() => Promise.all([branch("a"), branch("b"), branch("c")]))
      await asyncio.sleep(1)

      task.cancel("all")

      lines.push(await text(task), `${runningLoop().time()}`)
      assert.deepStrictEqual(lines, ["a", "b", "c", "CancelledError: all", "1"])
    }))

  it("whose time is up together end each for itself", () =>
    run(async () => {
      const settled = await Promise.allSettled([asyncio.timeout(5, hour), asyncio.timeout(5, hour)])

      assert.deepStrictEqual(
        settled.map((each) => each.status === "rejected" && each.reason instanceof asyncio.TimeoutError),
        [true, true]
      )
      assert.strictEqual(self().cancelling(), 0)
    }))

  it("take back only their own cancellation, also one that the body has never come to see", () =>
    run(async () => {
      const hangs = deferred()
      asyncio.getRunningLoop().callLater(5, () => hangs.resolve())
      const first = async () => {
        const late = await text(asyncio.timeout(1, () => hangs.promise))
        return [late, await asyncio.sleep(1, "goes on")]
      }
      const cleansUp = async () => {
        try {
          await hour()
        } finally {
          await asyncio.sleep(10)
        }
      }

      const outcomes = await Promise.all([first(), text(asyncio.timeout(2, cleansUp))])

      assert.deepStrictEqual([outcomes, self().cancelling()], [[["TimeoutError", "goes on"], "TimeoutError"], 0])
    }))

  it("are over with a body that was late, also where the task was cancelled before", () =>
    run(async () => {
      const hangs = deferred()
      const task = asyncio.createTask(async () => {
        await hour().catch(() => {})
        const late = await text(asyncio.timeout(1, () => hangs.promise))
        return [late, await asyncio.sleep(1, "goes on")]
      })
      await asyncio.sleep(0)
      task.cancel()
      asyncio.getRunningLoop().callLater(5, () => hangs.resolve())

      assert.deepStrictEqual(await task, ["TimeoutError", "goes on"])
    }))
})

describe("the signal in a timeout", () => {
  it("aborts when the time is up, for a body that hangs on a plain promise", () =>
    run(async () => {
      const lines: Array<unknown> = []

      lines.push(
        await text(
          asyncio.timeout(5, async () => {
            const { signal } = self()
            await new Promise((resolve) => signal.addEventListener("abort", resolve))
            lines.push(signal.reason instanceof asyncio.CancelledError)
            throw signal.reason
          })
        )
      )

      assert.deepStrictEqual(lines, [true, "TimeoutError"])
    }))

  it("is the body's own: the function around it does not see it abort", () =>
    run(async () => {
      const outer = self().signal

      const inner = await asyncio
        .timeout(5, async () => {
          const { signal } = self()
          await hour().catch(() => {})
          return signal
        })
        .then((signal) => signal)

      assert.deepStrictEqual(
        { innerAborted: inner.aborted, innerIsOuter: inner === outer, outerAborted: outer.aborted },
        { innerAborted: true, innerIsOuter: false, outerAborted: false }
      )
      assert.strictEqual(self().signal, outer)
    }))

  it("makes an AbortError that it brought about a TimeoutError", () =>
    run(async () => {
      const errors = [
        await text(asyncio.timeout(5, () => abortErrorOf(self().signal))),
        await text(asyncio.timeout(5, () => asyncio.timeout(10, () => abortErrorOf(self().signal)))),
        await text(asyncio.timeout(5, () => abortErrorOf(AbortSignal.abort())))
      ]

      assert.deepStrictEqual(errors, ["TimeoutError", "TimeoutError", "AbortError: The operation was aborted"])
      assert.strictEqual(self().cancelling(), 0)
    }))

  it("aborts with a cancellation from outside", () =>
    run(async () => {
      assert.strictEqual(
        await cancelledAt(2, () => asyncio.timeout(5, () => abortErrorOf(self().signal))),
        "CancelledError: outside 1"
      )
    }))
})

describe("a deadline", () => {
  it("can be moved, removed and set again, and tells when it is", () =>
    run(async () => {
      const seen: Array<unknown> = []
      const error = await text(
        asyncio.timeout(5, async (deadline) => {
          seen.push(deadline.when(), String(deadline))
          deadline.reschedule(undefined)
          await asyncio.sleep(10)
          seen.push(deadline.when(), deadline.expired())
          deadline.reschedule(runningLoop().time() + 1)
          await hour()
        })
      )

      assert.deepStrictEqual(
        [seen, error, runningLoop().time()],
        [[5, "<Timeout [active] when=5>", undefined, false], "TimeoutError", 11]
      )
    }))

  it("that is moved into the past is up in the next iteration", () =>
    run(async () => {
      const error = await text(
        asyncio.timeout("1 hour", async (deadline) => {
          deadline.reschedule(-1)
          await hour()
        })
      )

      assert.deepStrictEqual([error, runningLoop().time()], ["TimeoutError", 0])
    }))

  it("knows whether the time was up, and cannot be moved any more", () =>
    run(async () => {
      const asked = (deadline: asyncio.Timeout) => ({
        expired: deadline.expired(),
        refusal: thrown(() => deadline.reschedule(100)),
        text: String(deadline)
      })
      const refusal = (state: string) => `RuntimeError: Cannot change state of ${state} Timeout`
      const kept: Array<asyncio.Timeout> = []
      const seen: Array<object> = []
      await text(
        asyncio.timeout(5, async (deadline) => {
          kept.push(deadline)
          await hour().catch(() => {})
          seen.push(asked(deadline))
          throw new Error("over")
        })
      )
      await asyncio.timeout(5, (deadline) => kept.push(deadline))

      assert.deepStrictEqual(
        [...seen, ...kept.map(asked)],
        [
          { expired: true, refusal: refusal("expiring"), text: "<Timeout [expiring]>" },
          { expired: true, refusal: refusal("expired"), text: "<Timeout [expired]>" },
          { expired: false, refusal: refusal("finished"), text: "<Timeout [finished]>" }
        ]
      )
    }))

  it("can be given as a time of the loop's clock", () =>
    run(async () => {
      await asyncio.sleep(10)

      const seen = [
        await asyncio.timeoutAt(15, () => asyncio.sleep(1, "in time")),
        await text(asyncio.timeoutAt(15, hour)),
        await text(asyncio.timeoutAt(3, hour)),
        await asyncio.timeoutAt(undefined, () => asyncio.sleep(1, "no limit"))
      ]

      assert.deepStrictEqual(
        [seen, runningLoop().time()],
        [["in time", "TimeoutError", "TimeoutError", "no limit"], 16]
      )
    }))
})

describe("await using a timeout", () => {
  it("ends with the block", () =>
    run(async () => {
      {
        await using deadline = asyncio.timeout(5)
        await asyncio.sleep(1)
        assert.strictEqual(deadline.when(), 5)
      }

      await asyncio.sleep(10)

      assert.deepStrictEqual([runningLoop().time(), self().cancelling()], [11, 0])
    }))

  it("throws a SuppressedError with the TimeoutError in it when the block was cut short", () =>
    run(async () => {
      const block = async () => {
        await using _ = asyncio.timeout(5)
        await hour()
      }

      const error = (await rejection(block())) as {
        name: string
        error: Error & asyncio.ErrorNotes
        suppressed: unknown
      }

      assert.deepStrictEqual(
        [error.name, String(error.error), String(error.suppressed)],
        ["SuppressedError", "TimeoutError", "CancelledError"]
      )
      assert.match(error.error.hint ?? "", /gets a SuppressedError with this as its `error`/)
      assert.strictEqual(self().cancelling(), 0)
    }))

  it("is a plain TimeoutError for the task, and for the timeouts and groups around it", () =>
    run(async () => {
      const block = async () => {
        await using _ = asyncio.timeout(5)
        await hour()
      }

      const errors = [
        await text(asyncio.createTask(block)),
        await text(asyncio.timeout(100, block)),
        ...((await rejection(asyncio.taskGroup(block))) as asyncio.ExceptionGroup).errors.map(String),
        ...(
          (await rejection(asyncio.taskGroup((group) => void group.createTask(block)))) as asyncio.ExceptionGroup
        ).errors.map(String)
      ]

      assert.deepStrictEqual(errors, ["TimeoutError", "TimeoutError", "TimeoutError", "TimeoutError"])
    }))

  it("lets a cancellation from outside win", () =>
    run(async () => {
      const block = async () => {
        await using _ = asyncio.timeout(5)
        await hour()
      }

      assert.deepStrictEqual(
        [await cancelledAt(4, block), await cancelledAt(5, block)],
        ["CancelledError: outside 1", "CancelledError: outside 1"]
      )
    }))

  it("nests, and the one whose time is up throws", () =>
    run(async () => {
      const nested = (outer: number, inner: number) =>
        asyncio.createTask(async () => {
          await using _ = asyncio.timeout(outer)
          {
            await using _ = asyncio.timeout(inner)
            await hour()
          }
        })

      assert.deepStrictEqual(
        [await text(nested(5, 10)), await text(nested(10, 5)), runningLoop().time()],
        ["TimeoutError", "TimeoutError", 10]
      )
    }))

  it("lets an error of the block win", () =>
    run(async () => {
      const block = async () => {
        await using _ = asyncio.timeout(5)
        throw new Error("mine")
      }

      assert.strictEqual(await text(block()), "Error: mine")
    }))

  it("works with a time of the loop's clock", () =>
    run(async () => {
      const block = async () => {
        await using _ = asyncio.timeoutAt(5)
        await hour()
      }

      assert.deepStrictEqual([await text(asyncio.createTask(block)), runningLoop().time()], ["TimeoutError", 5])
    }))
})

describe("a timeout of something else", () => {
  it("rejects, and throws in the form without a body", () =>
    run(async () => {
      const timeout = asyncio.timeout as unknown as (delay: unknown, body?: unknown) => Promise<unknown>
      const timeoutAt = asyncio.timeoutAt as unknown as (delay: unknown, body?: unknown) => Promise<unknown>

      const errors = [
        await text(timeout(NaN, hour)),
        await text(timeout("soon", hour)),
        await text(timeout(5, 1)),
        await text(timeoutAt(NaN, hour)),
        await text(timeoutAt("1 hour", hour)),
        thrown(() => timeout(NaN)),
        thrown(() => timeoutAt(NaN)),
        thrown(() => timeoutAt("1 hour"))
      ]

      assert.deepStrictEqual(errors, [
        "ValueError: Invalid delay: NaN (not a number)",
        "TypeError: Invalid delay: 'soon' is not a duration",
        "TypeError: a function was expected by timeout(), got 1",
        "ValueError: Invalid time: NaN (not a number)",
        "TypeError: a time in milliseconds was expected by timeoutAt(), got '1 hour'",
        "ValueError: Invalid delay: NaN (not a number)",
        "ValueError: Invalid time: NaN (not a number)",
        "TypeError: a time in milliseconds was expected by timeoutAt(), got '1 hour'"
      ])
    }))

  it("of a block throws outside of a task", async () => {
    const inCallback: Array<string> = []
    await run(async () => {
      asyncio.getRunningLoop().callSoon(() => inCallback.push(thrown(() => asyncio.timeout(1))))
      await asyncio.sleep(0)
    })

    assert.deepStrictEqual(
      [thrown(() => asyncio.timeout(1)), ...inCallback],
      [
        "RuntimeError: timeout() of a block needs a task: this code is in none that could be cancelled",
        "RuntimeError: timeout() needs a task: a callback cannot wait"
      ]
    )
  })
})

describe("a cancellation that the task has not heard yet", () => {
  const never = () => asyncio.sleep("1 hour")

  const without: Readonly<Record<string, () => unknown>> = {
    timeout: () => asyncio.timeout(0, never),
    "timeout in the past": () => asyncio.timeoutAt(-5, never),
    "a timeout in a timeout": () => asyncio.timeout(0, () => asyncio.timeout(0, never)),
    moveOn: () => asyncio.moveOn(0, never),
    waitFor: () => asyncio.waitFor(never, 0),
    "event.wait": () => new asyncio.Event().wait({ timeout: 0 }),
    "await using": async () => {
      await using _ = asyncio.timeout(0)
      await never()
    },
    "lock.acquire": async () => {
      const lock = new asyncio.Lock()
      await asyncio.createTask(() => lock.acquire())
      await lock.acquire({ timeout: 0 })
    },
    "a timeout of core": () => asyncio.runEffect(core.timeout(0, core.sleep(10))),
    "a timeout that is up while its body hangs": () =>
      asyncio.timeout(5, async () => {
        await delay(20)
        await never()
      })
  }

  for (const [name, wait] of Object.entries(without)) {
    it(`is not taken for its own by ${name} without any time`, () =>
      asyncio.run(async () => {
        const task = asyncio.createTask(async () => {
          await delay(1)
          await Promise.resolve(wait()).catch((error: unknown) => {
            if (asyncio.isCancelled(error)) throw error
          })
          return "went on"
        })
        await asyncio.sleep(0)
        task.cancel("stop")
        await asyncio.wait([task])

        const error = await rejection(task)
        assert.deepStrictEqual([task.cancelled(), (error as asyncio.CancelledError).reason], [true, "stop"])
      }))
  }

  it("is taken as by CPython where the task has asked itself (gh-134471)", () =>
    run(async () => {
      self().cancel()

      assert.strictEqual(await text(asyncio.timeout(0, never)), "TimeoutError")
      self().uncancel()
    }))

  for (const depth of [1, 2]) {
    it(`is taken as by CPython where a task has asked that it started eagerly, at depth ${depth}`, () =>
      run(async () => {
        const task = self()
        let child = async () => void task.cancel()
        for (let n = 1; n < depth; n++) {
          const inner = child
          child = async () => void asyncio.createTask(inner, { eagerStart: true })
        }
        asyncio.createTask(child, { eagerStart: true })

        assert.strictEqual(await text(asyncio.timeout(0, () => asyncio.sleep(0))), "TimeoutError")
        task.uncancel()
      }))
  }

  it("is not taken where code of the task beside it has asked for another scope", () =>
    run(async () => {
      const [failed, cancelled] = [deferred(), deferred()]
      let inside = ""
      const first = asyncio.taskGroup(async (group) => {
        group.createTask(() => Promise.reject(new Error("first")).finally(failed.resolve))
        await cancelled.promise
        inside = await text(asyncio.timeout(0, never))
      })
      const second = asyncio.taskGroup(async (group) => {
        await failed.promise
        await delay(1)
        group.cancel()
        cancelled.resolve()
      })
      await Promise.allSettled([first, second])

      assert.strictEqual(inside, "CancelledError")
    }))

  it("is not taken where the group around it has asked for it, whose work the code of the task has set going", () =>
    run(async () => {
      let inside = ""
      const group = asyncio.taskGroup(async (group) => {
        group.createTask(() => Promise.reject(new Error("first")))
        await delay(5)
        inside = await text(asyncio.timeout(0, never))
      })
      await text(group)

      assert.strictEqual(inside, "CancelledError")
    }))

  it("is not taken where it was asked from outside after the task itself had asked", () =>
    run(async () => {
      const cancelled = deferred()
      const task = asyncio.createTask(async () => {
        self().cancel("itself")
        self().uncancel()
        await cancelled.promise
        return text(asyncio.timeout(0, never))
      })
      await asyncio.sleep(1)
      task.cancel("outside")
      cancelled.resolve()

      assert.strictEqual(await task, "CancelledError: outside")
    }))

  it("is taken as by CPython where a group has asked for it once more at its end", () =>
    run(async () => {
      const slow = () => asyncio.shielded(() => asyncio.sleep(100))
      const task = asyncio.createTask(async () => {
        const group = asyncio.taskGroup(async (group) => {
          group.createTask(slow)
          group.createTask(() => Promise.reject(new Error("first")))
          await asyncio.sleep(10)
        })
        await text(group)
        return text(asyncio.timeout(0, () => asyncio.sleep(1)))
      })
      await asyncio.sleep(50)
      task.cancel()

      assert.strictEqual(await task, "TimeoutError")
    }))
})
