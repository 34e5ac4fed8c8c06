/**
 * Counts the awaits of every task of a run, and cancels where it is told to.
 */
import { type EventLoop, formatCallGraph } from "@effect-asyncio/core"
import * as Effect from "effect/Effect"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type { AnyTask } from "@effect-asyncio/core/lowlevel"
import type { LoopEvent, TaskWait } from "@effect-asyncio/core/testing"
import { testsReason } from "../timeline/trace.ts"
import { type Cut, type Other, type Point, type Victim, waitText } from "./points.ts"
import { placeHere } from "./places.ts"
import { isRunning, isWorking } from "./sync.ts"
import type { Origin, World } from "./world.ts"

export interface TrackerOptions {
  readonly cuts: ReadonlyArray<Cut>
  /** Whether tasks are async functions: what stands behind an `await` runs in microtasks after the step. */
  readonly asyncFunctions: boolean
  /** Whether to find out where the awaits are. It takes time. */
  readonly places: boolean
  /** Whether to count awaits at all. */
  readonly points: boolean
  readonly maxSteps: number
  /** After how many operations fibers give way, where each step and callback is a place as well. */
  readonly budget: number | undefined
}

interface Key {
  readonly name: string
  awaits: number
  /** Where it stands, where that was noted. */
  place: string | undefined
  /** The stub whose I/O it has begun since its last await. */
  io: string | undefined
}

type Beside = Pick<Point, "groups" | "timeouts" | "others">

const nobody: Beside = { groups: [], timeouts: [], others: [] }

// Of a program that goes on for long the first part has to do.
const mostNumbered = 2000

/** A program that takes more steps than it may. */
export class TooManySteps extends Error {
  override readonly name: string = "TooManySteps"
}

export class Tracker {
  readonly points: Array<Point> = []
  /** The tasks that a cut has asked to cancel themselves. */
  readonly cut = new Set<AnyTask>()
  /** The cuts that have not been made. */
  readonly left: Array<Cut>
  /** The places before steps and callbacks, of each task that is not done. */
  readonly stepKeys: Array<string> = []
  // How many steps and callbacks the loop has run.
  #ran = 0
  /** Tasks that were there when the main task ended. */
  readonly leftBehind: Array<{ readonly name: string; readonly text: string }> = []
  /** Tasks that have returned although they were cut. */
  readonly swallowed: Array<string> = []
  /** Everything that has happened, for comparisons of runs. */
  readonly lines: Array<string> = []
  #main: AnyTask | undefined
  #mainIsOver = false
  #steps = 0
  readonly #world: World
  readonly #options: TrackerOptions
  readonly #keys = new Map<AnyTask, Key>()
  readonly #names = new Map<string, number>()
  // In the order they were made.
  readonly #tasks: Array<AnyTask> = []
  // Tasks that have not begun, and were not counted as such yet.
  #unborn: Array<AnyTask> = []
  // Tasks that were woken and have not gone on.
  readonly #wakes = new Map<AnyTask, object>()
  // The tasks that are in a step: more than one where a task begins eagerly, in a step of the one that makes it.
  readonly #inStep = new Set<AnyTask>()
  // The steps of async functions that may go on in microtasks.
  readonly #open = new Map<AnyTask, object>()

  constructor(world: World, options: TrackerOptions) {
    this.#world = world
    this.#options = options
    this.left = [...options.cuts]
  }

  /** Hears of what the loop's own events do not tell. */
  watch(loop: EventLoop): void {
    if (!this.#options.points) return
    const woken = (task: AnyTask): void => this.#woken(task)
    lowlevel.observeUnsafe(
      loop,
      this.#options.places ? { waits: (task) => this.#noteLine(task, placeHere()), woken } : { woken }
    )
  }

  /** Notes where the program stands, of the task that is running. */
  readonly noteLine = (): void => {
    const task = this.#world.loop?.currentTaskUnsafe()
    if (task !== undefined) this.#noteLine(task, placeHere())
  }

  readonly noteIo = (name: string): void => {
    const task = this.#world.loop?.currentTaskUnsafe()
    if (task !== undefined) this.#keyOf(task).io = name
  }

  #noteLine(task: AnyTask, place: string | undefined): void {
    if (place !== undefined) this.#keyOf(task).place = place
  }

