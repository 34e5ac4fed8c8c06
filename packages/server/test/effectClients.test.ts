// What clients of Effect's server do in the middle: those of the other frameworks are in requests.test.ts.
import * as asyncio from "@effect-asyncio/core"
import type { CancelledRequest } from "@effect-asyncio/server/effect"
import { Effect } from "effect"
import { HttpServerRequest } from "effect/http"
import { assert, describe, it } from "vitest"
import { countInFlight } from "../src/internal/inFlight.ts"
import { startEffect, text } from "./effectServers.ts"
import { ask, hangingUp, until } from "./frameworks.ts"

describe("a client of Effect's server", () => {
  it("that hangs up in the middle of its body has the request cancelled", async () => {
    const told: Array<unknown> = []
    const onCancelled = ({ cancellation, status }: CancelledRequest) =>
      Effect.sync(() => void told.push([status, cancellation.kind]))
    let begun = false
    const read = Effect.gen(function* () {
      const request = yield* HttpServerRequest.HttpServerRequest
      begun = true
      // An Effect that fails for a client that is gone has nobody to tell, and waits to be cancelled.
      const body = yield* Effect.catch(request.text, () => Effect.as(asyncio.sleep("1 hour"), "never"))
      return text(body)
    })
    const { runtime, server } = await startEffect(read, { onCancelled })
    const head = "GET /users/7 HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"
    const client = await hangingUp(server, `${head}half of it`)
    await until(() => begun)

    client.destroy()

    await until(() => countInFlight() === 0)
    assert.deepStrictEqual(told, [[499, "disconnect"]])
    await runtime.dispose()
  })

  it("that only closes its own side is answered, where the server allows that", async () => {
    const gate = Effect.runSync(asyncio.Event.make())
    let begun = false
    const wait = Effect.andThen(
      Effect.sync(() => (begun = true)),
      Effect.as(gate.wait, text("Ada"))
    )
    const { runtime, server } = await startEffect(wait)
    Object.assign(server, { httpAllowHalfOpen: true })
    const client = await hangingUp(server, "GET /users/7 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    client.end()
    await until(() => begun)
    let answer = ""
    client.on("data", (data) => (answer += String(data)))
    const ended = new Promise((resolve) => client.once("close", resolve))

    await runtime.runPromise(gate.set)

    await ended
    assert.match(answer, /200 OK[^]*Ada/)
    await runtime.dispose()
  })

  it("that waits when the runtime is disposed of is answered 503, and the task was asked to end by nobody's disconnect", async () => {
    const told: Array<unknown> = []
    const onCancelled = ({ cancellation, status }: CancelledRequest) =>
      Effect.sync(() => void told.push([status, cancellation.kind]))
    const { runtime, server } = await startEffect(Effect.as(asyncio.sleep("1 hour"), text("never")), { onCancelled })
    const asked = ask(server)
    await until(() => countInFlight() === 1)

    await runtime.dispose()

    assert.deepStrictEqual([(await asked).status, told], [503, [[503, "requested"]]])
    assert.strictEqual(countInFlight(), 0)
  })
})
