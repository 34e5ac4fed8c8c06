// When a cancellation has arrived: a test for each row of the table in docs/concepts/cancellation.md.
import * as asyncio from "@effect-asyncio/compat"
import { makeVirtualTimeLoop } from "@effect-asyncio/compat/testing"
import * as core from "@effect-asyncio/core"
import { Effect } from "effect"
import { EventEmitter, on, once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { PassThrough } from "node:stream"
import { pipeline } from "node:stream/promises"
import { setTimeout as delay } from "node:timers/promises"
import { assert, describe, it } from "vitest"
import {
  deferred,
  macrotask,
  rejection,
  run,
  runningLoop,
  self,
  text,
  thrown,
  unhandledRejections
} from "../support.ts"

const never = 1_000_000

/** An error as a library makes one: its name, and what else it has. */
const errorOf = (name: string, fields: object = {}, message = "The operation was aborted"): Error =>
  Object.assign(Object.assign(new Error(message), { name }), fields)

class APIUserAbortError extends Error {}

/** How libraries reject that know of the signal only that it aborted. */
const words: Readonly<Record<string, () => Error>> = {
  "node-fetch": () => errorOf("AbortError", { type: "aborted" }),
  "a DOMException": () => new DOMException("This operation was aborted", "AbortError"),
  "fs.promises": () => errorOf("AbortError", { code: "ABORT_ERR" }),
  undici: () => errorOf("RequestAbortedError", { code: "UND_ERR_ABORTED" }),
  axios: () => errorOf("CanceledError", { code: "ERR_CANCELED" }, "canceled"),
  "axios, before it had an error": () => errorOf("Cancel", { __CANCEL__: true }),
  got: () => errorOf("CancelError", { isCanceled: true }),
  execa: () => errorOf("ExecaError", { isCanceled: true }),
  "the SDKs of OpenAI and Anthropic": () => new APIUserAbortError("Request was aborted."),
  "the Model Context Protocol": () => errorOf("McpError", { code: -32001 }, "MCP error -32001: CancelledError"),
  PostgreSQL: () => errorOf("error", { code: "57014" }, "canceling statement due to user request"),
  "a response of node:http": () => errorOf("Error", { code: "ECONNRESET" }, "aborted"),
  "a stream that was cut": () => errorOf("Error", { code: "ERR_STREAM_PREMATURE_CLOSE" }, "Premature close"),
  "a client that wraps the abort": () => Object.assign(new Error("request failed"), { cause: errorOf("AbortError") }),
  "a client that wraps it twice": () =>
    Object.assign(new Error("outer"), { cause: Object.assign(new Error("inner"), { cause: errorOf("AbortError") }) }),
  "Promise.any": () => new AggregateError([errorOf("AbortError"), errorOf("CanceledError")])
}

/** Rejects with `word` in the listener of the signal, and reads nothing. */
const library = (word: () => Error, signal = asyncio.currentSignal()): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(word())))

/** Ends when the signal aborts, with what there is, as a stream of an SDK does. */
const quietly = (signal = asyncio.currentSignal()): Promise<string> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve("partial")))

/**
 * Cancels a task while it waits, and tells what it did and how it ended. `later` is a plain promise that comes some macrotasks after
 * the cancellation.
 */
const cancelled = async (
  body: (lines: Array<string>, later: Promise<void>) => Promise<unknown>
): Promise<ReadonlyArray<string>> => {
  const lines: Array<string> = []
  const later = deferred()
  const task = asyncio.createTask(() => body(lines, later.promise))
  await asyncio.sleep(1)
  task.cancel("stop")
  await macrotask()
  await macrotask()
  later.resolve()
  await asyncio.wait([task])
  lines.push(task.cancelled() ? await text(task) : `result: ${String(await task.catch(String))}`)
  return lines
}

const stopped = "CancelledError: stop"

