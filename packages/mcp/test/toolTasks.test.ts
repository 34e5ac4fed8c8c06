import * as asyncio from "@effect-asyncio/compat"
import { Client as OldClient } from "@modelcontextprotocol/sdk/client/index.js"
import { InMemoryTransport as OldTransport } from "@modelcontextprotocol/sdk/inMemory.js"
import { McpServer as OldServer } from "@modelcontextprotocol/sdk/server/mcp.js"
import { McpServer } from "@modelcontextprotocol/server"
import { assert, describe, it } from "vitest"
import { reportProgress, requestInput, toolTasks } from "../src/index.ts"
import { connect, running, text, until, watch } from "./support.ts"

/** All messages that a transport receives from now on. */
const received = (transport: Awaited<ReturnType<typeof connect>>["here"]): ReadonlyArray<unknown> => {
  const messages: Array<unknown> = []
  const receive = transport.onmessage!
  // A transport has one listener, and is no EventTarget.
  // oxlint-disable-next-line unicorn/prefer-add-event-listener
  transport.onmessage = (message, extra) => {
    messages.push(message)
    receive(message, extra)
  }
  return messages
}

const said = (result: unknown): string => (result as ReturnType<typeof text>).content[0]!.text

describe("a tool call", () => {
  it("is a task with the name of the tool and labels", async () => {
    const { client } = await connect(
      {
        who: async () => {
          const { labels } = asyncio.currentTask()!
          return JSON.stringify([asyncio.currentTask()!.getName(), labels])
        }
      },
      { labels: { server: "files" } }
    )

    const result = await client.callTool({ name: "who" })

    assert.deepEqual(JSON.parse(said(result)), ["who", { server: "files", request: 1 }])
    await client.close()
  })

  it("is cancelled by its client, with the reason and a kind", async () => {
    const { begun, ends, hang } = watch()
    const { client } = await connect({ hang })
    const stop = new AbortController()
    const call = client.callTool({ name: "hang" }, { signal: stop.signal }).catch((error: unknown) => error)
    await until(() => begun.length === 1)

    stop.abort("no longer wanted")

    assert.match(((await call) as Error).message, /no longer wanted/)
    await until(() => running().length === 0)
    assert.deepEqual(ends, [{ kind: "requested", reason: "no longer wanted" }])
    await client.close()
  })

  it("leaves the server as it is when it was cancelled", async () => {
    const { begun, hang } = watch()
    const { client } = await connect({ hang, quick: async () => "quick" })
    const stop = new AbortController()
    const call = client.callTool({ name: "hang" }, { signal: stop.signal }).catch(() => {})
    await until(() => begun.length === 1)

    stop.abort("stop")
    await call

    assert.strictEqual(said(await client.callTool({ name: "quick" })), "quick")
    await client.close()
  })

  it("is answered when it was cancelled, once it is done", async () => {
    const { begun, hang } = watch()
    const { client, here } = await connect({ hang })
    const answers = received(here)
    await here.send({ jsonrpc: "2.0", id: "raw", method: "tools/call", params: { name: "hang" } })
    await until(() => begun.length === 1)
    const cancelled = { requestId: "raw", reason: "enough" }

    // Twice, and once too late: none of them breaks anything.
    await here.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: cancelled })
    await here.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: cancelled })
    await until(() => answers.length === 1)
    await here.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: cancelled })
    await here.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: "unknown" } })

    await client.ping()
    assert.deepEqual(answers[0], {
      jsonrpc: "2.0",
      id: "raw",
      error: {
        code: -32800,
        message: "hang was cancelled: enough",
        data: { "effect-asyncio/stop": { kind: "requested", reason: "enough" } }
      }
    })
    await client.close()
  })

  it("is not answered when it was cancelled and the server says so", async () => {
    const { begun, hang } = watch()
    const { client, here } = await connect({ hang }, { answerCancelled: false })
    const answers = received(here)
    await here.send({ jsonrpc: "2.0", id: "raw", method: "tools/call", params: { name: "hang" } })
    await until(() => begun.length === 1)

    await here.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: "raw" } })
    await until(() => running().length === 0)

    await client.ping()
    assert.strictEqual(answers.length, 1, "that to the ping")
    await client.close()
  })

  it("is cancelled by the end of the connection", async () => {
    const { begun, ends, hang } = watch()
    const { client } = await connect({ hang })
    const call = client.callTool({ name: "hang" }).catch(() => {})
    await until(() => begun.length === 1)

    await client.close()

    await call
    await until(() => running().length === 0)
    assert.deepEqual(ends, [{ kind: "disconnect", reason: "the client is gone" }])
  })

  it("ends with a timeout, which the model reads", async () => {
    const { ends, hang } = watch()
    const { client } = await connect({ hang }, { timeout: (tool) => (tool === "hang" ? 5 : undefined) })

    const result = await client.callTool({ name: "hang" })

    assert.deepEqual([result.isError, said(result)], [true, "hang took too long"])
    assert.deepEqual(result._meta, { "effect-asyncio/stop": { kind: "timeout", reason: "took too long" } })
    assert.deepEqual(
      ends.map(({ kind }) => kind),
      ["timeout"]
    )
    await client.close()
  })

  it("is answered when somebody else has cancelled its task", async () => {
    const { begun, hang } = watch()
    const { client } = await connect({ hang })
    const call = client.callTool({ name: "hang" })
    await until(() => begun.length === 1)

    running()[0]!.cancel("maintenance", { kind: "shutdown" })

    const result = await call
    assert.deepEqual([result.isError, said(result)], [true, "hang was cancelled: maintenance"])
    assert.deepEqual(result._meta, { "effect-asyncio/stop": { kind: "shutdown", reason: "maintenance" } })
    await client.close()
  })

  it("has finished when it returns a result although it was asked to stop", async () => {
    let begun = false
    const { client } = await connect({
      half: async () => {
        begun = true
        await asyncio.sleep("1 hour").catch(() => {})
        return "half of it"
      }
    })
    const call = client.callTool({ name: "half" })
    await until(() => begun)

    running()[0]!.cancel("hurry")

    assert.strictEqual(said(await call), "half of it")
    await client.close()
  })

  it("stops what listens to the signal of the SDK, whoever has cancelled", async () => {
    const server = new McpServer({ name: "test", version: "0.0.0" })
    toolTasks(server, { timeout: 5 })
    let reason: unknown
    server.registerTool(
      "listen",
      {},
      ({ mcpReq: { signal } }) =>
        new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject((reason = signal.reason))))
    )
    const { client } = await connectTo(server)

    const result = await client.callTool({ name: "listen" })

    assert.strictEqual(said(result), "listen took too long")
    assert.instanceOf(reason, asyncio.CancelledError)
    await client.close()
  })

  it("fails as it does without tasks", async () => {
    const { client } = await connect({
      fail: async () => {
        throw new Error("no such file")
      }
    })

    const result = await client.callTool({ name: "fail" })

    assert.deepEqual([result.isError, said(result), result._meta], [true, "no such file", undefined])
    await client.close()
  })

  it("reports its progress, as long as it increases", async () => {
    const { client } = await connect({
      copy: async () => {
        for (const done of [0, 1, 1, 0.5, 2]) {
          reportProgress(done, { total: 2, message: `file ${done}` })
          await asyncio.sleep(0)
        }
        return "copied"
      }
    })
    const seen: Array<unknown> = []

    await client.callTool(
      { name: "copy" },
      { onprogress: ({ message, progress, total }) => seen.push([progress, total, message]) }
    )

    assert.deepEqual(seen, [
      [0, 2, "file 0"],
      [1, 2, "file 1"],
      [2, 2, "file 2"]
    ])
    await client.close()
  })

  it("reports nothing to a client that did not ask, and outside of calls", async () => {
    const { client } = await connect({
      copy: async () => {
        reportProgress(1)
        return "copied"
      }
    })

    reportProgress(1)

    assert.strictEqual(said(await client.callTool({ name: "copy" })), "copied")
    await client.close()
  })

  it("cannot ask its client for something where there is no task of the protocol", async () => {
    const { client } = await connect({
      ask: async () => String(await requestInput({ method: "elicitation/create" }))
    })

    const result = await client.callTool({ name: "ask" })

    assert.strictEqual(said(result), "requestInput() needs a call of a tool that is answered with a task")
    await client.close()
  })

  it("goes by itself beside a thousand others", async () => {
    const { begun, ends, hang } = watch()
    const { client } = await connect({ hang })
    const stop = new AbortController()
    const calls = Array.from({ length: 1000 }, () =>
      client.callTool({ name: "hang" }, { signal: stop.signal, timeout: 600_000 }).catch(() => "stopped")
    )
    await until(() => begun.length === 1000)

    stop.abort("all of them")

    assert.deepEqual(new Set(await Promise.all(calls)), new Set(["stopped"]))
    await until(() => running().length === 0)
    assert.strictEqual(ends.length, 1000)
    await client.close()
  })

  it("is no task of the code that calls it in the same process", async () => {
    const { begun, ends, hang } = watch()
    const { client } = await connect({ hang })
    await asyncio.run(async () => {
      const caller = asyncio.createTask(() => client.callTool({ name: "hang" }, { signal: asyncio.currentSignal() }))
      await until(() => begun.length === 1)
      caller.cancel("the caller stops")
      await asyncio.wait([caller])
      assert.match(String(caller.exception()), /the caller stops/, "the SDK has an error of its own for it")
    })

    await until(() => ends.length === 1)
    assert.match(ends[0]!.reason ?? "", /the caller stops/)
    await client.close()
  })
})

