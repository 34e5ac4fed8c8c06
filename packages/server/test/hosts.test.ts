// What becomes of requests of Hono whose clients hang up, on the host that runs this: the table of the page "Servers". `npm run test:runtimes` runs it
// on Node.js, Bun and Deno.
import * as asyncio from "@effect-asyncio/compat"
import { RequestTasks } from "@effect-asyncio/server"
import { requestTasks } from "@effect-asyncio/server/hono"
import { serve as nodeServer } from "@hono/node-server"
import { Hono } from "hono"
import { streamSSE } from "hono/streaming"
import { once } from "node:events"
import { type AddressInfo, connect } from "node:net"
import { afterEach, assert, describe, it } from "vitest"
import { until } from "./until.ts"

type Fetch = (request: Request) => Response | Promise<Response>

interface Hosts {
  readonly Bun?: {
    serve(options: { port: number; hostname: string; idleTimeout: number; fetch: Fetch }): {
      readonly port: number
      stop(now: boolean): void
    }
  }
  readonly Deno?: {
    serve(
      options: { port: number; hostname: string; signal: AbortSignal; onListen(): void },
      fetch: Fetch
    ): { readonly addr: { readonly port: number } }
  }
}

const { Bun, Deno } = globalThis as Hosts

/** Has the host's own server listen. */
const listen = async (app: Hono): Promise<{ readonly port: number; readonly close: () => void }> => {
  const [fetch, hostname] = [app.fetch, "127.0.0.1"]
  if (Bun !== undefined) {
    const server = Bun.serve({ port: 0, hostname, idleTimeout: 0, fetch })
    return { port: server.port, close: () => server.stop(true) }
  }
  if (Deno !== undefined) {
    const end = new AbortController()
    const server = Deno.serve({ port: 0, hostname, signal: end.signal, onListen() {} }, fetch)
    return { port: server.addr.port, close: () => end.abort() }
  }
  const server = nodeServer({ fetch: app.fetch, port: 0, hostname })
  await once(server, "listening")
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() }
}

let close = (): void => {}

/** A server with some routes, which says what it has seen of its requests: what begins, and how each ends. */
const start = async () => {
  const seen: Array<string> = []
  const tasks = new RequestTasks({
    timeoutHeader: "x-deadline",
    onCancelled: ({ error, name, status }) => seen.push(`${name} ${status} ${error.kind}`)
  })
  const task = requestTasks(tasks)
  const app = new Hono()
  app.get(
    "/name",
    task(async (context) => context.text(asyncio.currentTask()!.getName()))
  )
  app.get(
    "/slow",
    task(async (context) => {
      seen.push("begun")
      return context.text(await asyncio.sleep("1 hour", "never"))
    })
  )
  app.post(
    "/body",
    task(async (context) => {
      seen.push("begun")
      return context.text(await context.req.text())
    })
  )
  app.get(
    "/stream",
    task(async (context) =>
      streamSSE(context, async (stream) => {
        seen.push("begun")
        while (!stream.aborted) {
          await stream.writeSSE({ data: "tick" })
          await stream.sleep(5)
        }
        seen.push("ended")
      })
    )
  )
  app.onError((error, context) => {
    if ("getResponse" in error) return (error as { getResponse(): Response }).getResponse()
    seen.push("failed")
    return context.text("failed", 500)
  })
  const server = await listen(app)
  close = server.close
  return { port: server.port, seen, tasks }
}

/** Sends a request, and hangs up as soon as it is handled; gives what was seen of it when one of the ends is there, and its task is not. */
const hangUp = async (request: string, end: string): Promise<ReadonlyArray<string>> => {
  const { port, seen, tasks } = await start()
  const client = connect({ port, host: "127.0.0.1" })
  client.on("error", () => {})
  await once(client, "connect")
  client.write(request)
  await until(() => seen[0] === "begun")
  // So long that the host waits for more.
  await new Promise((resolve) => setTimeout(resolve, 20))
  client.destroy()
  await until(() => (seen.includes(end) || seen.includes("failed")) && tasks.size === 0)
  return seen
}

/** On Node.js the stream is a part of the task. */
const endOfStream = Bun === undefined && Deno === undefined ? "GET /stream 499 disconnect" : "ended"

describe("Hono on this host", () => {
  afterEach(() => close())

  it("runs a handler in a task that is named by its route", async () => {
    const { port } = await start()

    const response = await fetch(`http://127.0.0.1:${port}/name`)

    assert.strictEqual(await response.text(), "GET /name")
  })

  it("answers 503 when the time is up", async () => {
    const { port, seen } = await start()

    const { status } = await fetch(`http://127.0.0.1:${port}/slow`, { headers: { "x-deadline": "20" } })

    await until(() => seen.length > 1)
    assert.deepStrictEqual([status, seen[1]], [503, "GET /slow 503 timeout"])
  })

  it("has a request cancelled whose client hangs up", async () => {
    const end = "GET /slow 499 disconnect"

    assert.deepStrictEqual(await hangUp("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n", end), ["begun", end])
  })

  it("has a request cancelled whose client hangs up in the middle of its body, but for Deno, where reading that fails first", async () => {
    const end = Deno === undefined ? "POST /body 499 disconnect" : "failed"
    const request = "POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf of it"

    assert.deepStrictEqual(await hangUp(request, end), ["begun", end])
  })

  it("ends a stream whose client hangs up", async () => {
    assert.include(await hangUp("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n", endOfStream), endOfStream)
  })
})
