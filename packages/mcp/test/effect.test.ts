import type { AddressInfo } from "node:net"
import { createServer } from "node:http"
import * as asyncio from "@effect-asyncio/core"
import { NodeHttpServer } from "@effect/platform-node"
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client"
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio"
import { Layer, ManagedRuntime } from "effect"
import { HttpRouter } from "effect/http"
import { assert, describe, it } from "vitest"
import type { ToolTasksOptions } from "../src/effect.ts"
import { makeTools, overHttp } from "./effectServer.ts"
import { programOf } from "./stdio.ts"
import { until } from "./support.ts"

type Ends = ReturnType<typeof makeTools>["seen"]

/** A client of the official SDK, what the server's tools have seen, and what ends both. */
interface Session {
  readonly client: Client
  readonly seen: () => Promise<Ends>
  readonly end: () => Promise<void>
}

/** What the tool has returned. */
const said = (result: unknown): any =>
  JSON.parse((result as { readonly content: [{ readonly text: string }] }).content[0].text)

const info = { name: "test", version: "0.0.0" }

const seenBy = (client: Client) => async () => said(await client.callTool({ name: "seen" })) as Ends

const serverOverHttp = async (options?: ToolTasksOptions) => {
  const { handlers, seen } = makeTools()
  const http = createServer()
  const app = HttpRouter.serve(overHttp(handlers, options), { disableLogger: true, disableListenLog: true }).pipe(
    Layer.provide(NodeHttpServer.layer(() => http, { port: 0, host: "127.0.0.1", gracefulShutdownTimeout: 100 })),
    Layer.provideMerge(asyncio.layer())
  )
  const runtime = ManagedRuntime.make(app)
  const loop = await runtime.runPromise(asyncio.getRunningLoop)
  const url = new URL(`http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`)
  const calls = () => [...loop.allTasksUnsafe()].filter((task) => "request" in task.labels)
  return { seen, url, calls, dispose: () => runtime.dispose() }
}

const overHttpIn =
  (mode: "legacy" | "auto") =>
  async (options?: ToolTasksOptions): Promise<Session> => {
    const { dispose, url } = await serverOverHttp(options)
    const client = new Client(info, { versionNegotiation: { mode } })
    await client.connect(new StreamableHTTPClientTransport(url))
    const end = async () => {
      await client.close()
      await dispose()
    }
    return { client, seen: seenBy(client), end }
  }

const overStdio = async ({ timeout }: ToolTasksOptions = {}): Promise<Session> => {
  const client = new Client(info)
  const { args, command } = programOf("effectStdio", timeout === undefined ? "" : "hang")
  await client.connect(new StdioClientTransport({ command, args, stderr: "ignore" }))
  return { client, seen: seenBy(client), end: () => client.close() }
}

const transports = {
  stdio: overStdio,
  "HTTP with sessions": overHttpIn("legacy"),
  "HTTP without sessions": overHttpIn("auto")
}

for (const [transport, start] of Object.entries(transports)) {
  const sessions = transport === "HTTP with sessions"
  // Where there are no sessions a client of HTTP hangs up, and no reason comes with that.
  const cancelled = (reason: string) =>
    transport === "HTTP without sessions"
      ? { kind: "disconnect", reason: "the client is gone" }
      : { kind: "requested", reason }

  describe(`a tool call of Effect's McpServer over ${transport}`, () => {
    it("is a task with the name of the tool and labels", async () => {
      const { client, end } = await start()

      const [name, { request, session, ...others }] = said(await client.callTool({ name: "who" }))

      assert.deepEqual(
        [name, typeof request, typeof session, others],
        ["who", "number", sessions ? "string" : "undefined", {}]
      )
      await end()
    })

    it("is cancelled by its client, with a kind and the reason, and the server goes on", async () => {
      const { client, end, seen } = await start()
      const stop = new AbortController()
      const call = client.callTool({ name: "hang" }, { signal: stop.signal }).catch((error: unknown) => error)
      while ((await seen()).begun === 0);

      stop.abort("no longer wanted")

      assert.match(((await call) as Error).message, /no longer wanted/)
      while ((await seen()).ends.length === 0);
      assert.deepEqual((await seen()).ends, [cancelled("no longer wanted")])
      await end()
    })

    it("is cancelled twice, when it is over, and when there is none", async () => {
      const { client, end, seen } = await start()
      const stop = new AbortController()
      const call = client.callTool({ name: "hang" }, { signal: stop.signal }).catch(() => "stopped")
      while ((await seen()).begun === 0);
      stop.abort("enough")
      await call

      for (const requestId of [1, 2, 3, "unknown"]) {
        const again = client.notification({ method: "notifications/cancelled", params: { requestId, reason: "again" } })
        // There is no such notification where there are no sessions.
        await again.catch(() => {})
      }

      while ((await seen()).ends.length === 0);
      assert.strictEqual((await seen()).ends.length, 1)
      await end()
    })

    it("ends with a timeout, which is an error with the stop", async () => {
      const { client, end, seen } = await start({ timeout: (tool) => (tool === "hang" ? 5 : undefined) })

      const error = await client.callTool({ name: "hang" }).catch((error: unknown) => error)

      assert.deepInclude(error, {
        code: -32001,
        data: { "effect-asyncio/stop": { kind: "timeout", reason: "took too long" } }
      })
      assert.match((error as Error).message, /hang took too long/)
      assert.deepEqual(
        (await seen()).ends.map(({ kind }) => kind),
        ["timeout"]
      )
      await end()
    })

    it("fails as it does without tasks", async () => {
      const { client, end } = await start()

      const result = await client.callTool({ name: "fail" }).catch((error: unknown) => error)

      assert.include(JSON.stringify(result), "no such file")
      await end()
    })

    it("reports its progress, as long as it increases", async () => {
      const { client, end } = await start()
      const told: Array<unknown> = []

      const result = await client.callTool(
        { name: "copy" },
        { onprogress: ({ message, progress, total }) => told.push([progress, total, message]) }
      )

      assert.deepEqual(said(result), ["copied"])
      assert.deepEqual(told.slice(0, 3), [
        [0, 2, "file 0"],
        [1, 2, "file 1"],
        [2, 2, "file 2"]
      ])
      await end()
    })
  })
}

