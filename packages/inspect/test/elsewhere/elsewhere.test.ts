// Tasks that are on no loop, kept by a test: how they are read in pages, and what is told of what changes.
import type { TaskElsewhere, TasksElsewhere, WorkerElsewhere } from "@effect-asyncio/core/lowlevel"
import { assert, describe, it, vi } from "vitest"
import { livePiece } from "../../src/border/live.ts"
import { wayTo } from "../../src/elsewhere/keeper.ts"
import { kindsWith } from "../../src/kinds.ts"
import { Picture } from "../../src/live/picture.ts"
import { stateOf, waitsText } from "../../src/live/rows.ts"
import type { LivePiece, Piece } from "../../src/protocol.ts"

const pageLength = 1000

/** A table of tasks, with a clock that goes on when the test says so. */
class Table implements TasksElsewhere {
  readonly name = "cluster:test"
  readonly id = "test"
  readonly rows = new Map<number, TaskElsewhere>()
  workers: ReadonlyArray<WorkerElsewhere> = [
    { runner: "vm:1#a", definition: "job", concurrency: 2, running: 0 },
    { runner: "vm:2#b", definition: "job", concurrency: 2, running: 0 }
  ]
  time = 1000
  away: string | undefined = undefined

  add(count: number, changes: Partial<TaskElsewhere> = {}): ReadonlyArray<TaskElsewhere> {
    return Array.from({ length: count }, () => {
      const number = this.rows.size + 1
      const task: TaskElsewhere = {
        number,
        name: `job ${number}`,
        definition: "job",
        labels: {},
        state: "waiting",
        served: true,
        attempt: 0,
        createdAt: this.time,
        client: "vm:3#c",
        cancelling: 0,
        ...changes
      }
      this.rows.set(number, task)
      return task
    })
  }

  change(number: number, changes: Partial<TaskElsewhere>): void {
    this.rows.set(number, { ...this.rows.get(number)!, ...changes })
  }

  runs(number: number): void {
    this.change(number, { state: "running", attempt: 1, startedAt: this.time, runner: "vm:1#a" })
  }

  ends(number: number, changes: Partial<TaskElsewhere> = {}): void {
    this.change(number, { state: "succeeded", endedAt: this.time, ...changes })
  }

  #alive(): ReadonlyArray<TaskElsewhere> {
    if (this.away !== undefined) throw new Error(this.away)
    return [...this.rows.values()].filter(({ endedAt }) => endedAt === undefined)
  }

  count = async () => this.#alive().length

  alive = async (after = "0") => {
    const tasks = this.#alive()
      .filter(({ number }) => number > Number(after))
      .slice(0, pageLength)
    const next = tasks.length < pageLength ? undefined : String(tasks.at(-1)!.number)
    return { now: this.time, tasks, next }
  }

  news = async (since: number) => {
    const alive = this.#alive()
    return {
      now: this.time,
      count: alive.length,
      tasks: alive.filter(
        ({ cancellation, createdAt, state }) =>
          state === "running" || createdAt >= since || (cancellation?.askedAt ?? -1) >= since
      ),
      ended: [...this.rows.values()].filter(({ endedAt = -1 }) => endedAt >= since).toReversed(),
      workers: this.workers
    }
  }

  find: TasksElsewhere["find"] = async (wanted) => ({
    now: this.time,
    tasks: [...this.rows.values()].filter(({ name, number }) =>
      "names" in wanted ? wanted.names.includes(name) : wanted.numbers.includes(number)
    )
  })

  cancel: TasksElsewhere["cancel"] = async () => []
}

interface Part {
  readonly dump: number
  readonly pieces: ReadonlyArray<Piece>
  readonly more: boolean
}

/** One who looks at a table, and what that one knows. */
const watching = async (table: Table) => {
  const way = wayTo(table, kindsWith())
  const watch = (await way.read("watch")) as number
  const picture = new Picture()
  const look = async (): Promise<LivePiece> => {
    // As it comes out of the socket, and is looked at by whoever reads it.
    const piece = livePiece(JSON.parse(JSON.stringify(await way.look(watch))), "the piece")
    picture.apply(piece, performance.now())
    return piece
  }
  const lookAll = async () => {
    while ((await look()).more === true);
  }
  await lookAll()
  return { look, lookAll, picture }
}

describe("a dump", () => {
  it("comes in pages, with all tasks and one list of lines", async () => {
    const table = new Table()
    table.add(2500)
    table.runs(1)
    const way = wayTo(table, kindsWith())
    const first = (await way.read("begin", true)) as Part
    const pieces = [...first.pieces]
    let parts = 1
    for (let { more } = first; more; parts++) {
      const part = (await way.read("next", first.dump)) as Part
      pieces.push(...part.pieces)
      more = part.more
    }
    const objects = pieces.flatMap((piece) => ("objects" in piece ? piece.objects : []))

    assert.deepStrictEqual([parts, pieces.flatMap((piece) => ("tasks" in piece ? piece.tasks : [])).length], [3, 2500])
    assert.deepStrictEqual(
      objects.map(({ holders, text, waiting }) => [text, holders, waiting.length]),
      [["<Workers of job: 2 with 4 places, 1 taken, 2499 waiting>", [1], 200]]
    )
  })

  it("fails with what whoever keeps the tasks says", async () => {
    const table = new Table()
    table.away = "the database of the cluster did not answer"
    const problem = await wayTo(table, kindsWith()).read("begin", true).catch(String)

    assert.strictEqual(problem, "Error: the database of the cluster did not answer")
  })
})

