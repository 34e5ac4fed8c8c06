import * as asyncio from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { Cause, Data, Effect } from "effect"
import { assert, describe, it } from "vitest"

const run = <A>(main: () => Promise<A>) => asyncio.run(main, { handleSigint: false })
const caughtBy = (promise: PromiseLike<unknown>) => promise.then(undefined, (error: unknown) => error)

const boom = new RangeError("boom")
const throwing = (error: unknown) => asyncio.toEffect(() => Promise.reject(error))

const framesOf = (stack: string | undefined) => stack?.split("\n").filter((line) => /^ +at /.test(line))

class Refused extends Data.TaggedError("Refused") {}

describe("an error that goes from promises into Effects and out again", () => {
  const ways: Record<string, () => PromiseLike<unknown>> = {
    runEffect: () => asyncio.runEffect(throwing(boom)),
    "runEffect, behind an await": () => asyncio.runEffect(Effect.andThen(core.sleep(1), throwing(boom))),
    "await of a task of core": () => asyncio.createTask(throwing(boom)),
    "await of a task that is done": async () => {
      const task = asyncio.createTask(throwing(boom))
      await asyncio.wait([task])
      return await task
    },
    "result()": async () => {
      const task = asyncio.createTask(throwing(boom))
      await asyncio.wait([task])
      return task.result()
    },
    "exception()": async () => {
      const task = asyncio.createTask(throwing(boom))
      await asyncio.wait([task])
      throw task.exception()
    },
    gather: () => asyncio.gather([throwing(boom)]),
    "gather with returnExceptions": async () => {
      const [settled] = await asyncio.gather([throwing(boom)], { returnExceptions: true })
      throw settled.status === "rejected" ? settled.reason : "no error"
    },
    waitFor: () => asyncio.waitFor(throwing(boom), 1000),
    shield: () => asyncio.shield(throwing(boom)),
    race: () => asyncio.race([throwing(boom)]),
    "four borders": () => asyncio.runEffect(asyncio.toEffect(() => asyncio.runEffect(throwing(boom)))),
    "yield* of a task": () =>
      asyncio.runEffect(
        Effect.gen(function* () {
          yield* asyncio.createTask(throwing(boom))
        })
      )
  }

  for (const [name, way] of Object.entries(ways)) {
    it(`is the same object: ${name}`, () => run(async () => assert.strictEqual(await caughtBy(way()), boom)))
  }

  it("has no tag at all where a promise is given to functions of compat", () =>
    run(async () => {
      const rejecting = () => Promise.reject<string>(boom)
      const task = asyncio.ensureFuture(rejecting())
      await asyncio.wait([task])
      const group = (await caughtBy(asyncio.anyOf([rejecting()]))) as asyncio.ExceptionGroup

      const seen = [task.exception(), ...group.errors, await caughtBy(asyncio.race([rejecting()]))]

      assert.deepStrictEqual(seen, [boom, boom, boom])
      assert.include(String(task), "exception=RangeError('boom')")
    }))

  it("has a tag in between, and one border only makes it", () =>
    run(async () => {
      const inside = await asyncio.runEffect(Effect.flip(asyncio.toEffect(() => asyncio.runEffect(throwing(boom)))))

      assert.isTrue(Cause.isUnknownError(inside) && inside.cause === boom)
      assert.strictEqual(String(inside), "UnknownError: An error occurred in toEffect()")
    }))

  it("is the same object as a member of a group, and the group is the same each time", () =>
    run(async () => {
      const group = core.taskGroup((members: core.TaskGroup<Cause.UnknownError | Refused>) =>
        Effect.andThen(members.createTask(throwing(boom) as Effect.Effect<never, Cause.UnknownError>), Effect.never)
      )
      const task = asyncio.createTask(group)

      const error = (await caughtBy(task)) as asyncio.ExceptionGroup

      assert.deepStrictEqual(error.errors, [boom])
      assert.strictEqual(error.message, "unhandled errors in a TaskGroup")
      assert.strictEqual(await caughtBy(task), error)
    }))

  it("leaves the group that it is a member of its stack, its cause and its notes", () =>
    run(async () => {
      const tagged = await asyncio.runEffect(Effect.flip(throwing(boom)))
      const group = Object.assign(new asyncio.ExceptionGroup("two failed", [tagged, new Refused()]), {
        cause: new Error("offline"),
        hint: "Look at the network.",
        task: "loader"
      })

      const thrown = (await caughtBy(asyncio.runEffect(Effect.fail(group)))) as typeof group

      assert.strictEqual(thrown.errors[0], boom)
      const { cause, hint, stack, task } = thrown
      assert.deepStrictEqual(
        { cause, hint, frames: framesOf(stack), task },
        { cause: group.cause, hint: "Look at the network.", frames: framesOf(group.stack), task: "loader" }
      )
    }))

  it("leaves the groups in a group their notes, which say who has failed", () =>
    run(async () => {
      const inner = core.taskGroup((members: core.TaskGroup<Cause.UnknownError>) =>
        members.createTask(throwing(boom) as Effect.Effect<never, Cause.UnknownError>, { name: "reader" })
      )
      const outer = core.taskGroup((members: core.TaskGroup<asyncio.ExceptionGroup<Cause.UnknownError>>) =>
        members.createTask(inner, { name: "service" })
      )

      const error = (await caughtBy(asyncio.runEffect(outer))) as asyncio.ExceptionGroup & { readonly hint?: string }

      const [within] = error.errors as ReadonlyArray<asyncio.ExceptionGroup & { readonly hint?: string }>
      assert.deepStrictEqual(within?.errors, [boom])
      assert.deepStrictEqual(
        [error.hint, within?.hint],
        ["service", "reader"].map((name) => `Handle \`errors\` around the group. What failed: ${name}.`)
      )
    }))

  it("keeps groups without such members, cancellations and Ctrl-C as they are, also inside", () =>
    run(async () => {
      const gone = asyncio.createTask(() => asyncio.sleep("1 hour"))
      gone.cancel("gone")
      const ofOther = await caughtBy(gone)
      for (const error of [new asyncio.ExceptionGroup("two", [boom, boom]), ofOther, new asyncio.KeyboardInterrupt()]) {
        assert.strictEqual(await asyncio.runEffect(Effect.flip(throwing(error))), error)
        assert.strictEqual(await caughtBy(asyncio.runEffect(throwing(error))), error)
      }
    }))

  it("is handled as a member of the group that the function has failed with", () =>
    run(async () => {
      const group = asyncio.toEffect(() =>
        asyncio.taskGroup(async (members) => void members.createTask(() => Promise.reject(boom)))
      )
      const caught = core.catchGroup(group, RangeError, (errors) => Effect.succeed(errors.leaves()[0]))

      assert.strictEqual(await asyncio.runEffect(caught), boom)
    }))

  it("leaves the errors of other borders alone", () =>
    run(async () => {
      const error = await caughtBy(asyncio.runEffect(Effect.tryPromise(() => Promise.reject(boom))))

      assert.isTrue(Cause.isUnknownError(error) && error.cause === boom)
    }))

  it("stays as it is where a group of the program's own class cannot be made anew", () =>
    run(async () => {
      class Own extends asyncio.ExceptionGroup {
        override derive(): never {
          throw new Error("no")
        }
      }
      const tagged = await asyncio.runEffect(Effect.flip(throwing(boom)))
      const own = new Own("own", [tagged])

      assert.strictEqual(await caughtBy(asyncio.runEffect(Effect.fail(own))), own)
    }))
})