  /** Where something is being made. A core program does that behind the `yield*` at which it stands. */
  readonly origin = (): Origin => {
    const by = this.#world.loop?.currentTaskUnsafe()
    return { by, place: placeHere() ?? (by && this.#keyOf(by).place) }
  }

  /** What the task waits for is there. Until it goes on it can still be cancelled: what it was given may be lost then. */
  #woken(task: AnyTask): void {
    const { awaits } = this.#keyOf(task)
    const by = this.#world.loop?.currentTaskUnsafe()
    if (awaits === 0 || this.#mainIsOver || by === task) return
    const wake = {}
    this.#wakes.set(task, wake)
    // A task in a step can cancel it until that step ends, which is told. Code of no task, a timer for one, is followed by the task itself, or
    // by steps of others; when the microtasks behind it run depends on how fast the host is.
    if (by === undefined || this.#inStep.has(by)) return
    // Others of its kind go on in microtasks, in which it was woken.
    queueMicrotask(() => {
      if (this.#wakes.get(task) === wake) this.#stillAsleep(task)
    })
  }

  /** Others were woken, and have not gone on while `task` ran. */
  #sleepOn(task: AnyTask): void {
    for (const sleeper of this.#wakes.keys()) if (sleeper !== task) this.#stillAsleep(sleeper)
  }

  #stillAsleep(task: AnyTask): void {
    this.#wakes.delete(task)
    if (!task.done()) this.#point(task, this.#keyOf(task).awaits + 0.5, "was woken and has not gone on", false)
  }

  #keyOf(task: AnyTask): Key {
    let key = this.#keys.get(task)
    if (key === undefined) {
      const given = task.getName()
      const seen = (this.#names.get(given) ?? 0) + 1
      this.#names.set(given, seen)
      this.#keys.set(
        task,
        (key = { name: seen === 1 ? given : `${given}~${seen}`, awaits: 0, place: undefined, io: undefined })
      )
    }
    return key
  }

  readonly onEvent = (event: LoopEvent): void => {
    const { task } = event
    const key = this.#keyOf(task)
    if (this.#mainIsOver && event.type !== "done") return
    this.#note(event, key.name)
    switch (event.type) {
      case "created":
        this.#main ??= task
        this.#tasks.push(task)
        if (task !== this.#main) this.#unborn.push(task)
        return
      case "stepStarted":
        this.#inStep.add(task)
        this.#unborn = this.#unborn.filter((child) => child !== task)
        this.#open.delete(task)
        this.#wakes.delete(task)
        if (++this.#steps > this.#options.maxSteps) {
          throw new TooManySteps(`the program took more than ${this.#options.maxSteps} steps`)
        }
        return
      case "stepEnded":
        this.#inStep.delete(task)
        return this.#stepEnded(event)
      case "done":
        return this.#done(event)
      case "cancelRequested":
        return
    }
  }

  /** Before something on the queue is run. */
  readonly beforeStep = (): void => {
    const { budget } = this.#options
    const loop = this.#world.loop
    if (budget === undefined || loop === undefined || this.#mainIsOver) return
    const number = ++this.#ran
    if (number > mostNumbered) return
    for (const task of loop.allTasksUnsafe()) {
      const { awaits, name } = this.#keyOf(task)
      const key = `${name}:${budget}/${number}`
      this.stepKeys.push(key)
      if (!this.left.some(({ point }) => point === key)) continue
      const what = { key, task: name, await: awaits, waits: "is between two operations", waitsForTasks: false }
      const place = this.#lineOf(task)
      this.points.push({ ...what, time: loop.time(), place, ...nobody, mainIsOther: false })
      this.left.splice(0, this.left.length, ...this.left.filter(({ point }) => point !== key))
      this.#cut("task", task)
    }
  }

  #note(event: LoopEvent, name: string): void {
    const time = this.#world.loop?.time() ?? 0
    const waits = event.type === "stepEnded" && event.waitingFor !== undefined ? ` ${event.waitingFor.kind}` : ""
    this.lines.push(`${time} ${name} ${event.type}${waits}`)
  }

  #stepEnded({ task, waitingFor }: Extract<LoopEvent, { type: "stepEnded" }>): void {
    if (!this.#options.points) return
    const isOpen = this.#options.asyncFunctions && waitingFor?.kind === "elsewhere"
    if (isOpen) {
      const open = {}
      this.#open.set(task, open)
      queueMicrotask(() => this.#sleepOn(task))
      // Behind the microtasks it is known whether the function has come to an await of ours, or hangs in a foreign one.
      this.#world.loop!.callSoonUnsafe(() => {
        if (this.#open.get(task) !== open || task.done()) return
        this.#open.delete(task)
        // It waits for something of ours by now. To put something on the queue has that told.
        if (lowlevel.awaitsUnsafe(task).length === 0) this.#reached(task, "waits for a promise", { kind: "elsewhere" })
        else this.#world.loop!.callSoonUnsafe(() => {})
      })
      return
    }
    this.#open.delete(task)
    const unborn = this.#unborn
    this.#unborn = []
    for (const child of unborn) {
      const key = this.#keyOf(child)
      if (key.awaits === 0 && !child.done()) this.#point(child, 0, "has not begun", false)
    }
    this.#sleepOn(task)
    if (waitingFor !== undefined) this.#reached(task, waitText(waitingFor), waitingFor)
  }

  #reached(task: AnyTask, waits: string, { kind }: { readonly kind: TaskWait["kind"] }): void {
    this.#unborn = this.#unborn.filter((child) => child !== task)
    const key = this.#keyOf(task)
    const { io } = key
    key.io = undefined
    const text = kind === "elsewhere" && io !== undefined ? `waits for ${io}` : waits
    this.#point(task, ++key.awaits, text, kind === "tasks")
  }

  #point(task: AnyTask, number: number, waits: string, waitsForTasks: boolean): void {
    if (this.#mainIsOver) return
    const { name, place } = this.#keyOf(task)
    const key = `${name}:${number}`
    // Nothing comes between where the task that has made it is in mid-step.
    const isBetween = this.#inStep.size === 0
    const beside = isBetween && Number.isInteger(number) ? this.#beside(task) : nobody
    const mainIsOther = isBetween && task !== this.#main && this.#main?.done() === false
    const line = number === 0 ? undefined : (this.#groupLineOf(task) ?? place ?? this.#lineOf(task))
    const time = this.#world.loop?.time() ?? 0
    const what = { key, task: name, await: number, waits, waitsForTasks, time, place: line }
    this.points.push({ ...what, ...beside, mainIsOther })
    const due = this.left.filter(({ point }) => point === key)
    for (const cut of due) {
      this.left.splice(this.left.indexOf(cut), 1)
      this.#cut(cut.victim, task)
    }
  }

  /** What else can be cancelled where `task` stands. */
  #beside(task: AnyTask): Beside {
    const { made } = this.#world
    const groups: Array<number> = []
    const timeouts: Array<number> = []
    const others: Array<Other> = []
    for (const [index, { kind, object }] of made.entries()) {
      if (kind === "group" && isWorking(object)) groups.push(index)
      if (kind === "timeout" && isRunning(object)) timeouts.push(index)
    }
    for (const [index, other] of this.#tasks.entries()) {
      if (other === task || other === this.#main || other.done()) continue
      const { awaits, name } = this.#keyOf(other)
      if (awaits > 0) others.push({ number: index, name })
    }
    return { groups, timeouts, others }
  }

  /** Where the group was made at whose end the task waits: no line of the program is under way there. */
  #groupLineOf(task: AnyTask): string | undefined {
    if (!this.#options.places || !lowlevel.awaitsUnsafe(task).some(({ kind }) => kind === "group")) return undefined
    const { made } = this.#world
    return made.findLast(({ by, kind, object }) => kind === "group" && by === task && isWorking(object))?.place
  }

  /** Where the task stands, as far as `Effect.fn` tells. */
  #lineOf(task: AnyTask): string | undefined {
    if (!this.#options.places) return undefined
    const found = task.getStack().findLast(({ location }) => location !== undefined)
    return found?.location === undefined ? undefined : found.location.replace(/^file:\/\//, "")
  }

  #cut(victim: Victim, task: AnyTask): void {
    const number = Number(/\d+/.exec(victim)?.[0])
    const target = victim === "main" ? this.#main! : victim.startsWith("other") ? this.#tasks[number] : task
    if (victim === "task" || victim === "main" || victim.startsWith("other")) {
      if (target === undefined) return
      this.cut.add(target)
      target.cancelUnsafe(testsReason)
      return
    }
    const made = this.#world.made[number]
    if (made?.kind === "group") made.object.cancelUnsafe()
    else if (made?.kind === "timeout" && isRunning(made.object)) made.object.rescheduleUnsafe(this.#world.loop!.time())
  }

  #done({ exit, task }: Extract<LoopEvent, { type: "done" }>): void {
    if (this.cut.has(task) && exit._tag === "Success" && task.cancelling() > 0) {
      this.swallowed.push(this.#keyOf(task).name)
    }
    if (task !== this.#main) return
    this.#mainIsOver = true
    for (const other of this.#world.loop?.allTasksUnsafe() ?? []) {
      if (other !== task) this.leftBehind.push({ name: this.#keyOf(other).name, text: leftText(other) })
    }
  }
}

const leftText = (task: AnyTask): string => {
  const { cancelling, coroutine, createdBy, waitingFor } = task.snapshot()
  const asked = cancelling > 0 ? ", and was cancelled" : ""
  const by = createdBy === undefined ? "" : `, made by ${createdBy.name}`
  const graph = lowlevel
    .safely(() => Effect.runSync(formatCallGraph(task)), "")
    .split("\n")
    .filter((line) => line !== "")
  return [
    `${task.getName()} (${coroutine}${by}) waits for ${waitingFor ?? "something outside of the loop"}${asked}`,
    ...graph
  ].join("\n")
}
