import * as asyncio from "@effect-asyncio/core"
import {
  type CancelledRequest,
  detach,
  requestTask,
  type RequestTaskOptions,
  serve
} from "@effect-asyncio/server/effect"
import { Effect, Layer, Stream, Tracer } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { NodeHttpServer } from "@effect/platform-node"
import { createServer } from "node:http"
import { assert, describe, it } from "vitest"
import { countInFlight } from "../src/internal/inFlight.ts"
import { startEffect, text, type Handle } from "./effectServers.ts"
import { ask, hangingUp, until } from "./frameworks.ts"

const hour = Effect.as(asyncio.sleep("1 hour"), text("never"))

describe("the limits of Effect's requests", () => {
  it("answer 503 when too many wait, and handle the others one after the other", async () => {
    const gate = Effect.runSync(asyncio.Event.make())
    let most = 0
    let now = 0
    const handle = Effect.gen(function* () {
      most = Math.max(most, ++now)
      yield* gate.wait
      now--
      return text("Ada")
    })
    const { runtime, server } = await startEffect(handle, { concurrency: 1, queue: 1, retryAfter: "3 seconds" })
    const first = ask(server)
    await until(() => now === 1)
    const second = ask(server)
    await until(() => countInFlight() === 2)
    const third = await ask(server)
    await runtime.runPromise(gate.set)

    assert.deepStrictEqual([third.status, third.headers.get("retry-after")], [503, "3"])
    assert.deepStrictEqual([(await first).status, (await second).status, most], [200, 200, 1])
    await runtime.dispose()
    assert.strictEqual(countInFlight(), 0)
  })

  it("let a request begin when a client hangs up that waits for a place", async () => {
    const gate = Effect.runSync(asyncio.Event.make())
    let handled = 0
    const handle = Effect.andThen(
      Effect.sync(() => handled++),
      Effect.as(gate.wait, text("Ada"))
    )
    const { runtime, server } = await startEffect(handle, { concurrency: 1, queue: 1 })
    const first = ask(server)
    await until(() => handled === 1)
    const second = await hangingUp(server)
    await until(() => countInFlight() === 2)
    second.destroy()
    await until(() => countInFlight() === 1)
    const third = ask(server)
    await until(() => countInFlight() === 2)
    await runtime.runPromise(gate.set)

    assert.deepStrictEqual([(await first).status, (await third).status, handled], [200, 200, 2])
    await runtime.dispose()
  })

  it("take the client's own deadline, and answer with what is asked for", async () => {
    const options: RequestTaskOptions = {
      timeout: "1 hour",
      timeoutHeader: "X-Deadline",
      timeoutStatus: 504,
      respond: ({ kind, status }) => HttpServerResponse.text(String(kind), { status })
    }
    const { runtime, server } = await startEffect(hour, options)

    const response = await ask(server, { "x-deadline": "5" })

    assert.deepStrictEqual([response.status, await response.text()], [504, "timeout"])
    await runtime.dispose()
  })

  it("answer without a handler that takes no notice, which can be seen until it ends", async () => {
    let free = (): void => {}
    const stuck = new Promise<void>((resolve) => (free = resolve))
    const handle = Effect.as(Effect.uninterruptible(Effect.promise(() => stuck)), text("late"))
    const { runtime, server, tasks } = await startEffect(handle, { timeout: 5, patience: 5 })

    const { status } = await ask(server)

    assert.deepStrictEqual([status, countInFlight()], [503, 1])
    assert.isTrue(tasks().some((task) => task.getName() === "GET /users/:id"))
    free()
    await until(() => countInFlight() === 0)
    await runtime.dispose()
  })

  it("that cannot be meant are refused", () => {
    assert.throws(() => requestTask({ concurrency: 0 }), /concurrency must be a whole number from 1 on, not 0/)
    assert.throws(() => requestTask({ timeout: "soon" as never }), /soon/)
    assert.throws(() => requestTask("fast" as never), /requestTask\(\)/)
    assert.throws(() => requestTask({ onCancelled: "log" as never }), /requestTask\(\)/)
  })
})

