import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { collectReports, run } from "../support.ts"

const logTo = (lines: Array<string>) => (line: string) => Effect.sync(() => void lines.push(line))

describe("a task group", () => {
  it("has its children's resources released when it returns", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const log = logTo(lines)
        const resource = Effect.acquireRelease(log("acquired"), () =>
          Effect.andThen(asyncio.sleep(100), log("released"))
        )
        const child = Effect.scoped(Effect.andThen(resource, asyncio.sleep("1 hour")))
        const grouped = asyncio.taskGroup((group: asyncio.TaskGroup<string>) =>
          Effect.gen(function* () {
            yield* group.createTask(child)
            yield* group.createTask(Effect.andThen(asyncio.sleep(10), Effect.fail("boom")))
          })
        )

        const error = yield* Effect.flip(grouped)

        lines.push(...error.errors.map(String))
        assert.deepStrictEqual(lines, ["acquired", "released", "boom"])
      })
    ))

  it("lets a child's KeyboardInterrupt out as it is, the first of them, and drops all other errors", () =>
    run(
      Effect.gen(function* () {
        const interrupts = [new asyncio.KeyboardInterrupt(), new asyncio.KeyboardInterrupt()]
        const grouped = asyncio.taskGroup((group: asyncio.TaskGroup<string>) =>
          Effect.gen(function* () {
            yield* group.createTask(Effect.fail("boom"))
            for (const interrupt of interrupts) yield* group.createTask(Effect.die(interrupt))
            yield* asyncio.sleep("1 hour")
          })
        )

        const defect = yield* Effect.catchDefect(Effect.flip(grouped), Effect.succeed)

        assert.strictEqual(defect, interrupts[0])
      })
    ))

  it("gives every run of one Effect a group of its own", () =>
    run(
      Effect.gen(function* () {
        const groups: Array<asyncio.TaskGroup<never>> = []
        const grouped = asyncio.taskGroup((group) => {
          groups.push(group)
          return group.createTask(asyncio.sleep(1, "value"))
        })

        const tasks = [yield* grouped, yield* grouped]

        assert.deepStrictEqual([yield* tasks[0]!, yield* tasks[1]!], ["value", "value"])
        assert.notStrictEqual(groups[0], groups[1])
      })
    ))

  it("keeps no cancellation that a child's failure asked for while it closed in an uninterruptible region", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const loop = yield* asyncio.getRunningLoop
        const reports = collectReports(loop)
        const failing = Effect.andThen(asyncio.sleep(10), Effect.fail("boom"))
        const grouped = asyncio.taskGroup((group: asyncio.TaskGroup<string>) => group.createTask(failing))
        const task = yield* asyncio.createTask(
          Effect.gen(function* () {
            const error = yield* Effect.flip(Effect.uninterruptible(grouped))
            lines.push(...error.errors.map(String))
            yield* asyncio.sleep(10)
            yield* Effect.sleep(10)
            return "went on"
          })
        )

        const end = yield* task

        assert.deepStrictEqual([...lines, end, task.cancelling(), reports], ["boom", "went on", 0, []])
      })
    ))

  it("passes a cancellation on that came with its own in one step of an uninterruptible region", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        for (const wait of [asyncio.sleep(10), asyncio.sleep(0), Effect.sleep(10)]) {
          const grouped = asyncio.taskGroup((group) =>
            Effect.gen(function* () {
              yield* (yield* asyncio.currentTask).cancel("outside")
              yield* group.cancel
              yield* wait
            })
          )
          const task = yield* asyncio.createTask(Effect.andThen(Effect.uninterruptible(grouped), asyncio.sleep(10)))

          const error = yield* Effect.flip(task)

          lines.push(`${error.message} ${task.cancelling()}`)
        }
        assert.deepStrictEqual(lines, ["outside 1", "outside 1", "outside 1"])
      })
    ))

  it("passes a cancellation on that came twice while it waited for its children", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const task = yield* asyncio.createTask(
          asyncio.taskGroup((group) => {
            const cleanup = Effect.andThen(asyncio.sleep(100), logTo(lines)("child cleaned up"))
            return group.createTask(Effect.ensuring(asyncio.sleep("1 hour"), cleanup))
          })
        )
        yield* asyncio.sleep(10)
        yield* task.cancel("first")
        yield* asyncio.sleep(10)

        yield* task.cancel("second")

        const error = yield* Effect.flip(task)
        assert.deepStrictEqual([...lines, error.message, task.cancelling()], ["child cleaned up", "first", 2])
      })
    ))
})
