import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { spawnSync } from "node:child_process"
import { reportsOf, run } from "../support.ts"

describe("a failure that nobody looks at is reported", () => {
  it("of a task that failed with a timeout still open", async () => {
    const reports = await reportsOf(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        lowlevel.createCoroutineTaskUnsafe(loop, {
          begin(control) {
            lowlevel.openTimeoutUnsafe(control, loop.time() + 5)
            control.end(Exit.fail("its own failure"))
          },
          cancelRequested: () => {},
          describe: () => ({ name: "owner", definedAt: undefined, calledAt: undefined })
        })
        yield* asyncio.sleep(10)
      })
    )

    assert.deepStrictEqual(reports, ["Task exception was never retrieved"])
  })

  it("of a task that failed with a group still open, and of the group's tasks", async () => {
    const reports = await reportsOf(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        lowlevel.createCoroutineTaskUnsafe(loop, {
          begin(control) {
            const group = lowlevel.openTaskGroupUnsafe(control)
            group.addTaskUnsafe(() =>
              lowlevel.createCoroutineTaskUnsafe(loop, {
                begin: (inner) => inner.end(Exit.fail("a member's failure")),
                cancelRequested: () => {},
                describe: () => ({ name: "member", definedAt: undefined, calledAt: undefined })
              })
            )
            control.end(Exit.fail("its own failure"))
          },
          cancelRequested: () => {},
          describe: () => ({ name: "owner", definedAt: undefined, calledAt: undefined })
        })
        yield* asyncio.sleep(10)
      })
    )

    assert.deepStrictEqual(reports, ["Task exception was never retrieved", "Task exception was never retrieved"])
  })

  it("of the other tasks of a group that ends with a KeyboardInterrupt", async () => {
    const reports = await reportsOf(
      asyncio.taskGroup((group: asyncio.TaskGroup<string>) =>
        Effect.gen(function* () {
          yield* group.createTask(Effect.fail("lost before"))
          yield* group.createTask(Effect.die(new asyncio.KeyboardInterrupt()))
          yield* Effect.never
        })
      )
    )

    assert.deepStrictEqual(reports, ["Task exception was never retrieved"])
  })

  it("not of the tasks of a group that fails with their errors", async () => {
    const reports = await reportsOf(
      asyncio.taskGroup((group: asyncio.TaskGroup<string>) =>
        Effect.andThen(group.createTask(Effect.fail("no")), group.createTask(Effect.fail("no")))
      )
    )

    assert.deepStrictEqual(reports, [])
  })

  it("also after one whose handler throws", async () => {
    const seen: Array<unknown> = []
    await run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        loop.setExceptionHandlerUnsafe((_, { exception }) => {
          seen.push(exception)
          throw Object.defineProperty(new Error("of the handler"), "hint", {
            get() {
              throw new Error("cannot be read")
            }
          })
        })
        yield* asyncio.createTask(Effect.fail("first"))
        yield* asyncio.createTask(Effect.fail("second"))
        yield* asyncio.sleep(0)
      })
    )

    assert.deepStrictEqual(seen, ["first", "second"])
  })

  it("and a timer that was cancelled keeps the process alive for nobody, on the loop of a clock", () => {
    const program = `
      import * as asyncio from "@effect-asyncio/core"
      import { Effect } from "effect"
      await Effect.runPromise(Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const handle = loop.callLaterUnsafe("1 hour", () => {})
        yield* asyncio.sleep(0)
        handle.cancelUnsafe()
      }))
    `
    const { signal, status } = spawnSync(
      process.execPath,
      ["--conditions=@effect-asyncio/source", "--input-type=module", "--eval", program],
      { cwd: new URL("../..", import.meta.url), encoding: "utf8", timeout: 60_000 }
    )

    assert.deepStrictEqual({ signal, status }, { signal: null, status: 0 })
  })

  it("on the loop of a clock, when the process ends", () => {
    const program = `
      import * as asyncio from "@effect-asyncio/core"
      import { Effect } from "effect"
      await Effect.runPromise(Effect.andThen(asyncio.createTask(Effect.fail("nobody looks")), asyncio.sleep(1)))
    `
    const { stderr } = spawnSync(
      process.execPath,
      ["--conditions=@effect-asyncio/source", "--input-type=module", "--eval", program],
      { cwd: new URL("../..", import.meta.url), encoding: "utf8" }
    )

    assert.include(stderr, "Task exception was never retrieved")
  })
})
