import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Cause, Effect, Exit, Layer, Logger, References } from "effect"
import { run } from "../support.ts"

/** A logger that keeps, of every line, the message and the annotations. */
const collect = () => {
  const lines: Array<readonly [unknown, Readonly<Record<string, unknown>>]> = []
  const logger = Logger.make(({ fiber, message }) => {
    lines.push([(message as ReadonlyArray<unknown>)[0], { ...fiber.getRef(References.CurrentLogAnnotations) }])
  })
  return { lines, logger, layer: Layer.provideMerge(asyncio.taskLogger, Logger.layer([logger])) }
}

describe("taskLogger", () => {
  it("annotates every line with the name of the task that logs it", async () => {
    const { layer, lines } = collect()
    const main = Effect.gen(function* () {
      yield* Effect.log("from main")
      yield* yield* asyncio.createTask(Effect.log("from worker"), { name: "worker" })
    })

    await run(Effect.provide(main, layer))

    assert.deepStrictEqual(lines, [
      ["from main", { task: "Task-1" }],
      ["from worker", { task: "worker" }]
    ])
  })

  it("says of a line with the cause of a cancellation what kind of stop it is", async () => {
    const { layer, lines } = collect()
    const worker = Effect.onExit(asyncio.sleep("1 hour"), (exit) =>
      Exit.isFailure(exit) ? Effect.log("stopped", exit.cause) : Effect.void
    )
    const main = Effect.gen(function* () {
      const task = yield* asyncio.createTask(worker, { name: "worker" })
      yield* asyncio.sleep(0)
      yield* task.cancel("the client is gone", { kind: "disconnect" })
      yield* asyncio.wait([task])
      yield* Effect.log("failed", Cause.fail("other"))
    })

    await run(Effect.provide(main, layer))

    assert.deepStrictEqual(lines, [
      [
        "stopped",
        {
          task: "worker",
          "cancellation.kind": "disconnect",
          "cancellation.reason": "the client is gone",
          "cancellation.requestedBy": "Task-1"
        }
      ],
      ["failed", { task: "Task-1" }]
    ])
  })

  it("uses the name that the task has when it logs", async () => {
    const { layer, lines } = collect()
    const main = Effect.gen(function* () {
      yield* (yield* asyncio.currentTask).setName("renamed")
      yield* Effect.log("hello")
    })

    await run(Effect.provide(main, layer))

    assert.deepStrictEqual(lines, [["hello", { task: "renamed" }]])
  })

  it("names the task also where a branch of Effect.all logs", async () => {
    const { layer, lines } = collect()
    const main = Effect.all([Effect.log("one"), Effect.andThen(asyncio.sleep(1), Effect.log("two"))], {
      concurrency: "unbounded"
    })

    await run(Effect.provide(main, layer))

    assert.deepStrictEqual(lines, [
      ["one", { task: "Task-1" }],
      ["two", { task: "Task-1" }]
    ])
  })

  it("leaves the program's annotations as they are, also one that is called task", async () => {
    const { layer, lines } = collect()
    const main = Effect.andThen(
      Effect.annotateLogs(Effect.log("first"), "request", 7),
      Effect.annotateLogs(Effect.log("second"), "task", "mine")
    )

    await run(Effect.provide(main, layer))

    assert.deepStrictEqual(lines, [
      ["first", { task: "Task-1", request: 7 }],
      ["second", { task: "mine" }]
    ])
  })

  it("leaves the lines of a fiber that is in no task as they are", async () => {
    const { layer, lines } = collect()

    await Effect.runPromise(Effect.provide(Effect.log("hello"), layer))

    assert.deepStrictEqual(lines, [["hello", {}]])
  })

  it("serves every logger of the program, and lets it see the rest of the fiber", async () => {
    const { logger, lines } = collect()
    const ids: Array<readonly [number, unknown]> = []
    const other = Logger.make(({ fiber }) => {
      ids.push([fiber.id, fiber.getRef(asyncio.CurrentTask)?.getName()])
    })
    const layer = Layer.provideMerge(asyncio.taskLogger, Logger.layer([logger, other]))
    const main = Effect.andThen(Effect.log("hello"), Effect.fiberId)

    const id = await run(Effect.provide(main, layer))

    assert.deepStrictEqual([lines, ids], [[["hello", { task: "Task-1" }]], [[id, "Task-1"]]])
  })

  it("shows the name in the lines of Effect's own formats", async () => {
    const lines: Array<string> = []
    const logger = Logger.map(Logger.formatLogFmt, (line) => void lines.push(line))
    const layer = Layer.provideMerge(asyncio.taskLogger, Logger.layer([logger]))

    await run(Effect.provide(Effect.log("hello"), layer), { name: "worker" })

    assert.lengthOf(lines, 1)
    assert.match(lines[0]!, / message=hello task=worker$/)
  })
})
