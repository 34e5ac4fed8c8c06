/**
 * `top`: the tasks of a process, on a screen that lives.
 */
import { setTimeout as sleep } from "node:timers/promises"
import type { Connection } from "../client/connection.ts"
import type { Talk } from "../client/talking.ts"
import { find, findAll, nameOf } from "../client/find.ts"
import { InspectError } from "../errors.ts"
import { Picture } from "../live/picture.ts"
import { type Column, type Order, tableRows } from "../live/rows.ts"
import { type Warning, warningsOf } from "../live/warnings.ts"
import type { Asked, LivePiece, OneTask, Outcome } from "../protocol.ts"
import { placeText } from "../place.ts"
import { duration } from "../text/durations.ts"
import { framesOf } from "../text/frames.ts"
import { printable } from "../text/printable.ts"
import { cancellationText, labelsText, refText } from "../text/wide.ts"
import { waitsText } from "../live/rows.ts"
import { frame, sortable } from "../top/columns.ts"
import type { Watched } from "../top/screen.ts"
import { type CommonOptions, connectOptions, type Io, printJson } from "./io.ts"

export interface TopOptions extends CommonOptions {
  readonly sort: string
  readonly filter: string
  readonly once?: boolean
}

/** A process that is stopped in a debugger goes on some time: the screen stays. */
const day = 24 * 60 * 60 * 1000
/** So long, in milliseconds, one waits for the end of a task that was asked to cancel itself. */
const patience = 5000
const betweenWarnings = 1500
/** So long after its end the line is opened again: a process that tells of a cluster may have no database for a while. */
const betweenTries = 2000

export const top = async (io: Io, target: string | undefined, options: TopOptions): Promise<number> => {
  const order = orderFor(options.sort)
  const isOnce = options.once === true || options.json === true
  const { stdin, stdout } = process
  if (!isOnce && (!stdout.isTTY || !stdin.isTTY)) {
    throw new InspectError("top needs a terminal: take --once for one frame of it, or ps --wide", 2)
  }
  const pid = await pidOf(io, target, options)
  if (isOnce) {
    const connection = await find(pid, { timeout: options.timeout })
    try {
      return await once(io, connection, order, options)
    } finally {
      connection.close()
    }
  }
  // Not loaded for other commands: what draws screens is larger than all the rest.
  const { show } = await import("../top/screen.ts")
  const connect = (timeout?: number) => find(pid, { timeout })
  const connection = await connect(day)
  const line = new Line(`${printable(connection.hello.name)} (${pid})`, connection, connect)
  try {
    await show(line, { order, filter: options.filter, stdin, stdout })
    return 0
  } finally {
    line.close()
  }
}

const orderFor = (sort: string): Order => {
  const column = sort.replace(/^-/, "") as Column
  if (!sortable.includes(column)) {
    throw new InspectError(`--sort takes one of ${sortable.join(", ")}, with a - for the other direction`, 2)
  }
  const isText = ["id", "name", "state"].includes(column)
  return { column, descending: sort.startsWith("-") === isText }
}

/** Which process is meant: the only one, if none is said. */
const pidOf = async (io: Io, target: string | undefined, options: TopOptions): Promise<string> => {
  if (target !== undefined) {
    const connection = await find(target, connectOptions(io, options))
    connection.close()
    return placeText(connection.place)
  }
  const found = (await findAll(connectOptions(io, options))).flatMap(({ connection }) => connection ?? [])
  for (const connection of found) connection.close()
  const [only] = found
  // The clusters that it has a part in are no other processes.
  const processes = found.filter(({ place }) => place.part === 0)
  if (only !== undefined && processes.length === 1) return placeText(processes[0]!.place)
  if (only === undefined) throw new InspectError("no process can be looked into: `list` says how to start one")
  throw new InspectError(`say which process: ${found.map(nameOf).join(", ")}`, 2)
}

const once = async (io: Io, connection: Connection, order: Order, options: TopOptions): Promise<number> => {
  const picture = new Picture()
  let complete = 0
  for await (const piece of connection.request({ request: "live" })) {
    picture.apply(piece as LivePiece, performance.now())
    // The first has no time behind it to count in.
    if (picture.isComplete && ++complete === 2) break
  }
  const warnings = warningsOf(picture)
  if (options.json !== true) await io.out(`${frame(picture, warnings, order, options.filter).join("\n")}\n`)
  else {
    // Without what the picture needs for itself.
    const own = { hasCreated: undefined, met: undefined }
    const tasks = tableRows(picture, options.filter, order).tasks.map((task) => ({ ...task, ...own }))
    await printJson(io, { loops: picture.loops, tasks, warnings, ended: picture.ended, objects: picture.objects })
  }
  return 0
}

