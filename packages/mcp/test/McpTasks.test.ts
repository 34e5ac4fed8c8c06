import * as asyncio from "@effect-asyncio/compat"
import { ProtocolError } from "@modelcontextprotocol/server"
import { assert, describe, it } from "vitest"
import { type DetailedTask, reportProgress, requestInput } from "../src/index.ts"
import { http, until, watch } from "./support.ts"

const ask = (message: string) => requestInput({ method: "elicitation/create", params: { message } })

type Server = ReturnType<typeof http>

/** How a task stands when it is over. */
const ended = async ({ get }: Server, taskId: string) => {
  for (;;) {
    const task = await get(taskId)
    if (task.status !== "working" && task.status !== "input_required") return task
    // Requests within a process may take no more than microtasks, and nothing else would get to run.
    await asyncio.sleep(1)
  }
}

describe("a call that is answered with a task", () => {
  it("goes on when the request is over, and tells its result to whoever asks", async () => {
    const finish = new asyncio.Event()
    const server = http({ build: async () => (await finish.wait(), "built") }, { build: "optional" })

    const handle = await server.call("build")
    const before = await server.get(handle.taskId)
    finish.set()
    const after = await ended(server, handle.taskId)

    assert.deepInclude(handle, { resultType: "task", status: "working", ttlMs: 600_000, pollIntervalMs: 1000 })
    assert.deepInclude(before, { resultType: "complete", taskId: handle.taskId, status: "working" })
    assert.deepInclude(after, { status: "completed", result: { content: [{ type: "text", text: "built" }] } })
  })

  it("has a task with the name of the tool, which is in the list", async () => {
    const { hang } = watch()
    const { call, tasks } = http({ hang }, { hang: "optional" })

    const { taskId } = await call("hang")

    assert.deepEqual(
      tasks.list().map(({ status }) => status),
      ["working"]
    )
    assert.strictEqual(tasks.get(taskId)?.getName(), "hang")
    assert.isTrue(tasks.get(taskId)?.detached)
    tasks.get(taskId)?.cancel()
  })

  it("is answered with the result when that is there in time", async () => {
    const { call, tasks } = http({ quick: async () => "quick" }, { quick: "optional" }, { patience: "1 hour" })

    const result = await call("quick")

    assert.deepInclude(result, { resultType: "complete", content: [{ type: "text", text: "quick" }] })
    assert.deepEqual(tasks.list(), [])
  })

  it("takes answers to what it asks for, one at a time", async () => {
    const server = http(
      { move: async () => JSON.stringify(await asyncio.gather([ask("from?"), ask("to?")])) },
      { move: "optional" },
      // What it asks for ends the patience.
      { patience: "1 hour" }
    )
    const { taskId } = await server.call("move")
    const asked = await server.get(taskId)
    const [from, to] = Object.keys(asked.inputRequests)

    await server.send("tasks/update", { taskId, inputResponses: { [to!]: { content: "b" }, other: {} } })
    const half = await server.get(taskId)
    await server.send("tasks/update", { taskId, inputResponses: { [to!]: { content: "late" } } })
    await server.send("tasks/update", { taskId, inputResponses: { [from!]: { content: "a" } } })
    const after = await ended(server, taskId)

    assert.strictEqual(asked.status, "input_required")
    assert.deepEqual([half.status, Object.keys(half.inputRequests)], ["input_required", [from]])
    assert.deepEqual(JSON.parse(after.result.content[0].text), [{ content: "a" }, { content: "b" }])
  })

  it("takes a question back that nobody waits for any more", async () => {
    const server = http(
      {
        hurry: async () => {
          await asyncio.timeout(5, () => ask("now?")).catch(() => {})
          await asyncio.sleep("1 hour")
          return ""
        }
      },
      { hurry: "optional" }
    )
    const { taskId } = await server.call("hurry")

    while ((await server.get(taskId)).status !== "working") await asyncio.sleep(1)

    assert.isUndefined((await server.get(taskId)).inputRequests)
    await server.send("tasks/cancel", { taskId })
  })

  it("is cancelled by tasks/cancel, which may come twice and too late", async () => {
    const { begun, ends, hang } = watch()
    const server = http({ hang }, { hang: "optional" })
    const { taskId } = await server.call("hang")
    await until(() => begun.length === 1)

    const answers = [
      await server.send("tasks/cancel", { taskId, reason: "enough" }),
      await server.send("tasks/cancel", { taskId, reason: "again" })
    ]
    const after = await ended(server, taskId)
    answers.push(await server.send("tasks/cancel", { taskId }))

    assert.deepEqual(
      answers.map(({ result }) => result.resultType),
      ["complete", "complete", "complete"]
    )
    assert.deepInclude(after, { status: "cancelled", statusMessage: "enough" })
    assert.deepEqual(ends, [{ kind: "requested", reason: "enough" }])
  })

  it("may complete although it was cancelled", async () => {
    let begun = false
    const server = http(
      { half: async () => ((begun = true), await asyncio.sleep("1 hour").catch(() => {}), "half of it") },
      { half: "optional" }
    )
    const { taskId } = await server.call("half")
    await until(() => begun)

    await server.send("tasks/cancel", { taskId })

    assert.deepInclude(await ended(server, taskId), { status: "completed" })
  })

  it("fails with an error of the protocol, and completes with one of the tool", async () => {
    const server = http(
      {
        broken: async () => {
          await asyncio.sleep(20)
          throw new ProtocolError(-32603, "broken", { part: "disk" })
        },
        missing: async () => {
          await asyncio.sleep(20)
          throw new Error("no such file")
        }
      },
      { broken: "optional", missing: "optional" }
    )
    const [broken, missing] = [await server.call("broken"), await server.call("missing")]

    const failed = await ended(server, broken.taskId)
    const completed = await ended(server, missing.taskId)

    assert.deepEqual([failed.status, failed.result], ["failed", undefined])
    assert.deepEqual(failed.error, { code: -32603, message: "broken", data: { part: "disk" } })
    assert.deepEqual([completed.status, completed.result.isError], ["completed", true])
  })

  it("fails with a timeout", async () => {
    const { ends, hang } = watch()
    const server = http({ hang }, { hang: "optional" }, {}, { timeout: 5 })

    const after = await ended(server, (await server.call("hang")).taskId)

    assert.strictEqual(after.status, "failed")
    assert.deepInclude(after.error, { code: -32001, message: "hang took too long" })
    assert.strictEqual(after.error.data["effect-asyncio/stop"].kind, "timeout")
    assert.deepEqual(
      ends.map(({ kind }) => kind),
      ["timeout"]
    )
  })

  it("shows its progress as its message", async () => {
    const { hang } = watch()
    const server = http(
      {
        copy: async () => {
          reportProgress(3, { total: 10 })
          return hang({})
        }
      },
      { copy: "optional" }
    )
    const { taskId } = await server.call("copy")

    while ((await server.get(taskId)).statusMessage === undefined) await asyncio.sleep(1)

    assert.deepInclude(await server.get(taskId), { status: "working", statusMessage: "3 of 10" })
    await server.send("tasks/cancel", { taskId })
  })

  it("is forgotten when its time is over, and stopped if it still runs", async () => {
    const { ends, hang } = watch()
    const begin = async (ttl: number) => {
      const server = http({ hang }, { hang: "optional" }, { ttl })
      return { server, ...(await server.call("hang")) }
    }
    let { server, taskId } = await begin(20)
    // A machine may be so slow that the time is over before the answer.
    for (let ttl = 40; taskId === undefined; ttl *= 2) ({ server, taskId } = await begin(ttl))

    await until(() => server.tasks.list().length === 0)

    const { error } = await server.send("tasks/get", { taskId })
    assert.deepEqual([error?.code, error?.message], [-32602, `there is no task ${taskId}`])
    await until(() => ends.length > 0 && server.tasks.list().length === 0)
    assert.strictEqual(ends.at(-1)!.kind, "timeout")
  })

  it("tells each new status to whoever wants to know", async () => {
    const statuses: Array<DetailedTask> = []
    const server = http(
      { move: async () => JSON.stringify(await ask("where?")) },
      { move: "optional" },
      {
        onStatus: (task) => statuses.push(task),
        patience: 1
      }
    )
    const { taskId } = await server.call("move")
    const { inputRequests } = await server.get(taskId)

    await server.send("tasks/update", { taskId, inputResponses: { [Object.keys(inputRequests)[0]!]: { to: "b" } } })
    await ended(server, taskId)

    assert.deepEqual(statuses.map(({ status }) => status).slice(-2), ["working", "completed"])
    assert.deepEqual(statuses.at(-1)?.result, { content: [{ type: "text", text: '{"to":"b"}' }] })
  })

  it("is refused where there are as many as there may be", async () => {
    const { hang } = watch()
    const server = http({ hang }, { hang: "optional" }, { limit: 2 })
    // The first is a task already, of the second it is not known yet.
    await server.call("hang")
    const second = server.call("hang")

    const { error } = await server.send("tools/call", { name: "hang", arguments: {} })

    assert.deepEqual([error?.code, error?.message], [-32000, "hang was refused: there are too many tasks"])
    await second
    for (const { taskId } of server.tasks.list()) await server.send("tasks/cancel", { taskId })
  })

  it("goes by itself beside a thousand others", async () => {
    const { begun, ends, hang } = watch()
    const server = http({ hang }, { hang: "optional" })
    const handles = await Promise.all(Array.from({ length: 1000 }, () => server.call("hang")))
    await until(() => begun.length === 1000)

    await Promise.all(handles.map(({ taskId }) => server.send("tasks/cancel", { taskId })))
    await until(() => ends.length === 1000)

    assert.strictEqual(new Set(handles.map(({ taskId }) => taskId)).size, 1000)
    await until(() => server.tasks.list().every(({ status }) => status === "cancelled"))
  })
})

