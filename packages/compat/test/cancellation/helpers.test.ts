// catchCancelled, abortable, cancelAndWait, toThread and the call graph.
import * as asyncio from "@effect-asyncio/compat"
import { assert, describe, it } from "vitest"
import { deferred, rejection, run, runningLoop, self, text, thrown } from "../support.ts"

const hour = () => asyncio.sleep("1 hour")

describe("catchCancelled", () => {
  it("goes on with what its handler gives, which sees who asked and why", () =>
    run(async () => {
      const task = asyncio.createTask(() =>
        asyncio.catchCancelled(hour, async (error) => {
          await asyncio.sleep(1)
          return `${error.requestedBy}: ${error.reason}`
        })
      )
      await asyncio.sleep(0)

      task.cancel("stop")

      assert.deepStrictEqual([await task, task.cancelling()], ["Task-1: stop", 1])
    }))

  it("lets results and every other error pass", () =>
    run(async () => {
      const unused = () => assert.fail("the handler was called")

      assert.deepStrictEqual(
        [
          await asyncio.catchCancelled(() => "plain", unused),
          await asyncio.catchCancelled(() => asyncio.sleep(1, "slept"), unused),
          await text(asyncio.catchCancelled(() => Promise.reject(new Error("no")), unused))
        ],
        ["plain", "slept", "Error: no"]
      )
    }))

  it("takes an AbortError that the cancellation brought about for it", () =>
    run(async () => {
      const abortError = () =>
        new Promise<never>((_, reject) => {
          const { signal } = self()
          const error = Object.assign(new Error("aborted"), { name: "AbortError" })
          signal.addEventListener("abort", () => reject(error))
        })
      const task = asyncio.createTask(() => asyncio.catchCancelled(abortError, (error) => error.reason))
      await asyncio.sleep(0)

      task.cancel("stop")

      assert.strictEqual(await task, "stop")
    }))

  it("catches the CancelledError of another task as well", () =>
    run(async () => {
      const other = asyncio.createTask(hour)
      other.cancel("not mine")

      const caught = await asyncio.catchCancelled(
        () => other,
        (error) => error.reason
      )

      assert.deepStrictEqual([caught, self().cancelling()], ["not mine", 0])
    }))
})

describe("abortable", () => {
  it("gives what the promise gives, and rejects with what it rejects with", () =>
    run(async () => {
      const error = new Error("no")

      assert.strictEqual(await asyncio.abortable(Promise.resolve(1)), 1)
      assert.strictEqual(await rejection(asyncio.abortable(Promise.reject(error))), error)
    }))

  it("rejects at once when the task is cancelled, and ignores how the promise ends", () =>
    run(async () => {
      const late = deferred()
      const task = asyncio.createTask(() => asyncio.abortable(late.promise))
      await asyncio.sleep(1)

      task.cancel("stop")

      assert.strictEqual(await text(task), "CancelledError: stop")
      late.reject(new Error("nobody cares"))
    }))

  it("ignores a promise that ends after the loop", async () => {
    const late = deferred()
    await run(async () => {
      void asyncio.abortable(late.promise)
    })

    late.resolve()

    await late.promise
  })

  it("rejects with a TypeError for what is no promise", async () => {
    const junk = await run(() => text(asyncio.abortable(hour as unknown as Promise<void>)))

    assert.match(junk, /^TypeError: a promise was expected by abortable\(\), got /)
  })
})

describe("cancelAndWait", () => {
  it("cancels all tasks with its message, waits for their cleanup, and gives nobody", () =>
    run(async () => {
      const lines: Array<string> = []
      const worker = (name: string) => async () => {
        try {
          await hour()
        } catch (error) {
          await asyncio.sleep(5)
          lines.push(`${name}: ${String(error)}`)
          throw error
        }
      }
      const tasks = [asyncio.createTask(worker("a")), asyncio.createTask(worker("b"))]
      await asyncio.sleep(0)

      const { cancelled, ignoring } = await asyncio.cancelAndWait(tasks, { message: "shutting down" })

      assert.deepStrictEqual(
        [cancelled, ignoring, lines, runningLoop().time()],
        [tasks, [], ["a: CancelledError: shutting down", "b: CancelledError: shutting down"], 5]
      )
    }))

  it("gives those that are not done in time, does not fail when a task does, and takes nothing at all", () =>
    run(async () => {
      const stubborn = asyncio.createTask(() => hour().catch(hour))
      const failing = asyncio.createTask(() =>
        hour().catch(() => {
          throw new Error("cleanup")
        })
      )
      await asyncio.sleep(0)

      const { failed, ignoring } = await asyncio.cancelAndWait(new Set([stubborn, failing]), { timeout: "5 millis" })

      assert.deepStrictEqual(
        [ignoring.map(({ task }) => task), failed, String(failing.exception())],
        [[stubborn], [failing], "Error: cleanup"]
      )
      assert.deepStrictEqual((await asyncio.cancelAndWait([])).ignoring, [])
    }))

  it("leaves the tasks asked when it is cancelled itself", () =>
    run(async () => {
      const stubborn = asyncio.createTask(() => hour().catch(() => asyncio.sleep(5, "in the end")))
      await asyncio.sleep(0)
      const waiting = asyncio.createTask(() => asyncio.cancelAndWait([stubborn]))
      await asyncio.sleep(1)

      waiting.cancel("enough")

      assert.deepStrictEqual(
        [await text(waiting), await stubborn, stubborn.cancelling()],
        ["CancelledError: enough", "in the end", 1]
      )
    }))

  it("rejects what says of no task whether it is meant, and cancels nobody then", () =>
    run(async () => {
      const cancelAndWait = asyncio.cancelAndWait as (tasks: unknown) => Promise<unknown>
      const task = asyncio.createTask(hour)

      const errors = [
        await text(cancelAndWait(undefined)),
        await text(cancelAndWait([task, undefined])),
        await text(cancelAndWait([task, {}])),
        await text(cancelAndWait([task, hour])),
        await text(cancelAndWait([task, new Date(0)])),
        await text(cancelAndWait([task, { job: null }]))
      ]

      const expected =
        "a name, an id, labels or a function was expected by cancelAndWait() to say which tasks are meant"
      assert.deepStrictEqual(errors, [
        `TypeError: ${expected}, got undefined`,
        `TypeError: ${expected}, got undefined`,
        `TypeError: ${expected}, got {}`,
        "TypeError: true or false was expected of the function that cancelAndWait() was given, got a Promise",
        "TypeError: labels were expected by cancelAndWait(), got 1970-01-01T00:00:00.000Z",
        "TypeError: a string, a number or a boolean was expected for the label 'job', got null"
      ])
      assert.strictEqual(task.cancelling(), 0)
    }))
})

