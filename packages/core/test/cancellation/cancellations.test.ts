// What packages with other kinds of coroutine need to know of a cancellation that comes to their code in other words.
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { Effect, Exit } from "effect"
import { run } from "../support.ts"

type Control = lowlevel.CoroutineControl<string, string>

/** A coroutine whose control the test holds. */
const controlled = () => {
  let control: Control | undefined
  const coroutine: lowlevel.Coroutine<string, string> = {
    begin: (given) => {
      control = given
    },
    cancelRequested: () => {},
    describe: () => ({ name: "driven", definedAt: undefined, calledAt: undefined })
  }
  return { coroutine, control: () => control! }
}

const show = (exit: Exit.Exit<unknown, unknown>): string =>
  Exit.isSuccess(exit) ? `value ${exit.value}` : `${exit}`.replace(/.*(CancelledError|Fail)/s, "$1")

describe("a look at an error", () => {
  it("says whether it is a CancelledError, whatever it is given, and tells nobody", () => {
    class Own extends asyncio.CancelledError {}
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    const looked: Array<unknown> = []
    const forget = lowlevel.setCancellationWitness((error) => looked.push(error) < 0)

    const values = [new asyncio.CancelledError(), new Own(), { _tag: "CancelledError" }, proxy, undefined, null, "text"]
    const seen = values.map(lowlevel.isCancelledError)

    forget()
    assert.deepStrictEqual([seen, looked], [[true, true, false, false, false, false, false], []])
  })

  it("by instanceof is told to the witness, who may say yes to more; a class made from CancelledError asks for its own", () => {
    class Own extends asyncio.CancelledError {}
    const word = new Error("aborted")
    const looked: Array<unknown> = []
    const forget = lowlevel.setCancellationWitness((error) => {
      looked.push(error)
      return error === word
    })
    const error = new asyncio.CancelledError("enough")

    const seen = [error, word, new Error("other"), new Own()].map((value) => [
      value instanceof asyncio.CancelledError,
      value instanceof Own
    ])

    forget()
    assert.deepStrictEqual(seen, [
      [true, false],
      [true, false],
      [false, false],
      [true, true]
    ])
    assert.deepStrictEqual(looked.slice(0, 2), [error, word])
    assert.isFalse(word instanceof asyncio.CancelledError)
  })
})

describe("a cancellation that was made into something else", () => {
  it("keeps who asked and why, has the original as its cause, and ends a part of a task as the task's own", () =>
    run(
      Effect.gen(function* () {
        const original = new Error("aborted")
        const { control, coroutine } = controlled()
        const lines: Array<string> = []
        const inside = lowlevel
          .embedCoroutine(coroutine)
          .pipe(Effect.catch((error) => Effect.sync(() => lines.push(`swallowed ${error}`))))
        const task = yield* asyncio.createTask(inside)
        yield* asyncio.sleep(0)
        yield* task.cancel("enough")
        const due = control().takeCancellation()!

        const made = lowlevel.cancellationMadeInto(lowlevel.cancellationMadeInto(due, new Error("first")), original)
        control().end(Exit.fail(made as never))

        yield* Effect.exit(task)
        assert.deepStrictEqual([task.cancelled(), lines], [true, []])
        assert.deepStrictEqual(
          { reason: made.reason, requestedBy: made.requestedBy?.name, madeCauseIsOriginal: made.cause === original },
          { reason: "enough", requestedBy: "Task-1", madeCauseIsOriginal: true }
        )
      })
    ))
})

describe("a coroutine that is a part of a task", () => {
  it("ends once, however often it says so", () =>
    run(
      Effect.gen(function* () {
        const { control, coroutine } = controlled()
        const task = yield* asyncio.createTask(
          Effect.gen(function* () {
            yield* lowlevel.embedCoroutine(coroutine)
            return yield* asyncio.sleep(5, "slept")
          })
        )
        yield* asyncio.sleep(0)

        control().end(Exit.void as never)
        yield* asyncio.sleep(0)
        control().end(Exit.fail(new Error("again")) as never)

        assert.strictEqual(yield* task, "slept")
      })
    ))
})

describe("a cancellation that was taken too early", () => {
  it("is delivered after all, to the await in flight or the next one, and counted once", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const lines: Array<string> = []
        for (const isInFlight of [true, false]) {
          const { control, coroutine } = controlled()
          const task = lowlevel.createCoroutineTaskUnsafe(loop, coroutine)
          yield* asyncio.sleep(0)
          yield* task.cancel("enough")
          const due = control().takeCancellation()!
          const wait = () => control().await(loop.createFutureUnsafe(), (exit) => lines.push(show(exit)))

          if (isInFlight) wait()
          control().deliverAgain(due)
          if (!isInFlight) wait()

          yield* asyncio.sleep(0)
          yield* asyncio.sleep(0)
          lines.push(`${task.cancelling()}, ${control().pendingCancellation()}`)
          control().end(Exit.succeed("over"))
        }

        assert.deepStrictEqual(
          lines.map((line) => line.split(/[:)]/)[0]),
          ["CancelledError", "1, undefined", "CancelledError", "1, undefined"]
        )
      })
    ))

  it("stays where it is when the request was withdrawn, in a branch too", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const { control, coroutine } = controlled()
        const task = lowlevel.createCoroutineTaskUnsafe(loop, coroutine)
        yield* asyncio.sleep(0)
        const child = control().openScope({ cancelRequested: () => {} })
        yield* task.cancel("enough")
        const due = child.takeCancellation()!
        yield* task.uncancel()

        child.deliverAgain(due)
        control().deliverAgain(due)

        assert.deepStrictEqual([child.pendingCancellation(), task.cancelling()], [undefined, 0])
        child.leave()
        control().end(Exit.succeed("over"))
        assert.strictEqual(yield* task, "over")
      })
    ))
})
