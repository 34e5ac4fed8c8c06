/**
 * What a client that looks at tasks on no loop is told: all of them page by page, and then what is new.
 *
 * The store of the tasks is asked again when twenty times as long has passed as the answer took, or five seconds. A task may come and go
 * between two questions, and an answer may be a little behind: where the number of tasks is not what it should be, all is told anew.
 */
import type { TaskElsewhere, TasksElsewhere, WorkerElsewhere } from "@effect-asyncio/core/lowlevel"
import { type LiveEnded, liveKinds, type LiveLoop, type LivePiece } from "../protocol.ts"
import { GrowingRows } from "../live/growingRows.ts"
import { pause } from "../target/answers.ts"
import { placesOf, poolsOf } from "./pools.ts"
import { cancellationOf, endedRowOf, isOver, type Lines, lineText, sinceOf, takes } from "./rows.ts"

/** Of so many parts of the time one is spent on questions; but no client waits longer than this for the next answer, in milliseconds. */
const share = 20
const longestPause = 5000
/** So often, in milliseconds, all may be told anew because something was missed. */
const betweenWholes = 5000
/** In so many looks one after the other the number of tasks has to be too high, or too low, to be more than what happens between two questions. */
const looksUntilMissed = 4
/** So many tasks that have ended are told of one by one in a piece. */
const mostEnded = 200

/** What was told of a task. */
interface Told {
  readonly task: TaskElsewhere
  readonly told: string
}

/** What of a task is told again when it is another: a running one costs more each time, which is told too. */
const toldOf = ({ attempt, cancelling, createdAt, runner, served, startedAt, state }: TaskElsewhere): string =>
  [attempt, cancelling, createdAt, runner, served, startedAt, state].join(" ")

export class Watch {
  readonly #tasks: TasksElsewhere
  readonly #lines: Lines
  readonly #known = new Map<number, Told>()
  // The numbers of those that run, as far as was told.
  #running = new Set<number>()
  // Those that have ended lately, which the next answer tells again.
  #over = new Set<number>()
  #served = new Set<string>()
  // When the last answer was given, and whether there was none yet.
  #since = 0
  #isFirst = true
  // The next page of the whole picture; undefined where there is none.
  #page: { readonly after: string | undefined } | undefined = { after: undefined }
  #wholeAt = 0
  #wholeTook = 0
  // How many looks ago the number of tasks was right; negative where there are too few.
  #wrong = 0
  #askedAt = performance.now()
  #took = 0

  constructor(tasks: TasksElsewhere, lines: Lines) {
    this.#tasks = tasks
    this.#lines = lines
  }

  async look(): Promise<LivePiece> {
    const page = this.#page
    if (page !== undefined) return await this.#next(page.after)
    const left = this.#took * share - (performance.now() - this.#askedAt)
    if (left > 0) await pause(Math.min(longestPause, left))
    const begun = performance.now()
    const piece = await this.#news()
    this.#askedAt = performance.now()
    this.#took = this.#askedAt - begun
    return piece
  }

