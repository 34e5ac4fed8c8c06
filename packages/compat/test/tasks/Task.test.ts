import * as asyncio from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { inspect } from "node:util"
import { assert, describe, it } from "vitest"
import { collectReports, rejection, run, runningLoop, self, text, thrown } from "../support.ts"

const sleeper = () => asyncio.createTask(() => asyncio.sleep("1 day"))

const callback = () => {}

describe("a task that is over", () => {
  it("keeps the scope of its function no longer, for whoever keeps the task", () =>
    run(async () => {
      const task = asyncio.createTask(() => asyncio.sleep(0, "result"))
      const coroutine = task.getCoro() as { readonly scope: unknown }
      await asyncio.sleep(0)
      const underWay = coroutine.scope !== undefined

      await task

      assert.deepStrictEqual({ underWay, over: coroutine.scope }, { underWay: true, over: undefined })
    }))
})

/** A task of every ending. */
const ended = async () => {
  const error = new Error("failed")
  const succeeded = asyncio.createTask(() => "value")
  const failed = asyncio.createTask(() => Promise.reject(error))
  const cancelled = sleeper()
  cancelled.cancel("enough")
  await asyncio.sleep(0)
  return { error, succeeded, failed, cancelled }
}

describe("a class that extends Task", () => {
  it("has none of the tasks that others make", () =>
    run(async () => {
      class Own extends (asyncio.Task as unknown as new () => object) {}
      const task = asyncio.createTask(() => 1)
      assert.deepStrictEqual(
        { isTask: task instanceof asyncio.Task, isOwn: task instanceof Own },
        { isTask: true, isOwn: false }
      )
      await task
    }))
})

describe("the state of a task", () => {
  it("is neither done nor cancelled while pending", () =>
    run(() => {
      const task = asyncio.createTask(() => {})

      assert.deepStrictEqual({ done: task.done(), cancelled: task.cancelled() }, { done: false, cancelled: false })
    }))

  // test_task_done, test_cancelled
  it("is done in all endings, and cancelled in one", () =>
    run(async () => {
      const { succeeded, failed, cancelled } = await ended()

      assert.deepStrictEqual(
        [succeeded, failed, cancelled].map((task) => [task.done(), task.cancelled()]),
        [
          [true, false],
          [true, false],
          [true, true]
        ]
      )
      failed.exception()
    }))

  it("has not changed yet when the function has ended but its microtasks have not", () =>
    run(async () => {
      const task = asyncio.createTask(async () => {
        const me = self()
        queueMicrotask(() => seen.push(me.done()))
        seen.push(me.done())
      })
      const seen: Array<boolean> = []
      await task

      seen.push(task.done())

      assert.deepStrictEqual(seen, [false, false, true])
    }))

  // test_result
  it("gives its result, and throws its error and its CancelledError", () =>
    run(async () => {
      const { cancelled, failed, succeeded } = await ended()

      assert.deepStrictEqual(
        [succeeded.result(), thrown(() => failed.result()), thrown(() => cancelled.result())],
        ["value", "Error: failed", "CancelledError: enough"]
      )
    }))

  // test_exception
  it("gives its error as a value, undefined for a success, and throws its CancelledError", () =>
    run(async () => {
      const { cancelled, error, failed, succeeded } = await ended()

      assert.strictEqual(failed.exception(), error)
      assert.strictEqual(succeeded.exception(), undefined)
      assert.strictEqual(
        thrown(() => cancelled.exception()),
        "CancelledError: enough"
      )
    }))

  it("throws InvalidStateError when asked for a result or error it does not have yet", () =>
    run(() => {
      const task = asyncio.createTask(() => {})

      const messages = [thrown(() => task.result()), thrown(() => task.exception())]

      assert.deepStrictEqual(messages, [
        "InvalidStateError: Result is not set.",
        "InvalidStateError: Exception is not set."
      ])
    }))

  it("keeps values that are thrown as they are, whatever they are", () =>
    run(async () => {
      const values = ["text", 0, undefined, null, { code: 1 }]
      const tasks = values.map((value) => asyncio.createTask(() => Promise.reject(value)))

      const rejected = await Promise.all(tasks.map(rejection))

      assert.deepStrictEqual(
        rejected.map((value, n) => value === values[n]),
        [true, true, true, true, true]
      )
    }))

  it("ends cancelled when the function throws a CancelledError of its own", () =>
    run(async () => {
      const task = asyncio.createTask(() => Promise.reject(new asyncio.CancelledError("mine")))

      assert.strictEqual(await text(task), "CancelledError: mine")
      assert.isTrue(task.cancelled())
    }))
})

