// Handlers of signals on a loop, as in asyncio's add_signal_handler.
import { assert, afterEach, describe, it, vi } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect, Logger } from "effect"
import { run } from "../support.ts"
import { withoutListeners } from "../signalListeners.ts"

const send = (signal: string) => Effect.sync(() => void process.emit(signal as "SIGTERM"))

const signals = ["SIGINT", "SIGTERM", "SIGUSR2"] as const
withoutListeners(...signals)
afterEach(() => void vi.restoreAllMocks())

const textOf = (call: () => unknown): string => {
  try {
    return `gave ${String(call())}`
  } catch (error) {
    return String(error)
  }
}

describe("a handler of a signal", () => {
  it("is called on the loop, with its arguments, each time the signal comes", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const seen: Array<unknown> = []

        yield* loop.addSignalHandler("SIGUSR2", (...args: ReadonlyArray<unknown>) => void seen.push(args), 1, "two")
        yield* send("SIGUSR2")
        yield* send("SIGUSR2")

        assert.deepStrictEqual(seen, [], "not inside the host's event")
        yield* asyncio.sleep(0)
        assert.deepStrictEqual(seen, [
          [1, "two"],
          [1, "two"]
        ])
      })
    ))

  it("replaces the one before, and can be removed", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const seen: Array<string> = []
        const note = (line: string) => void seen.push(line)
        yield* loop.addSignalHandler("SIGUSR2", note, "first")

        yield* loop.addSignalHandler("SIGUSR2", note, "second")
        yield* send("SIGUSR2")
        yield* asyncio.sleep(0)
        const removed = yield* loop.removeSignalHandler("SIGUSR2")
        const again = yield* loop.removeSignalHandler("SIGUSR2")

        assert.deepStrictEqual(
          { seen, removed, again, listeners: process.listenerCount("SIGUSR2") },
          { seen: ["second"], removed: true, again: false, listeners: 0 }
        )
      })
    ))

  it("takes the place of what a run does about the signal, until it is removed", async () => {
    const kill = vi.spyOn(process, "kill").mockReturnValue(true)
    const lines: Array<string> = []
    const main = Effect.gen(function* () {
      const loop = yield* asyncio.getRunningLoop
      const stop = yield* loop.createFuture<void>()
      yield* loop.addSignalHandler("SIGINT", () => {
        lines.push("handler")
        if (!stop.done()) stop.setResultUnsafe(undefined)
      })
      yield* send("SIGINT")
      yield* send("SIGINT")
      yield* stop
      yield* loop.removeSignalHandler("SIGINT")
      yield* send("SIGINT")
      yield* asyncio.sleep("1 hour")
    })

    const outcome = await asyncio.run(main, { loopFactory: makeVirtualTimeLoop }).then(String, String)

    assert.deepStrictEqual([lines, outcome, kill.mock.calls], [["handler", "handler"], "KeyboardInterrupt", []])
  })

  it("is removed at the end of the loop", async () => {
    await run(Effect.flatMap(asyncio.getRunningLoop, (loop) => loop.addSignalHandler("SIGTERM", () => {})))

    assert.strictEqual(process.listenerCount("SIGTERM"), 0)
  })

  it("is one for each loop, and a run on another loop is cancelled as ever", async () => {
    const lines: Array<string> = []
    const handling = Effect.gen(function* () {
      const loop = yield* asyncio.getRunningLoop
      const stop = yield* loop.createFuture<void>()
      yield* loop.addSignalHandler("SIGINT", () => {
        lines.push("handled")
        stop.setResultUnsafe(undefined)
      })
      yield* stop
    })

    const [first, second] = [asyncio.run(handling), asyncio.run(asyncio.sleep("1 hour")).catch(String)]
    await new Promise((resolve) => void setImmediate(resolve))
    process.emit("SIGINT")

    await first
    assert.deepStrictEqual([lines, await second], [["handled"], "KeyboardInterrupt"])
  })

  it("sees the context variables of when it was registered", () =>
    run(
      Effect.gen(function* () {
        const user = asyncio.ContextVar.make("user", { defaultValue: "nobody" })
        const loop = yield* asyncio.getRunningLoop
        const seen: Array<string> = []
        yield* user.set("ada")
        yield* loop.addSignalHandler("SIGUSR2", () => void seen.push(user.getUnsafe()))
        yield* user.set("grace")

        yield* send("SIGUSR2")
        yield* asyncio.sleep(0)

        assert.deepStrictEqual(seen, ["ada"])
      })
    ))

  it("that throws is reported, and the loop goes on", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const reports: Array<string> = []
        yield* loop.setExceptionHandler((_, { message }) => void reports.push(message))
        yield* loop.addSignalHandler("SIGUSR2", function broken() {
          throw new Error("boom")
        })

        yield* send("SIGUSR2")
        yield* asyncio.sleep(0)

        assert.deepStrictEqual(reports, ["Exception in callback broken()"])
      })
    ))

  // test_add_signal_handler_bad_signal, test_add_signal_handler_coroutine_error, test_remove_signal_handler_error
  it("refuses what is no signal, what nothing can catch, and what cannot be called", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const add = (signal: unknown, callback: unknown = () => {}) =>
          textOf(() => loop.addSignalHandlerUnsafe(signal as "SIGINT", callback as () => void))

        assert.match(add(15), /^TypeError: the name of a signal was expected by addSignalHandler\(\), got 15/)
        assert.strictEqual(add("SIGFOO"), "ValueError: invalid signal: 'SIGFOO'")
        assert.strictEqual(add("SIGKILL"), "RuntimeError: sig SIGKILL cannot be caught")
        assert.strictEqual(add("SIGUSR2", Effect.void), "TypeError: coroutines cannot be used with addSignalHandler()")
        assert.match(add("SIGUSR2", 5), /^TypeError: a callable object was expected by addSignalHandler\(\), got 5/)
        assert.match(
          textOf(() => loop.removeSignalHandlerUnsafe(undefined as never)),
          /^TypeError: the name of a signal was expected by removeSignalHandler\(\), got undefined/
        )
        assert.strictEqual(process.listenerCount("SIGUSR2"), 0)
      })
    ))

  it("is refused by a closed loop", () => {
    const loop = asyncio.newEventLoop()
    loop.closeUnsafe()

    assert.strictEqual(
      textOf(() => loop.addSignalHandlerUnsafe("SIGUSR2", () => {})),
      "RuntimeError: Event loop is closed"
    )
  })
})

