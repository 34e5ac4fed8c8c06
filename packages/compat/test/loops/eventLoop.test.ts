// The event loop for promise code; what it does is tested in core.
import * as asyncio from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/compat/testing"
import { Effect } from "effect"
import { AsyncLocalStorage } from "node:async_hooks"
import { assert, describe, it } from "vitest"
import { deferred, rejection, run, self, text, thrown } from "../support.ts"

const loopOf = () => asyncio.getRunningLoop()

/** What the loop tells its exception handler. */
const collect = (): Array<string> => {
  const reports: Array<string> = []
  loopOf().setExceptionHandler((_, { exception, message }) => reports.push(`${message}: ${String(exception)}`))
  return reports
}

describe("a callback", () => {
  it("runs in the next iteration, with its arguments, in the order it was scheduled", () =>
    run(async () => {
      const lines: Array<string> = []
      const note = (...args: ReadonlyArray<unknown>) => void lines.push(args.join(" "))

      loopOf().callSoon(note, "soon", 1)
      loopOf().callSoon(note)
      loopOf().callLater(2, note, "later", 2)
      loopOf().callLater("1 milli", note, "later", 1)
      loopOf().callAt(loopOf().time() + 3, note, "at", 3)

      lines.push("main")
      await asyncio.sleep(5)
      assert.deepStrictEqual(lines, ["main", "soon 1", "", "later 1", "later 2", "at 3"])
    }))

  it("can be cancelled, and tells when it is due", () =>
    run(async () => {
      const lines: Array<string> = []
      const handles = [
        loopOf().callSoon(() => lines.push("soon")),
        loopOf().callLater(1, () => lines.push("later")),
        loopOf().callAt(2, () => lines.push("at"))
      ]
      const timers = handles.slice(1) as Array<asyncio.TimerHandle>

      const before = handles.map((handle) => handle.cancelled())
      for (const handle of handles) handle.cancel()

      await asyncio.sleep(5)
      assert.deepStrictEqual(
        [before, handles.map((handle) => handle.cancelled()), timers.map((timer) => timer.when()), lines],
        [[false, false, false], [true, true, true], [1, 2], []]
      )
    }))

  it("runs in no task, with the AsyncLocalStorage stores of whoever registered it", () =>
    run(async () => {
      const storage = new AsyncLocalStorage<string>()
      const seen: Array<unknown> = []
      const note = (name: string) => () => void seen.push([name, asyncio.currentTask(), storage.getStore()])
      const future = loopOf().createFuture<void>()

      storage.run("store", () => {
        loopOf().callSoon(note("soon"))
        loopOf().callLater(1, note("later"))
        loopOf().callAt(2, note("at"))
        future.addDoneCallback(note("done"))
      })

      future.setResult()
      await asyncio.sleep(5)
      assert.deepStrictEqual(seen, [
        ["soon", undefined, "store"],
        ["done", undefined, "store"],
        ["later", undefined, "store"],
        ["at", undefined, "store"]
      ])
    }))

  it("can start tasks, set futures and schedule callbacks", () =>
    run(async () => {
      const lines: Array<string> = []
      const future = loopOf().createFuture<{ readonly task: asyncio.Task<string> }>()

      loopOf().callSoon(() => {
        const task = asyncio.createTask(async () => self().getName(), { name: "from a callback" })
        loopOf().callSoon(() => lines.push("second"))
        // In an object: a promise would take the task for something to await.
        future.setResult({ task })
      })

      lines.push(await (await future).task)
      assert.deepStrictEqual(lines, ["second", "from a callback"])
    }))

  it("that throws is reported with its name, and stops nobody else", () =>
    run(async () => {
      const reports = collect()
      const lines: Array<string> = []
      loopOf().callSoon(function broken() {
        throw new Error("in a callback")
      })
      loopOf().callSoon(() => lines.push("next"))

      await asyncio.sleep(0)

      assert.deepStrictEqual([reports, lines], [["Exception in callback broken(): Error: in a callback"], ["next"]])
    }))

  it("has to be a function, and no async one in debug mode", () =>
    run(async () => {
      const loop = loopOf()
      const junk = 1 as unknown as () => void
      loop.setDebug(true)

      const errors = [
        thrown(() => loop.callSoon(junk)),
        thrown(() => loop.callLater(1, junk)),
        thrown(() => loop.callAt(1, junk)),
        thrown(() => loop.callSoon(async () => {})),
        thrown(() => loop.callLater(NaN, () => {})),
        thrown(() => loop.callLater("soon" as "1 second", () => {})),
        thrown(() => loop.callAt("1" as unknown as number, () => {}))
      ]

      assert.deepStrictEqual(errors, [
        "TypeError: a callable object was expected by callSoon(), got 1",
        "TypeError: a callable object was expected by callAt(), got 1",
        "TypeError: a callable object was expected by callAt(), got 1",
        "TypeError: coroutines cannot be used with callSoon()",
        "ValueError: Invalid delay: NaN (not a number)",
        "TypeError: Invalid delay: 'soon' is not a duration",
        "TypeError: a time in milliseconds was expected by callAt(), got '1'"
      ])
    }))
})

