/**
 * One run of one script: its names, its trace, its limits. Nothing in here depends on how coroutines are written, so
 * interpreters for Effects and for promises share it.
 */
import type { Script } from "../script.ts"
import { formatException } from "./exceptions.ts"
import { formatNumber, formatValue } from "./values.ts"

// ---- what a port must offer ------------------------------------------------------------------------------------------

export interface FutureLike {
  done(): boolean
  cancelled(): boolean
}

export interface TaskLike extends FutureLike {
  cancelling(): number
  getName(): string
}

/** The synchronous questions an interpreter asks the port it runs on. */
export interface Port {
  /** The loop's time in seconds. */
  time(): number
  currentTask(): TaskLike | undefined
  /** The tasks that are not done. */
  allTasks(): ReadonlyArray<TaskLike>
  isFuture(value: unknown): value is FutureLike
  /** Whether a failure of it would not be reported as never retrieved. */
  exceptionRetrieved(future: FutureLike): boolean
  isTask(value: unknown): value is TaskLike
  /** `future.result()`; throws what Python's raises. */
  result(future: FutureLike): unknown
  /** `future.exception()`; throws what Python's raises. */
  exception(future: FutureLike): unknown
  /** A context variable's value in the current context. */
  contextValue(variable: object): unknown
}

/** What a slot of each kind holds. Interpreters use subtypes whose members are the port's own. */
export interface SlotTypes {
  readonly future: FutureLike
  readonly task: TaskLike
  readonly lock: { locked(): boolean }
  readonly condition: { locked(): boolean }
  readonly semaphore: { locked(): boolean }
  readonly event: { isSet(): boolean }
  readonly barrier: { nWaiting(): number; broken(): boolean }
  readonly queue: { qsize(): number; empty(): boolean; full(): boolean }
  readonly timeout: { expired(): boolean; when(): number | undefined }
  readonly group: unknown
  readonly handle: { cancelled(): boolean }
  readonly ctxvar: object
  readonly counter: { n: number }
}

/** A named object. */
export type SlotOf<T extends SlotTypes> = {
  [K in keyof SlotTypes]: { readonly kind: K; readonly value: T[K] }
}[keyof SlotTypes]

export type Kind = keyof SlotTypes

export const futureKinds = ["future", "task"] as const
export const lockKinds = ["lock", "condition", "semaphore"] as const

/** An exception that is being handled, and whatever the interpreter needs to raise it once more. */
export interface Caught {
  readonly error: unknown
  readonly origin: unknown
}

/** One invocation of a coroutine or callback. */
export class Frame {
  result: unknown = null
  /** The exceptions being handled, innermost last. */
  readonly caught: Array<Caught> = []
  /** The index of the innermost running loop. */
  index = 0
  /** The future that is passed to a done callback. */
  readonly argument: FutureLike | undefined

  constructor(argument?: FutureLike) {
    this.argument = argument
  }
}

/** What the loop tells its exception handler. */
export interface HandlerContext {
  readonly message: string
  readonly exception?: unknown
}

/** A script that uses something the port lacks. */
export class Unsupported extends Error {}

// ---- the run ---------------------------------------------------------------------------------------------------------

const defaultLimits = { deadline: 64, steps: 4000, lines: 2000 }

export class Session<T extends SlotTypes = SlotTypes> {
  readonly script: Script
  readonly port: Port
  readonly lines: Array<string> = []
  /** The virtual time in seconds at which the main task is cancelled; at twice that time the script is abandoned. */
  readonly deadline: number
  readonly #limits: typeof defaultLimits
  readonly #slots = new Map<string, SlotOf<T>>()
  // Futures that are no tasks print as the name they were first stored under.
  readonly #labels = new Map<FutureLike, string>()
  // Every task there was, for the last line of a script that asks for it.
  readonly #tasks: Array<TaskLike> = []
  #steps = 0
  #abandoned = false
  readonly #stop: () => void
  readonly #abandonment = Promise.withResolvers<void>()

  /** Calls `stop` when the script is abandoned. */
  constructor(script: Script, port: Port, stop: () => void) {
    this.script = script
    this.port = port
    this.#limits = { ...defaultLimits, ...script.limits }
    this.deadline = this.#limits.deadline
    this.#stop = stop
    // `follow` may be over by then.
    this.#abandonment.promise.catch(() => {})
  }