describe("a client without the extension", () => {
  it("is answered with the result", async () => {
    const { send } = http({ slow: async () => (await asyncio.sleep(5), "slow") }, { slow: "optional" })

    const { result } = await send("tools/call", { name: "slow", arguments: {} }, {})

    assert.deepInclude(result, { resultType: "complete", content: [{ type: "text", text: "slow" }] })
  })

  it("is refused by a tool that needs it, and by the methods of tasks", async () => {
    const { send } = http({ job: async () => "done" }, { job: "required" })

    const answers = [
      await send("tools/call", { name: "job", arguments: {} }, {}),
      await send("tasks/get", { taskId: "x" }, {}),
      await send("tasks/update", { taskId: "x", inputResponses: {} }, {}),
      await send("tasks/cancel", { taskId: "x" }, {})
    ]

    for (const { error } of answers) {
      assert.strictEqual(error?.code, -32021)
      assert.deepEqual(error?.data, { requiredCapabilities: { extensions: { "io.modelcontextprotocol/tasks": {} } } })
    }
  })
})

describe("a request about a task", () => {
  it("is an error where there is none", async () => {
    const { send } = http({}, {})

    for (const method of ["tasks/get", "tasks/update", "tasks/cancel"]) {
      for (const taskId of ["unknown", "__proto__"]) {
        assert.strictEqual((await send(method, { taskId })).error?.code, -32602)
      }
      assert.strictEqual((await send(method, {})).error?.code, -32602)
    }
  })

  it("is unknown when it was one of the protocol before", async () => {
    const { send } = http({}, {})

    assert.strictEqual((await send("tasks/list", {})).error?.code, -32601)
    assert.strictEqual((await send("tasks/result", { taskId: "x" })).error?.code, -32601)
  })
})