describe("the event loop", () => {
  it("has one wrapper", () =>
    run(async () => {
      const loop = loopOf()

      await asyncio.sleep(1)

      assert.strictEqual(loopOf(), loop)
      assert.strictEqual(asyncio.EventLoop.of(self().core.loop), loop)
      assert.deepStrictEqual(
        { running: loop.isRunning(), closed: loop.isClosed(), debug: loop.getDebug(), time: loop.time() },
        { running: true, closed: false, debug: false, time: 1 }
      )
    }))

  it("says what is going on", () =>
    run(async () => {
      const loop = loopOf()
      const timer = loop.callLater(10, () => {})
      asyncio.createTask(() => asyncio.sleep(1), { name: "child" })

      const { tasks, ...rest } = loop.snapshot()

      assert.deepStrictEqual(
        [tasks.map(({ name, state }) => [name, state]), rest, String(loop)],
        [
          [
            ["Task-1", "pending"],
            ["child", "pending"]
          ],
          { state: "running", debug: false, time: 0, ready: 1, timers: 1, endedTasks: [] },
          "<EventLoop running ready=1 timers=1>"
        ]
      )
      timer.cancel()
    }))

  it("has a debug mode that names slow steps", () =>
    run(async () => {
      const loop = loopOf()
      assert.strictEqual(loop.slowCallbackDuration, 100)
      loop.slowCallbackDuration = 7
      assert.deepStrictEqual([loop.slowCallbackDuration, self().core.loop.slowCallbackDuration], [7, 7])
      loop.setDebug(true)
      assert.isTrue(loop.getDebug())
    }))

  it("gives its exception handler what it is handed, and itself", () =>
    run(async () => {
      const loop = loopOf()
      const seen: Array<unknown> = []
      loop.setExceptionHandler((given, context) => seen.push(given === loop, context.message))

      loop.callExceptionHandler({ message: "by hand" })

      assert.deepStrictEqual(seen, [true, "by hand"])
      assert.strictEqual(
        thrown(() => loop.setExceptionHandler(1 as unknown as asyncio.ExceptionHandler)),
        "TypeError: A callable object or undefined is expected, got 1"
      )
    }))

  it("goes back to the default handler, which logs", async () => {
    const lines: Array<string> = []
    const { error } = console
    console.error = (...args: ReadonlyArray<unknown>) => void lines.push(args.map(String).join(" "))
    const { log } = console
    console.log = console.error
    try {
      await run(async () => {
        collect()
        loopOf().setExceptionHandler(undefined)
        loopOf().callExceptionHandler({ message: "to the log" })
      })
    } finally {
      console.error = error
      console.log = log
    }

    assert.match(lines.join("\n"), /to the log/)
  })

  it("stops a run", async () => {
    const error = await rejection(
      run(async () => {
        loopOf().stop()
        await asyncio.sleep("1 hour")
      })
    )

    assert.strictEqual(String(error), "RuntimeError: Event loop stopped before Future completed.")
  })

  it("takes nothing any more when it is closed", async () => {
    const loop = await run(() => loopOf())
    const future = loop.createFuture<number>()

    const errors = [
      thrown(() => loop.callSoon(() => {})),
      thrown(() => loop.callLater(1, () => {})),
      thrown(() => loop.callAt(1, () => {})),
      thrown(() => loop.createTask(async () => {})),
      thrown(() => future.addDoneCallback(() => {}))
    ]

    assert.deepStrictEqual(errors, [
      "RuntimeError: Event loop is closed",
      "RuntimeError: Event loop is closed",
      "RuntimeError: Event loop is closed",
      "RuntimeError: Event loop is closed",
      "RuntimeError: Event loop is closed"
    ])
    assert.deepStrictEqual(
      { closed: loop.isClosed(), running: loop.isRunning(), text: String(loop) },
      { closed: true, running: false, text: "<EventLoop closed ready=0 timers=0>" }
    )
  })
})

