import { assert, describe, it } from "vitest"
import * as asyncio from "@effect-asyncio/compat"
import { callTool, type DetailedTask, requestInput, taskNotifications } from "../src/index.ts"
import { connectOverHttp, http, requestFor, until, watch, type Wire } from "./support.ts"

type Message = Wire & { readonly method?: string; readonly params?: any }

/** What comes on the stream of a client that listens, until that ends. */
const listen = async (
  handler: { readonly fetch: (request: Request, options?: any) => Promise<Response> },
  notifications: object,
  extensions?: object,
  options?: object
) => {
  const messages: Array<Message> = []
  const { body } = await handler.fetch(requestFor("subscriptions/listen", { notifications }, extensions), options)
  const reader = body!.pipeThrough(new TextDecoderStream()).getReader()
  const ended = (async () => {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      for (const [, data] of value.matchAll(/^data: (.*)$/gm)) messages.push(JSON.parse(data!) as Message)
    }
  })()
  const statuses = () =>
    messages.flatMap(({ method, params }) => (method === "notifications/tasks" ? [params.status] : []))
  return { messages, ended, statuses, hangUp: () => reader.cancel() }
}

/** Takes no time, but more than the patience of these servers. */
const quick = async () => (await asyncio.sleep(5), "quick")

const ask = () => requestInput({ method: "elicitation/create", params: { message: "where?" } })

describe("a client that listens to a task", () => {
  it("hears how it stands, each new status, and the end", async () => {
    const server = http({ move: async () => JSON.stringify(await ask()) }, { move: "optional" })
    const handler = taskNotifications(server.handler, server.tasks)
    const { taskId } = await server.call("move")
    const { ended, messages, statuses } = await listen(handler, { taskIds: [taskId] })
    await until(() => statuses().length === 1)
    const [key] = Object.keys(messages[1]!.params.inputRequests)

    await server.send("tasks/update", { taskId, inputResponses: { [key!]: { to: "b" } } })
    await ended

    const subscription = { "io.modelcontextprotocol/subscriptionId": 1 }
    assert.deepInclude(messages[0], {
      method: "notifications/subscriptions/acknowledged",
      params: { notifications: { taskIds: [taskId] }, _meta: subscription }
    })
    assert.deepEqual(statuses(), ["input_required", "working", "completed"])
    const last = messages.at(-2)!.params as DetailedTask & { readonly _meta: unknown }
    assert.deepEqual([last.taskId, last._meta], [taskId, subscription])
    assert.deepEqual(last.result, { content: [{ type: "text", text: '{"to":"b"}' }] })
    assert.strictEqual(messages.at(-1)!.result.resultType, "complete")
  })

  it("hears of one that is over already, of one that fails and of one that expires", async () => {
    const { hang } = watch()
    const server = http({ hang, quick }, { hang: "optional", quick: "optional" }, { ttl: 300 })
    const handler = taskNotifications(server.handler, server.tasks)
    const [done, slow] = [await server.call("quick"), await server.call("hang")]
    await until(() => server.tasks.get(done.taskId)!.done())

    const { ended, messages } = await listen(handler, { taskIds: [done.taskId, slow.taskId] })
    await ended

    const over = messages.flatMap(({ params }) => (["completed", "failed"].includes(params?.status) ? [params] : []))
    assert.deepEqual(
      over.map(({ status, taskId }) => [taskId, status]),
      [
        [done.taskId, "completed"],
        [slow.taskId, "failed"]
      ]
    )
  })

  it("hears nothing of those that are unknown, or of another client, or where it does not know tasks", async () => {
    const { hang } = watch()
    const server = http({ hang }, { hang: "optional" })
    const handler = taskNotifications(server.handler, server.tasks)
    const mine = { authInfo: { token: "a", clientId: "mine", scopes: [] } }
    const theirs = { authInfo: { token: "b", clientId: "theirs", scopes: [] } }
    const { taskId } = (await server.send("tools/call", { name: "hang", arguments: {} }, undefined, mine)).result

    const streams = [
      await listen(handler, { taskIds: ["unknown", 7, null] }),
      await listen(handler, { taskIds: [taskId] }, undefined, theirs),
      await listen(handler, { taskIds: [taskId] }),
      await listen(handler, { taskIds: [taskId] }, {}, mine),
      await listen(handler, { taskIds: "all" }, undefined, mine)
    ]

    for (const { ended, messages } of streams) {
      await ended
      assert.notInclude(JSON.stringify(messages), taskId)
    }
    server.tasks.get(taskId)?.cancel()
  })

  it("hears of other changes on the same stream, which stays open for these", async () => {
    const server = http({ quick }, { quick: "optional" })
    const handler = taskNotifications(server.handler, server.tasks)
    const { taskId } = await server.call("quick")
    const { ended, messages, statuses } = await listen(handler, { toolsListChanged: true, taskIds: [taskId] })
    await until(() => statuses().at(-1) === "completed")

    server.handler.notify.toolsChanged()

    await until(() => messages.some(({ method }) => method === "notifications/tools/list_changed"))
    assert.deepEqual(messages[0]!.params.notifications, { toolsListChanged: true, taskIds: [taskId] })
    await handler.close()
    await ended
  })

  it("may hang up, and is not written to when the handler closes", async () => {
    const { ends, hang } = watch()
    const server = http({ hang }, { hang: "optional" })
    const handler = taskNotifications(server.handler, server.tasks)
    const { taskId } = await server.call("hang")
    const [gone, here] = [await listen(handler, { taskIds: [taskId] }), await listen(handler, { taskIds: [taskId] })]
    await until(() => here.statuses().length === 1)

    await gone.hangUp()
    await server.send("tasks/cancel", { taskId })
    await here.ended

    assert.deepEqual(here.statuses(), ["working", "cancelled"])
    await until(() => ends.length === 1)
    await handler.close()
  })
})

describe("callTool with listen", () => {
  it("has the result when it is told, and does not wait until it would ask", async () => {
    const finish = new asyncio.Event()
    const server = http(
      { build: async () => (await finish.wait(), "built") },
      { build: "optional" },
      { pollInterval: "1 hour" }
    )
    const client = await connectOverHttp(taskNotifications(server.handler, server.tasks))
    const statuses: Array<string> = []
    const call = callTool(client, { name: "build" }, { listen: true, onStatus: ({ status }) => statuses.push(status) })
    await until(() => statuses.length === 2)

    finish.set()

    assert.deepEqual((await call).content, [{ type: "text", text: "built" }])
    assert.deepEqual(statuses, ["working", "working", "completed"])
    await client.close()
  })

  it("asks where the server tells nothing", async () => {
    const { handler } = http(
      { slow: async () => (await asyncio.sleep(20), "slow") },
      { slow: "optional" },
      { pollInterval: 1 }
    )
    const client = await connectOverHttp(handler)

    const { content } = await callTool(client, { name: "slow" }, { listen: true })

    assert.deepEqual(content, [{ type: "text", text: "slow" }])
    await client.close()
  })
})