describe("a cancellation that somebody has only looked at", () => {
  it("is delivered by the next await, whoever has read the reason, and however", () =>
    run(async () => {
      const lines = await cancelled(async (lines, later) => {
        const signal = asyncio.currentSignal()
        signal.addEventListener("abort", () => lines.push(`logged ${signal.reason}`))
        signal.addEventListener("abort", (event) => lines.push(`as ${typeof (event.target as AbortSignal).reason}`))
        await later
        lines.push(`read ${signal.reason}, ${signal.aborted}`)
        await asyncio.sleep(1)
        lines.push("ran to its end")
      })

      assert.deepStrictEqual(lines, [`logged ${stopped}`, "as object", `read ${stopped}, true`, stopped])
    }))

  it("is delivered by the next await, where a request on the side has ended and was caught", () =>
    run(async () => {
      const lines = await cancelled(async (lines, later) => {
        const signal = asyncio.currentSignal()
        delay(never, undefined, { signal }).catch(() => lines.push("the side request ended"))
        library(words["axios"]!).catch(() => {})
        await later
        await asyncio.sleep(1)
        lines.push("ran to its end")
      })

      assert.deepStrictEqual(lines, ["the side request ended", stopped])
    }))

  it("is delivered once: the cleanup behind the await that delivered it works", () =>
    run(async () => {
      const lines = await cancelled(async (lines, later) => {
        asyncio.currentSignal().addEventListener("abort", (event) => void (event.target as AbortSignal).reason)
        await later
        try {
          await asyncio.sleep(1)
        } finally {
          await asyncio.sleep(1)
          lines.push("cleaned up")
        }
      })

      assert.deepStrictEqual(lines, ["cleaned up", stopped])
    }))
})

describe("a signal that is asked for while a cancellation is due", () => {
  /** Cancels the task that runs `body`, which has not asked for its signal; tells what it did, and when it ended. */
  const cancelledBefore = async (body: (lines: Array<string>) => Promise<unknown>) => {
    const lines: Array<string> = []
    const began = runningLoop().time()
    const task = asyncio.createTask(() => {
      self().cancel("stop")
      return body(lines)
    })
    lines.push(await text(task), `after ${Math.floor(runningLoop().time() - began)} ms`)
    return lines
  }

  it("puts nothing off where the code awaits before anybody has looked at it", () =>
    run(async () => {
      const lines = await cancelledBefore(async (lines) => {
        const signal = asyncio.currentSignal()
        const same = signal === asyncio.currentSignal()
        await asyncio.sleep("1 hour").finally(() => lines.push(`same: ${same}, aborted: ${signal.aborted}`))
      })

      assert.deepStrictEqual(lines, ["same: true, aborted: true", stopped, "after 0 ms"])
    }))

  it("leaves the cleanup alone behind a library that looks at it, and throws to its caller", () =>
    run(async () => {
      const lines = await cancelledBefore(async (lines) => {
        try {
          on(new EventEmitter(), "never", { signal: asyncio.currentSignal() })
        } finally {
          await asyncio.sleep(1)
          lines.push("cleaned up")
        }
      })

      assert.deepStrictEqual(lines, ["cleaned up", stopped, "after 1 ms"])
    }))

  it("leaves the cleanup alone behind a library that rejects at once", () =>
    run(async () => {
      const lines = await cancelledBefore(async (lines) => {
        try {
          await once(new EventEmitter(), "never", { signal: asyncio.currentSignal() })
        } finally {
          await asyncio.sleep(1)
          lines.push("cleaned up")
        }
      })

      assert.deepStrictEqual(lines, ["cleaned up", stopped, "after 1 ms"])
    }))

  it("leaves the code alone that has looked, and goes on for a while", () =>
    run(async () => {
      const lines = await cancelledBefore(async (lines) => {
        if (!asyncio.currentSignal().aborted) return
        await asyncio.sleep(1)
        lines.push("cleaned up")
      })

      assert.deepStrictEqual(lines, ["cleaned up", stopped, "after 1 ms"])
    }))
})

