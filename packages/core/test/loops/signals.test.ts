import { assert, afterEach, describe, it, vi } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect } from "effect"
import { withoutListeners } from "../signalListeners.ts"

const options: asyncio.RunOptions = { loopFactory: makeVirtualTimeLoop, signals: ["SIGTERM", "SIGHUP"] }

const outcome = (promise: Promise<unknown>): Promise<string> => promise.then(String, String)

const send = (signal: string) => Effect.sync(() => void process.emit(signal as "SIGTERM"))

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const
withoutListeners(...signals)
afterEach(() => void vi.restoreAllMocks())

describe("a signal that a run was told to handle", () => {
  it("cancels the main task with its name, and the run rejects with Terminated when all is cleaned up", async () => {
    const lines: Array<string> = []
    const note = (line: string) => Effect.sync(() => void lines.push(line))
    const main = Effect.gen(function* () {
      yield* asyncio.createTask(Effect.ensuring(asyncio.sleep("1 hour"), note("a task that was left")))
      yield* asyncio.sleep(0)
      yield* send("SIGTERM")
      yield* asyncio.sleep("1 hour")
    })
    const cleaning = asyncio.catchCancelled(main, (error) =>
      Effect.andThen(note(`main: ${error.reason}`), Effect.fail(error))
    )

    const error = await asyncio.run(cleaning, options).catch((error: unknown) => error)

    assert.deepStrictEqual(lines, ["main: SIGTERM", "a task that was left"])
    assert.instanceOf(error, asyncio.Terminated)
    const { exitCode, message, signal } = error
    assert.deepStrictEqual([message, signal, exitCode], ["stopped by SIGTERM", "SIGTERM", 143])
  })

  it("is a shutdown for what runs, and Ctrl-C an interrupt; what is left when main has ended sees a shutdown", async () => {
    const kinds: Array<string> = []
    const noting = asyncio.catchCancelled(asyncio.sleep("1 hour"), (error) => {
      kinds.push(error.kind)
      return Effect.fail(error)
    })
    for (const signal of signals) {
      const main = Effect.gen(function* () {
        yield* asyncio.createTask(noting)
        yield* asyncio.sleep(0)
        yield* send(signal)
        yield* noting
      })
      await asyncio.run(main, options).catch(() => {})
    }

    assert.deepStrictEqual(kinds, ["interrupt", "shutdown", "shutdown", "shutdown", "shutdown", "shutdown"])
  })

  it("has its own effect when another one came before", async () => {
    const kill = vi.spyOn(process, "kill").mockReturnValue(true)
    const stubborn = asyncio.catchCancelled(asyncio.sleep("1 hour"), () => Effect.void)
    const main = Effect.andThen(Effect.andThen(send("SIGINT"), stubborn), Effect.as(send("SIGTERM"), "done"))

    assert.strictEqual(await outcome(asyncio.run(main, options)), "done")
    assert.deepStrictEqual(kill.mock.calls, [[process.pid, "SIGTERM"]])
  })

  it("leaves no timer of the host behind when the program has ended because of it", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    const ended = await outcome(asyncio.run(Effect.andThen(send("SIGTERM"), asyncio.sleep("1 hour")), options))
    const timers = vi.getTimerCount()
    vi.useRealTimers()
    assert.deepStrictEqual([ended, timers], ["Terminated: stopped by SIGTERM", 0])
  })

  it("is what a Runner handles in each of its runs, and nothing else", async () => {
    const runner = new asyncio.Runner({ ...options, handleSigint: false })
    const count = Effect.sync(() => signals.map((signal) => process.listenerCount(signal)))

    const told = [
      await outcome(runner.run(Effect.andThen(send("SIGHUP"), asyncio.sleep("1 hour")))),
      await runner.run(count),
      signals.map((signal) => process.listenerCount(signal))
    ]
    await runner.close()

    assert.deepStrictEqual(told, ["Terminated: stopped by SIGHUP", [0, 1, 1], [0, 0, 0]])
  })

  it("ends every run under way, and is left to a program that listens to it itself", async () => {
    const both = [
      outcome(asyncio.run(asyncio.sleep(Infinity), options)),
      outcome(asyncio.run(asyncio.sleep(Infinity), options))
    ]
    process.emit("SIGTERM")
    const ended = await Promise.all(both)
    process.on("SIGTERM", () => {})

    const own = await outcome(asyncio.run(Effect.andThen(send("SIGTERM"), asyncio.sleep(1, "done")), options))

    assert.deepStrictEqual(
      [...ended, own],
      ["Terminated: stopped by SIGTERM", "Terminated: stopped by SIGTERM", "done"]
    )
  })

  it("is SIGINT alone by default", async () => {
    const count = Effect.sync(() => signals.map((signal) => process.listenerCount(signal)))

    assert.deepStrictEqual(await asyncio.run(count, { loopFactory: makeVirtualTimeLoop }), [1, 0, 0])
  })
})

describe("signals that cannot be listened to", () => {
  it("are a TypeError with a hint", async () => {
    const tell = (given: unknown) =>
      asyncio
        .run(Effect.void, { ...options, signals: given as [] })
        .catch((error: Error & { hint: string }) => `${error.name}: ${error.message} (${error.hint})`)

    const hint = '(Name them, as in `{ signals: ["SIGTERM"] }`; nothing can listen to SIGKILL.)'
    const expected = "TypeError: a list of signals was expected (SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGBREAK), got "
    assert.deepStrictEqual(
      [await tell(15), await tell(["SIGKILL"])],
      [`${expected}15 ${hint}`, `${expected}["SIGKILL"] ${hint}`]
    )
  })

  it("are told as they were meant, where that can be seen", async () => {
    const hintFor = (given: unknown) =>
      asyncio
        .run(Effect.void, { ...options, signals: given as [] })
        .catch((error: Error & { hint: string }) => error.hint)

    assert.deepStrictEqual(
      [
        await hintFor(["SIGTREM"]),
        await hintFor(["SIGHUP", "sigint"]),
        await hintFor("SIGTERM"),
        await hintFor(["QUIT"])
      ],
      [
        'Name them, as in `{ signals: ["SIGTERM"] }`; nothing can listen to SIGKILL.',
        'Name them, as in `{ signals: ["SIGINT"] }`; nothing can listen to SIGKILL.',
        'Name them, as in `{ signals: ["SIGTERM"] }`; nothing can listen to SIGKILL.',
        'Name them, as in `{ signals: ["SIGQUIT"] }`; nothing can listen to SIGKILL.'
      ]
    )
  })
})