  /** Gives the trace when the program is over, or before, when the script is abandoned: then it may never end. */
  async follow(program: Promise<unknown>): Promise<ReadonlyArray<string>> {
    const over = program.then(
      (value) => this.#traceOutcome({ value }),
      (error: unknown) => this.#traceOutcome({ error })
    )
    await Promise.race([over, this.#abandonment.promise])
    return this.lines
  }

  // ---- names ---------------------------------------------------------------------------------------------------------

  store(name: string, slot: SlotOf<T>): void {
    if (slot.kind === "future" && !this.#labels.has(slot.value)) this.#labels.set(slot.value, name)
    this.#slots.set(name, slot)
  }

  /** Stores a future, which may be a task. */
  storeFuture(name: string, future: T["future"]): void {
    this.store(name, this.#asSlot(future)!)
  }

  /** Takes note of a task, also one that no slot will name. */
  remember(task: TaskLike): void {
    this.#tasks.push(task)
  }

  find(name: string, frame: Frame): SlotOf<T> | undefined {
    if (name === "self") return this.#asSlot(this.port.currentTask())
    if (name === "arg") return this.#asSlot(frame.argument)
    return this.#slots.get(name)
  }

  /** What a name stands for, if it is of one of these kinds. */
  findAs<K extends Kind>(name: string, kinds: ReadonlyArray<K>, frame: Frame): T[K] | undefined {
    const slot = this.find(name, frame)
    return slot !== undefined && (kinds as ReadonlyArray<Kind>).includes(slot.kind) ? (slot.value as T[K]) : undefined
  }

  #asSlot(value: FutureLike | undefined): SlotOf<T> | undefined {
    if (value === undefined) return undefined
    return { kind: this.port.isTask(value) ? "task" : "future", value } as SlotOf<T>
  }

  labelOf = (value: unknown): string | undefined => {
    if (this.port.isTask(value)) return value.getName()
    return this.port.isFuture(value) ? (this.#labels.get(value) ?? "?") : undefined
  }

  /** Labels in order, as results of `wait` print. */
  labelsOf(futures: Iterable<unknown>): string {
    return `[${Array.from(futures, (future) => this.labelOf(future) ?? "?")
      .sort()
      .join(", ")}]`
  }

  format(value: unknown): string {
    return formatValue(value, this.labelOf)
  }

  // ---- trace ---------------------------------------------------------------------------------------------------------

  trace(text: string): void {
    if (this.#abandoned) return
    const { port } = this
    this.lines.push(`${formatNumber(port.time())} ${port.currentTask()?.getName() ?? "-"} ${text}`)
    if (this.lines.length >= this.#limits.lines) this.abandon("!lines")
  }

  /** Traces that a name stands for nothing a statement can use. */
  traceUnset(name: string): void {
    this.trace(`unset ${name}`)
  }

  /** Traces that a callback of the script runs, and what it was registered on. */
  traceCallback(name: string, future: FutureLike | undefined): void {
    const about = future === undefined ? "" : ` ${this.labelOf(future)} cancelled=${this.format(future.cancelled())}`
    this.trace(`cb ${name}${about}`)
  }

  /** Traces what the loop tells its exception handler. */
  handle(context: HandlerContext): void {
    const { message } = context
    // When these come depends on garbage collection.
    if (message.includes("was destroyed") || message.includes("never retrieved")) return
    if (message.endsWith("exception in shielded future")) return
    const error = context.exception === undefined ? "None" : formatException(context.exception)
    this.trace(`handler ${handlerCode(message)} ${error}`)
  }

  #traceOutcome(outcome: { readonly value: unknown } | { readonly error: unknown }): void {
    if ("value" in outcome) this.trace(`main -> ${this.format(outcome.value)}`)
    else this.trace(`main ! ${formatException(outcome.error)}`)
    if (this.script.unretrieved !== true) return
    const labelled = [...this.#tasks, ...this.#labels.keys()].filter((future) => !this.port.exceptionRetrieved(future))
    this.trace(`unretrieved ${this.labelsOf(labelled)}`)
  }

  // ---- limits --------------------------------------------------------------------------------------------------------

  /** Counts a statement. False when it must not be run because the script is abandoned. */
  step(): boolean {
    if (++this.#steps > this.#limits.steps) this.abandon("!steps")
    return !this.#abandoned
  }

  get abandoned(): boolean {
    return this.#abandoned
  }

  abandon(why: "!steps" | "!lines" | "!deadline"): void {
    if (this.#abandoned) return
    this.lines.push(why)
    this.#end()
    this.#abandonment.resolve()
  }

  /** Gives up on a script that the port cannot run. */
  giveUp(reason: string): void {
    if (this.#abandoned) return
    this.#end()
    this.#abandonment.reject(new Unsupported(reason))
  }

  #end(): void {
    this.#abandoned = true
    this.#stop()
  }
}

const handlerCode = (message: string): string => {
  if (message.startsWith("Exception in callback")) return "callback"
  if (message.includes("asyncio.run() shutdown")) return "shutdown"
  if (message.includes("errored out but its parent")) return "taskgroup"
  return `other:${message}`
}