/** What the screen shows, as it comes. */
export class Line implements Watched {
  readonly picture = new Picture()
  warnings: ReadonlyArray<Warning> = []
  over: string | undefined = undefined
  readonly title: string
  readonly #connect: (timeout?: number) => Promise<Talk>
  readonly #listeners = new Set<() => void>()
  #connection: Talk | undefined
  #again: NodeJS.Timeout | undefined = undefined
  #isClosed = false
  #warned = -Infinity

  constructor(title: string, connection: Talk, connect: (timeout?: number) => Promise<Talk>) {
    this.title = title
    this.#connect = connect
    this.#connection = connection
    void this.#hear(connection)
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#again)
    void this.#connection?.close()
  }

  async #open(): Promise<void> {
    try {
      const connection = await this.#connect(day)
      if (this.#isClosed) return void connection.close()
      this.#connection = connection
      await this.#hear(connection)
    } catch (error) {
      this.#ends(error)
    }
  }

  /** The first reason is the one that matters: of a process that has ended the next is that there is none. */
  #ends(error: unknown): void {
    if (this.#isClosed) return
    void this.#connection?.close()
    this.#connection = undefined
    this.over ??= error instanceof Error ? error.message : String(error)
    this.#again = setTimeout(() => void this.#open(), betweenTries)
    this.#changed()
  }

  async #hear(connection: Talk): Promise<void> {
    try {
      for await (const piece of connection.request({ request: "live" })) {
        const now = performance.now()
        this.over = undefined
        this.picture.apply(piece as LivePiece, now)
        if (!this.picture.isComplete) continue
        if (now - this.#warned > betweenWarnings) {
          this.#warned = now
          this.warnings = warningsOf(this.picture)
        }
        this.#changed()
      }
    } catch (error) {
      this.#ends(error)
    }
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
  }

  readonly onChange = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  readonly detail = async (id: number): Promise<ReadonlyArray<string> | undefined> => {
    const one = await this.#with((connection) => connection.ask<OneTask | null>({ request: "task", task: id }))
    return one === null ? undefined : detailText(one, this.picture)
  }

  readonly cancel = async (id: number, reason: string, news: (text: string) => void): Promise<void> => {
    await this.#with(async (connection) => {
      const asked = await connection.ask<Asked>({
        request: "cancel",
        select: { tasks: [id] },
        ...(reason === "" ? {} : { reason })
      })
      const [task] = asked.tasks
      if (task === undefined) return news("it has ended by itself")
      const name = `${printable(task.name)} (${id})`
      news(`${name}: asked`)
      const end = performance.now() + patience
      for (;;) {
        const [outcome] = await connection.ask<ReadonlyArray<Outcome>>({ request: "outcome", cancel: asked.cancel })
        if (outcome === undefined || outcome.state !== "pending") return news(`${name}: ${outcome?.state ?? "gone"}`)
        if (performance.now() > end) return news(`${name}: asked, and has not ended in ${patience / 1000} s`)
        await sleep(100)
      }
    })
  }

  /** Beside the line, on which nothing else can be asked. */
  async #with<T>(use: (connection: Talk) => Promise<T>): Promise<T> {
    const connection = await this.#connect()
    try {
      return await use(connection)
    } finally {
      void connection.close()
    }
  }
}

/** All about a task, as lines. */
const detailText = ({ task, time }: OneTask, picture: Picture): ReadonlyArray<string> => {
  const live = picture.tasks.get(task.id)
  const labels = labelsText(task.labels)
  const names = task.awaiters.map((id) => printable(picture.tasks.get(id)?.name ?? `task ${id}`))
  return [
    `${printable(task.name)} (${task.id}), ${task.state}${labels === "" ? "" : `, ${labels}`}`,
    ...(live === undefined ? [] : [`waits for ${printable(waitsText(live, picture))}`]),
    names.length === 0
      ? "nobody waits for it"
      : `waited for by ${names.slice(0, 5).join(", ")}${names.length > 5 ? ` and ${names.length - 5} more` : ""}`,
    `created ${duration(time - task.createdAt)} ago${task.createdBy === undefined ? ", by no task" : ` by ${refText(task.createdBy)}`}`,
    ...(task.cancellation === undefined
      ? []
      : [`asked to cancel itself: ${cancellationText(task.cancellation, { time })}`]),
    ...(live === undefined
      ? []
      : [
          `busy ${duration(live.busy)}, queued ${duration(live.scheduled)}, ${live.steps} steps, the longest ${duration(live.longest)}, since somebody looks`
        ]),
    "",
    "stack, innermost first:",
    ...framesOf(task).map(({ name, place }) => `  ${name}${place === undefined ? "" : `  ${place}`}`)
  ]
}
