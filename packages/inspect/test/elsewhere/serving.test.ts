// Where tasks that are on no loop are answered for: at a place for each who keeps some, for as long as that one is there.
import { announceTasksUnsafe, type TasksElsewhere } from "@effect-asyncio/core/lowlevel"
import { readdirSync } from "node:fs"
import { afterEach, assert, beforeEach, describe, it } from "vitest"
import { find } from "../../src/client/find.ts"
import { serveDashboard } from "../../src/dashboard/server.ts"
import { serveElsewhere } from "../../src/elsewhere/serving.ts"
import { socketsIn } from "../../src/sockets.ts"
import { type Folder, withFolder } from "../process.ts"
import { hello } from "../support.ts"

const none = { now: 0, count: 0, next: undefined, tasks: [], ended: [], workers: [] }

const tasksOf = (name: string): TasksElsewhere => ({
  name,
  id: name,
  count: async () => 7,
  alive: async () => none,
  news: async () => none,
  find: async () => none,
  cancel: async () => []
})

let files: Folder
beforeEach(() => void (files = withFolder()))
afterEach(() => files.remove())

const serving = () => serveElsewhere(socketsIn(files.folder), hello)

const untilThere = async (...names: ReadonlyArray<string>): Promise<void> => {
  while (readdirSync(files.folder).sort().join() !== names.join())
    await new Promise((resolve) => setTimeout(resolve, 5))
}

describe("a dashboard", () => {
  it("has a cluster once, whoever tells of it, and asks it only what a page may ask", async () => {
    const { close } = serving()
    const ends = ["cluster:a", "cluster:a", "cluster:b"].map((name) => announceTasksUnsafe(tasksOf(name)))
    await untilThere("4711:1.sock", "4711:2.sock", "4711:3.sock")
    const dashboard = await serveDashboard({ processes: [], host: "127.0.0.1", port: 0, allowCancel: false })
    const { origin } = new URL(dashboard.url)
    const cookie = String((await fetch(dashboard.url)).headers.get("set-cookie")).split(";")[0]!
    const listed = await (await fetch(`${origin}/api/processes`, { headers: { cookie } })).json()
    const ask = async (pid: string, question: object) => {
      const headers = { cookie, origin, "content-type": "application/json" }
      const body = JSON.stringify({ pid, question })
      return (await fetch(`${origin}/api/ask`, { method: "POST", headers, body })).json()
    }
    const summary = await ask("4711:3", { request: "summary" })
    const cancel = await ask("4711:3", { request: "cancel", select: { tasks: [1] } })
    const none = await ask("4711:x", { request: "summary" })
    await dashboard.close()
    for (const end of ends) end()
    close()

    assert.deepStrictEqual(
      (listed as { processes: ReadonlyArray<{ pid: unknown; name: string; isCluster: boolean }> }).processes.map(
        ({ isCluster, name, pid }) => [pid, name, isCluster]
      ),
      [
        ["4711:1", "cluster:a", true],
        ["4711:3", "cluster:b", true]
      ]
    )
    assert.deepStrictEqual(summary, { answer: { loops: 1, tasks: 7 } })
    assert.deepStrictEqual(cancel, {
      error: "this dashboard only looks: start it with --allow-cancel to cancel tasks from it"
    })
    assert.deepStrictEqual(none, { error: "a process is asked for by its number" })
  })
})

describe("tasks that are on no loop", () => {
  it("are answered for at places of their own, until each has ended", async () => {
    const { close } = serving()
    const ends = ["cluster:a", "cluster:b"].map((name) => announceTasksUnsafe(tasksOf(name)))
    await untilThere("4711:1.sock", "4711:2.sock")
    const connection = await find("4711:2", {}, socketsIn(files.folder))
    const summary = await connection.ask({ request: "summary" })
    connection.close()
    ends[0]!()
    await untilThere("4711:2.sock")
    close()
    await untilThere()
    ends[1]!()

    assert.deepStrictEqual(
      [connection.hello.name, connection.hello.cluster, summary],
      ["cluster:b", "cluster:b", { loops: 1, tasks: 7 }]
    )
  })

  it("leave nothing behind where they end before somebody could have looked", async () => {
    const { close } = serving()
    announceTasksUnsafe(tasksOf("cluster:brief"))()
    const end = announceTasksUnsafe(tasksOf("cluster:long"))
    await untilThere("4711:2.sock")
    end()
    close()
    await untilThere()
  })
})
