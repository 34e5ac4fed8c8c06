// Where tasks that are on no loop are answered for: at a place for each who keeps some, for as long as that one is there.
import { announceTasksUnsafe, type TasksElsewhere } from "@effect-asyncio/core/lowlevel"
import { readdirSync } from "node:fs"
import { afterEach, assert, beforeEach, describe, it } from "vitest"
import { find } from "../src/client/find.ts"
import { serveElsewhere } from "../src/elsewhere/serving.ts"
import { socketsIn } from "../src/sockets.ts"
import { type Folder, withFolder } from "./process.ts"
import { hello } from "./support.ts"

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