describe("a library that ends quietly when the signal aborts", () => {
  it("gives no result of the task: its end is cancelled", () =>
    run(async () => {
      assert.deepStrictEqual(await cancelled(async () => await quietly()), [stopped])
    }))

  it("gives no result of a timeout, which has ended late", () =>
    run(async () => {
      const error = await rejection(asyncio.timeout(5, () => quietly()))

      assert.instanceOf(error, asyncio.TimeoutError)
    }))

  it("gives no result of catchCancelled: the handler gets it, and then nothing is due", () =>
    run(async () => {
      const lines = await cancelled(async (lines) => {
        lines.push(await asyncio.catchCancelled(quietly, (error) => `caught ${error}`))
        await macrotask()
        await asyncio.sleep(1)
        return "went on"
      })

      assert.deepStrictEqual(lines, ["caught CancelledError: stop", "result: went on"])
    }))

  it("gives no result of catchCancelled either where the code went on behind it, inside of that", () =>
    run(async () => {
      const lines = await cancelled(async (lines) => {
        const body = async () => {
          const value = await quietly()
          await asyncio.sleep(1)
          return value
        }
        lines.push(await asyncio.catchCancelled(body, (error) => `caught ${error}`))
        await asyncio.sleep(1)
        return "went on"
      })

      assert.deepStrictEqual(lines, ["caught CancelledError: stop", "result: went on"])
    }))

  it("gives no result where the code goes on right behind it, which may do so, and is cancelled when it ends", () =>
    run(async () => {
      const seen = [
        await text(
          asyncio.timeout(5, async () => {
            const result = await quietly()
            await asyncio.sleep(1)
            return result
          })
        ),
        ...(await cancelled(async (lines) => {
          await quietly()
          await asyncio.sleep(1)
          lines.push("saved")
          return "partial"
        }))
      ]

      assert.deepStrictEqual(seen, ["TimeoutError", "saved", stopped])
    }))

  it("does not make the task uncancellable: code that goes on for more than five seconds gets it in its await", () =>
    run(async () => {
      let rounds = 0
      const lines = await cancelled(async (lines) => {
        const began = runningLoop().time()
        try {
          for (;;) {
            if (rounds++ === 0) await quietly()
            await asyncio.sleep("2 seconds")
          }
        } finally {
          lines.push(`after ${rounds} rounds, ${runningLoop().time() - began} ms`)
          await asyncio.sleep(1)
          lines.push("cleaned up")
        }
      })

      assert.deepStrictEqual(lines, ["after 3 rounds, 5001 ms", "cleaned up", stopped])
    }))

  it("does not put it off again where the code comes to the same place", () =>
    run(async () => {
      const lines = await cancelled(async (lines) => {
        for (;;) {
          lines.push(await quietly())
          await asyncio.sleep(1)
        }
      })

      assert.deepStrictEqual(lines, ["partial", "partial", stopped])
    }))
})

