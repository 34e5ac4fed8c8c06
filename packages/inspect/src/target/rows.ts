/**
 * How loops, their tasks, and the locks and queues of these are told.
 */
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type { AnyTask } from "@effect-asyncio/core/lowlevel"
import type { EndedTask, EventLoop } from "@effect-asyncio/core"
import type { AwaitRow, EndedRow, LoopRow, ObjectRow, TaskRow } from "../protocol.ts"
import { endedRow, isOwnCopy, Observing } from "./observing.ts"

/** Makes rows, in which a lock has the same number as before. */
export class LoopRows {
  readonly #observing: Observing
  readonly #objectIds = new WeakMap<object, number>()
  #lastObjectId = 0

  constructor(observing = new Observing()) {
    this.#observing = observing
  }

  /** All of a loop, read at once. */
  rowOf(loop: EventLoop): LoopRow {
    const tasks = this.taskRows(loop.allTasksUnsafe().filter((task) => !task.done()))
    return { ...this.loopRow(loop), tasks, objects: isOwnCopy(loop) ? this.objectsOf(loop) : [] }
  }

  /** A loop without its tasks. */
  loopRow(loop: EventLoop): Omit<LoopRow, "tasks" | "objects"> {
    const counts = /^<EventLoop (\w+) ready=(\d+) timers=(\d+)>$/.exec(loop.toString())
    const observed = this.#observing.of(loop)
    return {
      time: loop.time(),
      state: (counts?.[1] ?? "running") as LoopRow["state"],
      debug: loop.getDebug(),
      ready: Number(counts?.[2] ?? 0),
      timers: Number(counts?.[3] ?? 0),
      ...(observed === undefined ? {} : { observedSince: observed.since }),
      ...(isOwnCopy(loop) ? {} : { otherCopy: true as const }),
      ended: observed === undefined ? loop.endedTasks.map(withoutDuration) : observed.rows()
    }
  }

  /** Tasks, read at one moment. */
  taskRows(tasks: ReadonlyArray<AnyTask>): ReadonlyArray<TaskRow> {
    // All at one moment: what many wait for prints the same for all of them.
    const texts = new Map<object, string>()
    return tasks.map((task) => this.taskRow(task, texts))
  }

  /** A task that is not done. */
  taskRow(task: AnyTask, texts = new Map<object, string>()): TaskRow {
    const waits = lowlevel.awaitsUnsafe(task).map((each) => this.awaitRow(each, texts))
    return Object.assign(lowlevel.factsUnsafe(task), { waits })
  }

  /** One thing that a task waits for. */
  awaitRow(each: lowlevel.TaskAwait, texts = new Map<object, string>()): AwaitRow {
    switch (each.kind) {
      case "sleep":
        return { kind: "sleep", until: each.until }
      case "task":
        return { kind: "task", task: each.task.id }
      case "object":
        return {
          kind: "object",
          object: this.#objectId(each.object),
          text: textOf(each.object, texts),
          operation: each.operation
        }
      case "future":
        return { kind: "future", text: textOf(each.future, texts) }
      default:
        return { kind: each.kind }
    }
  }

  /** What is remembered of a task that is over, or what can be told of it now. */
  endedRow(loop: EventLoop, task: AnyTask): EndedRow {
    return this.#observing.of(loop)?.rowOf(task) ?? endedRow(task, loop.time())
  }

  #objectId(object: object): number {
    let id = this.#objectIds.get(object)
    if (id === undefined) this.#objectIds.set(object, (id = ++this.#lastObjectId))
    return id
  }

  /** The locks and queues of a loop. */
  objectsOf(loop: EventLoop): ReadonlyArray<ObjectRow> {
    const objects = new Objects()
    objects.add(loop, loop.allTasksUnsafe())
    return this.objectRows(objects)
  }

  /** The locks and the like that were found. */
  objectRows(objects: Objects): ReadonlyArray<ObjectRow> {
    return Array.from(objects.found, ([object, { holders, waiting }]) => ({
      id: this.#objectId(object),
      text: printed(object),
      holders: [...holders],
      waiting
    }))
  }
}

/** The locks and the like of a loop, found piece by piece. */
export class Objects {
  readonly found = new Map<lowlevel.Printable, { holders: Set<number>; waiting: Array<ObjectRow["waiting"][number]> }>()

  /** Adds those that some of its tasks wait for or hold. */
  add(loop: EventLoop, tasks: ReadonlyArray<AnyTask>): void {
    for (const { holders, object, waiting } of lowlevel.syncObjectsUnsafe(loop, tasks)) {
      let known = this.found.get(object)
      if (known === undefined) this.found.set(object, (known = { holders: new Set(), waiting: [] }))
      for (const holder of holders) known.holders.add(holder)
      for (const { operation, task } of waiting) known.waiting.push({ task: task.id, operation })
    }
  }
}

const withoutDuration = (ended: EndedTask): EndedRow => {
  const { duration: _, ...row } = ended
  return row
}

/** How something of the package prints. Classes of the program that extend it may print as they like, or fail to. */
const printed = (value: { toString(): string }): string =>
  lowlevel.safely(() => String(value), "<what cannot be printed>")

/** {@link printed}, once for all clients that ask at the same moment. */
const textOf = (value: object, texts: Map<object, string>): string => {
  let text = texts.get(value)
  if (text === undefined) texts.set(value, (text = printed(value)))
  return text
}
