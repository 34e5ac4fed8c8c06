// What listens on a socket may be anything: whatever it sends, the command says so, and neither it nor a terminal does anything else.
import { assert, describe, it } from "vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { answerLine, longestLine, valueOf } from "../../src/border/line.ts"
import { pieceOf } from "../../src/border/answers.ts"
import { pieces as piecesFrom } from "../../src/client/dump.ts"
import { Lines } from "../../src/lines.ts"
import type { LoopRow, Request, TaskRow } from "../../src/protocol.ts"
import type { Talk } from "../../src/client/talking.ts"
import { Agent } from "../../src/target/agent.ts"
import { columnsOf } from "../../src/target/columns.ts"
import { greeting, nobody, pretend, pretendPieces, withPretenders } from "../impostor.ts"
import { cli } from "../process.ts"
import { hello } from "../support.ts"

const files = withPretenders()

const sent = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

const task: TaskRow = {
  id: 1,
  name: "Task-1",
  labels: { job: 17 },
  createdBy: { id: 2, name: "Task-2" },
  createdAt: 3,
  detached: false,
  state: "pending",
  cancelling: 0,
  awaiters: [2],
  waits: [{ kind: "sleep", until: 5 }],
  stack: [{ name: "main", definedAt: "/app/main.ts:3" }]
}

const loop: Omit<LoopRow, "tasks" | "objects"> = {
  time: 4,
  state: "running",
  debug: false,
  ready: 0,
  timers: 1,
  ended: []
}

const columns = columnsOf([task])

/** With a field changed, however deep: `with_(task, "stack.0.name", 7)`. */
const changed = (value: object, path: string, to: unknown): object => {
  const copy = sent(value) as { [name: string]: unknown }
  const names = path.split(".")
  let at = copy
  for (const name of names.slice(0, -1)) at = at[name] as typeof at
  at[names.at(-1)!] = to
  return copy
}

const problemOf = (request: Request["request"], piece: unknown): string => {
  try {
    pieceOf(request, sent(piece))
    return "taken"
  } catch (error) {
    return String(error)
  }
}

describe("what a process of ours sends", () => {
  it("is taken as it is", async () => {
    const agent = new Agent()
    const seen = await asyncio.run(
      Effect.gen(function* () {
        const lock = yield* asyncio.Lock.make()
        const child = yield* asyncio.createTask(Effect.andThen(lock.acquire, asyncio.sleep("1 hour")), {
          name: "child",
          labels: { kind: "import", job: 17 }
        })
        const other = yield* asyncio.createTask(lock.acquire)
        yield* asyncio.sleep(0)
        const watch = agent.watch()
        const seen = sent({
          summary: agent.summary(),
          rows: agent.begin().pieces,
          columns: agent.begin(true).pieces,
          live: agent.look(watch),
          task: agent.task(child.id),
          asked: agent.cancel({ tasks: [other.id] })
        })
        agent.unwatch(watch)
        yield* asyncio.cancelAndWait([child, other])
        return { ...seen, outcome: sent(agent.outcome(seen.asked.cancel)) }
      })
    )

    assert.isAbove(seen.rows.length, 2)
    for (const piece of [...seen.rows, ...seen.columns]) assert.deepStrictEqual(pieceOf("dump", sent(piece)), piece)
    assert.deepStrictEqual(pieceOf("summary", sent(seen.summary)), seen.summary)
    assert.deepStrictEqual(pieceOf("live", sent(seen.live)), seen.live)
    assert.deepStrictEqual(pieceOf("task", sent(seen.task)), seen.task)
    assert.deepStrictEqual(pieceOf("cancel", sent(seen.asked)), seen.asked)
    assert.deepStrictEqual(pieceOf("outcome", sent(seen.outcome)), seen.outcome)
    assert.isNull(pieceOf("observe", null))
  })

  it("may have fields that are not known yet, which nobody reads", () => {
    const piece = { tasks: [{ ...task, colour: { of: ["paper"] } }], more: 1 }

    assert.deepStrictEqual(pieceOf("dump", sent(piece)), { tasks: [task] })
  })

  it("may wait for ever, which JSON has no number for", () => {
    const piece = pieceOf("dump", changed({ tasks: [task] }, "tasks.0.waits.0.until", null))

    assert.nestedPropertyVal(piece, "tasks[0].waits[0].until", Infinity)
  })
})