describe("an error that a library has made of it", () => {
  for (const [name, word] of Object.entries(words)) {
    it(`by ${name}: cleanup in finally works, and the task ends cancelled, with the original as the cause`, () =>
      run(async () => {
        const lines: Array<unknown> = []
        const made: Array<Error> = []
        const task = asyncio.createTask(async () => {
          try {
            await library(() => {
              const error = word()
              made.push(error)
              return error
            })
          } finally {
            await asyncio.sleep(1)
            await asyncio.sleep(1)
            lines.push("cleaned up")
          }
        })
        await asyncio.sleep(1)
        task.cancel("stop")

        const error = (await rejection(task)) as asyncio.CancelledError
        assert.deepStrictEqual(
          { lines, error: String(error), causeIsWord: error.cause === made[0], cancelled: task.cancelled() },
          { lines: ["cleaned up"], error: stopped, causeIsWord: true, cancelled: true }
        )
      }))

    it(`by ${name}: isCancelled and instanceof say so, also twice, and then nothing is due`, () =>
      run(async () => {
        const lookings = [asyncio.isCancelled, (error: unknown) => error instanceof asyncio.CancelledError]
        const seen = []
        for (const look of lookings) {
          const lines = await cancelled(async (lines) => {
            const error = await rejection(library(word))
            lines.push(`${look(error)}, ${look(error)}`)
            await macrotask()
            await asyncio.sleep(1)
            return "went on"
          })
          seen.push(...lines)
        }

        assert.deepStrictEqual(seen, ["true, true", "result: went on", "true, true", "result: went on"])
      }))

    it(`by ${name}: a timeout, a group and catchCancelled know it`, () =>
      run(async () => {
        const group = asyncio.taskGroup(async (group) => {
          group.createTask(() => library(word))
          group.createTask(async () => {
            await asyncio.sleep(1)
            throw new Error("sibling")
          })
          await library(word)
        })
        const failed = (await rejection(group)) as asyncio.ExceptionGroup
        const late = await rejection(asyncio.timeout(5, () => library(word)))
        const caught = await cancelled(async () => {
          const seen = await asyncio.catchCancelled(
            () => library(word),
            async ({ cause, reason }) => [reason, String(cause) === String(word())]
          )
          await asyncio.sleep(1)
          return seen
        })

        assert.deepStrictEqual(
          [failed.errors.map(String), String(late), caught],
          [["Error: sibling"], "TimeoutError", ["result: stop,true"]]
        )
      }))
  }

  it("that says it late leaves the first await of a finally to deliver it, and none of a catch that has looked", () =>
    run(async () => {
      const query = async (signal: AbortSignal, later: Promise<void>) => {
        await once(signal, "abort")
        await later
        throw words["PostgreSQL"]!()
      }
      const inFinally = await cancelled(async (lines, later) => {
        try {
          await query(asyncio.currentSignal(), later)
        } finally {
          lines.push(await text(asyncio.sleep(1)))
          await asyncio.sleep(1)
          lines.push("cleaned up")
        }
      })
      const inCatch = await cancelled(async (lines, later) => {
        try {
          await query(asyncio.currentSignal(), later)
        } catch (error) {
          if (asyncio.isCancelled(error)) await asyncio.sleep(1)
          lines.push("cleaned up")
          throw error
        }
      })

      assert.deepStrictEqual(
        [inFinally, inCatch],
        [
          [stopped, "cleaned up", stopped],
          ["cleaned up", stopped]
        ]
      )
    }))

  it("is its failure where a connection breaks that no cancellation has stopped, or that was seen before", () =>
    run(async () => {
      const broken = () => Promise.reject(words["a response of node:http"]!())
      const before = asyncio.createTask(async () => {
        void asyncio.currentSignal()
        await broken()
      })
      const behind = await cancelled(async () => {
        await asyncio.catchCancelled(
          () => library(words["axios"]!),
          () => {}
        )
        await broken()
      })

      assert.deepStrictEqual(
        { before: await text(before), cancelled: before.cancelled(), behind },
        { before: "Error: aborted", cancelled: false, behind: ["result: Error: aborted"] }
      )
    }))

  it("is its failure where nothing was cancelled, or its own controller has aborted", () =>
    run(async () => {
      const failing = asyncio.createTask(async () => {
        void asyncio.currentSignal()
        const error = words["axios"]!()
        throw Object.assign(error, { told: asyncio.isCancelled(error) || error instanceof asyncio.CancelledError })
      })
      const own = asyncio.createTask(() => delay(never, undefined, { signal: AbortSignal.abort() }))

      const error = (await rejection(failing)) as Error & { told: boolean }
      assert.deepStrictEqual(
        { error: String(error), told: error.told, cancelled: failing.cancelled() },
        { error: "CanceledError: canceled", told: false, cancelled: false }
      )
      assert.deepStrictEqual(
        { isAbortError: (await text(own)).includes("AbortError"), cancelled: own.cancelled() },
        { isAbortError: true, cancelled: false }
      )
    }))

  it("is its failure again when the request was withdrawn, or a fresh signal was given out", () =>
    run(async () => {
      const seen = await cancelled(async () => {
        const first = await rejection(library(words["axios"]!))
        const fresh = asyncio.isCancelled(first) && !asyncio.currentSignal().aborted
        const later = asyncio.isCancelled(words["axios"]!())
        return [fresh, later, asyncio.isCancelled(first)]
      })

      assert.deepStrictEqual(seen, ["result: true,false,true"])
    }))

  it("is its failure where the request was withdrawn before anybody looked", () =>
    run(async () => {
      const seen = await cancelled(async () => {
        const word = await rejection(library(words["axios"]!))
        self().uncancel()
        return asyncio.isCancelled(word)
      })

      assert.deepStrictEqual(seen, ["result: false"])
    }))

  it("loses to an error of the cleanup, and to one of a catch that has looked", () =>
    run(async () => {
      const inFinally = await cancelled(async () => {
        try {
          await library(words["axios"]!)
        } finally {
          await asyncio.sleep(1)
          // oxlint-disable-next-line no-unsafe-finally -- the cleanup fails
          throw new Error("cleanup")
        }
      })
      const inCatch = await cancelled(async () => {
        try {
          await library(words["axios"]!)
        } catch (error) {
          throw new Error(asyncio.isCancelled(error) ? "stopped half-way" : "failed", { cause: error })
        }
      })

      assert.deepStrictEqual([inFinally, inCatch], [["result: Error: cleanup"], ["result: Error: stopped half-way"]])
    }))
})

