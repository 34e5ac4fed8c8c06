/**
 * Loops that are observed, and what is remembered of their tasks that have ended.
 */
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type { AnyTask } from "@effect-asyncio/core/lowlevel"
import type { EventLoop } from "@effect-asyncio/core"
import type { EndedRow } from "../protocol.ts"
import { outcomeOf } from "./cancelling.ts"

/** So many tasks that have ended are remembered of each loop that is observed. */
export const mostEnded = 1000

/** Observes all loops from its start on, also those that are made later. */
export class Observing {
  readonly #observed = new WeakMap<EventLoop, Observed>()
  // What ends the observing, once it has begun.
  #stop: Array<() => void> | undefined = undefined

  start(): void {
    if (this.#stop !== undefined) return
    this.#stop = [lowlevel.onLoopUnsafe((loop) => this.#observe(loop))]
    for (const loop of lowlevel.loopsUnsafe()) this.#observe(loop)
  }

  #observe(loop: EventLoop): void {
    if (!isOwnCopy(loop)) return
    const observed = new Observed(loop)
    this.#observed.set(loop, observed)
    this.#stop?.push(lowlevel.observeUnsafe(loop, observed))
  }

  /** What is remembered of a loop, if it is observed. */
  of(loop: EventLoop): Observed | undefined {
    return this.#observed.get(loop)
  }

  stop(): void {
    for (const stop of this.#stop?.splice(0) ?? []) stop()
    this.#stop = undefined
  }
}

/** What is remembered of a loop because it is observed. */
class Observed implements lowlevel.LoopObserver {
  readonly #loop: EventLoop
  readonly since: number
  readonly #rows: Array<EndedRow> = []
  // Where the oldest is, once there are so many that it makes place for the newest.
  #oldest = 0

  constructor(loop: EventLoop) {
    this.#loop = loop
    this.since = loop.time()
  }

  readonly ended = (task: AnyTask): void => {
    const row = endedRow(task, this.#loop.time())
    if (this.#rows.length < mostEnded) this.#rows.push(row)
    else {
      this.#rows[this.#oldest] = row
      this.#oldest = (this.#oldest + 1) % mostEnded
    }
  }

  rowOf(task: AnyTask): EndedRow | undefined {
    return this.#rows.find(({ id }) => id === task.id)
  }

  /** The oldest first. */
  rows(): ReadonlyArray<EndedRow> {
    return [...this.#rows.slice(this.#oldest), ...this.#rows.slice(0, this.#oldest)]
  }
}

/** What is remembered of a task that has ended. */
export const endedRow = (task: AnyTask, endedAt: number): EndedRow => {
  const { cancellation, createdAt, createdBy, id, labels, name } = task.snapshot()
  const outcome = outcomeOf(task) as EndedRow["outcome"]
  const why = outcome === "cancelled" ? cancellation : undefined
  return {
    id,
    name,
    labels,
    createdBy,
    outcome,
    kind: why?.kind,
    reason: why?.reason,
    requestedBy: why?.requestedBy,
    createdAt,
    endedAt
  }
}

/** Of loops of another copy only what is public can be told. */
export const isOwnCopy = lowlevel.isOfThisCopy
