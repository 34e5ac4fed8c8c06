// What stands in a browser's bundle in the place of what only a process has.
import { assert, describe, it } from "vitest"
import { RuntimeError } from "../../src/index.ts"
import { importThreads } from "../../src/internal/combine/hostThreads.browser.ts"
import * as signals from "../../src/internal/loop/signals.browser.ts"

describe("in a browser, where there are no signals", () => {
  it("a handler of a loop is refused, and none is there to be taken away", () => {
    assert.throws(() => signals.handleSignal({}, "SIGTERM", () => {}), RuntimeError, "this host has no signals")
    assert.isFalse(signals.unhandleSignal({}, "SIGTERM"))
  })

  it("a run listens to nothing, whatever its options name", () => {
    const asked = signals.signalsOf({ signals: ["SIGTERM"] })

    assert.isEmpty(asked)
    assert.isUndefined(signals.onSignals({}, asked, () => assert.fail("there are no signals")))
    assert.isFalse(signals.listensOnly("SIGINT"))
  })
})

describe("in a browser, where there are no threads", () => {
  it("none is started", async () => {
    const error = await importThreads().then(undefined, (error: unknown) => error)

    assert.instanceOf(error, RuntimeError)
    assert.include(String(error), "toThread() needs worker threads")
  })
})