describe("an error that only the program knows", () => {
  it("is a cancellation while a predicate says so, and one that throws says no", () =>
    run(async () => {
      const word = () => Object.assign(new Error("stopped by driver"), { code: "E_STOPPED" })
      const takeBack = [
        asyncio.recognizeCancellation(() => {
          throw new Error("cannot tell")
        }),
        asyncio.recognizeCancellation((error) => (error as { code?: unknown }).code === "E_STOPPED")
      ]

      const known = await cancelled(() => library(word))
      const inTimeout = await text(asyncio.timeout(5, () => library(word)))
      const unrelated = asyncio.isCancelled(word())
      for (const forget of takeBack) forget()
      const forgotten = await cancelled(() => library(word))

      assert.deepStrictEqual(
        { known, inTimeout, unrelated, forgotten },
        {
          known: [stopped],
          inTimeout: "TimeoutError",
          unrelated: false,
          forgotten: ["result: Error: stopped by driver"]
        }
      )
    }))

  it("may be anything, also what cannot be read", () =>
    run(async () => {
      const { proxy, revoke } = Proxy.revocable(new Error("x"), {})
      revoke()
      const ring: { name: string; cause?: unknown } = { name: "Ring" }
      ring.cause = ring
      const unreadable = Object.defineProperty(new Error("y"), "name", {
        get: () => {
          throw new Error("no name")
        }
      })

      const seen = await cancelled(async () => {
        await rejection(library(words["axios"]!))
        return [proxy, ring, unreadable, "text", undefined, null, 1].map((value) => asyncio.isCancelled(value))
      })

      assert.deepStrictEqual(seen, [stopped])
      assert.deepStrictEqual(
        { proxyIsCancelled: asyncio.isCancelled(proxy), nullIsCancelled: asyncio.isCancelled(null) },
        { proxyIsCancelled: false, nullIsCancelled: false }
      )
    }))
})

describe("the functions of the host", () => {
  /** What ends by the signal, with its own error. */
  const waits: Readonly<Record<string, (signal: AbortSignal) => Promise<unknown>>> = {
    "timers/promises": (signal) => delay(never, undefined, { signal }),
    "events.once": (signal) => once(new EventEmitter(), "event", { signal }),
    "AbortSignal.any, as in a client with a timeout of its own": (signal) =>
      delay(never, undefined, { signal: AbortSignal.any([signal, AbortSignal.timeout(never)]) }),
    "fetch with AbortSignal.any": async (signal) => {
      const server = createServer()
      await once(server.listen(0, "127.0.0.1"), "listening")
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
      try {
        return await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(never)]) })
      } finally {
        server.close()
        server.closeAllConnections()
      }
    },
    throwIfAborted: async (signal) => {
      for (;;) {
        signal.throwIfAborted()
        await macrotask()
      }
    }
  }

  for (const [name, wait] of Object.entries(waits)) {
    it(`${name}: cleanup works, and the task ends cancelled`, async () => {
      const lines = await asyncio.run(
        () =>
          cancelled(async (lines) => {
            try {
              await wait(asyncio.currentSignal())
            } finally {
              await asyncio.sleep(1)
              await asyncio.sleep(1)
              lines.push("cleaned up")
            }
          }),
        { handleSigint: false }
      )

      assert.deepStrictEqual(lines, ["cleaned up", stopped])
    })

    it(`${name}: what catchCancelled has handled does not come again`, async () => {
      const lines = await asyncio.run(
        () =>
          cancelled(async (lines) => {
            await asyncio.catchCancelled(
              () => wait(asyncio.currentSignal()),
              ({ reason }) => lines.push(`caught ${reason}`)
            )
            await macrotask()
            await asyncio.sleep(1)
            return "went on"
          }),
        { handleSigint: false }
      )

      assert.deepStrictEqual(lines, ["caught stop", "result: went on"])
    })
  }
})