describe("callSoonThreadsafe", () => {
  it("runs a callback in its place in the queue, from an event of the host as well", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const seen: Array<string> = []
        const done = yield* loop.createFuture<void>()
        const note = (line: string) => void seen.push(line)

        yield* loop.callSoon(note, "soon")
        const handle = yield* loop.callSoonThreadsafe(note, "threadsafe")
        yield* loop.callSoon(note, "later")
        yield* asyncio.sleep(0)
        setImmediate(() => loop.callSoonThreadsafeUnsafe(() => done.setResultUnsafe(undefined)))
        yield* Effect.promise(() => new Promise<void>((resolve) => void setImmediate(resolve)))
        yield* done

        assert.deepStrictEqual([seen, String(handle)], [["soon", "threadsafe", "later"], "<Handle note()>"])
        assert.strictEqual(
          textOf(() => loop.callSoonThreadsafeUnsafe(Effect.void as never)),
          "TypeError: coroutines cannot be used with callSoonThreadsafe()"
        )
      })
    ))
})

describe("the context of a handle", () => {
  it("has the variables of when the callback was registered, and what the callback sets", () =>
    run(
      Effect.gen(function* () {
        const user = asyncio.ContextVar.make("user", { defaultValue: "nobody" })
        const loop = yield* asyncio.getRunningLoop
        yield* user.set("ada")
        const handle = yield* loop.callSoon(() => void user.setUnsafe("grace"))
        const timer = yield* loop.callLater(1, () => {})
        yield* user.set("barbara")

        const seen = [handle.getContext().values.get(user), timer.getContext().values.get(user)]
        yield* asyncio.sleep(0)

        assert.deepStrictEqual([...seen, handle.getContext().values.get(user)], ["ada", "ada", "grace"])
        assert.deepStrictEqual([yield* handle.getContext().run(user.get()), yield* user.get()], ["grace", "barbara"])
      })
    ))

  it("can be set before the callback runs, also where no variable was set yet", () =>
    run(
      Effect.gen(function* () {
        const user = asyncio.ContextVar.make("user", { defaultValue: "nobody" })
        const loop = yield* asyncio.getRunningLoop
        const seen: Array<string> = []
        const handle = yield* loop.callSoon(() => void seen.push(user.getUnsafe()))

        yield* handle.getContext().run(user.set("ada"))
        yield* asyncio.sleep(0)

        assert.deepStrictEqual(seen, ["ada"])
      })
    ))
})

describe("the exception handler of a loop", () => {
  it("can be asked for, and be left to the default one", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const seen: Array<string> = []
        const handler: asyncio.ExceptionHandler = (_, { message }) => void seen.push(message)

        const before = loop.getExceptionHandler()
        yield* loop.setExceptionHandler(handler)
        const set = loop.getExceptionHandler()
        yield* loop.setExceptionHandler(undefined)

        assert.deepStrictEqual([before, set, loop.getExceptionHandler()], [undefined, handler, undefined])
      })
    ))

  it("by default logs through the program's loggers, whatever handler is set", async () => {
    const logged: Array<unknown> = []
    const logger = Logger.make(({ message }) => void logged.push(...(message as ReadonlyArray<unknown>)))
    const error = new RangeError("boom")
    const main = Effect.gen(function* () {
      const loop = yield* asyncio.getRunningLoop
      yield* loop.setExceptionHandler((self, context) => {
        if (context.message !== "mine") self.defaultExceptionHandlerUnsafe(context)
      })
      loop.callExceptionHandlerUnsafe({ message: "mine" })
      loop.callExceptionHandlerUnsafe({ message: "not mine", exception: error })
    })

    await run(main.pipe(Effect.provide(Logger.layer([logger]))))

    assert.deepStrictEqual(logged, ["not mine", error])
    assert.match(
      textOf(() => asyncio.newEventLoop().defaultExceptionHandlerUnsafe("text" as never)),
      /^TypeError: a context with a message was expected by defaultExceptionHandler\(\), got 'text'/
    )
  })
})
