/**
 * Dumps, which are read in parts: the program goes on between two of them.
 */
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type { AnyTask } from "@effect-asyncio/core/lowlevel"
import type { EventLoop } from "@effect-asyncio/core"
import type { EndedRow, Piece, TaskColumns } from "../protocol.ts"
import { columnsOf } from "./columns.ts"
import { isOwnCopy, mostEnded } from "./observing.ts"
import { type LoopRows, Objects } from "./rows.ts"
import { keep, type Numbers } from "./unfinished.ts"

/** So many tasks are read at one moment. */
const tasksPerPiece = 2000
/** Of a program that has more, only as many of them as are read in so many milliseconds: it goes on in between all the same. */
const patience = 10
const tasksPerLook = 500

/** A piece, in which tasks may be columns; the last one of those says for how long the program has stood still at most. */
type Sent = Piece | { readonly columns: TaskColumns } | { readonly stall: number }

/** A dump under way: what is left to be read, each at one moment. What is next stands last: to take it costs the same however much is left. */
interface Reading {
  readonly columns: boolean
  /** Whether it takes several moments anyway. */
  readonly inParts: boolean
  readonly left: Array<() => Sent | undefined>
  /** The longest moment so far, in milliseconds. */
  stall: number
}

/** Pieces that were read at one moment, and whether there are more. */
interface Part {
  readonly pieces: ReadonlyArray<Sent>
  readonly more: boolean
}

/** The dumps that are under way. */
export class Dumps {
  readonly #rows: LoopRows
  readonly #numbers: Numbers
  readonly #readings = new Map<number, Reading>()

  constructor(rows: LoopRows, numbers: Numbers) {
    this.#rows = rows
    this.#numbers = numbers
  }

  /** Begins a dump, with rows or with columns, and gives its first part: all of it where that is small. */
  begin(columns: boolean): Part & { readonly dump: number } {
    const begun = performance.now()
    const loops = lowlevel.loopsUnsafe()
    const inParts = loops.reduce((sum, loop) => sum + loop.allTasksUnsafe().length, 0) > tasksPerPiece
    const left = loops.flatMap((loop) => this.#readingOf(loop, columns)).toReversed()
    const dump = keep(this.#readings, this.#numbers, { columns, inParts, left, stall: 0 })
    return { dump, ...this.next(dump, begun) }
  }

  /** The next part of a dump. */
  next(dump: number, begun = performance.now()): Part {
    const reading = this.#readings.get(dump)
    if (reading === undefined) return { pieces: [], more: false }
    const { columns, left } = reading
    const pieces: Array<Sent> = []
    let tasks = 0
    const isOver = () => tasks >= tasksPerPiece || (reading.inParts && performance.now() - begun >= patience)
    while (left.length > 0 && !isOver()) {
      const piece = left.pop()!()
      if (piece === undefined) continue
      pieces.push(piece)
      if ("tasks" in piece) tasks += piece.tasks.length
      else if ("columns" in piece) tasks += piece.columns.ids.length
    }
    reading.stall = Math.max(reading.stall, performance.now() - begun)
    const more = left.length > 0
    if (!more) {
      this.#readings.delete(dump)
      if (columns) pieces.push({ stall: reading.stall })
    }
    return { pieces, more }
  }

  #readingOf(loop: EventLoop, columns: boolean): Reading["left"] {
    // The tasks of now: none of them is left out. A task that has ended when it is looked at is told of behind the others, and so is one that is about to
    // end, is done already, and not remembered yet.
    const tasks = loop.allTasksUnsafe()
    const objects = new Objects()
    const over: Array<EndedRow> = []
    const told = new Set<number>()
    const reading: Reading["left"] = [
      () => {
        const row = this.#rows.loopRow(loop)
        for (const { id } of row.ended) told.add(id)
        return { loop: row }
      }
    ]
    for (let from = 0; from < tasks.length; from += tasksPerLook) {
      reading.push(() => {
        const some: Array<AnyTask> = []
        for (const task of tasks.slice(from, from + tasksPerLook)) {
          if (!task.done()) some.push(task)
          else if (!told.has(task.id)) over.push(this.#rows.endedRow(loop, task))
        }
        if (isOwnCopy(loop)) objects.add(loop, some)
        const rows = this.#rows.taskRows(some)
        return columns ? { columns: columnsOf(rows) } : { tasks: rows }
      })
    }
    reading.push(
      () => (over.length === 0 ? undefined : { ended: over.slice(-mostEnded) }),
      () => ({ objects: this.#rows.objectRows(objects) })
    )
    return reading
  }
}
