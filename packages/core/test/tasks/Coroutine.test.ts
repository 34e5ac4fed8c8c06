import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Context, Effect, Exit } from "effect"
import { collectReports, run } from "../support.ts"

type Control = lowlevel.CoroutineControl<string, string>

/** A coroutine whose control the test holds, and that notes what it is told. */
const controlled = (begun: (control: Control) => void = () => {}) => {
  const lines: Array<string> = []
  let control: Control | undefined
  const coroutine: lowlevel.Coroutine<string, string> = {
    begin: (given) => {
      control = given
      lines.push("begin")
      begun(given)
    },
    cancelRequested: (error, passedOn) => void lines.push(`cancel ${error.reason}, passed on: ${passedOn}`),
    describe: () => ({ name: "driven", definedAt: "/place.js:1", calledAt: "/caller.js:2" })
  }
  return { lines, coroutine, control: () => control! }
}

const show = (exit: Exit.Exit<unknown, unknown>): string =>
  Exit.isSuccess(exit) ? `value ${exit.value}` : `${exit}`.replace(/.*(CancelledError|Fail)/s, "$1")

const setUp = (begun?: (control: Control) => void) =>
  Effect.gen(function* () {
    const loop = yield* asyncio.getRunningLoop
    const made = controlled(begun)
    const task = lowlevel.createCoroutineTaskUnsafe(loop, made.coroutine)
    return { loop, task, ...made }
  })