describe("cleanup that the cancellation is put off for", () => {
  it("is torn by a second request, and by it alone", () =>
    run(async () => {
      const lines: Array<string> = []
      const task = asyncio.createTask(async () => {
        try {
          await library(words["axios"]!)
        } finally {
          lines.push(await text(asyncio.sleep("1 hour")))
          await asyncio.sleep(10_000)
          lines.push("cleaned up")
        }
      })
      await asyncio.sleep(1)
      task.cancel("first")
      await asyncio.sleep(1)

      task.cancel("second")

      lines.push(await text(task))
      assert.deepStrictEqual(lines, ["CancelledError: second", "cleaned up", "CancelledError: first"])
    }))

  it("may use signals, scopes, locks and plain promises", () =>
    run(async () => {
      const lines = await cancelled(async (lines) => {
        try {
          await library(words["axios"]!)
        } finally {
          const lock = new asyncio.Lock()
          await lock.use(() => lines.push("locked"))
          await macrotask()
          lines.push(`fresh: ${!asyncio.currentSignal().aborted}`)
          lines.push(await asyncio.timeout(100, () => asyncio.sleep(10, "in time")))
          lines.push(await text(asyncio.timeout(1, () => asyncio.sleep(10, "too late"))))
        }
      })

      assert.deepStrictEqual(lines, ["locked", "fresh: true", "in time", "TimeoutError", stopped])
    }))

  it("is not delivered to a scope inside, whose code has looked at what a signal from around has told of", () =>
    run(async () => {
      const lines = await cancelled(async () => {
        const signal = asyncio.currentSignal()
        return await asyncio.timeout(never, async () => {
          const word = await rejection(library(words["axios"]!, signal))
          await asyncio.sleep(1)
          const seen = asyncio.isCancelled(word)
          await asyncio.sleep(10_000)
          return `went on, ${seen}`
        })
      })

      assert.deepStrictEqual(lines, ["result: went on, true"])
    }))

  it("keeps nothing due when the request was withdrawn", () =>
    run(async () => {
      const lines = await cancelled(async () => {
        await library(words["axios"]!).catch(() => {})
        await asyncio.sleep(1)
        self().uncancel()
        await asyncio.sleep("1 hour")
        return "went on"
      })

      assert.deepStrictEqual(lines, ["result: went on"])
    }))

  it("in a scope that is left ends there, whether the scope or the task was cancelled", () =>
    run(async () => {
      const clean = async (lines: Array<string>) => {
        try {
          await library(words["axios"]!)
        } finally {
          await asyncio.sleep(1)
          lines.push("cleaned up")
        }
      }
      const lines = await cancelled(async (lines) => {
        lines.push(await text(asyncio.timeout(never, () => clean(lines))))
        await asyncio.sleep("1 hour")
        return "went on"
      })
      lines.concat(await text(asyncio.timeout(5, () => clean([]))))

      assert.deepStrictEqual(lines, ["cleaned up", stopped, "result: went on"])
    }))

  it("leaves no timer behind either where the code has a value, and never looked", () =>
    run(async () => {
      const lines = await cancelled(async () => {
        await quietly()
        return await asyncio.sleep(1, "partial")
      })

      assert.deepStrictEqual([...lines, runningLoop().snapshot().timers], [stopped, 0])
    }))

  it("is not thrown by createTask of a group where an await of ours delivers it", () =>
    run(async () => {
      const lines: Array<string> = []
      await asyncio.taskGroup(async (group) => {
        const event = new asyncio.Event()
        const woken = event.wait()
        await asyncio.sleep(0)
        event.set()
        group.cancel()

        lines.push(thrown(() => group.createTask(() => {})))

        await woken
      })

      assert.deepStrictEqual(lines, ["RuntimeError: TaskGroup <TaskGroup cancelling> is shutting down"])
    }))

  it("leaves no timer behind", () =>
    run(async () => {
      await cancelled(async () => {
        try {
          await library(words["axios"]!)
        } finally {
          await asyncio.sleep(1)
        }
      })

      assert.strictEqual(runningLoop().snapshot().timers, 0)
    }))
})

