/**
 * A failure names the line at which a task was cancelled.
 */
import * as asyncio from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { fakeIo, ProgramFailure, sweep } from "@effect-asyncio/testing"
import * as effects from "@effect-asyncio/testing/core"
import { Effect } from "effect"
import { assert, describe, it } from "vitest"
import { failureOf, quiet } from "./support.ts"

describe("a place", () => {
  /** Which of the lines at which `program` is cancelled comes first, second and so on: a bundle has others than this file. */
  const orderOf = async (sweepIt: (options: object) => Promise<unknown>): Promise<ReadonlyArray<number>> => {
    const lines: Array<number> = []
    for (let n = 1; ; n++) {
      const swept: unknown = await sweepIt({ ...quiet, at: `Task-1:${n}`, check: fails }).catch(
        (error: unknown) => error
      )
      if (!(swept instanceof ProgramFailure)) break
      lines.push(Number(/places\.test\.ts[.a-z]*:(\d+)/.exec(swept.message)?.[1]))
    }
    const sorted = lines.toSorted((a, b) => a - b)
    return lines.map((line) => sorted.indexOf(line))
  }
  const fails = (_: unknown, { kind }: { readonly kind: string }) => assert.strictEqual(kind, "returned")

  it("has the line of an await, of a task that is awaited, and of a group that waits for its tasks", async () => {
    const program = async (): Promise<void> => {
      await asyncio.sleep(1)
      await asyncio.taskGroup(async (group) => {
        group.createTask(() => asyncio.sleep(5))
        await asyncio.sleep(1)
      })
      const task = asyncio.createTask(() => asyncio.sleep(3))
      await task
    }

    assert.deepStrictEqual(await orderOf((options) => sweep(program, options)), [0, 2, 1, 3])
  })

  it("has the line of a yield* as well", async () => {
    const program = Effect.gen(function* () {
      yield* core.sleep(1)
      yield* core.taskGroup((group: core.TaskGroup) =>
        Effect.gen(function* () {
          yield* group.createTask(core.sleep(5))
          yield* core.sleep(1)
        })
      )
      const task = yield* core.createTask(core.sleep(3))
      yield* task
    })

    assert.deepStrictEqual(await orderOf((options) => effects.sweep(program, options)), [0, 2, 1, 3])
  })

  it("has the line at which a stub is called, and its name", async () => {
    const load = fakeIo(5, () => {}, { name: "load" })
    const program = async (): Promise<void> => {
      await asyncio.sleep(1)
      await load()
    }
    const ofEffects = Effect.andThen(core.sleep(1), load.effect())
    const options = { ...quiet, at: "Task-1:2", check: fails }

    const failure = await failureOf(sweep(program, options))
    const failureOfEffects = await failureOf(effects.sweep(ofEffects, options))

    assert.match(failure.message, /await 2, .*places\.test\.ts[.a-z]*:\d+\n {2}where Task-1 waits for load\n/)
    assert.include(failureOfEffects.message, "where Task-1 waits for load\n")
    for (const { timeline } of [failure, failureOfEffects]) assert.include(timeline, "Task-1 goes on; waits for load\n")
  })

  it("is the same each time, also where many are woken at the same time", async () => {
    const three = (body: () => Promise<unknown>) =>
      asyncio.taskGroup(async (group) => {
        for (const name of ["a", "b", "c"]) group.createTask(body, { name })
      })
    const program = () => three(() => three(() => asyncio.sleep(1)))
    const found = new Set<string>()

    for (let n = 0; n < 5; n++) found.add(JSON.stringify(await sweep(program, { ...quiet, pairs: 10 })))

    assert.strictEqual(found.size, 1)
  })
})
