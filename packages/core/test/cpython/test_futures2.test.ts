import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect } from "effect"
import { run } from "../support.ts"

const name = asyncio.ContextVar.make("name", { defaultValue: "foo" })

/** What `name` is for the exception handler, for each report up to the end of the loop. */
const namesSeen = async (main: (loop: asyncio.EventLoop) => Effect.Effect<unknown>): Promise<ReadonlyArray<string>> => {
  const loop = makeVirtualTimeLoop()
  const seen: Array<string> = []
  loop.setExceptionHandlerUnsafe((_, { message }) => seen.push(`${message}: ${name.getUnsafe()}`))
  await run(Effect.andThen(main(loop), asyncio.sleep(0)), { loopFactory: () => loop })
  return seen
}

function callback() {
  name.setUnsafe("bar")
  throw new Error("broken")
}

describe("CPython test_futures2", () => {
  it("raises the same error at every await of a failed task, with a stack that does not grow (test_future_traceback)", () =>
    run(
      Effect.gen(function* () {
        const error = new Error("broken")
        const stack = error.stack
        const task = yield* asyncio.createTask(Effect.fail(error))
        const seen: Array<unknown> = []

        for (let n = 0; n < 5; n++) {
          const caught: Error = yield* Effect.flip(task)
          seen.push(caught === error && caught.stack === stack)
        }

        assert.deepStrictEqual(seen, [true, true, true, true, true])
      })
    ))

  it("reports a task's failure to a handler that sees the task's context variables (test_task_exc_handler_correct_context)", async () => {
    const task = Effect.andThen(name.set("bar"), Effect.die(new Error("broken")))

    const seen = await namesSeen(() => asyncio.createTask(task))

    assert.deepStrictEqual(seen, ["Task exception was never retrieved: bar"])
  })

  it("reports a callback's error to a handler that sees the callback's context variables (test_handle_exc_handler_correct_context)", async () => {
    const seen = await namesSeen((loop) => loop.callSoon(callback))

    assert.deepStrictEqual(seen, ["Exception in callback callback(): bar"])
  })

  it("prints a task whose result it is part of with dots in its place (test_recursive_repr_for_pending_tasks)", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(asyncio.allTasks)
        const all = yield* task

        const line = String(task)

        assert.isTrue(all.has(task))
        assert.match(line, /^<Task finished name='Task-2' .* result=.*\.\.\..*>$/)
      })
    ))
})
