import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"

// What a port of asyncio is most likely to get wrong and no test of CPython's own suite pins: the lines are those that
// CPython 3.14 prints. The comment above a test names what decides in CPython.

const never = asyncio.sleep("1 hour")

/** Adds `line` to a list. */
const noteTo = (lines: Array<unknown>) => (line: unknown) => Effect.sync(() => void lines.push(line))

describe("two cancellations before the task runs again", () => {
  // `Task.cancel` counts each request. The awaited future has the first message, and the next step takes both requests.
  it("are one CancelledError, with the first message, and two requests", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const note = noteTo(lines)
        const task = yield* asyncio.createTask(
          Effect.andThen(
            asyncio.catchCancelled(never, ({ reason }) =>
              Effect.flatMap(asyncio.currentTask, (task) => note([reason, task.cancelling()]))
            ),
            Effect.andThen(asyncio.sleep(1000), note("went on"))
          )
        )
        yield* asyncio.sleep(0)

        yield* task.cancel("first")
        yield* task.cancel("second")

        yield* task
        assert.deepStrictEqual([lines, task.cancelling()], [[["first", 2], "went on"], 2])
      })
    ))

  // `Task.cancel` keeps one message for the next await: the last.
  it("have the last message where nothing was awaited yet", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const note = noteTo(lines)
        const unstarted = yield* asyncio.createTask(never)
        const itself = yield* asyncio.createTask(
          Effect.gen(function* () {
            const task = yield* asyncio.currentTask
            yield* task.cancel("first")
            yield* task.cancel("second")
            yield* asyncio.catchCancelled(never, ({ reason }) => note(reason))
            yield* asyncio.sleep(0)
            yield* note("went on")
          })
        )

        yield* unstarted.cancel("first")
        yield* unstarted.cancel("second")

        const error = yield* Effect.flip(unstarted)
        yield* itself
        assert.deepStrictEqual([error.reason, lines], ["second", ["second", "went on"]])
      })
    ))
})

describe("a cancellation between the end of an await and the task's next step", () => {
  // `Task.cancel` of a task that is already scheduled to go on replaces what its next step is given.
  it("replaces the value, which stays in the future", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const loop = yield* asyncio.getRunningLoop
        const future = yield* loop.createFuture<number>()
        const task = yield* asyncio.createTask(
          asyncio.catchCancelled(Effect.flatMap(future, noteTo(lines)), ({ reason }) =>
            Effect.flatMap(Effect.orDie(future.result()), (value) => noteTo(lines)([reason, value]))
          )
        )
        yield* asyncio.sleep(0)
        yield* future.setResult(42)

        yield* task.cancel("late")

        yield* task
        assert.deepStrictEqual(
          { lines, cancelled: task.cancelled(), cancelling: task.cancelling() },
          { lines: [["late", 42]], cancelled: false, cancelling: 1 }
        )
      })
    ))
})

describe("a cancellation of a chain of tasks", () => {
  // `Task.cancel` goes down the chain of awaited tasks at once; each of them ends by itself, from the innermost on.
  it("asks everybody below at once, with the same message, and ends the one that was asked later, as that likes", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const lines: Array<unknown> = []
        const inner = yield* asyncio.createTask(never)
        const middle = yield* asyncio.createTask(inner)
        const outer = yield* asyncio.createTask(
          asyncio.catchCancelled(middle, ({ reason }) =>
            Effect.andThen(noteTo(lines)(reason), Effect.andThen(asyncio.sleep(1000), Effect.fail("replaced")))
          )
        )
        const chain = [inner, middle, outer]
        yield* asyncio.sleep(0)

        const accepted = yield* outer.cancel("message")

        assert.deepStrictEqual(
          { accepted, chain: chain.map((task) => [task.cancelling(), task.done()]) },
          {
            accepted: true,
            chain: [
              [1, false],
              [1, false],
              [1, false]
            ]
          }
        )
        const error = yield* Effect.flip(outer)
        assert.deepStrictEqual([lines, error, loop.time()], [["message"], "replaced", 1000])
        assert.deepStrictEqual(
          chain.map((task) => task.cancelled()),
          [true, true, false]
        )
      })
    ))
})

