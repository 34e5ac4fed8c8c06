// A cluster is looked into as a process is. The program has it in memory; one on PostgreSQL is in clusterOfTwo.test.ts.
import { connect } from "node:net"
import { createInterface } from "node:readline"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { endPretending, greeting, nobody, pretend } from "../impostor.ts"
import { cli, type Folder, json, type Program, start, withFolder } from "../process.ts"

const name = "cluster:memory"

let files: Folder
let program: Program

beforeAll(async () => {
  files = withFolder()
  program = await start("jobs.ts")
})

afterAll(async () => {
  if (program.child.exitCode === null && program.child.signalCode === null) await program.end()
  await endPretending()
  files.remove()
})

describe("a cluster in a process", () => {
  it("is listed beside it, with its own number of tasks", async () => {
    const { out } = await cli("list")
    const [, cluster] = await json("list")

    assert.match(out, /^\d+ +jobs\.ts +1 +\d+ +\S+ +node [\d.]+\n\d+:1 +cluster:memory +1 +6 +\S+ +node [\d.]+$/m)
    assert.deepStrictEqual(
      [cluster.pid, cluster.place, cluster.name, cluster.tasks],
      [program.pid, `${program.pid}:1`, name, 6]
    )
  })

  it("is found by its place as by its name", async () => {
    assert.deepStrictEqual(await json("ps", `${program.pid}:1`), await json("ps", name))
  })

  it("has a table, in which the definition is the coroutine and who waits for a worker takes a place", async () => {
    const rows: ReadonlyArray<{ id: number; name: string; stack: ReadonlyArray<string> }> = await json("ps", name)

    assert.deepStrictEqual(
      rows.map(({ id, stack }) => [id, stack.join(" -> ")]),
      [[1, "book"], [2, "Workers.take -> cover"], ...[4, 5, 6].map((id) => [id, "page"]), [7, "Workers.take -> page"]]
    )
  })

  it("has where each runs, its creator and its labels with --wide, and nothing to observe first", async () => {
    const { err, out } = await cli("ps", name, "--wide")

    assert.strictEqual(err, "")
    assert.match(out, /^2 +cover +pending +<Workers of cover, none is there>\.take +/m)
    assert.match(
      out,
      /^4 +page 1 +pending +runs on \S+:\d+#\w+ +\d\S* +\d\S* ago +Moby \\x1b\[31mDick\\u202e +page=1 kind=text +page$/m
    )
  })

  it("has a tree by who has created whom, with the process that runs each", async () => {
    const { out } = await cli("pstree", name)

    assert.deepStrictEqual(
      out
        .replaceAll(/ \S+:\d+#\w{8}$/gm, " RUNNER")
        .trimEnd()
        .split("\n"),
      [
        "└── (T) Moby \\x1b[31mDick\\u202e",
        "    └──  book RUNNER",
        "        ├── (T) page 1",
        "        │   └──  page RUNNER",
        "        ├── (T) page 2",
        "        │   └──  page RUNNER",
        "        ├── (T) page 3",
        "        │   └──  page RUNNER",
        "        └── (T) page 4",
        "            └──  page",
        "                └──  Workers.take",
        "└── (T) cover",
        "    └──  cover",
        "        └──  Workers.take"
      ]
    )
  })

  it("tells where a task runs, what it reports, and who has sent it", async () => {
    const { out } = await cli("where", name, "page 1")

    assert.match(out, /^page 1 \(4\), pending, page=1 kind=text\n {2}runs on \S+, for /)
    assert.match(out, /\n {2}created \S+ ago by Moby \\x1b\[31mDick\\u202e\n {2}sent by the process \S+:\d+#\w+\n/)
    assert.match(out, /\n {2}attempt 1, begun \S+ ago\n {2}reports "page 1"\n$/)
    assert.match((await cli("where", name, "cover")).out, /\n {2}no worker of its definition is there\n$/)
  })

  it("remembers what has ended, and what it has failed with", async () => {
    const { out } = await cli("where", name, "refill")

    assert.match(out, /^refill \(3\), failed \S+ ago, after \S+\n {2}with RangeError: there is <b>none<\/b> left\n/)
  })

  it("has its workers as what their tasks take places of, in a dump", async () => {
    const { loops, process } = await json("dump", name)
    const [{ objects, tasks }] = loops

    assert.deepStrictEqual([loops.length, process.name, tasks.length], [1, name, 6])
    assert.deepStrictEqual(
      objects.map(
        ({ holders, text, waiting }: { holders: unknown; text: string; waiting: ReadonlyArray<{ task: number }> }) => [
          text,
          holders,
          waiting.map(({ task }) => task)
        ]
      ),
      [
        ["<Workers of book: 1 with 10 places, 1 taken, 0 waiting>", [1], []],
        ["<Workers of ink: 1 with 10 places, 0 taken, 0 waiting>", [], []],
        ["<Workers of page: 1 with 3 places, 3 taken, 1 waiting>", [4, 5, 6], [7]],
        ["<Workers of cover: none is there, 1 waiting>", [], [2]]
      ]
    )
  })

  it("is not what top shows where nobody says, but the process is", async () => {
    const { tasks }: { tasks: ReadonlyArray<{ name: string }> } = await json("top")

    assert.include(
      tasks.map(({ name }) => name),
      "Task-1"
    )
  })

  it("is on a screen, with attempts in the place of steps", async () => {
    const { out } = await cli("top", name, "--once", "--sort", "name", "--filter", "page")
    const { tasks } = await json("top", name)

    assert.match(out, /^6 tasks, .*\n\n/)
    assert.match(out, /^7 +page 4 page=4 kind=text +waiting +<Workers of page>\.take +/m)
    assert.match(out, /^4 +page 1 page=1 kind=text +running +runs on \S+ +\S+ +\S+ +\S+ +\S+ +1 +0$/m)
    assert.strictEqual(tasks.length, 6)
  })

  it.each(["list", "ps --wide", "pstree", "top --once", "dump", "ps --json", "where --json"])(
    "has nothing of a name that a terminal would obey in %s",
    async (words) => {
      const [command = "", ...options] = words.split(" ")
      const args = command === "list" ? [] : command === "where" ? [name, "1"] : [name]
      const { out } = await cli(command, ...args, ...options)

      for (const code of ["\u001B", "\u202E"]) assert.notInclude(out, code)
    }
  )

  it.each([["record", "50ms"], ["profile", "50ms"], ["leaks"]])(
    "says of %s that it has none, and who has",
    async (command, ...args) => {
      const { code, err } = await cli(command, name, ...args)

      assert.strictEqual(code, 1)
      assert.match(
        err,
        /^cluster \d+:1: a cluster is a table of tasks, .*: ask one of its processes, which `list` names\n$/
      )
    }
  )

  it("is told apart from a place where nothing is", async () => {
    const missing = await cli("ps", `${program.pid}:7`)

    assert.deepStrictEqual(
      [missing.code, missing.err],
      [1, `process ${program.pid} has no part in a cluster ${program.pid}:7: \`list\` says what is there\n`]
    )
    assert.include((await cli("where", name, "nobody")).err, "the cluster cluster:memory has no task nobody")
  })
})

describe("two versions", () => {
  it("say so where the cluster is the newer one", async () => {
    const place = `${nobody}:1`
    await pretend(files.folder, place, greeting({ protocol: 2, version: "9.9.9", cluster: "1" }))

    const { code, err } = await cli("ps", place)

    assert.strictEqual(code, 1)
    assert.strictEqual(
      err,
      `cluster ${place} speaks version 2 of the protocol, and this end version 1: use the same version of @effect-asyncio/inspect on both ends (9.9.9 there)\n`
    )
    assert.include((await cli("list")).out, "speaks version 2 of the protocol")
    await endPretending()
  })

  it("say so where who looks is the older one", async () => {
    const socket = connect(join(files.folder, `${program.pid}:1.sock`))
    const lines = createInterface({ input: socket })[Symbol.asyncIterator]()
    await lines.next()
    socket.write(`${JSON.stringify({ id: 1, protocol: 0, request: "summary" })}\n`)
    const { value } = await lines.next()
    socket.destroy()

    assert.deepStrictEqual(JSON.parse(String(value)), {
      id: 1,
      error: "this process speaks version 1 of the protocol, and not 0"
    })
  })
})

// Behind all others: each changes what is there.
describe("tasks of a cluster are cancelled", () => {
  it("by name, with a reason and a kind that the program sees", async () => {
    const { code, out } = await cli("cancel", name, "cover", "--reason", "sold\u001B out", "--kind", "disconnect")
    const { out: where } = await cli("where", name, "cover")

    assert.deepStrictEqual([code, out], [0, "cover (2): cancelled\n"])
    assert.match(
      where,
      /cancelled \S+ ago, after \S+: disconnect by effect-asyncio-inspect at \S+#\w+: sold\\x1b out\n/
    )
  })

  it("by labels, all of them", async () => {
    const none = await cli("cancel", name, "--label", "page=1", "kind=picture")
    const { out } = await cli("cancel", name, "--label", "page=4", "kind=text")

    assert.strictEqual(none.code, 1)
    assert.match(none.err, /^no task was asked: none has page=1 and kind=picture; there are \w+=/)
    assert.strictEqual(out, "page 4 (7): cancelled\n")
  })

  it("by number, and who goes on is told with what it does", async () => {
    const { code, out } = await cli("cancel", name, "6", "--wait", "100ms")

    assert.strictEqual(code, 1)
    assert.match(out, /^page 3 \(6\): asked, and has not ended in 0\.1 s\n {2}runs on \S+\n {4}page \S+\n$/)
    assert.match(
      (await cli("ps", name, "--wide")).out,
      /^6 +page 3 +cancelling .* requested by effect-asyncio-inspect at \S+, \S+ ago/m
    )
  })

  it("with all that they have created, and refuses a kind that there is none of", async () => {
    const refused = await cli("cancel", name, "--tree", "1", "--kind", "whim")
    const { code, out } = await cli("cancel", name, "--tree", "1", "--wait", "100ms")

    assert.strictEqual(refused.code, 2)
    assert.include(
      refused.err,
      "the cluster cluster:memory: this process has no kind of cancellation that is called whim"
    )
    assert.strictEqual(code, 1)
    assert.match(out, /^Moby \\x1b\[31mDick\\u202e \(1\): asked/)
    assert.match(out, /page 3 \(6\): asked/)
  })

  it("until the process has ended, of which nothing is left", async () => {
    await program.end()

    assert.match((await cli("list")).err, /^no process can be looked into/)
  })
})
