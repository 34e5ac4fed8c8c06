import * as asyncio from "@effect-asyncio/compat"
import { ProtocolError } from "@modelcontextprotocol/server"
import { assert, describe, it } from "vitest"
import { callTool, requestInput } from "../src/index.ts"
import { connect, connectOverHttp, http, until, watch } from "./support.ts"

const fast = { pollInterval: 1 }

describe("callTool", () => {
  it("gives what the tool has answered", async () => {
    const { client } = await connect({ quick: async () => "quick" })

    const call = callTool(client, { name: "quick" }, { labels: { step: 1 } })

    assert.deepEqual((await call).content, [{ type: "text", text: "quick" }])
    assert.deepEqual([call.getName(), call.labels], ["quick", { step: 1 }])
    await client.close()
  })

  it("cancels the call on the server when its task is cancelled", async () => {
    const { begun, ends, hang } = watch()
    const { client } = await connect({ hang })
    const call = callTool(client, { name: "hang" })
    await until(() => begun.length === 1)

    call.cancel("no longer needed")

    await until(() => call.done() && ends.length === 1)
    assert.isTrue(call.cancelled())
    assert.match(ends[0]!.reason ?? "", /no longer needed/)
    await client.close()
  })

  it("stands for the task that the server answers with", async () => {
    const finish = new asyncio.Event()
    const { handler } = http({ build: async () => (await finish.wait(), "built") }, { build: "optional" }, fast)
    const client = await connectOverHttp(handler)
    const statuses: Array<string> = []

    const call = callTool(client, { name: "build" }, { onStatus: ({ status }) => statuses.push(status) })
    await until(() => statuses.length > 2)
    assert.isFalse(call.done())
    finish.set()

    assert.deepEqual((await call).content, [{ type: "text", text: "built" }])
    assert.deepEqual([...new Set(statuses)], ["working", "completed"])
    await client.close()
  })

  it("answers what the task asks for", async () => {
    const { handler } = http(
      {
        move: async () =>
          JSON.stringify(
            await asyncio.gather([
              requestInput({ method: "elicitation/create", params: { message: "from?" } }),
              requestInput({ method: "elicitation/create", params: { message: "to?" } })
            ])
          )
      },
      { move: "optional" },
      fast
    )
    const client = await connectOverHttp(handler)

    const { content } = await callTool(
      client,
      { name: "move" },
      {
        onInput: ({ params }) => ({ action: "accept", content: params as object })
      }
    )

    assert.deepEqual(JSON.parse(String(content[0]!["text"])), [
      { action: "accept", content: { message: "from?" } },
      { action: "accept", content: { message: "to?" } }
    ])
    await client.close()
  })

  it("asks the remote task to cancel itself, and is cancelled by it", async () => {
    const { begun, ends, hang } = watch()
    const { handler, tasks } = http({ hang }, { hang: "optional" }, fast)
    const client = await connectOverHttp(handler)
    const known = new Set<string>()
    const mine = callTool(client, { name: "hang" }, { onStatus: () => known.add("mine") })
    const theirs = callTool(client, { name: "hang" }, { onStatus: () => known.add("theirs") })
    await until(() => begun.length === 2 && known.size === 2)
    const [first, second] = tasks.list().map(({ taskId }) => tasks.get(taskId)!)

    mine.cancel("enough")
    await until(() => mine.done() && ends.length === 1)
    const other = first!.done() ? second! : first!
    other.cancel("maintenance")
    await until(() => theirs.done())

    assert.deepEqual({ mine: mine.cancelled(), theirs: theirs.cancelled() }, { mine: true, theirs: true })
    assert.deepEqual(ends[0], { kind: "requested", reason: "enough" })
    await client.close()
  })

  it("fails as the remote task does", async () => {
    const { handler } = http(
      {
        broken: async () => {
          await asyncio.sleep(20)
          throw new ProtocolError(-32603, "broken", { part: "disk" })
        }
      },
      { broken: "optional" },
      fast
    )
    const client = await connectOverHttp(handler)

    const error = await callTool(client, { name: "broken" }).catch((error: unknown) => error)

    assert.deepInclude(error, { code: -32603, message: "broken", data: { part: "disk" } })
    await client.close()
  })

  it("ends with a timeout that is around it", async () => {
    const { begun, ends, hang } = watch()
    const { handler } = http({ hang }, { hang: "optional" }, fast)
    const client = await connectOverHttp(handler)

    const error = await asyncio.run(() =>
      asyncio
        .timeout(undefined, (deadline) => {
          // The time is up as soon as both sides know of the call.
          const onStatus = () => {
            if (begun.length > 0 && !deadline.expired()) deadline.reschedule(0)
          }
          return callTool(client, { name: "hang" }, { onStatus })
        })
        .catch((error: unknown) => error)
    )

    assert.instanceOf(error, asyncio.TimeoutError)
    await until(() => ends.length === 1)
    await client.close()
  })

  it("is a member of a group, which cancels it when another fails", async () => {
    const { begun, ends, hang } = watch()
    const { handler } = http({ hang }, { hang: "optional" }, fast)
    const client = await connectOverHttp(handler)
    const known = new asyncio.Event()
    const onStatus = () => void (begun.length > 0 && known.set())

    const error = await asyncio
      .run(() =>
        asyncio.taskGroup(async (group) => {
          group.createTask(() => callTool(client, { name: "hang" }, { onStatus }))
          group.createTask(async () => {
            await known.wait()
            throw new Error("the other tool has failed")
          })
        })
      )
      .catch((error: unknown) => error)

    assert.instanceOf(error, asyncio.ExceptionGroup)
    await until(() => ends.length === 1)
    assert.strictEqual(ends[0]!.kind, "requested")
    await client.close()
  })

  it("ends with the tree of the task that has made it, and goes on behind a shield", async () => {
    const { begun, ends, hang } = watch()
    const { handler } = http({ hang }, { hang: "optional" }, fast)
    const client = await connectOverHttp(handler)
    await asyncio.run(async () => {
      const calls: Array<asyncio.Task<unknown>> = []
      const known = [new asyncio.Event(), new asyncio.Event()] as const
      const agent = asyncio.createTask(async () => {
        for (const [index, event] of known.entries()) {
          const onStatus = () => void (begun.length === known.length && event.set())
          calls.push(callTool(client, { name: "hang" }, { detached: index === 1, onStatus }))
        }
        await asyncio.shield(calls[1]!)
      })
      for (const event of known) await event.wait()

      await asyncio.cancelAndWait(agent, { message: "the budget is spent", tree: true })

      assert.deepEqual(
        calls.map((call) => call.cancelled()),
        [true, false]
      )
      await until(() => ends.length === 1)
      assert.deepEqual(ends, [{ kind: "requested", reason: "the budget is spent" }])
      await asyncio.cancelAndWait(calls[1]!)
    })
    await client.close()
  })

  it("is cancelled twice, and asks the server once", async () => {
    const { begun, ends, hang } = watch()
    const { handler } = http({ hang }, { hang: "optional" }, fast)
    const client = await connectOverHttp(handler)
    let isKnown = false
    const call = callTool(client, { name: "hang" }, { onStatus: () => (isKnown = true) })
    await until(() => begun.length === 1 && isKnown)

    call.cancel("enough")
    call.cancel("again")
    await until(() => call.done())
    call.cancel("too late")

    assert.isTrue(call.cancelled())
    await until(() => ends.length === 1)
    await client.close()
  })

  it("fails where the server has forgotten the task", async () => {
    const { hang } = watch()
    const { handler, tasks } = http({ hang }, { hang: "optional" }, { ttl: 20, pollInterval: 1 })
    const client = await connectOverHttp({
      fetch: async (request) => {
        const text = await request.clone().text()
        if (text.includes("tasks/get")) await until(() => tasks.list().length === 0)
        return handler.fetch(request)
      }
    })

    const error = await callTool(client, { name: "hang" }).catch((error: unknown) => error)

    assert.strictEqual((error as ProtocolError).code, -32602)
    assert.match((error as Error).message, /there is no task/)
    await client.close()
  })

  it("fails as what answers the task does, whose question is taken back when it is cancelled", async () => {
    const ask = async () => String(await requestInput({ method: "elicitation/create", params: { message: "really?" } }))
    const { handler, tasks } = http({ ask }, { ask: "optional" }, fast)
    const client = await connectOverHttp(handler)

    const error = await callTool(
      client,
      { name: "ask" },
      {
        onInput: () => {
          throw new Error("nobody is there")
        }
      }
    ).catch((error: unknown) => error)

    assert.strictEqual((error as Error).message, "nobody is there")
    const { taskId } = tasks.list()[0]!
    assert.strictEqual(tasks.list()[0]!.status, "input_required")
    tasks.get(taskId)!.cancel("nobody has answered")
    await until(() => tasks.list()[0]!.status === "cancelled")
    await client.close()
  })

  it("goes by itself beside a thousand others, of which half are cancelled", async () => {
    const finish = new asyncio.Event()
    let cancelled = 0
    const build = async () => {
      await finish.wait().catch((error: unknown) => {
        cancelled++
        throw error
      })
      return "built"
    }
    const { handler, tasks } = http({ build }, { build: "optional" }, { pollInterval: "2 seconds" })
    const client = await connectOverHttp(handler)
    const calls = Array.from({ length: 1000 }, () => callTool(client, { name: "build" }))
    await until(() => tasks.list().length === 1000)

    for (const [index, call] of calls.entries()) if (index % 2 === 0) call.cancel("every other")
    await until(() => cancelled === 500)
    finish.set()

    const results = await Promise.allSettled(calls)
    assert.strictEqual(results.filter(({ status }) => status === "fulfilled").length, 500)
    assert.strictEqual(calls.filter((call) => call.cancelled()).length, 500)
    await client.close()
  })
})