describe("the name of a task", () => {
  // test_task_set_name_pylong, test_task_repr_name_not_str
  it("can be changed at any time, and becomes a string", () =>
    run(async () => {
      const task = asyncio.createTask(() => {}, { name: "first" })
      const names = [task.getName()]

      for (const name of ["second", 987654321, null, { toString: () => "object" }]) {
        task.setName(name)
        names.push(task.getName())
      }

      await task
      task.setName("after the end")
      assert.deepStrictEqual(
        [...names, task.getName()],
        ["first", "second", "987654321", "null", "object", "after the end"]
      )
    }))

  // test_task_repr
  it("is in its repr, which String, templates and the inspector print", () =>
    run(async () => {
      const task = asyncio.createTask(async function work() {}, { name: "TestTask" })
      task.cancel()
      const cancelling = String(task)
      await text(task)

      const printed = [`${task}`, inspect(task), inspect([task])]

      assert.strictEqual(cancelling, "<Task cancelling name='TestTask' coro=<work() running>>")
      const cancelled = "<Task cancelled name='TestTask' coro=<work() done>>"
      assert.deepStrictEqual(printed, [cancelled, cancelled, `[ ${cancelled} ]`])
    }))

  it("comes with the name of the function, which an arrow that only calls another one takes from that", () =>
    run(async () => {
      const fetchUser = async (id: number) => id
      const tasks = [
        asyncio.createTask(() => fetchUser(3)),
        asyncio.createTask(async () => await fetchUser(3)),
        asyncio.createTask(() => asyncio.sleep(0)),
        asyncio.createTask(async () => {
          await fetchUser(3)
        }),
        asyncio.createTask(() => fetchUser(3).then(() => {}))
      ]

      const names = tasks.map((task) => /coro=<(\w+)\(\)/.exec(String(task))?.[1])

      await asyncio.gather(tasks)
      assert.deepStrictEqual(names, ["fetchUser", "fetchUser", "sleep", "coroutine", "coroutine"])
    }))

  // test_task_repr_wait_for
  it("is in the repr of the task that waits for it", () =>
    run(async () => {
      const inner = asyncio.createTask(() => asyncio.sleep(1), { name: "inner" })
      const outer = asyncio.createTask(async () => inner)
      await asyncio.sleep(0)
      await asyncio.sleep(0)

      const repr = String(outer)

      assert.match(repr, /wait_for=<Task pending name='inner' .*cb=\[Task\.task_wakeup\(\)\]>/)
      await outer
    }))
})

describe("done callbacks", () => {
  it("run on the loop in the order they were added, with the task, after the function's last microtask", () =>
    run(async () => {
      const lines: Array<string> = []
      const task = asyncio.createTask(async () => {
        lines.push("function")
        queueMicrotask(() => lines.push("microtask"))
        return "value"
      })

      task.addDoneCallback((done) => lines.push(`first ${done.result()} ${done === task}`))
      task.addDoneCallback(() => lines.push("second"))

      await asyncio.sleep(0)
      lines.push("main")
      await asyncio.sleep(0)
      assert.deepStrictEqual(lines, ["function", "microtask", "main", "first value true", "second"])
    }))

  it("run in the next iteration when the task is done already", () =>
    run(async () => {
      const lines: Array<string> = []
      const task = asyncio.createTask(() => {})
      await task

      task.addDoneCallback(() => lines.push("callback"))

      lines.push("main")
      await asyncio.sleep(0)
      assert.deepStrictEqual(lines, ["main", "callback"])
    }))

  it("run before the tasks that awaited later", () =>
    run(async () => {
      const lines: Array<string> = []
      const task = asyncio.createTask(() => asyncio.sleep(1))
      task.addDoneCallback(() => lines.push("callback"))
      const waiting = asyncio.createTask(async () => {
        await task
        lines.push("waiting")
      })

      await waiting

      assert.deepStrictEqual(lines, ["callback", "waiting"])
    }))

  // test_remove_done_callback
  it("can be withdrawn, all registrations of a function at a time", () =>
    run(async () => {
      const lines: Array<string> = []
      const one = () => void lines.push("one")
      const two = () => void lines.push("two")
      const task = asyncio.createTask(() => {})
      for (const callback of [one, two, one]) task.addDoneCallback(callback)

      const counts = [task.removeDoneCallback(one), task.removeDoneCallback(one), task.removeDoneCallback(() => {})]

      await asyncio.sleep(0)
      await asyncio.sleep(0)
      assert.deepStrictEqual([counts, lines], [[2, 0, 0], ["two"]])
    }))

  it("that were withdrawn can be added again", () =>
    run(async () => {
      const lines: Array<string> = []
      const call = () => void lines.push("called")
      const task = asyncio.createTask(() => {})
      task.addDoneCallback(call)
      task.removeDoneCallback(call)

      task.addDoneCallback(call)

      await task
      await asyncio.sleep(0)
      assert.deepStrictEqual(lines, ["called"])
    }))

  it("count as no registration once they are queued", () =>
    run(async () => {
      const task = asyncio.createTask(() => {})
      task.addDoneCallback(callback)
      await asyncio.sleep(0)

      assert.isTrue(task.done())
      assert.strictEqual(task.removeDoneCallback(callback), 0)
    }))

  it("that throw are reported, by name, and stop nobody else", () =>
    run(async () => {
      const reports = collectReports(runningLoop())
      const error = new Error("in a callback")
      const lines: Array<string> = []
      const task = asyncio.createTask(() => {})
      task.addDoneCallback(function broken() {
        throw error
      })
      task.addDoneCallback(() => lines.push("next"))

      await asyncio.sleep(0)
      await asyncio.sleep(0)

      assert.deepStrictEqual(
        [reports.map(({ exception, message }) => [message, exception]), lines],
        [[["Exception in callback broken()", error]], ["next"]]
      )
    }))

  it("have to be functions", () =>
    run(async () => {
      const task = asyncio.createTask(() => {})

      const message = thrown(() => task.addDoneCallback(1 as unknown as () => void))

      assert.strictEqual(message, "TypeError: a callable object was expected by addDoneCallback(), got 1")
    }))
})

describe("the error classes", () => {
  it("are core's", () => {
    assert.strictEqual(asyncio.CancelledError, core.CancelledError)
    assert.strictEqual(asyncio.InvalidStateError, core.InvalidStateError)
    assert.strictEqual(asyncio.KeyboardInterrupt, core.KeyboardInterrupt)
    assert.strictEqual(asyncio.RuntimeError, core.RuntimeError)
    assert.strictEqual(asyncio.TimeoutError, core.TimeoutError)
    assert.strictEqual(asyncio.ValueError, core.ValueError)
  })
})