describe("a piece of the wrong shape", () => {
  it.each([
    ["dump", [], "the piece is no object"],
    ["dump", {}, "the piece is no object with loop or tasks or ended or objects or columns or stall"],
    ["dump", { tasks: 7 }, "tasks is no list"],
    ["dump", { tasks: [null] }, "tasks is no object"],
    ["dump", { tasks: [changed(task, "id", "1")] }, "id is no whole number"],
    ["dump", { tasks: [changed(task, "id", -1)] }, "id is no whole number"],
    ["dump", { tasks: [changed(task, "id", 2 ** 60)] }, "id is no whole number"],
    ["dump", { tasks: [changed(task, "name", ["a"])] }, "name is no text"],
    ["dump", { tasks: [changed(task, "labels", ["a"])] }, "labels is no object"],
    ["dump", { tasks: [changed(task, "labels.job", {})] }, "labels is no text"],
    ["dump", { tasks: [changed(task, "createdBy", "me")] }, "createdBy is no object"],
    ["dump", { tasks: [changed(task, "state", "mad")] }, 'state is no "pending" or '],
    ["dump", { tasks: [changed(task, "awaiters", ["1"])] }, "awaiters is no whole number"],
    ["dump", { tasks: [changed(task, "waits.0.kind", "dream")] }, 'kind is no "iteration" or '],
    [
      "dump",
      {
        tasks: [
          changed(
            task,
            "stack",
            Array.from({ length: 10_001 }, () => task.stack[0])
          )
        ]
      },
      "stack is no list of at most 10000"
    ],
    ["dump", { loop: changed(loop, "state", null) }, 'state is no "stopped" or '],
    ["dump", { loop: changed(loop, "ended", [{}]) }, "id is no whole number"],
    ["dump", { ended: [{ id: 1, name: "worker" }] }, "labels is no object"],
    ["dump", { objects: [{ id: 1, text: "<Lock>", holders: [1], waiting: [{}] }] }, "task is no whole number"],
    ["dump", { stall: "long" }, "stall is no number"],
    ["dump", { columns: changed(columns, "names", []) }, "names is no list as long as ids"],
    ["dump", { columns: changed(columns, "state.values", []) }, "state is no column with a value"],
    ["dump", { columns: changed(columns, "state.at", [1]) }, "state is no column of these tasks"],
    ["dump", { columns: changed(columns, "state.at", []) }, "state is no column of these tasks"],
    ["dump", { columns: changed(columns, "untils", []) }, "untils is no list of all sleeps"],
    ["summary", { loops: 1, tasks: 1e300 }, "tasks is no whole number"],
    ["observe", 0, "the piece is no null"],
    ["task", { loop: 0, time: 1, task: changed(task, "stack", {}) }, "stack is no list"],
    ["cancel", { cancel: 1, tasks: [{ id: 1 }] }, "name is no text"],
    ["outcome", [{ id: 1, name: "a", state: "gone" }], 'state is no "pending" or '],
    ["leaks", { file: 7, tasks: [], stall: 1 }, "file is no text"],
    ["live", { loops: {} }, "loops is no list"],
    ["live", { loops: [], gone: [1.5] }, "gone is no whole number"],
    ["live", { loops: [], rows: { loop: 0 } }, "id is no list"],
    ["record", { events: [{ ph: "Z", name: "a", pid: 1, tid: 1 }] }, 'ph is no "M" or '],
    ["record", { trace: { displayTimeUnit: "ms", otherData: { a: {} } } }, "otherData is no text"]
  ] as const)("of %s is refused: %j", (request, piece, message) => {
    assert.include(problemOf(request, piece), `Misshapen: ${message}`)
  })

  it.each([
    ["lists of other lengths", "name", []],
    ["a kind that there is not", "kind", [99]],
    ["a place that there is not", "labels", { 7: {} }],
    ["a place that is none", "texts", { constructor: "a" }]
  ])("of live is refused: %s", (_, field, to) => {
    const piece = sent(new Agent().look(0))
    const rows = {
      loop: 0,
      id: [1],
      name: ["a"],
      by: [0],
      createdAt: [0],
      kind: [1],
      on: [0],
      since: [-1],
      awaiter: [0],
      busy: [0],
      scheduled: [0],
      steps: [0],
      longest: [0],
      cancelling: [0],
      labels: {},
      cancellation: {},
      awaiters: {},
      waits: {},
      texts: {},
      operations: {}
    }

    assert.strictEqual(problemOf("live", { ...piece, rows }), "taken")
    assert.match(
      problemOf("live", { ...piece, rows: { ...rows, [field]: to } }),
      new RegExp(`^Misshapen: ${field} is no`)
    )
  })

  const node = (id: number, children: ReadonlyArray<number>) => ({
    id,
    callFrame: { functionName: "f", scriptId: "1", url: "", lineNumber: 1, columnNumber: 1 },
    children
  })
  const steps = { from: [], to: [], name: [], names: [], cut: false }

  it.each([
    ["a ring", [node(1, [2]), node(2, [1])], [], steps, "children is no part of a tree"],
    ["a function called by two", [node(1, [3]), node(2, [3]), node(3, [])], [], steps, "children is no part of a tree"],
    ["a function that there is not", [node(1, [2])], [], steps, "children is no part of a tree"],
    ["a sample of nothing", [node(1, [])], [2], steps, "samples is no list of nodes"],
    ["steps without an end", [node(1, [])], [1], { ...steps, from: [1] }, "steps is no list of steps"]
  ])("of profile is refused: %s", (_, nodes, samples, steps, message) => {
    const profile = { nodes, startTime: 0, endTime: 1, samples, timeDeltas: [] }

    assert.strictEqual(problemOf("profile", { profile, steps }), `Misshapen: ${message}`)
  })

  it("is what the command says", async () => {
    await pretendPieces(files.folder, [{ loop }, { tasks: [changed(task, "waits", "forever")] }])

    const { code, err } = await cli("ps", String(nobody))

    assert.deepStrictEqual(
      [code, err],
      [1, `what listens for process ${nobody} is no process of @effect-asyncio/inspect: waits is no list\n`]
    )
  })

  it.each([
    ["tasks of no loop", [{ tasks: [task] }]],
    ["a loop in a loop", [{ loop }, { loop }]],
    ["no end", [{ loop }, { tasks: [task] }]]
  ])("is a dump with %s", async (_, pieces) => {
    await pretendPieces(files.folder, pieces)

    const { code, err } = await cli("dump", String(nobody))

    assert.strictEqual(code, 1)
    assert.match(err, /is no process of @effect-asyncio\/inspect: the (pieces are no dump|dump has no end)\n$/)
  })

  it.each([
    ["a greeting without a name", greeting({ name: 7 }), "name is no text"],
    ["a greeting from nowhere", greeting({ thread: "moon" }), 'thread is no "worker" or "main" or "attached"'],
    ["a greeting that is a list", '{"hello":[]}\n', undefined]
  ])("is %s", async (_, text, why) => {
    await pretend(files.folder, nobody, text)

    const { code, err } = await cli("ps", String(nobody))

    const because = why === undefined ? "" : `: ${why}`
    assert.deepStrictEqual(
      [code, err],
      [1, `what listens for process ${nobody} is no process of @effect-asyncio/inspect${because}\n`]
    )
  })
})