describe("the end of a scope", () => {
  it("entered with await using is a TimeoutError, however a library has cut the block short, or ended late", () =>
    run(async () => {
      const rejectsWithReason = (signal = asyncio.currentSignal()) =>
        new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)))
      const seen: Array<unknown> = []
      for (const wait of [() => library(words["axios"]!), () => rejectsWithReason(), () => quietly()]) {
        const task = asyncio.createTask(async () => {
          await using _ = asyncio.timeout(5)
          return await wait()
        })
        const error = await rejection(task)
        seen.push({ isTimeout: error instanceof asyncio.TimeoutError, requests: task.cancelling() })
      }

      assert.deepStrictEqual(
        seen,
        Array.from({ length: 3 }, () => ({ isTimeout: true, requests: 0 }))
      )
    }))

  it("entered with await using leaves nothing due, also where the task had caught a cancellation before", () =>
    run(async () => {
      const seen = await cancelled(async () => {
        await asyncio.sleep(never).catch(() => {})
        const inner = async () => {
          await using _ = asyncio.timeout(5)
          return await quietly()
        }
        return [await text(inner()), await asyncio.sleep(1, "goes on")]
      })

      assert.deepStrictEqual(seen, ["result: TimeoutError,goes on"])
    }))

  it("of a group cancels its tasks at once, in both forms, however a library has ended the body", () =>
    run(async () => {
      const member = (lines: Array<string>, began: number) => async () => {
        try {
          await asyncio.sleep("1 hour")
        } finally {
          lines.push(`member ended after ${runningLoop().time() - began} ms`)
        }
      }
      const seen: Array<ReadonlyArray<string>> = []
      for (const wait of [() => library(words["axios"]!), () => quietly()]) {
        const withFunction = await cancelled((lines) =>
          asyncio.taskGroup(async (group) => {
            group.createTask(member(lines, runningLoop().time()))
            await wait()
          })
        )
        const withUsing = await cancelled(async (lines) => {
          await using group = new asyncio.TaskGroup()
          group.createTask(member(lines, runningLoop().time()))
          await wait()
        })
        seen.push(withFunction, withUsing)
      }

      const atOnce = ["member ended after 1 ms", stopped]
      assert.deepStrictEqual(seen, [atOnce, atOnce, atOnce, atOnce])
    }))
})

describe("a part of an Effect", () => {
  it("that a library ends, loudly or quietly, is cancelled itself: nothing in the Effect takes it for a failure", async () => {
    const lines: Array<string> = []
    for (const body of [() => library(words["axios"]!), () => quietly()]) {
      const main = Effect.gen(function* () {
        const inside = asyncio
          .toEffect(body)
          .pipe(Effect.catch((error) => Effect.succeed(`swallowed ${String(error)}`)))
        const task = yield* core.createTask(inside)
        yield* core.sleep(1)
        yield* task.cancel("stop")
        yield* core.wait([task])
        lines.push(task.cancelled() ? String(yield* Effect.flip(task)) : yield* task)
      })
      await core.run(main, { loopFactory: makeVirtualTimeLoop, handleSigint: false })
    }

    assert.deepStrictEqual(lines, [stopped, stopped])
  })
})

describe("what was begun with the signal and is awaited by nobody", () => {
  it("is silent when it ends with the cancellation, in the words of a library too", async () => {
    const seen = await unhandledRejections(() =>
      run(async () => {
        await cancelled(async () => {
          const early = library(words["axios"]!)
          const wrapped = (async () => await early)()
          await asyncio.sleep(never)
          await wrapped
        })
        await macrotask()
      })
    )

    assert.deepStrictEqual(seen, [])
  })
})