describe("toThread", () => {
  it("gives what a function gives on another thread, and rejects with what it throws", async () => {
    const seen = await asyncio.run(
      async () => [
        await asyncio.toThread((a: number, b: number) => a * b, 6, 7),
        await text(
          asyncio.toThread(() => {
            throw new TypeError("over there")
          })
        )
      ],
      { handleSigint: false }
    )

    assert.deepStrictEqual(seen, [42, "TypeError: over there"])
  })

  it("ends the thread when the task is cancelled", async () => {
    const error = await asyncio.run(
      async () => {
        const task = asyncio.createTask(() =>
          asyncio.toThread(() => {
            for (;;);
          })
        )
        await asyncio.sleep(1)
        task.cancel("enough")
        return await text(task)
      },
      { handleSigint: false }
    )

    assert.strictEqual(error, "CancelledError: enough")
  })

  it("has as many threads as the run may have, and a call that waits for one can be cancelled", async () => {
    const id = () => process.getBuiltinModule("node:worker_threads").threadId
    const main = async () => {
      const tasks = ["first", "second", "third"].map((name) => asyncio.createTask(() => asyncio.toThread(id), { name }))
      await asyncio.sleep(0)
      tasks[1]!.cancel("no more")
      return [await tasks[0]!, await text(tasks[1]!), await tasks[2]!]
    }

    const [first, second, third] = await asyncio.run(main, { handleSigint: false, maxThreads: 1 })

    assert.deepStrictEqual([second, third], ["CancelledError: no more", first])
  })

  it("says what to do about a function that needs what is around it", async () => {
    const outside = { value: 1 }

    const error = (await asyncio.run(() => rejection(asyncio.toThread(() => outside)), {
      handleSigint: false
    })) as Error & asyncio.ErrorNotes

    assert.deepStrictEqual([String(error), error.task], ["ReferenceError: outside is not defined", "Task-1"])
    assert.match(error.hint ?? "", /as an argument/)
  })
})

describe("the call graph", () => {
  const names = (graph: asyncio.FutureCallGraph | undefined): ReadonlyArray<unknown> =>
    graph === undefined ? [] : [(graph.future as asyncio.Task<unknown>).getName(), ...graph.awaitedBy.map(names)]

  it("has those who wait, through gather, wait and futures", () =>
    run(
      async () => {
        const leaf = asyncio.createTask(hour, { name: "leaf" })
        const gathering = asyncio.createTask(async () => await asyncio.gather([leaf]), { name: "gathering" })
        const waiting = asyncio.createTask(() => asyncio.wait([leaf]), { name: "waiting" })
        await asyncio.sleep(1)

        const printed = asyncio.formatCallGraph(leaf)

        for (const name of ["leaf", "gathering", "waiting"]) assert.include(printed, `Task(name='${name}'`)
        leaf.cancel()
        await asyncio.wait([gathering, waiting])
        await text(gathering)
      },
      { name: "main" }
    ))

  it("is of the current task by default, and of what it is given", () =>
    run(
      async () => {
        const task = asyncio.createTask(async () => asyncio.captureCallGraph())
        const future = asyncio.getRunningLoop().createFuture<void>()

        const seen = [names(asyncio.captureCallGraph()), names(await task)]

        assert.deepStrictEqual(seen, [["main"], ["Task-1", ["main"]]])
        assert.strictEqual(asyncio.captureCallGraph(future)?.future, future)
        assert.deepStrictEqual(asyncio.captureCallGraph(self(), { limit: 0 })?.callStack, [])
      },
      { name: "main" }
    ))

  it("is printed on the console", () =>
    run(async () => {
      const lines: Array<string> = []
      const { log } = console
      console.log = (line: string) => void lines.push(line)
      try {
        asyncio.printCallGraph()
      } finally {
        console.log = log
      }

      assert.deepStrictEqual(lines, [asyncio.formatCallGraph()])
    }))

  it("is nothing in a callback and outside of a loop, and refuses what is no future", async () => {
    const inCallback: Array<unknown> = []
    await run(async () => {
      asyncio.getRunningLoop().callSoon(() => {
        inCallback.push(asyncio.captureCallGraph(), asyncio.formatCallGraph(), asyncio.printCallGraph())
      })
      await asyncio.sleep(0)
      inCallback.push(thrown(() => asyncio.captureCallGraph(1 as unknown as asyncio.Future<number>)))
    })

    assert.deepStrictEqual(inCallback.slice(0, 3), [undefined, "", undefined])
    assert.match(String(inCallback[3]), /^TypeError: /)
    assert.deepStrictEqual([asyncio.captureCallGraph(), asyncio.formatCallGraph()], [undefined, ""])
  })
})
