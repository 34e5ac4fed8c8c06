// Code that is in no run: a helper that both worlds call works in both.
import * as asyncio from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { Effect } from "effect"
import { EventEmitter } from "node:events"
import { assert, describe, it } from "vitest"
import { collectReports, deferred, macrotask, rejection, run, text, thrown, unhandledRejections } from "../support.ts"

const hour = () => asyncio.sleep("1 hour")

describe("outside of any run", () => {
  it("there is no current task, and the current signal never aborts", async () => {
    const before = [asyncio.currentTask(), asyncio.currentSignal().aborted]
    await asyncio.sleep(1)

    assert.deepStrictEqual([before, asyncio.currentTask()], [[undefined, false], undefined])
  })

  it("every wait works, and is over when its promise is", async () => {
    const event = new asyncio.Event()
    const queue = new asyncio.Queue<string>({ maxsize: 1 })
    const condition = new asyncio.Condition()
    const barrier = new asyncio.Barrier(2)
    const lock = new asyncio.Lock()
    setTimeout(() => event.set(), 1)

    const seen = [
      await asyncio.sleep(1, "slept"),
      await event.wait(),
      await Promise.all([queue.put("one"), queue.put("two"), queue.get(), queue.get()]),
      await Promise.all([barrier.wait(), barrier.wait()]),
      await Promise.all([lock.use(() => asyncio.sleep(1, "first")), lock.use(() => "second")]),
      await Promise.all([condition.use(() => condition.wait()), condition.use(() => condition.notify())]),
      await asyncio.abortable(Promise.resolve("promise")),
      await asyncio.runEffect(Effect.delay(Effect.succeed("effect"), 1)),
      await asyncio.toThread(() => "thread"),
      await asyncio.catchCancelled(
        () => "body",
        () => "handler"
      )
    ]

    assert.deepStrictEqual(seen, [
      "slept",
      true,
      [undefined, undefined, "one", "two"],
      [0, 1],
      ["first", "second"],
      [true, undefined],
      "promise",
      "effect",
      "thread",
      "body"
    ])
    assert.strictEqual(asyncio.allTasks().size, 0)
  })

  it("a lock is given back where its body fails", async () => {
    const lock = new asyncio.Lock()

    const error = await rejection(lock.use(() => Promise.reject(new Error("failed"))))

    assert.deepStrictEqual([String(error), lock.locked()], ["Error: failed", false])
  })

  it("what combines awaitables works", async () => {
    const one = () => asyncio.sleep(1, 1)
    const task = asyncio.createTask(one)
    const { done } = await asyncio.wait([task])
    const completed: Array<number> = []
    for (const next of asyncio.asCompleted([one, () => 2])) completed.push(await next)

    const seen = [
      await asyncio.gather([one, () => 2]),
      [...done][0] === task,
      await asyncio.shield(one),
      await asyncio.waitFor(one, "1 hour"),
      await asyncio.ensureFuture(one),
      completed,
      await asyncio.gather({ a: one })
    ]

    assert.deepStrictEqual(seen, [[1, 2], true, 1, 1, 1, [2, 1], { a: 1 }])
  })

  it("a timeout cancels its body, which has a task and a signal", async () => {
    const lines: Array<unknown> = []

    const error = await text(
      asyncio.timeout(5, async () => {
        const signal = asyncio.currentSignal()
        lines.push({ hasTask: asyncio.currentTask() !== undefined })
        try {
          await hour()
        } finally {
          lines.push("cleaned up", { aborted: signal.aborted })
        }
      })
    )

    assert.deepStrictEqual(
      [error, await text(asyncio.waitFor(hour, 5)), lines],
      ["TimeoutError", "TimeoutError", [{ hasTask: true }, "cleaned up", { aborted: true }]]
    )
  })

  it("a timeout that is up takes along the groups and awaits inside", async () => {
    const lines: Array<string> = []
    const noting = (name: string) => async () => {
      try {
        await hour()
      } finally {
        lines.push(name)
      }
    }

    const error = await text(
      asyncio.timeout(5, () =>
        asyncio.taskGroup(async (group) => {
          group.createTask(noting("task"))
          await noting("body")()
        })
      )
    )

    assert.deepStrictEqual([error, lines], ["TimeoutError", ["body", "task"]])
  })

  it("a group cancels the others when one fails", async () => {
    const lines: Array<string> = []

    const error = await rejection(
      asyncio.taskGroup(async (group) => {
        group.createTask(() => hour().finally(() => lines.push("cancelled")))
        group.createTask(async () => {
          await asyncio.sleep(1)
          throw new Error("boom")
        })
      })
    )

    assert.deepStrictEqual(
      [(error as asyncio.ExceptionGroup).errors.map(String), lines],
      [["Error: boom"], ["cancelled"]]
    )
  })

  it("a timeout or group with await using is refused, with the form that works", async () => {
    const hints = [() => asyncio.timeout(5), () => asyncio.timeoutAt(5), () => new asyncio.TaskGroup()].map((make) => {
      try {
        make()
        return "made"
      } catch (error) {
        return `${String(error)} ${(error as { hint?: string }).hint}`
      }
    })

    assert.deepStrictEqual(
      hints.map((hint) => /RuntimeError: (.*) of a block needs a task.*: `(.*)`\.$/.exec(hint)?.slice(1)),
      [
        ["timeout()", "timeout(1000, async () => ...)"],
        ["timeoutAt()", "timeoutAt(1000, async () => ...)"],
        ["TaskGroup()", "taskGroup(async (group) => ...)"]
      ]
    )
  })

  it("tasks are known, named, cancelled and awaited as anywhere", async () => {
    const lines: Array<unknown> = []
    const task = asyncio.createTask(
      async () => {
        lines.push({ name: asyncio.currentTask()?.getName(), isKnown: asyncio.allTasks().has(task) })
        await macrotask()
        lines.push({ isCurrent: asyncio.currentTask() === task })
        await hour()
      },
      { name: "worker" }
    )
    await asyncio.sleep(5)

    task.cancel("enough")

    assert.strictEqual(await text(task), "CancelledError: enough")
    assert.deepStrictEqual(lines, [{ name: "worker", isKnown: true }, { isCurrent: true }])
  })

  it("all run on one loop, which works before and behind every run", async () => {
    const loop = asyncio.getRunningLoop()
    await run(() => asyncio.sleep(1))
    const handles = await new Promise((resolve) => asyncio.getRunningLoop().callSoon(resolve, "called"))

    assert.deepStrictEqual(
      {
        isRunningLoop: loop === asyncio.getRunningLoop(),
        running: loop.isRunning(),
        isThatOfCore: loop.core === (await Effect.runPromise(core.getRunningLoop)),
        handles
      },
      { isRunningLoop: true, running: true, isThatOfCore: true, handles: "called" }
    )
  })

  it("a run that a task begins has a loop of its own, and does not join theirs", async () => {
    const task = asyncio.createTask(async () => [asyncio.getRunningLoop(), await run(asyncio.getRunningLoop)])

    const [around, inside] = await task

    assert.notStrictEqual(inside, around)
  })

  it("a wait that fails, and that nobody awaits, is an unhandled rejection, and no report", async () => {
    const reports = collectReports(asyncio.getRunningLoop().core)

    const seen = await unhandledRejections(async () => {
      void asyncio.timeout(1, hour)
      await asyncio.sleep(5)
    })

    assert.deepStrictEqual([seen.map(String), reports], [["TimeoutError"], []])
    asyncio.getRunningLoop().setExceptionHandler(undefined)
  })

  it("a wait is cancelled by name with the tasks that are left, and is no unhandled rejection", async () => {
    const seen = await unhandledRejections(async () => {
      void hour()
      for (const task of asyncio.allTasks()) task.cancel()
      await asyncio.sleep(1)
    })

    assert.deepStrictEqual([seen, asyncio.allTasks().size], [[], 0])
  })

  it("a wait is cancelled whose code has gone on behind the abort of its signal, and has a value", async () => {
    const begun = deferred()
    const handler = async () => {
      const signal = asyncio.currentSignal()
      begun.resolve()
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()))
      return await asyncio.sleep(1, "handled")
    }
    const cancelAll = (message: string) => asyncio.allTasks().forEach((task) => task.cancel(message))
    const waiting = text(asyncio.catchCancelled(hour, handler))

    cancelAll("first")
    await begun.promise
    cancelAll("second")

    assert.strictEqual(await waiting, "CancelledError: second")
  })

  it("what is wrong at the call is said there", async () => {
    assert.deepStrictEqual(
      [
        thrown(() => asyncio.createTask(1 as never)),
        await text(asyncio.timeout(1, 1 as never)),
        await text(asyncio.sleep("x" as never))
      ],
      [
        "TypeError: a coroutine function was expected, got 1",
        "TypeError: a function was expected by timeout(), got 1",
        await run(() => text(asyncio.sleep("x" as never)))
      ]
    )
  })
})

