/**
 * Who asked, and why, is known wherever a cancellation arrives. `message` stays asyncio's, which is empty wherever Python's own code
 * cancels.
 */
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Cause, Effect, Exit, Fiber } from "effect"
import { run } from "../support.ts"

const never = asyncio.sleep("1 hour")

const why = (error: unknown): string =>
  error instanceof asyncio.CancelledError
    ? `cancelled by ${error.requestedBy}: ${error.reason} (${error.message})`
    : String(error)

/** Waits, and notes why it ended. */
const noting = (lines: Array<string>, name: string, wait: Effect.Effect<unknown, unknown> = never) =>
  Effect.onExit(wait, (exit) =>
    Effect.sync(() => {
      if (Exit.isFailure(exit)) lines.push(`${name}: ${why(cancellationOf(exit.cause))}`)
    })
  )

/** The CancelledError of an interrupt or a failure, as a handler gets it. */
const cancellationOf = (cause: Cause.Cause<unknown>): unknown => {
  let found: unknown
  const program = asyncio.catchCancelled(Effect.failCause(cause), (error) => Effect.sync(() => (found = error)))
  Effect.runSyncExit(program)
  return found
}

const endOf = (task: asyncio.Task<unknown, unknown>) =>
  Effect.map(Effect.exit(task), (exit) => (Exit.isSuccess(exit) ? "ended" : why(Cause.squash(exit.cause))))

/** A child that is asked to stop, and fails in its cleanup. */
const failing = Effect.ensuring(never, Effect.die(new Error("cleanup")))

