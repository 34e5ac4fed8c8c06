import { afterEach, assert, describe, it, vi } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop, type VirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect } from "effect"
import { collectReports, run } from "../support.ts"

afterEach(() => {
  vi.restoreAllMocks()
})

/** The warnings of a program in debug mode, as the default logger writes them to stderr. */
const warningsOf = async (
  main: (loop: VirtualTimeLoop) => Effect.Effect<unknown, unknown>,
  debug = true
): Promise<ReadonlyArray<string>> => {
  const log = vi.spyOn(console, "error").mockImplementation(() => {})
  const loop = makeVirtualTimeLoop()
  await run(main(loop), { loopFactory: () => loop, debug })
  return log.mock.calls.map((args) =>
    args
      .map(String)
      .join(" ")
      .replace(/^.*?(?=Executing)/, "")
  )
}

/** A coroutine that keeps everybody else waiting. */
const hog = Effect.fn("hog")(function* (loop: VirtualTimeLoop, millis: number) {
  loop.advanceUnsafe(millis)
})

describe("a step or callback that takes too long", () => {
  it("is reported in debug mode: the first step of a task, and a later one, by the task", async () => {
    const warnings = await warningsOf((loop) =>
      Effect.gen(function* () {
        const body = Effect.andThen(hog(loop, 250), Effect.andThen(asyncio.sleep(1), hog(loop, 1500)))
        yield* yield* asyncio.createTask(body, { name: "greedy" })
      })
    )

    assert.lengthOf(warnings, 2)
    assert.match(
      warnings[0]!,
      /^Executing <Task pending name='greedy' .*> took 0\.250 seconds\nhint: Let others run .*$/
    )
    assert.match(warnings[1]!, /^Executing <Task finished name='greedy' .*> took 1\.500 seconds\nhint: /)
  })

  it("is reported of a callback, a timer and a done callback by its name, and of a fiber by its task", async () => {
    const warnings = await warningsOf((loop) =>
      Effect.gen(function* () {
        function callback() {
          loop.advanceUnsafe(100)
        }
        const future = yield* loop.createFuture<void>()
        yield* future.addDoneCallback(callback)
        yield* loop.callSoon(callback)
        yield* loop.callSoon(() => loop.advanceUnsafe(200))
        yield* future.setResult()
        yield* loop.callLater(1000, callback)
        yield* asyncio.sleep(2000)
        yield* Effect.forkChild(Effect.sync(callback))
        yield* asyncio.sleep(0)
      })
    )

    const titles = warnings.map((warning) => warning.split("\n")[0])
    assert.deepStrictEqual(titles, [
      "Executing <Handle callback()> took 0.100 seconds",
      "Executing <Handle callback()> took 0.200 seconds",
      "Executing <Handle callback()> took 0.100 seconds",
      "Executing <Handle callback()> took 0.100 seconds",
      "Executing <Handle fiber of Task-1> took 0.100 seconds"
    ])
  })

  it("is what the loop says it is", async () => {
    const warnings = await warningsOf((loop) =>
      Effect.gen(function* () {
        loop.slowCallbackDuration = 500
        yield* yield* asyncio.createTask(hog(loop, 499))
        yield* yield* asyncio.createTask(hog(loop, 500), { name: "slow" })
      })
    )

    assert.lengthOf(warnings, 1)
    assert.match(warnings[0]!, /name='slow'.* took 0\.500 seconds\nhint: /)
  })

  it("is not reported without debug mode", async () => {
    const warnings = await warningsOf((loop) => Effect.flatten(asyncio.createTask(hog(loop, 60_000))), false)

    assert.deepStrictEqual(warnings, [])
  })
})

/** What is reported of a task that runs `body`, is cancelled while it waits, and ends. */
const reportsOf = async (
  body: Effect.Effect<unknown, unknown>,
  debug = true
): Promise<ReadonlyArray<asyncio.ExceptionContext>> => {
  const loop = makeVirtualTimeLoop()
  const reports = collectReports(loop)
  const main = Effect.gen(function* () {
    const task = yield* asyncio.createTask(body, { name: "worker" })
    yield* asyncio.sleep(0)
    yield* task.cancel()
    yield* Effect.exit(task)
  })
  await run(main, { loopFactory: () => loop, debug })
  return reports
}

const swallow = asyncio.catchCancelled(asyncio.sleep("1 hour"), () => Effect.void)

const uncancel = Effect.flatMap(asyncio.currentTask, (task) => task.uncancel())

describe("a task that swallows its cancellation", () => {
  it("is reported once in debug mode, when it returns", async () => {
    const reports = await reportsOf(Effect.andThen(swallow, asyncio.sleep("1 second", "done")))

    assert.lengthOf(reports, 1)
    const message = "Task swallowed its cancellation: it was cancelled, returned, and did not call uncancel()"
    assert.strictEqual(reports[0]?.message, message)
    assert.match(reports[0]?.task ?? "", /^<Task cancelling name='worker' /)
  })

  const innocent: Record<string, Effect.Effect<unknown, unknown>> = {
    "withdraws it": Effect.andThen(swallow, uncancel),
    "passes it on": asyncio.sleep("1 hour"),
    "fails because of it": asyncio.catchCancelled(asyncio.sleep("1 hour"), () => Effect.fail("stopped"))
  }
  for (const [how, body] of Object.entries(innocent)) {
    it(`is not reported if it ${how}`, async () => {
      assert.deepStrictEqual(await reportsOf(body), [])
    })
  }

  it("is not reported if it was a timeout's or a task group's, which take it back", async () => {
    const loop = makeVirtualTimeLoop()
    const reports = collectReports(loop)
    const forever = asyncio.sleep(Infinity)
    const group = asyncio.taskGroup((group) => Effect.andThen(group.createTask(Effect.die("broken")), forever))

    await run(Effect.andThen(Effect.ignore(asyncio.timeout(1, forever)), Effect.exit(group)), {
      loopFactory: () => loop,
      debug: true
    })

    assert.deepStrictEqual([loop.time(), ...reports], [1])
  })

  it("is not reported without debug mode", async () => {
    assert.deepStrictEqual(await reportsOf(swallow, false), [])
  })
})

const firstLine = (stack: string | undefined): string =>
  /debug\.test\.ts:(\d+)/.exec(stack?.split("\n")[0] ?? "")?.[1] ?? `no line: ${stack}`

const thisLine = (): number => Number(/debug\.test\.ts:(\d+)/.exec(new Error().stack?.split("\n")[2] ?? "")?.[1])

describe("the place of a request to cancel", () => {
  const cancelled = Effect.gen(function* () {
    const tasks = [
      yield* asyncio.createTask(asyncio.sleep("1 hour")),
      yield* asyncio.createTask(asyncio.sleep("1 hour")),
      yield* asyncio.createTask(asyncio.sleep("1 hour"))
    ] as const
    yield* asyncio.sleep(0)
    const line = thisLine()
    yield* tasks[0].cancel()
    tasks[1].cancelUnsafe()
    yield* asyncio.cancelAndWait([tasks[2]])
    const errors = yield* Effect.all(tasks.map((task) => Effect.flip(task)))
    return { line, places: errors.map((error) => error.requestedAt) }
  })

  it("is in the CancelledError in debug mode, however it was asked", async () => {
    const { line, places } = await run(cancelled, { debug: true })

    assert.deepStrictEqual(places.map(firstLine), [`${line + 1}`, `${line + 2}`, `${line + 3}`])
  })

  it("is not recorded without debug mode", async () => {
    const { places } = await run(cancelled)

    assert.deepStrictEqual(places, [undefined, undefined, undefined])
  })
})
