/**
 * Answers for tasks that are on no loop, as an agent does for those of the process: by asking their store.
 */
import type { TasksElsewhere, WorkerElsewhere } from "@effect-asyncio/core/lowlevel"
import { asker, whyNotKind } from "../kinds.ts"
import type { Asked, OneTask, Outcome, Piece, Selection, Summary } from "../protocol.ts"
import { pause, type Way } from "../target/answers.ts"
import { keep } from "../target/unfinished.ts"
import { poolsOf, type Standing } from "./pools.ts"
import { endedRowOf, isOver, Lines, outcomeOf, taskRowOf } from "./rows.ts"
import { Watch } from "./watch.ts"

/** Of so many that go on everything is told, and of more that they go on. */
const mostRows = 1000

interface Part {
  readonly dump: number
  readonly pieces: ReadonlyArray<Piece>
  readonly more: boolean
}

/** A dump under way. */
interface Reading {
  readonly workers: ReadonlyArray<WorkerElsewhere>
  readonly after: string | undefined
  /** Those that were told of, as far as the lines need them. */
  readonly told: Array<Standing>
}

class Keeper {
  readonly #tasks: TasksElsewhere
  readonly #kinds: ReadonlyArray<string>
  readonly #lines = new Lines()
  readonly #readings = new Map<number, Reading>()
  readonly #cancels = new Map<number, Map<string, Outcome>>()
  readonly #watches = new Map<number, Watch>()
  readonly #numbers = { last: 0 }

  constructor(tasks: TasksElsewhere, kinds: ReadonlyArray<string>) {
    this.#tasks = tasks
    this.#kinds = kinds
  }

  async summary(): Promise<Summary> {
    return { loops: 1, tasks: await this.#tasks.count() }
  }

  // ---- dumps -------------------------------------------------------------------------------------------------------

  async begin(): Promise<Part> {
    const { count, ended, now, tasks, workers } = await this.#tasks.news(0)
    const isRunning = new Set(tasks.flatMap(({ number, state }) => (state === "running" ? [number] : [])))
    const loop: Piece = {
      loop: {
        time: now,
        state: "running",
        debug: false,
        ready: Math.max(0, count - isRunning.size),
        timers: 0,
        // The table has always known what there is to know.
        observedSince: 0,
        ended: ended.map(endedRowOf).toReversed()
      }
    }
    const dump = keep(this.#readings, this.#numbers, { workers, after: undefined, told: [] })
    const part = await this.next(dump)
    return { dump, pieces: [loop, ...part.pieces], more: part.more }
  }

  async next(dump: number): Promise<Omit<Part, "dump">> {
    const reading = this.#readings.get(dump)
    if (reading === undefined) return { pieces: [], more: false }
    const { next, tasks } = await this.#tasks.alive(reading.after)
    for (const { definition, number, state } of tasks) reading.told.push({ definition, number, state })
    const piece: Piece = { tasks: tasks.map((task) => taskRowOf(task, this.#lines)) }
    if (next !== undefined) {
      this.#readings.set(dump, { ...reading, after: next })
      return { pieces: [piece], more: true }
    }
    this.#readings.delete(dump)
    return { pieces: [piece, { objects: poolsOf(reading.told, reading.workers, this.#lines) }], more: false }
  }

  async task(number: number): Promise<OneTask | null> {
    const {
      now,
      tasks: [task]
    } = await this.#tasks.find({ numbers: [number] })
    if (task === undefined || isOver(task)) return null
    return { loop: 0, time: now, task: taskRowOf(task, this.#lines) }
  }

  // ---- live ----------------------------------------------------------------------------------------------------------

  watch(): number {
    return keep(this.#watches, this.#numbers, new Watch(this.#tasks, this.#lines))
  }

  unwatch(watch: number): void {
    this.#watches.delete(watch)
  }

  async look(watch: number) {
    return (await this.#watches.get(watch)?.look()) ?? { loops: [] }
  }

  // ---- cancelling ----------------------------------------------------------------------------------------------------

  async cancel(select: Selection, reason: string | undefined, kind: string | undefined): Promise<Asked> {
    const problem = kind === undefined ? undefined : whyNotKind(kind, this.#kinds)
    if (problem !== undefined) throw new Error(problem)
    const asked = await this.#tasks.cancel(select, { asker, kind, reason })
    const outcomes = asked.map(({ name, number }) => [name, { id: number, name, state: "pending" }] as const)
    return {
      cancel: keep(this.#cancels, this.#numbers, new Map<string, Outcome>(outcomes)),
      tasks: asked.map(({ name, number }) => ({ id: number, name }))
    }
  }

  async outcome(cancel: number): Promise<ReadonlyArray<Outcome>> {
    const known = this.#cancels.get(cancel) ?? new Map<string, Outcome>()
    const names = [...known].flatMap(([name, { state }]) => (state === "pending" ? [name] : []))
    const { tasks } = names.length === 0 ? { tasks: [] } : await this.#tasks.find({ names })
    const found = new Map(tasks.map((task) => [task.name, task]))
    let rows = 0
    for (const name of names) {
      const { id } = known.get(name)!
      const task = found.get(name)
      // What is not kept when it has ended does not tell how.
      if (task === undefined || task.number !== id) known.set(name, { id, name, state: "finished" })
      else if (isOver(task)) known.set(name, { id, name, state: outcomeOf(task)! })
      else if (rows++ < mostRows) known.set(name, { id, name, state: "pending", task: taskRowOf(task, this.#lines) })
    }
    const outcomes = [...known.values()]
    if (outcomes.every(({ state }) => state !== "pending")) this.#cancels.delete(cancel)
    return outcomes
  }
}

const methods = new Set(["summary", "begin", "next", "task", "watch", "unwatch", "outcome"] as const)

/** Between two pages the program goes on, also where the store answers at once. */
const macrotask = () => pause(0)

/** What a process can be asked for, and a store cannot. */
const notHere = (): Error =>
  new Error(
    "a cluster is a table of tasks, without a heap, a processor and steps: ask one of its processes, which `list` names"
  )

/** The way to tasks that are on no loop. `kinds` are the kinds of cancellation that may be asked for. */
export const wayTo = (tasks: TasksElsewhere, kinds: ReadonlyArray<string>): Way => {
  const keeper = new Keeper(tasks, kinds)
  return {
    read: async (method: string, ...args: ReadonlyArray<unknown>) => {
      // All that is known is known from the start.
      if (method === "observe") return null
      if (!methods.has(method as never)) throw notHere()
      await macrotask()
      return (
        (await (keeper[method as "next"] as (...args: ReadonlyArray<unknown>) => unknown).apply(keeper, args as [])) ??
        null
      )
    },
    look: async (watch) => {
      await macrotask()
      return await keeper.look(watch)
    },
    order: async (_, select, reason, kind) => {
      await macrotask()
      return await keeper.cancel(select as Selection, reason, kind)
    },
    profile: async () => {
      throw notHere()
    }
  }
}