describe("a task of another kind of coroutine", () => {
  it("begins in the next iteration and ends when it is told", () =>
    run(
      Effect.gen(function* () {
        const { control, coroutine, lines, task } = yield* setUp()
        const before = lines.length
        yield* asyncio.sleep(0)

        control().end(Exit.succeed("result"))
        control().end(Exit.succeed("again"))

        assert.deepStrictEqual([before, ...lines, yield* task], [0, "begin", "result"])
        assert.deepStrictEqual([control().task, task.getCoro()], [task, coroutine])
      })
    ))

  it("is told of each request that is withdrawn, and of none that was not made", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const { control, coroutine, lines } = controlled()
        const task = lowlevel.createCoroutineTaskUnsafe(loop, {
          ...coroutine,
          cancelWithdrawn: () => void lines.push(`withdrawn, ${task.cancelling()} left`)
        })
        yield* asyncio.sleep(0)
        yield* task.cancel("one")
        yield* task.cancel("two")

        for (let time = 0; time < 3; time++) yield* task.uncancel()

        control().end(Exit.succeed("result"))
        assert.deepStrictEqual(lines.slice(-2), ["withdrawn, 1 left", "withdrawn, 0 left"])
        assert.strictEqual(yield* task, "result")
      })
    ))

  it("may begin eagerly, with a name and a context of its own", () =>
    run(
      Effect.gen(function* () {
        const Level = Context.Reference<number>("test/CoroutineLevel", { defaultValue: () => 0 })
        const loop = yield* asyncio.getRunningLoop
        const { coroutine } = controlled((control) => control.end(Exit.succeed("at once")))

        const task = lowlevel.createCoroutineTaskUnsafe(loop, coroutine, {
          name: "eager",
          eagerStart: true,
          context: Context.add(Context.empty(), Level, 7)
        })

        assert.deepStrictEqual(
          { name: task.getName(), done: task.done(), level: Context.get(task.getContext(), Level) },
          { name: "eager", done: true, level: 7 }
        )
      })
    ))

  it("that began eagerly takes its place among all tasks where it first suspends", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const names = () => loop.allTasksUnsafe().map((task) => task.getName())
        const start = (name: string) => {
          const made = controlled()
          lowlevel.createCoroutineTaskUnsafe(loop, made.coroutine, { name, eagerStart: true })
          return made.control()
        }
        const [first, second, third] = [start("first"), start("second"), start("third")]
        yield* asyncio.createTask(asyncio.sleep(1), { name: "other" })

        second.nextIteration(() => second.end(Exit.succeed("")))
        first.run(Effect.sleep(1), () => first.end(Exit.succeed("")))

        assert.deepStrictEqual(names(), ["Task-1", "third", "other", "second", "first"])
        first.nextIteration(() => {})
        assert.deepStrictEqual(names(), ["Task-1", "third", "other", "second", "first"])
        third.end(Exit.succeed("without suspending"))
        third.nextIteration(() => {})
        yield* asyncio.sleep(2)
        assert.deepStrictEqual(names(), ["Task-1"])
      })
    ))

  it("resumes its awaits in steps of the task, any number of which may be in flight", () =>
    run(
      Effect.gen(function* () {
        const { control, loop, lines, task } = yield* setUp()
        const [one, two] = [loop.createFutureUnsafe<number>(), loop.createFutureUnsafe<number>()]
        yield* asyncio.sleep(0)
        const note = (name: string) => (exit: Exit.Exit<unknown, unknown>) =>
          void lines.push(`${name}: ${show(exit)} in ${loop.currentTaskUnsafe() === task}`)
        control().await(one, note("one"))
        control().await(two, note("two"))
        control().await(loop.createFutureUnsafe<number>(), note("three"))
        control().nextIteration(note("iteration"))

        two.setResultUnsafe(2)
        one.setResultUnsafe(1)

        yield* asyncio.sleep(0)
        control().end(Exit.succeed(""))
        assert.deepStrictEqual(lines, [
          "begin",
          "iteration: value undefined in true",
          "two: value 2 in true",
          "one: value 1 in true"
        ])
      })
    ))

  it("has all its awaits cancelled with it, and each fails with the CancelledError", () =>
    run(
      Effect.gen(function* () {
        const { control, loop, lines, task } = yield* setUp()
        const futures = [loop.createFutureUnsafe<number>(), loop.createFutureUnsafe<number>()]
        yield* asyncio.sleep(0)
        for (const future of futures) control().await(future, (exit) => lines.push(show(exit).slice(0, 14)))

        yield* task.cancel("stop")

        yield* asyncio.sleep(0)
        assert.deepStrictEqual(lines, ["begin", "cancel stop, passed on: true", "CancelledError", "CancelledError"])
        control().end(Exit.fail("unused"))
        assert.strictEqual(yield* Effect.flip(task), "unused")
      })
    ))

  it("delivers a cancellation at the next await when none is in flight", () =>
    run(
      Effect.gen(function* () {
        const { control, loop, lines, task } = yield* setUp()
        const future = loop.createFutureUnsafe<number>()
        yield* asyncio.sleep(0)
        yield* task.cancel("stop")
        const pending = control().pendingCancellation()?.reason

        control().await(future, (exit) => control().end(exit as Exit.Exit<never>))

        const error = yield* Effect.flip(task)
        assert.deepStrictEqual(lines, ["begin", "cancel stop, passed on: false"])
        assert.deepStrictEqual(
          { pending, futureCancelled: future.cancelled(), taskCancelled: task.cancelled(), error: String(error) },
          { pending: "stop", futureCancelled: true, taskCancelled: true, error: "CancelledError: stop" }
        )
      })
    ))

  it("delivers a cancellation at the next step of its own", () =>
    run(
      Effect.gen(function* () {
        const { control, task } = yield* setUp((begun) =>
          begun.nextIteration((exit) => begun.end(exit as Exit.Exit<never>))
        )
        yield* asyncio.sleep(0)

        yield* task.cancel()

        yield* Effect.flip(task)
        assert.deepStrictEqual([task.cancelled(), control().pendingCancellation()], [true, undefined])
      })
    ))

  it("may take the cancellation as delivered", () =>
    run(
      Effect.gen(function* () {
        const { control, task } = yield* setUp()
        yield* asyncio.sleep(0)
        yield* task.cancel("stop")

        const taken = control().takeCancellation()?.reason

        control().end(Exit.succeed("went on"))
        assert.deepStrictEqual([taken, yield* task, task.cancelling()], ["stop", "went on", 1])
      })
    ))

  it("is told of a cancellation also before it begins, and then never begins", () =>
    run(
      Effect.gen(function* () {
        const { lines, task } = yield* setUp()

        yield* task.cancel()

        yield* Effect.flip(task)
        assert.deepStrictEqual(lines, ["cancel undefined, passed on: false"])
      })
    ))

  it("is told nothing when it is done", () =>
    run(
      Effect.gen(function* () {
        const { control, lines, task } = yield* setUp()
        yield* asyncio.sleep(0)
        control().end(Exit.succeed(""))

        const accepted = yield* task.cancel()

        assert.deepStrictEqual([accepted, ...lines], [false, "begin"])
      })
    ))

  it("dies where it awaits itself", () =>
    run(
      Effect.gen(function* () {
        const { control, task } = yield* setUp()
        yield* asyncio.sleep(0)

        lowlevel.noteSelfAwaitUnsafe(task)
        control().await(task, (exit) => control().end(exit as Exit.Exit<never>))

        const defect = yield* Effect.catchDefect(task, Effect.succeed)
        assert.match(String(defect), /^RuntimeError: Task cannot await on itself: <Task pending name='Task-2'/)
      })
    ))

  it("prints with the name and places that it describes", () =>
    run(
      Effect.gen(function* () {
        const { control, loop, task } = yield* setUp()
        const reprs = [String(task)]
        yield* asyncio.sleep(0)
        reprs.push(String(task))
        control().await(loop.createFutureUnsafe(), () => {})
        reprs.push(String(task))

        control().end(Exit.succeed("result"))

        assert.deepStrictEqual(
          [...reprs, String(task)],
          [
            "<Task pending name='Task-2' coro=<driven() running at /place.js:1>>",
            "<Task pending name='Task-2' coro=<driven() running, defined at /place.js:1>>",
            "<Task pending name='Task-2' coro=<driven() running, defined at /place.js:1> wait_for=<Future pending cb=[Task.task_wakeup()]>>",
            "<Task finished name='Task-2' coro=<driven() done, defined at /place.js:1> result='result'>"
          ]
        )
      })
    ))

  it("prints with the line where it says that it runs", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const { control, coroutine } = controlled()
        const describe = () => ({ ...coroutine.describe(), runningAt: "/place.js:7" })
        const task = lowlevel.createCoroutineTaskUnsafe(loop, { ...coroutine, describe })
        yield* asyncio.sleep(0)

        assert.include(String(task), "coro=<driven() running at /place.js:7>")
        control().end(Exit.succeed("result"))
      })
    ))

  it("has its failure reported with the place where it was called", async () => {
    const loop = makeVirtualTimeLoop()
    const reports = collectReports(loop)

    await run(
      Effect.gen(function* () {
        yield* setUp((control) => control.end(Exit.fail("broken")))
        yield* asyncio.sleep(0)
      }),
      { loopFactory: () => loop }
    )

    assert.deepStrictEqual(
      reports.map(({ createdAt, exception, task }) => [createdAt, exception, task]),
      [
        [
          "/caller.js:2",
          "broken",
          "<Task finished name='Task-2' coro=<driven() done, defined at /place.js:1> exception='broken'>"
        ]
      ]
    )
  })
})