describe("who looks on", () => {
  it("is told all tasks page by page, and then of thousands only what is new", async () => {
    const table = new Table()
    table.add(5000)
    const { look, picture } = await watching(table)
    table.time += 500
    const quiet = await look()
    table.runs(7)
    table.add(1)
    const busy = await look()

    assert.strictEqual(picture.tasks.size, 5001)
    assert.deepStrictEqual([quiet.rows, busy.rows?.id], [undefined, [7, 5001]])
  })

  it("sees a task wait, run, be given back, run again and end", async () => {
    const table = new Table()
    table.add(1)
    const { look, picture } = await watching(table)
    const seen: Array<unknown> = []
    const see = async () => {
      table.time += 500
      const { loops } = await look()
      const task = picture.tasks.get(1)
      seen.push(task === undefined ? "gone" : [stateOf(task), waitsText(task, picture), task.steps], loops[0]!.steps)
    }
    await see()
    table.runs(1)
    await see()
    table.change(1, { state: "waiting" })
    await see()
    table.change(1, { state: "running", attempt: 2, startedAt: table.time })
    await see()
    table.ends(1, { state: "failed", error: "RangeError: no" })
    await see()

    assert.deepStrictEqual(seen, [
      ["waiting", "<Workers of job>.take", 0],
      0,
      ["running", "runs on vm:1#a", 1],
      1,
      ["waiting", "<Workers of job>.take", 1],
      0,
      ["running", "runs on vm:1#a", 2],
      1,
      "gone",
      0
    ])
    assert.deepStrictEqual(
      picture.ended.map(({ error, outcome, steps }) => [outcome, error, steps]),
      [["failed", "RangeError: no", 2]]
    )
  })

  it("hears once of what has ended, counts it where it was not known, and is told what ended before", async () => {
    const table = new Table()
    table.add(2)
    table.ends(1)
    table.time += 60_000
    const { look, picture } = await watching(table)
    table.time += 500
    table.add(1)
    table.ends(3)
    const first = await look()
    const second = await look()

    assert.deepStrictEqual(
      [first, second].map(({ loops: [loop] }) => [loop!.started, loop!.finished]),
      [
        [1, 1],
        [0, 0]
      ]
    )
    assert.deepStrictEqual(
      picture.ended.map(({ id }) => id),
      [1, 3]
    )
  })

  it("sees how many of the places are taken, and that the last worker has gone", async () => {
    const table = new Table()
    table.add(2)
    table.runs(1)
    const { look, picture } = await watching(table)
    const share = picture.samples.at(-1)?.busy
    table.time += 500
    table.workers = []
    await look()

    assert.strictEqual(share, 0.25)
    assert.strictEqual(waitsText(picture.tasks.get(2)!, picture), "<Workers of job, none is there>.take")
    assert.deepStrictEqual(
      picture.objects.map(({ text }) => text),
      ["<Workers of job: none is there, 1 waiting>"]
    )
  })

  it("is told all anew where a task has gone without a word, and hears no end twice", async () => {
    let now = 0
    const clock = vi.spyOn(performance, "now").mockImplementation(() => now)
    try {
      const table = new Table()
      table.add(2)
      table.ends(1)
      const { look, picture } = await watching(table)
      // As one that waited, ran, ended and was deleted between two looks.
      table.rows.delete(2)
      const wholes: Array<boolean> = []
      for (let i = 0; i < 8; i++) {
        now += 2000
        table.time += 2000
        wholes.push((await look()).whole === true)
      }

      assert.deepStrictEqual([wholes.filter(Boolean).length, picture.tasks.size], [1, 0])
      assert.deepStrictEqual(
        picture.ended.map(({ id }) => id),
        [1]
      )
    } finally {
      clock.mockRestore()
    }
  })

  it("sees who is asked to cancel itself, and since when", async () => {
    const table = new Table()
    table.add(1)
    table.runs(1)
    const { look, picture } = await watching(table)
    table.time += 500
    const cancellation = { kind: "shutdown", requestedBy: "ada", askedAt: table.time }
    table.change(1, { cancelling: 1, cancellation })
    const { loops } = await look()
    const task = picture.tasks.get(1)!

    assert.deepStrictEqual([stateOf(task), loops[0]!.asked], ["cancelling", 1])
    assert.deepStrictEqual(task.cancellation, { ...cancellation, requestedBy: { name: "ada" } })
  })
})