describe("currentSignal", () => {
  it("is the task's, that of a scope in it, and never aborts where there is no task", async () => {
    const outside = asyncio.currentSignal()
    const seen = await run(async () => {
      const inScope = await asyncio.timeout(5, () => ({
        isOfTaskThere: asyncio.currentSignal() === self().signal,
        signal: asyncio.currentSignal()
      }))
      const inCallback = deferred<AbortSignal>()
      asyncio.getRunningLoop().callSoon(() => inCallback.resolve(asyncio.currentSignal()))
      const callback = await inCallback.promise
      self().cancel()
      await asyncio.sleep(1).catch(() => {})
      return {
        isOfTask: asyncio.currentSignal() === self().signal,
        isOfTaskInScope: inScope.isOfTaskThere,
        isOfScopeBehindIt: inScope.signal === self().signal,
        abortedInCallback: callback.aborted
      }
    })

    assert.deepStrictEqual(seen, {
      isOfTask: true,
      isOfTaskInScope: true,
      isOfScopeBehindIt: false,
      abortedInCallback: false
    })
    assert.deepStrictEqual(
      { aborted: outside.aborted, isCurrent: outside === asyncio.currentSignal() },
      { aborted: false, isCurrent: false }
    )
  })
})

// On a clock that is real, for the streams are.
describe("promises that are cancelled together, and rejected as one", () => {
  const both = () => Promise.any([asyncio.sleep("1 hour"), asyncio.sleep("1 hour")])

  const streams = () =>
    pipeline(
      async function* () {
        for (;;) {
          await asyncio.sleep(1)
          yield "chunk"
        }
      },
      new PassThrough({ transform: (chunk, _, done) => void setTimeout(done, 2, null, chunk) }),
      async (chunks) => {
        for await (const _ of chunks);
      },
      { signal: asyncio.currentSignal() }
    )

  for (const [name, wait] of Object.entries({ "Promise.any": both, "a pipeline of streams": streams })) {
    it(`${name} in a timeout is a TimeoutError`, () =>
      asyncio.run(async () => {
        assert.strictEqual(await text(asyncio.timeout(30, wait)), "TimeoutError")
      }))

    it(`${name} ends its task cancelled`, () =>
      asyncio.run(async () => {
        const task = asyncio.createTask(wait)
        await delay(30)
        task.cancel("enough")
        await asyncio.wait([task])

        assert.isTrue(task.cancelled())
        assert.strictEqual(await text(task), "CancelledError: enough")
      }))

    it(`${name} is what isCancelled says yes to`, () =>
      asyncio.run(async () => {
        const task = asyncio.createTask(async () => asyncio.isCancelled(await rejection(wait())))
        await delay(30)
        task.cancel()

        assert.isTrue(await task)
      }))

    it(`${name} that nobody awaits is silent`, async () => {
      const seen = await unhandledRejections(() =>
        asyncio.run(async () => {
          const task = asyncio.createTask(async () => {
            const begun = wait()
            await asyncio.sleep("1 hour")
            await begun
          })
          await delay(30)
          task.cancel()
          await asyncio.wait([task])
          await macrotask()
        })
      )

      assert.deepStrictEqual(seen, [])
    })
  }

  it("is a failure where one of them has failed", () =>
    run(async () => {
      const fails = async () => {
        await asyncio.sleep(1)
        throw new Error("no")
      }
      const error = await rejection(asyncio.timeout(10, () => Promise.any([asyncio.sleep("1 hour"), fails()])))

      assert.strictEqual((error as Error).name, "AggregateError")
    }))

  it("is looked for in few of the levels of an aggregate", () => {
    let looks = 0
    const ring: object = Object.defineProperty(new AggregateError([]), "errors", {
      get: () => {
        looks++
        return [ring]
      }
    })

    assert.isFalse(asyncio.isCancelled(ring))
    assert.isBelow(looks, 20)
  })

  it("is told of an aggregate that has itself among its errors", () => {
    const ring = new AggregateError([])
    ring.errors.push(ring, ring)

    assert.isFalse(asyncio.isCancelled(ring))
    assert.isFalse(asyncio.isCancelled(new AggregateError([])))
  })
})