describe("code of a run that goes on behind its end", () => {
  it("is in none, and works", async () => {
    const lines: Array<unknown> = []
    const over = deferred()
    const finished = deferred()
    await run(async () => {
      void (async () => {
        await over.promise
        lines.push(asyncio.currentTask(), await asyncio.sleep(1, "slept"), await asyncio.createTask(() => "task"))
        finished.resolve()
      })()
    })

    over.resolve()
    await finished.promise

    assert.deepStrictEqual(lines, [undefined, "slept", "task"])
  })

  it("is refused by the loop of the run when it asks that by name", async () => {
    const loop = await run(() => asyncio.getRunningLoop())

    assert.strictEqual(
      thrown(() => loop.createTask(() => {})),
      "RuntimeError: Event loop is closed"
    )
  })
})

describe("what is in no run, and a run", () => {
  const runReal = <A>(main: asyncio.AsyncFunction<A>) => asyncio.run(main, { handleSigint: false })

  it("wait for each other's tasks and futures", async () => {
    const outside = asyncio.createTask(() => asyncio.sleep(5, "outside"))
    let inside: asyncio.Task<string> | undefined

    const seen = await runReal(async () => {
      inside = asyncio.createTask(() => asyncio.sleep(5, "inside"))
      const asked = asyncio.getRunningLoop().createTask(async () => await inside!)
      return [await outside, await asyncio.gather([outside, asked]), await asyncio.waitFor(outside, "1 hour")]
    })

    assert.deepStrictEqual([seen, await inside], [["outside", ["outside", "inside"], "outside"], "inside"])
  })

  it("pass a cancellation on to what they wait for", async () => {
    const lines: Array<string> = []
    const outside = asyncio.createTask(() => hour().finally(() => lines.push("outside")))

    const seen = await runReal(async () => {
      const waiter = asyncio.createTask(() => outside.finally(() => lines.push("waiter")))
      await asyncio.sleep(1)
      waiter.cancel("enough")
      return await text(waiter)
    })

    assert.deepStrictEqual(
      { seen, lines, cancelled: outside.cancelled() },
      { seen: "CancelledError: enough", lines: ["outside", "waiter"], cancelled: true }
    )
  })

  it("start here and stop there", async () => {
    const lines: Array<string> = []
    const worker = asyncio.createTask(() => hour().finally(() => lines.push("stopped")))

    await runReal(() => asyncio.cancelAndWait([worker]))

    assert.deepStrictEqual([lines, worker.cancelled()], [["stopped"], true])
  })

  it("share locks, queues and events", async () => {
    const lines: Array<string> = []
    const limit = new asyncio.Semaphore(1)
    const queue = new asyncio.Queue<string>()
    const work = (name: string) => () =>
      limit.use(async () => {
        await asyncio.sleep(1)
        lines.push(name)
      })
    const reader = queue.get()

    await Promise.all([
      work("outside")(),
      runReal(async () => {
        await queue.put("from inside")
        await asyncio.gather([work("inside"), work("inside, too")])
      }),
      work("outside, too")()
    ])

    assert.deepStrictEqual([lines, await reader], [["outside", "outside, too", "inside", "inside, too"], "from inside"])
  })

  it("a run on virtual time waits for what is in none", async () => {
    const outside = asyncio.createTask(() => asyncio.sleep(5, "outside"))

    const seen = await run(async () => {
      const loop = asyncio.getRunningLoop()
      return [await outside, loop.time()]
    })

    assert.deepStrictEqual(seen, ["outside", 0])
  })

  it("two runs still cannot share a lock", async () => {
    const lock = new asyncio.Lock()
    const contend = () => asyncio.gather([lock.use(() => asyncio.sleep(1)), lock.use(() => asyncio.sleep(1))])
    await run(contend)

    assert.match(await text(run(contend)), /RuntimeError: <Lock .*> is bound to a different event loop/)
  })

  it("a run that a timeout of no run waits for is cancelled by it, and cleans up", async () => {
    const lines: Array<string> = []

    const error = await text(
      asyncio.timeout("1 hour", (deadline) =>
        runReal(async () => {
          // Not before the run has begun: its loop is another than that of the timeout.
          deadline.reschedule(0)
          try {
            await hour()
          } finally {
            await asyncio.sleep(1)
            lines.push("cleaned up")
          }
        })
      )
    )

    assert.deepStrictEqual([error, lines], ["TimeoutError", ["cleaned up"]])
  })
})