const raw = async (
  url: URL,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>> = {}
) => {
  const response = await fetch(url, {
    method: "POST",
    body,
    headers: { "Content-Type": "application/json", Accept: "application/json, text/event-stream", ...headers }
  })
  return { status: response.status, session: response.headers.get("mcp-session-id"), text: await response.text() }
}

/** The headers of a session that was begun by hand. */
const begin = async (url: URL) => {
  const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: info }
  const { session } = await raw(url, JSON.stringify({ jsonrpc: "2.0", id: 0, method: "initialize", params }))
  return { "Mcp-Session-Id": session!, "MCP-Protocol-Version": "2025-11-25" }
}

const hang = (id: string | number) =>
  JSON.stringify({ jsonrpc: "2.0", id, method: "tools/call", params: { name: "hang", arguments: {} } })

const cancel = (requestId: string | number, reason: string) =>
  JSON.stringify({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId, reason } })

describe("Effect's McpServer over HTTP", () => {
  it("answers a call that is cancelled, and only that of the same session", async () => {
    const { calls, dispose, seen, url } = await serverOverHttp()
    const [mine, theirs] = [await begin(url), await begin(url)]
    const answers = [raw(url, hang(1), mine), raw(url, hang(1), theirs)] as const
    await until(() => seen.begun === 2)

    const { status } = await raw(url, cancel(1, "enough"), mine)
    const answer = await answers[0]

    assert.strictEqual(status, 202)
    assert.deepInclude(JSON.parse(answer.text).error, { code: -32800, message: "hang was cancelled: enough" })
    assert.strictEqual(calls().length, 1)
    await raw(url, cancel(1, "enough"), theirs)
    await answers[1]
    await dispose()
  })

  it("goes on after what is no JSON-RPC", async () => {
    const { dispose, seen, url } = await serverOverHttp()
    const session = await begin(url)
    const call = raw(url, hang("mine"), session)
    await until(() => seen.begun === 1)

    for (const body of ["{", "null", "7", "[]", "{}", '{"jsonrpc":"2.0"}', "notifications/cancelled"]) {
      await raw(url, body, session)
      await raw(url, body)
    }
    await raw(url, new Uint8Array([0xff, 0xfe, 0x00, 0xc3, 0x28]), session)
    for (const params of [null, 7, {}, { requestId: {} }, { requestId: null }]) {
      await raw(url, JSON.stringify({ jsonrpc: "2.0", method: "notifications/cancelled", params }), session)
    }

    assert.deepEqual(seen.ends, [])
    await raw(url, cancel("mine", "enough"), session)
    assert.include((await call).text, "hang was cancelled: enough")
    await dispose()
  })

  it("has 1,000 calls whose clients hang up cancelled, and keeps nothing of them", async () => {
    const { calls, dispose, seen, url } = await serverOverHttp()
    const session = await begin(url)
    for (let round = 1; round <= 5; round++) {
      const stop = new AbortController()
      const requests = Array.from({ length: 200 }, (_, id) =>
        fetch(url, {
          method: "POST",
          body: hang(id),
          headers: {
            "Content-Type": "application/json",
            Accept: "application/json, text/event-stream",
            ...session
          },
          signal: stop.signal
        }).catch(() => {})
      )
      await until(() => seen.begun === 200 * round)
      stop.abort()
      await Promise.all(requests)
      await until(() => seen.ends.length === 200 * round)
    }

    assert.deepEqual(new Set(seen.ends.map(({ kind }) => kind)), new Set(["disconnect"]))
    assert.deepEqual(calls(), [])
    await dispose()
  })
})