  async #next(after: string | undefined): Promise<LivePiece> {
    const isWhole = after === undefined
    if (isWhole) this.#wholeAt = performance.now()
    const { next, now, tasks } = await this.#tasks.alive(after)
    if (isWhole) {
      this.#known.clear()
      this.#running = new Set()
      // What has ended since the last answer is not told yet.
      if (this.#isFirst) this.#since = now
    }
    this.#page = next === undefined ? undefined : { after: next }
    this.#wholeTook = performance.now() - this.#wholeAt
    const rows = new Rows(this.#lines, now)
    for (const task of tasks) this.#tell(task, rows)
    return { ...(isWhole ? { whole: true as const } : {}), more: true, loops: [this.#loop(now, { over: 1 })], rows }
  }

  async #news(): Promise<LivePiece> {
    const since = this.#since
    // First the last of all that have ended, whenever that was.
    const { count, ended, now, tasks, workers } = await this.#tasks.news(this.#isFirst ? 0 : since)
    this.#isFirst = false
    this.#since = now
    const over = Math.max(1, now - since)
    const counts = { over, steps: 0, started: 0, finished: 0, failed: 0, cancelled: 0, asked: 0 }
    const newlyOver = ended.filter(({ number }) => !this.#over.has(number))
    this.#over = new Set(ended.map(({ number }) => number))
    const seen = new Map(tasks.filter(({ number }) => !this.#over.has(number)).map((task) => [task.number, task]))
    const lost = await this.#findLost(seen)
    const rows = new Rows(this.#lines, now)
    for (const task of [...seen.values(), ...newlyOver]) {
      if ((task.endedAt ?? now) < since) continue
      const before = this.#known.get(task.number)?.task
      if (before === undefined) counts.started++
      counts.steps += task.attempt - (before?.attempt ?? 0)
      counts.asked += task.cancelling - (before?.cancelling ?? 0)
      if (isOver(task)) counts[endedRowOf(task).outcome]++
    }
    for (const task of seen.values()) this.#tell(task, rows)
    const gone = [...newlyOver.map(({ number }) => number), ...lost].filter((number) => this.#forget(number))
    this.#compareServed(workers, rows)
    this.#compareCount(count)
    const places = placesOf(workers)
    const busy = places === 0 ? 0 : over * Math.min(1, this.#running.size / places)
    return {
      loops: [this.#loop(now, { ...counts, busy })],
      ...(rows.id.length === 0 ? {} : { rows }),
      ...(gone.length === 0 ? {} : { gone }),
      ...(newlyOver.length === 0 ? {} : { ended: newlyOver.slice(0, mostEnded).map(liveEndedOf).toReversed() }),
      objects: poolsOf(
        Array.from(this.#known.values(), ({ task }) => task),
        workers,
        this.#lines
      )
    }
  }

  /** Of those that ran and are not told of any more: adds those that were given back, and gives the numbers of the others, which were deleted. */
  async #findLost(seen: Map<number, TaskElsewhere>): Promise<ReadonlyArray<number>> {
    const lost = [...this.#running].flatMap((number) =>
      seen.has(number) || this.#over.has(number) ? [] : (this.#known.get(number)?.task ?? [])
    )
    if (lost.length === 0) return []
    const { tasks } = await this.#tasks.find({ names: lost.map(({ name }) => name) })
    for (const task of tasks) if (!isOver(task)) seen.set(task.number, task)
    return lost.flatMap(({ number }) => (seen.has(number) ? [] : [number]))
  }

  /** Tells of waiting tasks anew where the first of their workers has come, or the last has gone. */
  #compareServed(workers: ReadonlyArray<WorkerElsewhere>, rows: Rows): void {
    const served = new Set(workers.map(({ definition }) => definition))
    const isOther = served.size !== this.#served.size || [...served].some((each) => !this.#served.has(each))
    this.#served = served
    if (!isOther) return
    for (const { task } of this.#known.values()) {
      const isServed = served.has(task.definition)
      if (task.served !== isServed) this.#tell({ ...task, served: isServed }, rows)
    }
  }

  #compareCount(count: number): void {
    const sign = Math.sign(this.#known.size - count)
    this.#wrong = sign === Math.sign(this.#wrong) ? this.#wrong + sign : sign
    const ago = performance.now() - this.#wholeAt
    if (Math.abs(this.#wrong) < looksUntilMissed || ago < Math.max(betweenWholes, this.#wholeTook * share)) return
    this.#wrong = 0
    this.#page = { after: undefined }
  }

  #forget(number: number): boolean {
    this.#running.delete(number)
    return this.#known.delete(number)
  }

  /** Tells of a task unless that was told; of one that runs always, because it has cost more. */
  #tell(task: TaskElsewhere, rows: Rows): void {
    const told = toldOf(task)
    if (task.state === "running") this.#running.add(task.number)
    else this.#running.delete(task.number)
    if (task.state !== "running" && this.#known.get(task.number)?.told === told) return
    this.#known.set(task.number, { task, told })
    rows.add(task)
  }

  #loop(now: number, counts: Partial<LiveLoop> & { readonly over: number }): LiveLoop {
    return {
      loop: 0,
      time: now,
      state: "running",
      ready: this.#known.size - this.#running.size,
      timers: 0,
      tasks: this.#known.size,
      busy: 0,
      steps: 0,
      started: 0,
      finished: 0,
      failed: 0,
      cancelled: 0,
      asked: 0,
      lag: 0,
      ...counts
    }
  }
}

/** How long it has waited for a place, and had one, as far as its last attempt tells. */
const timesOf = (task: TaskElsewhere, until: number): { readonly busy: number; readonly scheduled: number } => {
  const { createdAt, startedAt } = task
  if (startedAt === undefined || (task.state === "waiting" && task.endedAt === undefined)) {
    return { busy: 0, scheduled: Math.max(0, until - createdAt) }
  }
  return { busy: Math.max(0, until - startedAt), scheduled: Math.max(0, startedAt - createdAt) }
}

const liveEndedOf = (task: TaskElsewhere): LiveEnded => ({
  ...endedRowOf(task),
  loop: 0,
  ...timesOf(task, task.endedAt ?? 0),
  steps: task.attempt
})

const [waiting, running] = [liveKinds.indexOf("object"), liveKinds.indexOf("running")]

class Rows extends GrowingRows {
  readonly #lines: Lines
  readonly #now: number

  constructor(lines: Lines, now: number) {
    super(0)
    this.#lines = lines
    this.#now = now
  }

  add(task: TaskElsewhere): void {
    const place = this.id.length
    const isRunning = task.state === "running"
    const { busy, scheduled } = timesOf(task, this.#now)
    this.id.push(task.number)
    this.name.push(task.name)
    this.by.push(task.createdBy?.number ?? 0)
    this.createdAt.push(task.createdAt)
    this.kind.push(isRunning ? running : waiting)
    this.on.push(isRunning ? 0 : this.#lines.numberOf(task.definition))
    this.since.push(sinceOf(task))
    this.awaiter.push(0)
    this.busy.push(busy)
    this.scheduled.push(scheduled)
    this.steps.push(task.attempt)
    this.longest.push(0)
    this.cancelling.push(task.cancelling)
    if (Object.keys(task.labels).length > 0) this.labels[place] = task.labels
    if (task.cancellation !== undefined) this.cancellation[place] = cancellationOf(task.cancellation)
    this.texts[place] = isRunning ? (task.runner ?? "") : lineText(task)
    if (!isRunning) this.operations[place] = takes
  }
}
