// Whose calls and whose tasks: clients of one server, each with a session or an access token.
import * as asyncio from "@effect-asyncio/compat"
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client"
import { McpServer } from "@modelcontextprotocol/server"
import { assert, describe, it } from "vitest"
import { withSessions } from "../conformance/sessions.ts"
import { requestInput, toolTasks } from "../src/index.ts"
import { http, requestFor, text, until, watch } from "./support.ts"

const info = { name: "test", version: "0.0.0" }

describe("clients with sessions", () => {
  const start = () => {
    const { begun, ends, hang } = watch()
    const fetch = withSessions(() => {
      const server = new McpServer(info)
      toolTasks(server, { labels: { server: "files" } })
      server.registerTool("hang", {}, async () => text(await hang({})))
      server.registerTool("who", {}, async () => text(JSON.stringify(asyncio.currentTask()!.labels)))
      return server
    })
    const connect = async () => {
      const client = new Client(info)
      const transport = new StreamableHTTPClientTransport(new URL("http://localhost/mcp"), {
        fetch: (url, init) => fetch(new Request(url, init))
      })
      await client.connect(transport)
      return { client, transport }
    }
    return { begun, ends, connect, fetch }
  }

  it("have calls whose labels say which session and request they are of", async () => {
    const { connect } = start()
    const { client, transport } = await connect()

    const { content } = await client.callTool({ name: "who" })

    const labels = JSON.parse((content[0] as { readonly text: string }).text)
    assert.deepEqual(labels, { server: "files", session: transport.sessionId, request: 1 })
    await client.close()
  })

  it("cancel no calls of each other, although these have the same ids", async () => {
    const { begun, connect, ends } = start()
    const [mine, theirs] = [await connect(), await connect()]
    const stop = new AbortController()
    const calls = [
      mine.client.callTool({ name: "hang" }, { signal: stop.signal }).catch(() => "stopped"),
      theirs.client.callTool({ name: "hang" }).catch(() => "closed")
    ] as const
    await until(() => begun.length === 2)

    stop.abort("enough")
    assert.strictEqual(await calls[0], "stopped")
    await until(() => ends.length === 1)

    const [left] = begun.filter((task) => !task.done())
    assert.strictEqual(left!.labels["session"], theirs.transport.sessionId)
    assert.deepEqual(
      begun.map(({ labels }) => labels["request"]),
      [1, 1]
    )
    left!.cancel()
    await calls[1]
    await Promise.all([mine.client.close(), theirs.client.close()])
  })

  it("may send what is no JSON-RPC", async () => {
    const { begun, connect, fetch } = start()
    const { client, transport } = await connect()
    const call = client.callTool({ name: "hang" })
    await until(() => begun.length === 1)

    for (const body of ["{", "null", "7", "[]", "{}", '{"jsonrpc":"2.0","id":{},"method":7}', "\\u0000\\uffff"]) {
      const headers = {
        "Content-Type": "application/json",
        Accept: "application/json, text/event-stream",
        "Mcp-Session-Id": transport.sessionId!
      }
      const { status } = await fetch(new Request("http://localhost/mcp", { method: "POST", body, headers }))
      assert.isAtMost(status, 499, body)
    }

    assert.isFalse(begun[0]!.done())
    begun[0]!.cancel("enough")
    assert.isTrue((await call).isError)
    await client.close()
  })
})

describe("clients with access tokens", () => {
  const authInfo = (clientId: string) => ({ authInfo: { token: clientId, clientId, scopes: [] } })

  it("know their own tasks only", async () => {
    const ask = async () => JSON.stringify(await requestInput({ method: "elicitation/create", params: {} }))
    const server = http({ ask }, { ask: "optional" })
    const call = { name: "ask", arguments: {} }
    const { taskId } = (await server.send("tools/call", call, undefined, authInfo("mine"))).result
    const asked = (await server.send("tasks/get", { taskId }, undefined, authInfo("mine"))).result
    const [key] = Object.keys(asked.inputRequests)
    const params = { taskId, inputResponses: { [key!]: "theirs" } }

    for (const options of [authInfo("theirs"), authInfo(""), undefined]) {
      for (const method of ["tasks/get", "tasks/update", "tasks/cancel"]) {
        const { error } = await server.send(method, params, undefined, options)
        assert.deepEqual([error?.code, error?.message], [-32602, `there is no task ${taskId}`])
      }
    }

    const mine = { taskId, inputResponses: { [key!]: { to: "b" } } }
    await server.send("tasks/update", mine, undefined, authInfo("mine"))
    await until(() => server.tasks.get(taskId)!.done())
    assert.deepEqual(server.tasks.get(taskId)!.result(), text('{"to":"b"}'))
  })

  it("do not get at the tasks of those without one by their token", async () => {
    const { hang } = watch()
    const server = http({ hang }, { hang: "optional" })
    const { taskId } = await server.call("hang")

    const { error } = await server.send("tasks/get", { taskId }, undefined, authInfo("mine"))

    assert.strictEqual(error?.code, -32602)
    server.tasks.get(taskId)!.cancel()
  })
})

describe("a server over HTTP", () => {
  it("goes on after what is no JSON-RPC", async () => {
    const server = http({ quick: async () => "quick" }, {})
    const { headers } = requestFor("tasks/get", { taskId: "x" })
    const bodies = ["", "{", "null", "7", "[]", "{}", new Uint8Array([0xff, 0xfe, 0x00, 0xc3, 0x28])]

    for (const body of bodies) {
      const { status } = await server.handler.fetch(
        new Request("http://localhost/mcp", { method: "POST", headers, body })
      )
      assert.isAtLeast(status, 400)
      assert.isBelow(status, 500)
    }

    assert.strictEqual((await server.call("quick")).content[0].text, "quick")
  })
})
