// Through whose loggers a loop reports what nobody has looked at.
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect, Layer, Logger, ManagedRuntime } from "effect"
import { execFile } from "node:child_process"
import { promisify } from "node:util"

/** Loggers that write the first line of each entry down. */
const writeTo = (lines: Array<string>) =>
  Logger.layer([Logger.make(({ message }) => void lines.push(String([message].flat()[0]).split("\n")[0]!))])

const failing = Effect.andThen(asyncio.createTask(Effect.fail("broken")), asyncio.sleep(0))

const unretrieved = "Task exception was never retrieved"

describe("the loggers of the program", () => {
  it("are told of a task that fails unseen in run, where they are provided in the program", async () => {
    const lines: Array<string> = []

    await asyncio.run(Effect.provide(failing, writeTo(lines)), {
      loopFactory: makeVirtualTimeLoop,
      handleSigint: false
    })

    assert.deepStrictEqual(lines, [unretrieved])
  })

  it("are told of one in withLoop and under layer, however they are provided", async () => {
    const lines: Array<string> = []
    const inner: Array<string> = []

    await Effect.runPromise(Effect.provide(asyncio.withLoop(failing), writeTo(lines)))
    await Effect.runPromise(asyncio.withLoop(Effect.provide(failing, writeTo(inner))))
    const runtime = ManagedRuntime.make(Layer.provideMerge(asyncio.layer(), writeTo(lines)))
    await runtime.runPromise(failing)
    await runtime.dispose()
    const beside = ManagedRuntime.make(Layer.merge(asyncio.layer(), writeTo(inner)))
    await beside.runPromise(failing)
    await beside.dispose()

    assert.deepStrictEqual(
      [lines, inner],
      [
        [unretrieved, unretrieved],
        [unretrieved, unretrieved]
      ]
    )
  })

  it("are told of a callback that throws, and of what fails during the shutdown", async () => {
    const lines: Array<string> = []
    const stubborn = Effect.onExit(asyncio.sleep("1 hour"), () => Effect.die("broken"))
    const main = Effect.gen(function* () {
      const loop = yield* asyncio.getRunningLoop
      yield* loop.callSoon(function tick() {
        throw new Error("broken")
      })
      const future = yield* loop.createFuture<void>()
      yield* future.addDoneCallback(function done() {
        throw new Error("broken")
      })
      yield* future.setResult()
      yield* asyncio.createTask(stubborn)
      yield* asyncio.sleep(0)
    })

    await asyncio.run(Effect.provide(main, writeTo(lines)), { loopFactory: makeVirtualTimeLoop, handleSigint: false })
    await Effect.runPromise(Effect.provide(asyncio.withLoop(main), writeTo(lines)))

    const each = [
      "Exception in callback tick()",
      "Exception in callback done()",
      "unhandled exception during asyncio.run() shutdown"
    ]
    assert.deepStrictEqual(lines, [...each, ...each])
  })

  it("are told in debug mode who kept others waiting", async () => {
    const lines: Array<string> = []
    const main = Effect.gen(function* () {
      const loop = yield* asyncio.getRunningLoop
      loop.slowCallbackDuration = 0
      yield* yield* asyncio.createTask(Effect.void, { name: "slow" })
    })

    await asyncio.run(Effect.provide(main, writeTo(lines)), { debug: true, handleSigint: false })

    assert.isTrue(lines.some((line) => line.startsWith("Executing <Task finished name='slow'")))
  })
})

describe("a short program on the loop of its clock", () => {
  const tell = async (end: string) => {
    const program = `
      import * as asyncio from "@effect-asyncio/core"
      import { Effect, Logger } from "effect"
      const loggers = Logger.layer([Logger.make(({ message }) => console.log("logged:", String([message].flat()[0]).split("\\n")[0]))])
      const failing = Effect.andThen(asyncio.createTask(Effect.fail("broken")), asyncio.sleep(1))
      await Effect.runPromise(Effect.provide(failing, loggers))
      console.log("over")
      ${end}
    `
    const options = ["--no-warnings", "--conditions=@effect-asyncio/source", "--input-type=module", "--eval", program]
    const { stdout } = await promisify(execFile)(process.execPath, options, { cwd: import.meta.dirname })
    return stdout.trim().split("\n")
  }

  it(
    "is told at its end of what nobody has looked at, also where it exits by itself",
    { timeout: 60_000 },
    async () => {
      const expected = ["over", `logged: ${unretrieved}`]

      assert.deepStrictEqual(await Promise.all([tell(""), tell("process.exit(0)")]), [expected, expected])
    }
  )
})