describe("a cancellation that was swallowed and not withdrawn", () => {
  // `Timeout` compares the count with that at its beginning; `TaskGroup` asks again, where there is a count, before it raises its errors.
  it("does not hinder a later timeout, and makes a later task group ask once more after its errors", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const body = Effect.gen(function* () {
          const task = yield* asyncio.currentTask
          const note = (line: string) => noteTo(lines)([line, task.cancelling()])
          yield* task.cancel()
          yield* asyncio.catchCancelled(asyncio.sleep(0), () => note("swallowed"))
          yield* Effect.catchTag(asyncio.timeout(1000, never), "TimeoutError", () => note("timed out"))
          const group = asyncio.taskGroup((group: asyncio.TaskGroup) => group.createTask(Effect.fail("broken")))
          yield* Effect.catch(group, (error) => note(String(error)))
          yield* asyncio.catchCancelled(asyncio.sleep(0), ({ message }) => note(`asked again: ${message}`))
          yield* asyncio.sleep(0)
          yield* note("in peace")
          return [yield* task.uncancel(), yield* task.uncancel()]
        })
        const task = yield* asyncio.createTask(body)

        const counts = yield* task

        assert.deepStrictEqual(lines, [
          ["swallowed", 1],
          ["timed out", 1],
          ["ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)", 1],
          ["asked again: ", 1],
          ["in peace", 1]
        ])
        assert.deepStrictEqual([counts, task.cancelled()], [[0, 0], false])
      })
    ))

  // `Task.uncancel` lowers the count of a task that is done as well.
  it("can be withdrawn from a task that is done, which stays cancelled and takes no more", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(never)
        yield* task.cancel()
        yield* Effect.flip(task)

        const count = yield* task.uncancel()

        assert.deepStrictEqual(
          { count, cancelled: task.cancelled(), accepted: yield* task.cancel(), cancelling: task.cancelling() },
          { count: 0, cancelled: true, accepted: false, cancelling: 0 }
        )
      })
    ))
})

describe("the CancelledError of a task", () => {
  // `Future._make_cancelled_error` gives the error of the cancelled step once, and makes a new one without a message from then on.
  it("goes to the first who asks; whoever asks later gets one without the message", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(never)
        yield* asyncio.sleep(0)
        yield* task.cancel("message")

        const errors = [yield* Effect.flip(task), yield* Effect.flip(task), yield* Effect.flip(task)]

        assert.deepStrictEqual(
          errors.map(({ message, reason }) => [message, reason]),
          [
            ["message", "message"],
            ["", "message"],
            ["", "message"]
          ]
        )
        assert.notStrictEqual(errors[0], errors[1])
      })
    ))

  // `Future._make_cancelled_error` makes one with the message each time where no step has raised it.
  it("of a plain future keeps its message for everybody", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const future = yield* loop.createFuture<void>()
        yield* future.cancel("message")

        const errors = [yield* Effect.flip(future), yield* Effect.flip(future)]

        assert.deepStrictEqual(
          errors.map(({ reason }) => reason),
          ["message", "message"]
        )
      })
    ))

  // `gather` with `return_exceptions` makes errors of its own, with the message that the child itself was cancelled with: the step of a
  // task keeps none.
  it("is an empty one among the results of a gather, which does not count as asking", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const task = yield* asyncio.createTask(never)
        const future = yield* loop.createFuture<void>()
        yield* asyncio.sleep(0)
        yield* task.cancel("message")
        yield* future.cancel("message")

        const exits = yield* asyncio.gather([task, future], { returnExceptions: true })

        const errors = [yield* Effect.flip(exits[0]), yield* Effect.flip(exits[1]), yield* Effect.flip(task)]
        assert.deepStrictEqual(
          errors.map(({ message }) => message),
          ["", "message", "message"]
        )
      })
    ))
})
