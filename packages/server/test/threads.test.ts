// Threads in which people ask for what a request as a task is: each with what happens without, and with it.
import * as asyncio from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { requestTask } from "@effect-asyncio/server/effect"
import { requestListener } from "@effect-asyncio/server/node"
import { Effect, Layer } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { once } from "node:events"
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http"
import { json } from "node:stream/consumers"
import { setTimeout as pause } from "node:timers/promises"
import { assert, describe, it } from "vitest"
import { portOf, until } from "./frameworks.ts"

const listening = async (listener: RequestListener) => {
  const server = createServer(listener).listen(0, "127.0.0.1")
  await once(server, "listening")
  return server
}

/** What is written down: `begun`, and then what became of it. */
type Note = (line: string) => void

/** Asks, hangs up as soon as the work has begun, and gives what was written down when the server has nothing more to do. */
const hangUpOn = async (make: (note: Note) => RequestListener, body?: string): Promise<ReadonlyArray<string>> => {
  const lines: Array<string> = []
  const server = await listening(make((line) => lines.push(line)))
  const client = new AbortController()
  const asked = fetch(`http://127.0.0.1:${portOf(server)}/`, {
    signal: client.signal,
    ...(body === undefined ? {} : { method: "POST", body })
  })
    .then((response) => response.text())
    .catch(() => "gone")
  await until(() => lines.includes("begun"))
  client.abort()
  await asked
  await until(() => lines.length > 1)
  server.close()
  return lines
}

// https://github.com/vercel/next.js/issues/81418
describe("an action that a client calls, and gives up", () => {
  /** The action knows nothing of requests. `wait` is the long part of it. */
  const actions = (note: Note, wait: () => Promise<unknown>) => ({
    addTodo: async (title: string) => {
      note("begun")
      await wait()
      note(`added ${title}`)
    }
  })

  const endpoint =
    (note: Note, wait: () => Promise<unknown>) => async (request: IncomingMessage, response: ServerResponse) => {
      const { action, title } = (await json(request)) as { action: "addTodo"; title: string }
      await actions(note, wait)[action](title)
      response.end()
    }

  const call = JSON.stringify({ action: "addTodo", title: "milk" })

  it("goes on without tasks", async () => {
    const listener = (note: Note) => (request: IncomingMessage, response: ServerResponse) =>
      void endpoint(note, () => pause(50))(request, response)

    assert.deepStrictEqual(await hangUpOn(listener, call), ["begun", "added milk"])
  })

  it("is cancelled", async () => {
    const wait = (note: Note) => () =>
      asyncio.sleep("1 hour").catch((error: asyncio.CancelledError) => {
        note(error.kind)
        throw error
      })
    const listener = (note: Note) => requestListener(endpoint(note, wait(note)))

    assert.deepStrictEqual(await hangUpOn(listener, call), ["begun", "disconnect"])
  })
})

// https://github.com/TanStack/router/pull/3477, and the issue 3490 that it answers
describe("a function of the server that streams events", () => {
  const events = async (note: Note, response: ServerResponse, signal: AbortSignal, most: number) => {
    signal.addEventListener("abort", () => note("aborted"))
    note("begun")
    for (let n = 0; n < most && !signal.aborted; n++) {
      response.write(`data: ${n}\n\n`)
      await pause(2)
    }
    if (!signal.aborted) note("sent all")
  }

  it("has a signal that never aborts, where nobody ties it to the client", async () => {
    const listener = (note: Note) => (_: IncomingMessage, response: ServerResponse) =>
      void events(note, response, new AbortController().signal, 30)

    assert.deepStrictEqual(await hangUpOn(listener), ["begun", "sent all"])
  })

  it("has currentSignal(), which aborts", async () => {
    const listener = (note: Note) =>
      requestListener((_, response) => events(note, response, asyncio.currentSignal(), Infinity))

    assert.deepStrictEqual(await hangUpOn(listener), ["begun", "aborted"])
  })
})

// https://github.com/alchemy-run/alchemy/pull/1638
describe("a handler of Effect behind a web Request", () => {
  it("is interrupted when the client aborts, gives back what it has, and says why", async () => {
    const lines: Array<string> = []
    const note = (line: string) => Effect.sync(() => void lines.push(line))
    const handler = Effect.gen(function* () {
      yield* Effect.acquireRelease(note("connected"), () => note("released"))
      yield* core
        .sleep("1 hour")
        .pipe(core.catchCancelled((error) => Effect.andThen(note(error.kind), Effect.interrupt)))
      return HttpServerResponse.text("never")
    })
    const routes = HttpRouter.add("GET", "/", Effect.scoped(handler)).pipe(
      Layer.provide(HttpRouter.middleware(requestTask()).layer)
    )
    const app = HttpRouter.toWebHandler(routes, { disableLogger: true })
    const client = new AbortController()
    const answer = app.handler(new Request("http://localhost/", { signal: client.signal })).then(
      ({ status }) => status,
      () => "aborted"
    )
    await until(() => lines.includes("connected"))

    client.abort()

    assert.oneOf(await answer, [499, "aborted"])
    await until(() => lines.includes("released"))
    assert.deepStrictEqual(lines, ["connected", "disconnect", "released"])
    await app.dispose()
  })
})