describe("a cancellation says who asked and why", () => {
  it("to the cleanup of a body whose time was up, by timeout and by waitFor", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        yield* Effect.ignore(asyncio.timeout(5, noting(lines, "body")))
        yield* Effect.ignore(asyncio.timeout(5, noting(lines, "foreign", Effect.never)))
        yield* Effect.ignore(asyncio.waitFor(noting(lines, "waited for"), 5))
        yield* Effect.ignore(asyncio.waitFor(yield* asyncio.createTask(noting(lines, "no time")), 0))
        const task = yield* asyncio.createTask(noting(lines, "started"))
        yield* asyncio.sleep(0)
        yield* Effect.ignore(asyncio.waitFor(task, 0))

        assert.deepStrictEqual(lines, [
          "body: cancelled by Task-1: the time was up ()",
          "foreign: cancelled by Task-1: the time was up ()",
          "waited for: cancelled by Task-1: the time was up ()",
          "started: cancelled by Task-1: the time was up ()"
        ])
      })
    ))

  it("to the body and the members of a group that is cancelled, by itself, by its task, and by a failure", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const grouped = (
          label: string,
          body: (group: asyncio.TaskGroup) => Effect.Effect<unknown, unknown>,
          name?: string
        ) =>
          asyncio.createTask(
            asyncio.taskGroup((group: asyncio.TaskGroup) =>
              Effect.andThen(
                group.createTask(noting(lines, `member ${label}`), { name: "member" }),
                noting(lines, `body ${label}`, Effect.andThen(asyncio.sleep(1), body(group)))
              )
            ),
            { name: name ?? label }
          )

        yield* Effect.ignore(yield* grouped("stopped", (group) => Effect.andThen(group.cancel, never)))
        yield* Effect.ignore(
          yield* grouped("failed", (group) =>
            Effect.andThen(group.createTask(Effect.fail("boom"), { name: "bad" }), never)
          )
        )
        yield* Effect.exit(yield* grouped("broken", () => Effect.die(new Error("body"))))
        const asked = yield* grouped("asked", () => never)
        yield* asyncio.sleep(2)
        yield* asked.cancel("stop")
        yield* Effect.ignore(asked)

        assert.deepStrictEqual(lines, [
          "member stopped: cancelled by stopped: its task group was cancelled ()",
          "body stopped: cancelled by stopped: its task group was cancelled ()",
          "member failed: cancelled by bad: bad of its task group has failed ()",
          "body failed: cancelled by bad: bad of its task group has failed ()",
          "body broken: undefined",
          "member broken: cancelled by broken: the body of its task group has failed ()",
          "body asked: cancelled by Task-1: stop (stop)",
          "member asked: cancelled by Task-1: stop ()"
        ])
      })
    ))

  for (const [order, delay] of Object.entries({
    "the timeout first": 20,
    "the request first": 19.999999
  })) {
    for (const [place, wait] of Object.entries({ "an own wait": never, "a foreign wait": Effect.never })) {
      it(`to the task where a request and a timeout meet in one iteration at ${place}, ${order}`, () =>
        run(
          Effect.gen(function* () {
            const { loop } = yield* asyncio.currentTask
            const task = yield* asyncio.createTask(asyncio.timeout(20, wait))
            yield* asyncio.sleep(0)
            yield* loop.callLater(delay, () => task.cancelUnsafe("stop", undefined, "signal"))
            // Both are due when the loop looks at its timers again.
            yield* loop.callLater(19, () =>
              (loop as asyncio.EventLoop & { advanceUnsafe(by: number): void }).advanceUnsafe(5)
            )

            assert.match(yield* endOf(task), /^cancelled by signal: stop/)
          })
        ))
    }
  }

  it("to the task where its request was hidden by one of a group, which failed or was cancelled", () =>
    run(
      Effect.gen(function* () {
        const cancelSelf = Effect.flatMap(asyncio.currentTask, (task) => task.cancel("stop"))
        const asking = yield* asyncio.createTask(
          Effect.andThen(
            asyncio.taskGroup((group) => Effect.andThen(cancelSelf, Effect.andThen(group.cancel, never))),
            never
          ),
          { name: "asking" }
        )
        const failed = yield* asyncio.createTask(
          Effect.andThen(
            Effect.exit(asyncio.taskGroup((group) => Effect.andThen(group.createTask(failing), never))),
            never
          )
        )
        yield* asyncio.sleep(0)
        yield* asyncio.sleep(0)
        yield* failed.cancel("stop")

        assert.deepStrictEqual(
          [yield* endOf(asking), yield* endOf(failed)],
          ["cancelled by asking: stop ()", "cancelled by Task-1: stop ()"]
        )
      })
    ))

  it("to everyone who asks how a task ended, to a gather, and through a shield", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(never)
        const shielded = yield* asyncio.createTask(never)
        const shield = yield* asyncio.shieldFuture(shielded)
        yield* asyncio.sleep(0)
        yield* task.cancel("stop")
        yield* shielded.cancel("stop")

        const [gathered] = yield* asyncio.gather([task], { returnExceptions: true })
        const through = yield* Effect.flip(shield)
        const gathering = yield* asyncio.gatherFuture([yield* asyncio.createTask(never), never], {
          returnExceptions: true
        })
        yield* asyncio.sleep(0)
        yield* gathering.cancel("enough")

        assert.deepStrictEqual(
          [
            why(Exit.isFailure(gathered) && Cause.squash(gathered.cause)),
            yield* endOf(task),
            yield* endOf(task),
            why(through),
            why(yield* Effect.flip(gathering))
          ],
          [
            "cancelled by Task-1: stop ()",
            "cancelled by Task-1: stop (stop)",
            "cancelled by Task-1: stop ()",
            "cancelled by Task-1: stop ()",
            "cancelled by Task-1: enough (enough)"
          ]
        )
      })
    ))

  it("to what is left when the run is over, and to what is under way when a fiber is interrupted", async () => {
    const lines: Array<string> = []
    await run(
      Effect.gen(function* () {
        const awaited = yield* asyncio.createTask(noting(lines, "awaited by a branch"))
        const branches = Effect.all([awaited, Effect.never], { concurrency: "unbounded" })
        const fiber = yield* Effect.forkChild(branches)
        yield* asyncio.createTask(noting(lines, "left"))
        yield* asyncio.sleep(0)
        yield* asyncio.sleep(0)
        yield* Fiber.interrupt(fiber)
        lines.push(`natively: ${why(yield* asyncio.catchCancelled(Effect.interrupt, Effect.succeed))}`)
      })
    )

    assert.deepStrictEqual(lines, [
      "awaited by a branch: cancelled by Task-1: its fiber was interrupted ()",
      "natively: cancelled by undefined: its fiber was interrupted ()",
      "left: cancelled by undefined: its run is over ()"
    ])
  })
})