describe("createTask of a loop", () => {
  it("starts tasks of that loop, from inside and from outside of it", async () => {
    const begun = deferred<asyncio.EventLoop>()
    const end = deferred()
    const name = async () => self().getName()
    const main = run(async () => {
      begun.resolve(loopOf())
      await end.promise
      return await loopOf().createTask(name, { name: "inside" })
    })
    const loop = await begun.promise

    const outside = await loop.createTask(name, { name: "outside" })

    end.resolve()
    assert.deepStrictEqual([outside, await main], ["outside", "inside"])
  })
})

describe("a task factory", () => {
  it("is called for everything that becomes a task, and may change the options", () =>
    run(async () => {
      const made: Array<string | undefined> = []
      const factory: asyncio.TaskFactory = (make, options) => {
        made.push(options?.name)
        return make({ ...options, name: `made ${options?.name ?? made.length}` })
      }
      loopOf().setTaskFactory(factory)
      assert.strictEqual(loopOf().getTaskFactory(), factory)

      const names = [
        await asyncio.createTask(async () => self().getName(), { name: "named" }),
        ...(await asyncio.gather([async () => self().getName()])),
        await asyncio.taskGroup((group) => group.createTask(async () => self().getName())),
        await asyncio.createTask(Effect.map(core.currentTask, (task) => task.getName()))
      ]

      assert.deepStrictEqual(
        [made, names],
        [
          ["named", undefined, undefined, undefined],
          ["made named", "made 2", "made 3", "made 4"]
        ]
      )
    }))

  it("of the eager kind runs the first step inside of createTask, unless told otherwise", () =>
    run(async () => {
      loopOf().setTaskFactory(asyncio.eagerTaskFactory)

      const done = {
        value: asyncio.createTask(() => 1).done(),
        notEager: asyncio.createTask(() => 1, { eagerStart: false }).done(),
        sleeps: asyncio.createTask(async () => asyncio.sleep(0)).done()
      }

      assert.deepStrictEqual(done, { value: true, notEager: false, sleeps: false })
    }))

  it("makes one task of an async function: another one fails, as Python's coroutine cannot be awaited again", () =>
    run(async () => {
      let calls = 0
      const twins: Array<asyncio.Task<unknown>> = []
      loopOf().setTaskFactory((make, options) => {
        twins.push(make({ ...options, name: "twin" }))
        return make(options)
      })

      const error = await rejection(asyncio.createTask(async () => ++calls, { name: "late" }))

      assert.deepStrictEqual(
        [calls, String(error), (error as core.ErrorNotes).task, twins.map((twin) => twin.done() && !twin.cancelled())],
        [1, "RuntimeError: cannot reuse already awaited coroutine", "late", [true]]
      )
    }))

  it("can be taken away, and has to be a function that gives a task", () =>
    run(async () => {
      const loop = loopOf()
      loop.setTaskFactory(asyncio.eagerTaskFactory)
      loop.setTaskFactory(undefined)

      assert.deepStrictEqual([loop.getTaskFactory(), asyncio.createTask(() => 1).done()], [undefined, false])
      assert.match(
        thrown(() => loop.setTaskFactory(1 as unknown as asyncio.TaskFactory)),
        /^TypeError: /
      )
      loop.setTaskFactory((() => 1) as unknown as asyncio.TaskFactory)
      assert.match(
        thrown(() => asyncio.createTask(() => 1)),
        /^TypeError: /
      )
    }))
})

describe("a loop on virtual time", () => {
  it("comes from the testing module, and can be moved by hand", async () => {
    const loop = makeVirtualTimeLoop()

    const times = await asyncio.run(
      async () => {
        loop.advanceUnsafe("1 minute")
        await asyncio.sleep("1 hour")
        return loop.time()
      },
      { loopFactory: () => loop, handleSigint: false }
    )

    assert.strictEqual(times, 3_660_000)
  })

  it("ends a program that waits for what cannot come with a DeadlockError that names who waits", async () => {
    const error = await text(run(async () => await loopOf().createFuture<void>(), { name: "main" }))

    assert.match(
      error,
      /^DeadlockError: every task waits and no timer is set:\n {2}main \(coroutine\(\) running.*\) waits for <Future pending/
    )
  })
})