describe("a name that means something to JavaScript", () => {
  it("is a label like others", () => {
    const text = `{"tasks":[${JSON.stringify(task).replace('"job":17', '"__proto__":"a","constructor":"b"')}]}`
    const piece = pieceOf("dump", JSON.parse(text)) as { readonly tasks: ReadonlyArray<TaskRow> }
    const { labels } = piece.tasks[0]!

    assert.deepStrictEqual(Object.entries(labels), [
      ["__proto__", "a"],
      ["constructor", "b"]
    ])
    assert.strictEqual(Object.getPrototypeOf(labels), Object.prototype)
  })

  it("changes no object where it stands for a field", () => {
    const text = `{"__proto__":{"stall":1},"tasks":[${JSON.stringify(task).replace('"id":1', '"id":1,"__proto__":{"admin":true}')}]}`
    const piece = pieceOf("dump", JSON.parse(text)) as { readonly tasks: ReadonlyArray<object> }

    assert.deepStrictEqual(Object.keys(piece), ["tasks"])
    assert.notProperty(piece.tasks[0], "admin")
    assert.notProperty({}, "admin")
  })
})

describe("too much", () => {
  it("of a name is cut", () => {
    const piece = pieceOf("dump", { tasks: [{ ...sent(task), name: "x".repeat(1_000_000) }] })

    assert.nestedPropertyVal(piece, "tasks[0].name", `${"x".repeat(10_000)}...`)
  })

  it("in depth is not read where it is long, and is no piece where it is short", () => {
    const deep = (depth: number) => `{"id":1,"piece":${"[".repeat(depth)}${"]".repeat(depth)}}`

    assert.throws(() => valueOf(deep(3_000_000)), "a line is no line of ours")
    const { piece } = answerLine(valueOf(deep(10_000)), "a line")
    assert.throws(() => pieceOf("dump", piece), "the piece is no object")
  })

  it("in a line that does not end is not kept", () => {
    const lines = new Lines(() => {}, longestLine)
    const text = "x".repeat(longestLine / 4)

    for (let i = 0; i < 4; i++) lines.add(text)
    assert.throws(() => lines.add("x"), "a line has no end")
  })

  it("in brackets within a text is no depth", () => {
    const text = JSON.stringify({ a: `${"[".repeat(5_000_000)}\\"` })

    assert.deepStrictEqual(Object.keys(valueOf(text) as object), ["a"])
  })

  it("of tasks is no process", async () => {
    const tasks = Array.from({ length: 1_000_000 }, () => task)
    const talk = {
      hello,
      async *request() {
        yield { loop }
        for (let i = 0; i < 5; i++) yield { tasks }
      }
    } as unknown as Talk
    let read = 0
    const reading = async () => {
      for await (const piece of piecesFrom(talk)) if ("tasks" in piece) read++
    }

    const error = await reading().catch((error: unknown) => String(error))

    assert.match(String(error), /is no process of @effect-asyncio\/inspect: the pieces are no dump$/)
    assert.strictEqual(read, 4)
  })

  it("of being busy is no answer", async () => {
    await pretend(files.folder, nobody, greeting(), () => `{"id":1,"note":"busy"}\n`.repeat(200))

    const { code, err } = await cli("ps", String(nobody))

    assert.strictEqual(code, 1)
    assert.strictEqual(
      err,
      `waiting: the process is busy\nwhat listens for process ${nobody} is no process of @effect-asyncio/inspect\n`
    )
  })

  it("in a chain of tasks has a message, where it is too deep to be written as JSON", async () => {
    const tasks = Array.from({ length: 20_000 }, (_, i) => ({ ...task, id: i + 1, awaiters: i === 0 ? [] : [i] }))
    await pretendPieces(files.folder, [{ loop }, { tasks }, { objects: [] }])

    const { code, err } = await cli("pstree", String(nobody), "--json")

    assert.strictEqual(code, 1)
    assert.match(err, /^process \d+ tells more than can be printed: /)
  })

  it("of rings is not printed", async () => {
    const tasks = Array.from({ length: 300 }, (_, i) => ({ ...task, id: i + 1, awaiters: [i + 1] }))
    await pretendPieces(files.folder, [{ loop }, { tasks }, { objects: [] }])

    const { code, err } = await cli("pstree", String(nobody))

    assert.strictEqual(code, 1)
    assert.lengthOf(err.match(/^cycle: /gm) ?? [], 100)
  })
})