describe("run inside of a run", () => {
  it("joins it: a task of the same loop, with the name it is given", () =>
    run(async () => {
      const loop = asyncio.getRunningLoop()

      const seen = await asyncio.run(
        async () => [
          asyncio.getRunningLoop() === loop,
          asyncio.currentTask()?.getName(),
          await asyncio.sleep(1, "slept")
        ],
        { name: "inner" }
      )

      assert.deepStrictEqual(seen, [true, "inner", "slept"])
    }))

  it("fails as its function does, and is cancelled with who waits for it", () =>
    run(async () => {
      const lines: Array<string> = []
      const failing = await text(
        asyncio.run(() => {
          throw new Error("boom")
        })
      )
      const task = asyncio.createTask(() => asyncio.run(() => hour().finally(() => lines.push("inner"))))
      await asyncio.sleep(1)
      task.cancel("enough")

      assert.deepStrictEqual([failing, await text(task), lines], ["Error: boom", "CancelledError: enough", ["inner"]])
    }))

  it("leaves what it leaves to the run around", async () => {
    const lines: Array<string> = []
    await run(async () => {
      await asyncio.run(() => {
        asyncio.createTask(() => hour().finally(() => lines.push("left")))
      })
      lines.push("inner is over")
      await asyncio.sleep(1)
    })

    assert.deepStrictEqual(lines, ["inner is over", "left"])
  })

  it("cannot have a loop or a clock of its own", () =>
    run(async () => {
      assert.strictEqual(
        await text(run(() => {})),
        "RuntimeError: asyncio.run() with a loop of its own cannot be called from a running event loop"
      )
    }))
})