describe("a server", () => {
  it("goes on after what is no JSON-RPC", async () => {
    const { client, here } = await connect({ quick: async () => "quick" })

    for (const message of [{}, { jsonrpc: "2.0" }, { jsonrpc: "2.0", id: {}, method: 1 }, [], "text"]) {
      await here.send(message as never)
    }
    await here.send({ jsonrpc: "2.0", id: "x", method: "tools/call", params: { name: 7 } } as never)
    await here.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: {} } } as never)

    assert.strictEqual(said(await client.callTool({ name: "quick" })), "quick")
    await client.close()
  })

  it("cannot have tools before", async () => {
    const server = new McpServer({ name: "test", version: "0.0.0" })
    server.registerTool("early", {}, async () => text("early"))

    assert.throws(() => toolTasks(server), /tools\/call/)
  })

  it("may be one of version 1 of the SDK", async () => {
    const { begun, ends, hang } = watch()
    const server = new OldServer({ name: "test", version: "0.0.0" })
    toolTasks(server, { timeout: (tool) => (tool === "slow" ? 5 : undefined) })
    for (const name of ["slow", "hang"]) server.registerTool(name, {}, async () => text(await hang({})))
    server.registerTool("who", {}, async () => text(`${asyncio.currentTask()?.getName()}`))
    const client = new OldClient({ name: "test", version: "0.0.0" })
    const [here, there] = OldTransport.createLinkedPair()
    await Promise.all([server.connect(there), client.connect(here)])
    const stop = new AbortController()

    const who = await client.callTool({ name: "who" })
    const slow = await client.callTool({ name: "slow" })
    const call = client.callTool({ name: "hang" }, undefined, { signal: stop.signal }).catch(() => "stopped")
    await until(() => begun.length === 2)
    stop.abort("enough")

    assert.deepEqual([said(who), said(slow), await call], ["who", "slow took too long", "stopped"])
    await until(() => ends.length === 2)
    assert.deepEqual(
      ends.map(({ kind }) => kind),
      ["timeout", "requested"]
    )
    await client.close()
  })
})

const connectTo = async (server: McpServer) => {
  const { Client, InMemoryTransport } = await import("@modelcontextprotocol/client")
  const client = new Client({ name: "test", version: "0.0.0" })
  const [here, there] = InMemoryTransport.createLinkedPair()
  await Promise.all([server.connect(there), client.connect(here)])
  return { client }
}
