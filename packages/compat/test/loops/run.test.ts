import * as asyncio from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { type ExceptionContext, newEventLoop } from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Context, Effect } from "effect"
import { assert, describe, it } from "vitest"
import { collectReports, macrotask, rejection, reportingTo, run, self, text } from "../support.ts"
import { withoutListeners } from "../signalListeners.ts"

describe("run", () => {
  // test_asyncio_run_return
  it("resolves with the result of the main task", async () => {
    const result = await run(async () => {
      await asyncio.sleep(0)
      return 12
    })

    assert.strictEqual(result, 12)
  })

  it("resolves with what a plain function returns", async () => {
    assert.strictEqual(await run(() => "plain"), "plain")
  })

  // test_asyncio_run_raises
  it("rejects with the very error of the main task", async () => {
    const error = new Error("spam")

    const rejected = await rejection(
      run(async () => {
        await asyncio.sleep(0)
        throw error
      })
    )

    assert.strictEqual(rejected, error)
  })

  it("rejects with the CancelledError of a main task that was cancelled", async () => {
    const error = await rejection(
      run(async () => {
        self().cancel("enough")
        await asyncio.sleep("1 day")
      })
    )

    assert.instanceOf(error, asyncio.CancelledError)
    assert.deepStrictEqual([error.reason, error.requestedBy?.name], ["enough", "Task-1"])
  })

  // test_asyncio_run_only_coro
  it("rejects with a TypeError for what is not a function", async () => {
    const notFunctions = [1, undefined, "main", Promise.resolve()] as ReadonlyArray<unknown>

    const errors = await Promise.all(notFunctions.map((main) => text(run(main as () => void))))

    assert.deepStrictEqual(errors, [
      "TypeError: a coroutine function was expected, got 1",
      "TypeError: a coroutine function was expected, got undefined",
      "TypeError: a coroutine function was expected, got 'main'",
      "TypeError: a coroutine function was expected, got a Promise"
    ])
  })

  // test_asyncio_run_from_running_loop
  it("with a loop of its own rejects inside of a running one, in tasks and in callbacks, and does not call the function", async () => {
    const message = "RuntimeError: asyncio.run() with a loop of its own cannot be called from a running event loop"
    let called = false
    const inner = () => text(run(() => (called = true)))

    const errors = await run(async () => {
      const inCallback = new Promise<string>((resolve) => {
        self().core.loop.callSoonUnsafe(() => resolve(inner()))
      })
      return [await inner(), await inCallback]
    })

    assert.deepStrictEqual([errors, called], [[message, message], false])
  })

  it("refuses core's run inside of a task, before and behind an await, and in a callback", async () => {
    const message = "RuntimeError: asyncio.run() cannot be called from a running event loop"
    const inner = () => text(core.run(Effect.void))

    const errors = await run(async () => {
      const inCallback = new Promise<string>((resolve) => {
        self().core.loop.callSoonUnsafe(() => resolve(inner()))
      })
      const before = await inner()
      await asyncio.sleep(1)
      return [before, await inner(), await text(new core.Runner().run(Effect.void)), await inCallback]
    })

    const runner = "RuntimeError: Runner.run() cannot be called from a running event loop"
    assert.deepStrictEqual(errors, [message, message, runner, message])
  })

  it("is refused on a loop that is running, and leaves its run alone", async () => {
    const loop = makeVirtualTimeLoop()
    const first = run(() => asyncio.sleep("1 second", "first"), { loopFactory: () => loop })

    const error = await text(run(() => "second", { loopFactory: () => loop }))

    assert.deepStrictEqual(
      { error, result: await first, closed: loop.isClosed() },
      { error: "RuntimeError: This event loop is already running", result: "first", closed: true }
    )
  })

  it("cancels and awaits the tasks that are made while others clean up", async () => {
    const lines: Array<string> = []
    const until = async (cleanup: () => Promise<void>) => {
      try {
        await asyncio.sleep(Infinity)
      } finally {
        await cleanup()
      }
    }
    const flush = () =>
      until(async () => {
        await asyncio.sleep(1)
        lines.push("flushed")
      })

    await run(async () => {
      asyncio.createTask(() =>
        until(async () => {
          asyncio.createTask(flush)
          await asyncio.sleep(0)
          lines.push("cleaned up")
        })
      )
      await asyncio.sleep(0)
      lines.push("main ends")
    })

    assert.deepStrictEqual(lines, ["main ends", "cleaned up", "flushed"])
  })

  it("works again right after a run, and for two runs at a time", async () => {
    const names: Array<string> = []
    const main = (name: string) => async () => {
      await asyncio.sleep(1)
      names.push(`${name} ${self().getName()}`)
    }
    await run(main("first"))

    await Promise.all([run(main("second")), run(main("third"))])

    // Which of them goes first is the host's to say: the two loops know nothing of each other.
    assert.deepStrictEqual(names.sort(), ["first Task-1", "second Task-1", "third Task-1"])
  })

  it("names the main task as told", async () => {
    assert.strictEqual(await run(() => self().getName(), { name: "root" }), "root")
  })

  it("closes the loop, behind which promises that are still going are in no run", async () => {
    let late: Promise<unknown> | undefined
    const loop = await run(() => {
      late = macrotask()
        .then(() => macrotask())
        .then(async () => [asyncio.currentTask(), await asyncio.sleep(1, "slept")])
      return self().core.loop
    })

    assert.deepStrictEqual([loop.isClosed(), await late], [true, [undefined, "slept"]])
  })

  it("runs on the host's clock by default", async () => {
    assert.strictEqual(await asyncio.run(async () => asyncio.sleep(0, "done"), { handleSigint: false }), "done")
  })
})

