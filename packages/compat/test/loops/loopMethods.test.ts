// What asyncio's loops have beside callbacks and timers; core's tests have all cases.
import * as asyncio from "@effect-asyncio/compat"
import { assert, describe, it } from "vitest"
import { run } from "../support.ts"
import { withoutListeners } from "../signalListeners.ts"

withoutListeners("SIGINT")

const textOf = (call: () => unknown): string => {
  try {
    return `gave ${String(call())}`
  } catch (error) {
    return String(error)
  }
}

describe("a handler of a signal", () => {
  it("takes the place of what a run does about Ctrl-C, in no task, until it is removed", async () => {
    const lines: Array<unknown> = []
    const outcome = await asyncio
      .run(async () => {
        const loop = asyncio.getRunningLoop()
        const stop = new asyncio.Event()
        const onInterrupt = (line: string) => {
          lines.push(line, asyncio.currentTask())
          stop.set()
        }
        loop.addSignalHandler("SIGINT", onInterrupt, "handler")
        process.emit("SIGINT")
        await stop.wait()
        lines.push({ removed: loop.removeSignalHandler("SIGINT"), again: loop.removeSignalHandler("SIGINT") })
        process.emit("SIGINT")
        await asyncio.sleep("1 hour")
      })
      .catch(String)

    assert.deepStrictEqual(lines, ["handler", undefined, { removed: true, again: false }])
    assert.strictEqual(outcome, "KeyboardInterrupt")
  })

  it("refuses what is no signal", () =>
    run(async () => {
      const loop = asyncio.getRunningLoop()

      assert.match(
        textOf(() => loop.addSignalHandler("INT" as never, () => {})),
        /^ValueError: invalid signal: 'INT'/
      )
      assert.match(
        textOf(() => loop.removeSignalHandler(2 as never)),
        /^TypeError: the name of a signal was expected by removeSignalHandler\(\), got 2/
      )
    }))
})

describe("the exception handler of a loop", () => {
  it("is the one that was set, with the loop of this package", () =>
    run(async () => {
      const loop = asyncio.getRunningLoop()
      const seen: Array<unknown> = []
      const handler: asyncio.ExceptionHandler = (self, { message }) => void seen.push(self, message)
      const before = loop.getExceptionHandler()

      loop.setExceptionHandler(handler)

      assert.deepStrictEqual([before, loop.getExceptionHandler()], [undefined, handler])
      loop.core.setExceptionHandlerUnsafe((self, { message }) => void seen.push(self, message))
      loop.getExceptionHandler()?.(loop, { message: "of core" })
      assert.deepStrictEqual(seen, [loop.core, "of core"])
      loop.setExceptionHandler(undefined)
      assert.isUndefined(loop.getExceptionHandler())
      assert.match(
        textOf(() => loop.defaultExceptionHandler(undefined as never)),
        /^TypeError: a context with a message was expected by defaultExceptionHandler\(\), got undefined/
      )
    }))
})

describe("callbacks", () => {
  it("have the context variables of when they were registered, and can be called from anywhere", () =>
    run(async () => {
      const user = asyncio.ContextVar.make("user", { defaultValue: "nobody" })
      const loop = asyncio.getRunningLoop()
      const done = new asyncio.Event()
      user.set("ada")
      const handle = loop.callSoonThreadsafe(() => {
        user.set("grace")
        done.set()
      })
      user.set("barbara")

      const before = handle.getContext().values.get(user)
      await done.wait()

      assert.deepStrictEqual(
        [before, handle.getContext().run(() => user.get()), user.get()],
        ["ada", "grace", "barbara"]
      )
    }))
})
