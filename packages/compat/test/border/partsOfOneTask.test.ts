/**
 * Requests that go to several parts of a task, or to one that is about to end: none is lost, and none is delivered behind its time.
 */
import { assert, describe, it } from "vitest"
import * as asyncio from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { Context, Effect } from "effect"
import { macrotask, rejection, run, self } from "../support.ts"

describe("two requests before the first is delivered", () => {
  it("cancel all foreign Effects of an async function", () =>
    run(async () => {
      const task = asyncio.createTask(() =>
        Promise.all(["first", "second", "third"].map(() => rejection(asyncio.runEffect(Effect.never))))
      )
      await asyncio.sleep(1)

      task.cancel("too late")
      task.cancel("enough")

      const errors = (await task) as ReadonlyArray<asyncio.CancelledError>
      assert.deepStrictEqual(
        errors.map(({ reason }) => reason),
        ["enough", "enough", "enough"]
      )
    }))
})

describe("a request to an async function with several Effects", () => {
  it("ends each of them, also where a foreign effect is over before it has been interrupted, and an await of ours follows", () =>
    run(async () => {
      let open = () => {}
      const gate = new Promise<void>((resolve) => (open = resolve))
      const part = Effect.andThen(
        Effect.promise(() => gate),
        core.sleep("1 hour")
      )
      const task = asyncio.createTask(() => Promise.all([1, 2, 3].map(() => rejection(asyncio.runEffect(part)))))
      await asyncio.sleep(1)

      open()
      task.cancel("enough")

      const errors = (await task) as ReadonlyArray<asyncio.CancelledError>
      assert.deepStrictEqual(
        errors.map(({ reason }) => reason),
        ["enough", "enough", "enough"]
      )
    }))
})

describe("a time limit of an Effect in an async function", () => {
  it("does not cancel what comes behind an effect that has ended in the same iteration as it expired", () =>
    run(async () => {
      const loop = asyncio.getRunningLoop()
      let answer = () => {}
      const foreign = Effect.callback<string>((resume) => {
        answer = () => resume(Effect.succeed("in time"))
      })
      const program = Effect.gen(function* () {
        const value = yield* core.timeout(10, foreign)
        yield* core.sleep(1)
        return value
      })
      loop.callAt(loop.time() + 5, () => loop.callAt(loop.time() + 5, () => answer()))
      // Another part of the task is asked to end as well, and takes its time.
      const late = asyncio.timeout(5, async () => {
        try {
          await asyncio.sleep("1 hour")
        } finally {
          await asyncio.sleep(20)
        }
      })

      const results = await Promise.all([asyncio.runEffect(program), rejection(late).then(String)])

      assert.deepStrictEqual(results, ["in time", "TimeoutError"])
    }))
})

describe("an Effect that an async function runs by itself, with the services of its task", () => {
  it("is a part of the task, also where the function goes on from a promise of others", () =>
    run(
      async () => {
        const { core: task } = self()
        const context = Context.add(task.getContext(), core.CurrentTask, task)
        const name = Effect.map(core.currentTask, (current) => current.getName())
        await macrotask()

        const seen = await Effect.runPromiseWith(context)(name)

        assert.strictEqual(seen, "main")
      },
      { name: "main" }
    ))
})

describe("a cancellation from outside while a timeout of core has asked as well", () => {
  // The task is cancelled in the iteration in which the time is up and a task of the group fails, so that the group asks once more.
  const failing = core.taskGroup(function* (group: core.TaskGroup<string>) {
    yield* group.createTask(Effect.fail("no"))
  })
  const failingInside = asyncio.toEffect(() =>
    asyncio.taskGroup((group) => void group.createTask(() => Promise.reject(new Error("no"))))
  )

  for (const [where, effect] of [
    ["in an Effect", failing],
    ["in an async function of it", failingInside]
  ] as const) {
    const limited = core.timeout(0, Effect.exit(effect))

    it(`is not lost with the end of the part, where a group asks again ${where}, and there is no other await`, () =>
      run(async () => {
        const task = asyncio.createTask(async () => {
          asyncio.getRunningLoop().callSoon(() => void task.cancel("enough"))
          await asyncio.runEffect(limited)
        })
        await asyncio.wait([task])

        assert.strictEqual(task.cancelled(), true)
      }))

    it(`arrives at the next await after the part, where a group asks again ${where}`, () =>
      run(async () => {
        const task = asyncio.createTask(async () => {
          asyncio.getRunningLoop().callSoon(() => void task.cancel("enough"))
          await asyncio.runEffect(limited)
          return rejection(asyncio.sleep("1 hour"))
        })

        const error = (await task) as asyncio.CancelledError

        assert.strictEqual(error._tag, "CancelledError")
      }))

    it(`is forgotten when it is withdrawn, where a group asks again ${where}`, () =>
      run(async () => {
        const task = asyncio.createTask(async () => {
          asyncio.getRunningLoop().callSoon(() => void task.cancel("enough"))
          await asyncio.runEffect(limited)
          self().uncancel()
          await asyncio.sleep(0)
          return "went on"
        })

        assert.strictEqual(await task, "went on")
      }))
  }
})