describe("runCoroutine", () => {
  it("runs it as the main task", async () => {
    const { coroutine } = controlled((control) => control.end(Exit.succeed(`${control.task.getName()} is done`)))

    const result = await lowlevel.runCoroutine(coroutine, { loopFactory: makeVirtualTimeLoop, name: "main" })

    assert.strictEqual(result, "main is done")
  })
})

describe("the grace of a deadline in a coroutine", () => {
  /** The times at which the grace is told, of a body that ends at `end`. */
  const graces = (end: number, asked: (deadline: lowlevel.OpenTimeout, time: number) => void, when = 5) => {
    const told: Array<number> = []
    const program = Effect.gen(function* () {
      const loop = yield* asyncio.getRunningLoop
      let deadline: lowlevel.OpenTimeout
      const grace = {
        graceIsOver: () => {
          told.push(loop.time())
          asked(deadline, loop.time())
        }
      }
      const task = lowlevel.createCoroutineTaskUnsafe<string, unknown>(loop, {
        begin: (control) => {
          deadline = lowlevel.openTimeoutUnsafe(control, when, grace)
          asked(deadline, loop.time())
          loop.callLaterUnsafe(end, () => control.end(deadline.leaveUnsafe(Exit.succeed("ended"))))
        },
        cancelRequested: () => asked(deadline, loop.time()),
        describe: () => ({ name: "late", definedAt: undefined, calledAt: undefined })
      })
      yield* task
      yield* asyncio.sleep(100)
      return told
    })
    return run(program)
  }

  it("is told when it is over, counted from when the time was up", async () => {
    assert.deepStrictEqual(await graces(50, (deadline, time) => time <= 5 && deadline.beginGraceUnsafe(10)), [15])
  })

  it("is not asked for before the time is up", async () => {
    const once = () => {
      let asked = false
      return (deadline: lowlevel.OpenTimeout) => {
        if (!asked) deadline.beginGraceUnsafe(1)
        asked = true
      }
    }

    assert.deepStrictEqual(await graces(50, once()), [])
    assert.deepStrictEqual(await graces(50, once(), 0), [], "the alarm is scheduled already")
  })

  it("is not moved while it lasts, and may begin anew behind that", async () => {
    const told = await graces(50, (deadline) => {
      deadline.beginGraceUnsafe(20)
      deadline.beginGraceUnsafe(1)
    })

    assert.deepStrictEqual(told, [25, 45])
  })

  it("is over with the scope", async () => {
    assert.deepStrictEqual(await graces(8, (deadline, time) => time === 5 && deadline.beginGraceUnsafe(10)), [])
  })
})