describe("an escape code", () => {
  const evil = "a\u001B]0;title\u0007\u009B2J\u202Eb\n"
  const everywhere = {
    ...task,
    name: evil,
    labels: { [evil]: evil },
    createdBy: { name: evil },
    cancelling: 1,
    cancellation: { kind: evil, reason: evil, requestedBy: { name: evil } },
    awaiters: [],
    waits: [{ kind: "object", object: 1, text: `<${evil}>`, operation: evil }],
    stack: [{ name: evil, location: evil, definedAt: evil }]
  }
  const ended = {
    id: 9,
    name: evil,
    labels: {},
    outcome: "cancelled",
    error: evil,
    kind: evil,
    createdAt: 1,
    endedAt: 2
  }

  const evilDump = () => {
    const dump = [{ loop: { ...loop, observedSince: 0, ended: [ended] } }, { tasks: [everywhere] }, { objects: [] }]
    return pretend(files.folder, nobody, greeting({ name: evil }), (line) => {
      const { id, request } = JSON.parse(line) as { readonly id: number; readonly request: string }
      return [...(request === "dump" ? dump : [null]).map((piece) => ({ id, piece })), { id, end: true }]
        .map((line) => `${JSON.stringify(line)}\n`)
        .join("")
    })
  }

  it.each([
    ["ps"],
    ["ps", "--wide"],
    ["pstree"],
    ["where", "1"],
    ["where", "9"],
    ["ps", "--json"],
    ["where", "1", "--json"],
    ["dump"]
  ])("is nowhere in what %s %s prints", async (command, ...args) => {
    await evilDump()

    const { code, err, out } = await cli(command, String(nobody), ...args)

    assert.deepStrictEqual([code, err], [0, ""])
    assert.match(out, /a\\(x1b|u001b)\]0;title\\(x07|u0007)\\(x|u00)9b2J\\u202eb\\n/)
    // oxlint-disable-next-line no-control-regex -- these are what must not be there
    assert.notMatch(out, /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202E]/)
  })

  it("is in JSON what it was, once that is read", async () => {
    await evilDump()

    const { out } = await cli("dump", String(nobody))

    assert.strictEqual(JSON.parse(out).loops[0].tasks[0].name, evil)
  })
})