describe("a request of Effect that is cancelled", () => {
  it("is told to who asked for it, and says in its span why", async () => {
    const spans: Array<Tracer.Span> = []
    const tracer = Tracer.make({
      span(options) {
        const span = Tracer.nativeTracer.span(options)
        spans.push(span)
        return span
      }
    })
    const told: Array<unknown> = []
    const onCancelled = ({ cancellation, name, status }: CancelledRequest) =>
      Effect.sync(() => void told.push([name, status, cancellation.kind]))
    const { runtime, server, tasks } = await startEffect(hour, { onCancelled }, tracer)
    const client = await hangingUp(server)
    await until(() => countInFlight() === 1)

    client.destroy()
    await until(() => countInFlight() === 0)
    const asked = ask(server)
    await until(() => countInFlight() === 1)
    for (const task of tasks()) if (task.getName().startsWith("GET")) task.cancelUnsafe("by hand")
    await asked

    assert.deepStrictEqual(told, [
      ["GET /users/:id", 499, "disconnect"],
      ["GET /users/:id", 503, "requested"]
    ])
    const said = spans
      .filter((span) => span.kind === "server")
      .map(({ attributes }) => ["task", "cancellation.kind", "cancellation.reason"].map((name) => attributes.get(name)))
    assert.deepStrictEqual(said, [
      ["GET /users/:id", "disconnect", "the client is gone"],
      ["GET /users/:id", "requested", "by hand"]
    ])
    await runtime.dispose()
  })
})

describe("detach of core", () => {
  it("has work go on behind the answer and its client, in a scope of its own", async () => {
    const gate = Effect.runSync(asyncio.Event.make())
    const lines: Array<string> = []
    const note = (line: string) => Effect.sync(() => void lines.push(line))
    const work = Effect.gen(function* () {
      yield* Effect.acquireRelease(note("opened"), () => note("closed"))
      yield* gate.wait
      yield* note("audited")
    })
    const { runtime, server } = await startEffect(Effect.as(detach(work, { name: "audit" }), text("Ada")))

    assert.strictEqual((await ask(server)).status, 200)
    await until(() => countInFlight() === 1)
    assert.deepStrictEqual(lines, ["opened"])
    await runtime.runPromise(gate.set)

    await until(() => countInFlight() === 0)
    assert.deepStrictEqual(lines, ["opened", "audited", "closed"])
    await runtime.dispose()
  })
})

describe("serve of core", () => {
  /** Serves, asks, and stops as soon as the request is there. */
  const stopWith = async (handle: Handle, grace: number) => {
    const server = createServer()
    const routes = HttpRouter.add("GET", "/users/:id", handle).pipe(
      Layer.provide(HttpRouter.middleware(requestTask()).layer)
    )
    let answer: Promise<string> | undefined
    const report = await serve(
      (service) => {
        const app = HttpRouter.serve(routes, { disableLogger: true, disableListenLog: true }).pipe(
          Layer.provide(NodeHttpServer.layer(() => service.track(server), { port: 0, host: "127.0.0.1" }))
        )
        const whenUp = Effect.sync(() => {
          answer = ask(server)
            .then((response) => response.text())
            .catch(() => "cut")
          void until(() => countInFlight() === 1).then(() => service.stop("SIGTERM"))
        })
        return Effect.orDie(Effect.scoped(Effect.andThen(Layer.build(app), Effect.andThen(whenUp, service.drained))))
      },
      { exit: false, grace, cleanup: 5000, log: () => {} }
    )
    return { report, answer: await answer! }
  }

  it("waits for what requests have detached", async () => {
    let audited = false
    const audit = Effect.andThen(
      asyncio.sleep(20),
      Effect.sync(() => (audited = true))
    )

    const { answer, report } = await stopWith(Effect.as(detach(audit), text("Ada")), 60_000)

    assert.deepStrictEqual([answer, audited, report.exitCode], ["Ada", true, 0])
  })

  it("ends a stream of events whose grace is over", async () => {
    let closed = false
    const events = Stream.ensuring(
      Stream.concat(Stream.succeed(new Uint8Array([65])), Stream.never),
      Effect.sync(() => (closed = true))
    )

    const { report } = await stopWith(Effect.succeed(HttpServerResponse.stream(events)), 20)

    assert.deepStrictEqual([closed, report.ignoring, countInFlight()], [true, [], 0])
  })
})