describe("tasks that are left when the main task is done", () => {
  // test_asyncio_run_cancels_hanging_tasks
  it("are cancelled, awaited, and may clean up", async () => {
    const lines: Array<string> = []
    const leftover = async () => {
      try {
        await asyncio.sleep("1 day")
      } catch (error) {
        lines.push(`${error}`)
        await asyncio.sleep("1 second")
        lines.push("cleaned up")
        throw error
      }
    }

    const task = await run(async () => {
      const task = asyncio.createTask(leftover)
      await asyncio.sleep(0)
      lines.push("main done")
      return [task]
    })

    assert.deepStrictEqual(lines, ["main done", "CancelledError", "cleaned up"])
    assert.isTrue(task[0]?.cancelled())
  })

  // test_asyncio_run_reports_hanging_tasks_errors
  it("have the errors of their cleanup reported", async () => {
    const reports: Array<ExceptionContext> = []
    const error = new Error("while cleaning up")

    await run(
      async () => {
        asyncio.createTask(async () => {
          try {
            await asyncio.sleep("1 day")
          } finally {
            // oxlint-disable-next-line no-unsafe-finally -- the error takes the place of the cancellation
            throw error
          }
        })
        await asyncio.sleep(0)
      },
      { loopFactory: reportingTo(reports) }
    )

    assert.deepStrictEqual(
      reports.map(({ exception, message }) => [message, exception]),
      [["unhandled exception during asyncio.run() shutdown", error]]
    )
  })
})

describe("the context of a run", () => {
  const Tenant = Context.Reference<string>("test/Tenant", { defaultValue: () => "nobody" })
  const context = Context.make(Tenant, "ada")
  const tenant = () => Context.get(self().core.getContext(), Tenant)

  // test_run_keeps_context
  it("is that of the main task and of every task below it", async () => {
    const tenants = await run(
      async () => {
        const child = asyncio.createTask(async () => [tenant(), await asyncio.createTask(tenant)])
        return [tenant(), ...(await child)]
      },
      { context }
    )

    assert.deepStrictEqual(tenants, ["ada", "ada", "ada"])
  })

  it("reaches the loop that is made by default", async () => {
    const tenants = await asyncio.run(async () => [tenant(), await asyncio.createTask(tenant)], {
      context,
      handleSigint: false
    })

    assert.deepStrictEqual(tenants, ["ada", "ada"])
  })

  it("keeps the clock of the loop for Effects that the task runs", async () => {
    const time = await run(
      async () => {
        await Effect.runPromiseWith(self().core.getContext())(Effect.sleep("1 day"))
        return self().core.loop.time()
      },
      { context }
    )

    assert.strictEqual(time, 86_400_000)
  })

  it("comes with the debug option, which remembers where tasks are created", async () => {
    const [debug, report] = await run(
      async () => {
        const { loop } = self().core
        const reports = collectReports(loop)
        asyncio.createTask(() => Promise.reject(new Error("lost")))
        await asyncio.sleep(0)
        return [loop.getDebug(), reports] as const
      },
      { debug: true, loopFactory: newEventLoop }
    )

    assert.isTrue(debug)
    assert.match(report[0]?.createdAt ?? "", /run\.test\.ts/)
  })
})

describe("Ctrl-C", () => {
  withoutListeners("SIGINT")
  const listen = { handleSigint: true }

  // test_interrupt_wait
  it("cancels the main task, which cleans up, and the run rejects with KeyboardInterrupt", async () => {
    const lines: Array<string> = []
    const main = async () => {
      setImmediate(() => process.emit("SIGINT"))
      try {
        await asyncio.sleep(Infinity)
      } finally {
        lines.push("cleaning up")
        await asyncio.sleep("1 second")
        lines.push("cleaned up")
      }
    }

    const error = await rejection(run(main, listen))

    assert.instanceOf(error, asyncio.KeyboardInterrupt)
    assert.deepStrictEqual([lines, process.listenerCount("SIGINT")], [["cleaning up", "cleaned up"], 0])
  })

  // test_interrupt_call_soon
  it("reaches a main task that spins", async () => {
    const error = await rejection(
      run(async () => {
        setImmediate(() => process.emit("SIGINT"))
        for (;;) await asyncio.sleep(0)
      }, listen)
    )

    assert.instanceOf(error, asyncio.KeyboardInterrupt)
  })

  // test_interrupt_cancelled_task
  it("is a CancelledError when somebody else has cancelled the main task, too", async () => {
    const error = await rejection(
      run(async () => {
        const me = self()
        setImmediate(() => {
          me.cancel()
          process.emit("SIGINT")
        })
        await asyncio.sleep(Infinity)
      }, listen)
    )

    assert.instanceOf(error, asyncio.CancelledError)
  })

  it("has no effect on the result of a main task that caught the cancellation", async () => {
    const result = await run(() => {
      setImmediate(() => process.emit("SIGINT"))
      return asyncio.sleep(Infinity).catch(() => "went on")
    }, listen)

    assert.strictEqual(result, "went on")
  })
})