describe("handlers that are called from nowhere", () => {
  /** Calls what it is given outside of any task. */
  const nowhere = new EventEmitter()
  setInterval(() => nowhere.emit("tick"), 1).unref()
  const tick = (handler: () => void) => nowhere.once("tick", handler)

  it("make tasks of a group, on its loop", async () => {
    const seen = await asyncio.run(
      () =>
        asyncio.taskGroup(async (group) => {
          const loop = asyncio.getRunningLoop()
          const made = deferred<boolean>()
          tick(() => void group.createTask(() => asyncio.getRunningLoop() === loop).then(made.resolve))
          return await made.promise
        }),
      { handleSigint: false }
    )

    assert.strictEqual(seen, true)
  })

  it("make tasks of a loop that they know", async () => {
    const seen = await asyncio.run(
      async () => {
        const loop = asyncio.getRunningLoop()
        const made = deferred<boolean>()
        tick(() => void loop.createTask(() => asyncio.getRunningLoop() === loop).then(made.resolve))
        return await made.promise
      },
      { handleSigint: false }
    )

    assert.strictEqual(seen, true)
  })

  it("that are bound run in the task that bound them, and are cancelled with it", async () => {
    const lines: Array<unknown> = []
    const handled = deferred()
    await asyncio.run(
      async () => {
        const task = asyncio.createTask(
          async () => {
            tick(
              asyncio.bind(() => {
                lines.push(asyncio.currentTask()?.getName())
                void hour().catch((error: unknown) => {
                  lines.push(String(error))
                })
                handled.resolve()
              })
            )
            await hour()
          },
          { name: "owner" }
        )
        await handled.promise
        task.cancel("enough")
        await asyncio.sleep(1)
        lines.push(task.cancelling())
      },
      { handleSigint: false }
    )

    assert.deepStrictEqual(lines, ["owner", "CancelledError: enough", 1])
  })

  it("that are bound keep their this, their arguments and what they give", () =>
    run(() => {
      const bound = asyncio.bind(function (this: { readonly base: number }, n: number) {
        return this.base + n
      })

      assert.deepStrictEqual(
        [bound.call({ base: 40 }, 2), thrown(() => asyncio.bind(1 as never))],
        [42, "TypeError: a function was expected by bind(), got 1"]
      )
    }))
})
