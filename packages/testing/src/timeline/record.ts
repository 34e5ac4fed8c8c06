/**
 * Runs a program on the real library, on virtual time, and takes down what it does.
 *
 * A program of a page is deterministic on virtual time. So a run with a cancellation of the reader's is the same as the one
 * without up to the very step where it was asked for: to move a cancellation is to run again.
 */
import * as core from "@effect-asyncio/core"
import type { AnyTask, IterationOptions } from "@effect-asyncio/core/lowlevel"
import {
  type LoopEvent,
  makeVirtualTimeLoop,
  type TaskWait,
  type VirtualTimeLoop,
  type VirtualTimeLoopOptions
} from "@effect-asyncio/core/testing"
import { Cause, Console, Context, Exit } from "effect"
import {
  type Cancel,
  type End,
  type Happening,
  type Outcome,
  reader,
  readersReason,
  type TaskTrace,
  type Trace,
  type Wait
} from "./trace.ts"

/** Where a program prints. */
export type Printer = Pick<Console.Console, "log" | "error" | "warn" | "info" | "debug">

/** A program, given what it imports as `asyncio`, and a console. */
export type Program = (asyncio: typeof core, console: Printer) => Promise<unknown>

export interface RecordOptions {
  /** Asks a task to cancel itself. */
  readonly cancel?: Cancel | undefined
  /** The most steps and printed lines to record; a program that does more is stopped. */
  readonly maxSteps?: number | undefined
  readonly maxLines?: number | undefined
  /**
   * Whether the tasks are async functions: what one does in the microtasks behind a step is of that step, though the loop has told
   * that the step is over.
   */
  readonly asyncFunctions?: boolean | undefined
  /** Stops a program that waits for the real world, in real milliseconds. */
  readonly patience?: number | undefined
}

/** What a program needs that is given its library in another way than as {@link Program}. */
export interface Recording {
  /** Makes a loop on virtual time whose tasks are taken down. */
  readonly makeLoop: (options?: VirtualTimeLoopOptions & IterationOptions) => VirtualTimeLoop
  /** Takes down what the program prints. */
  readonly printed: (text: string) => void
  /** Takes down that the task which is running begins the I/O of a stub. */
  readonly beganIo: (name: string) => void
}

/** Never fails: how the program ended is in the trace. */
export const record = (program: Program, options: RecordOptions = {}): Promise<Trace> =>
  recordRun((recording) => {
    const recorder = recording as Recorder
    return program(recorder.asyncio, recorder.printer)
  }, options)

/** {@link record} for a program that is run by a function of yours. */
export const recordRun = async (
  run: (recording: Recording) => Promise<unknown>,
  options: RecordOptions = {}
): Promise<Trace> => {
  const recorder = new Recorder(options)
  let timer: ReturnType<typeof setTimeout> | undefined
  const tooLong = new Promise<End>((resolve) => {
    timer = setTimeout(() => {
      recorder.stop("it waits for something outside of the loop")
      resolve({ kind: "stopped", text: "" })
    }, options.patience ?? 5000)
  })
  const finished = run(recorder).then(
    (): End => ({ kind: "returned", text: "" }),
    (error: unknown): End => ({ kind: "failed", text: withoutPlaces(String(error)) })
  )
  const end = await Promise.race([finished, tooLong])
  clearTimeout(timer)
  return recorder.trace(end)
}

interface OpenStep {
  readonly time: number
  readonly task: number | undefined
  whole: boolean
  open: boolean
  readonly happenings: Array<Happening>
}

class Recorder implements Recording {
  readonly #options: RecordOptions
  readonly #tasks: Array<{ readonly task: AnyTask; coroutine: string | undefined; made: number }> = []
  readonly #numbers = new Map<AnyTask, number>()
  readonly #ended = new Map<number, { readonly step: number; readonly outcome: Outcome }>()
  readonly #steps: Array<OpenStep> = []
  // What each task waits for now.
  readonly #waits = new Map<number, Wait>()
  // The stub whose I/O each task has begun since its last step.
  readonly #io = new Map<number, string>()
  // The requests that have not arrived yet: of each task the last.
  readonly #pending = new Map<number, string | undefined>()
  // The tasks that the cancellation under way has been passed to.
  #passing: { readonly error: core.CancelledError; readonly tasks: Array<number> } | undefined
  // The step of an async function that may go on in microtasks. What it waits for if it does not is known when another step begins.
  #unfinished: { readonly step: number; readonly task: number } | undefined
  #loop: VirtualTimeLoop | undefined
  #lines = 0
  #stopped: string | undefined

  constructor(options: RecordOptions) {
    this.#options = options
  }

  /** What the program gets as the library: the same, but for the loop. */
  get asyncio(): typeof core {
    const watched = <A>(options: A) => ({ ...options, handleSigint: false, loopFactory: () => this.makeLoop() })
    return {
      ...core,
      run: ((main: Parameters<typeof core.run>[0], options?: core.RunOptions) => {
        const context = Context.add(
          options?.context ?? Context.empty(),
          Console.Console,
          this.printer as Console.Console
        )
        return core.run(main, { ...watched(options), context })
      }) as typeof core.run,
      Runner: class extends core.Runner {
        constructor(options?: core.RunnerOptions) {
          super(watched(options))
        }
      }
    }
  }

  readonly printer: Printer = (() => {
    const print = (...values: ReadonlyArray<unknown>) => this.printed(withoutPlaces(values.map(textOf).join(" ")))
    return { log: print, error: print, warn: print, info: print, debug: print }
  })()

  readonly makeLoop = (options: VirtualTimeLoopOptions & IterationOptions = {}): VirtualTimeLoop => {
    const onEvent = (event: LoopEvent) => {
      this.#onEvent(event)
      options.onEvent?.(event)
    }
    const loop = makeVirtualTimeLoop({ ...options, onEvent })
    this.#loop = loop
    const { cancel } = this.#options
    if (cancel !== undefined && "time" in cancel.at) loop.callAtUnsafe(cancel.at.time, () => this.#cancel(cancel))
    return loop
  }

  // ---- steps -----------------------------------------------------------------------------------------------------

  #begin(task: number | undefined, whole: boolean): OpenStep {
    this.#finish()
    const last = this.#steps.at(-1)
    if (last !== undefined) last.open = false
    const step: OpenStep = { time: this.#loop?.time() ?? 0, task, whole, open: true, happenings: [] }
    this.#steps.push(step)
    if (this.#steps.length > (this.#options.maxSteps ?? 400))
      this.stop(`it took more than ${this.#steps.length - 1} steps`)
    return step
  }

  /** The step of an async function is over, and the task waits for something else than the loop. */
  #finish(): void {
    const unfinished = this.#unfinished
    if (unfinished === undefined) return
    this.#unfinished = undefined
    const wait = this.#waitElsewhere(unfinished.task)
    this.#waits.set(unfinished.task, wait)
    this.#steps[unfinished.step]!.happenings.push({ type: "waits", for: wait })
    this.#cancelAfter(unfinished.step)
  }

  /** The step of what happens now: the one under way, if it is of the same task, or another. */
  #step(task: number | undefined): OpenStep {
    const last = this.#steps.at(-1)
    const same = last?.open === true && last.task === task && last.time === this.#loop?.time()
    return same ? last : this.#begin(task, false)
  }

  /** Takes down what happens in the code that runs. */
  #note(happening: Happening): void {
    if (this.#stopped !== undefined) return
    const current = this.#loop?.currentTaskUnsafe()
    this.#step(current === undefined ? undefined : this.#numbers.get(current)).happenings.push(happening)
  }

  /** Takes down what happens to a task whose step may be over. */
  #noteOf(task: number, happening: Happening): void {
    if (this.#stopped === undefined) this.#step(task).happenings.push(happening)
  }

  /** Ends the program. What it does when it is cancelled is not taken down any more. */
  stop(why: string): void {
    this.#stopped ??= why
    try {
      if (this.#loop?.isRunning() === true) this.#loop.stopUnsafe()
    } catch {
      // It has ended meanwhile.
    }
  }

  // ---- what happens ----------------------------------------------------------------------------------------------

  #onEvent(event: LoopEvent): void {
    // The loop was stopped, and cancels its tasks: one that never ends must not keep it.
    if (this.#stopped !== undefined) return void (++this.#lines > 1000 && this.stop(""))
    const task = this.#numberOf(event.task)
    switch (event.type) {
      case "created":
        return this.#created(task, event.by)
      case "stepStarted":
        return this.#stepStarted(task, event.cancellation)
      case "stepEnded":
        return this.#stepEnded(task, event.waitingFor)
      case "cancelRequested":
        return this.#asked(task, event.error)
      case "done":
        return this.#done(task, event.exit)
    }
  }

  #numberOf(task: AnyTask): number {
    const known = this.#numbers.get(task)
    if (known !== undefined) return known
    const number = this.#tasks.length
    this.#numbers.set(task, number)
    const coroutine = /^[\w$.]+\(\)/.exec(task.snapshot().coroutine)?.[0]
    const named = coroutine === anonymous ? undefined : coroutine
    this.#tasks.push({ task, coroutine: named, made: this.#steps.length - 1 })
    return number
  }

  #created(task: number, by: AnyTask | undefined): void {
    this.#waits.set(task, { kind: "iteration" })
    if (this.#steps.length > 0 || by !== undefined) {
      this.#note({ type: "made", task })
      this.#tasks[task]!.made = this.#steps.length - 1
    }
    if (task === 0) this.#cancelAfter(-1)
  }

  #stepStarted(task: number, cancellation: core.CancelledError | undefined): void {
    const step = this.#begin(task, true)
    this.#waits.delete(task)
    this.#io.delete(task)
    if (cancellation === undefined) return
    if (!this.#arrive(task)) step.happenings.push({ type: "saw", reason: messageOf(cancellation) })
  }

  #stepEnded(task: number, waitingFor: TaskWait | undefined): void {
    if (this.#options.asyncFunctions === true && waitingFor?.kind === "elsewhere") {
      this.#unfinished = { step: this.#steps.length - 1, task }
      return
    }
    if (this.#unfinished?.task === task) this.#unfinished = undefined
    if (waitingFor !== undefined) {
      const wait = waitingFor.kind === "elsewhere" ? this.#waitElsewhere(task) : this.#waitOf(waitingFor)
      this.#waits.set(task, wait)
      this.#noteOf(task, { type: "waits", for: wait })
    }
    const step = this.#steps.at(-1)!
    step.open = false
    this.#cancelAfter(this.#steps.length - 1)
  }

  #waitElsewhere(task: number): Wait {
    const io = this.#io.get(task)
    return io === undefined ? { kind: "elsewhere" } : { kind: "elsewhere", io }
  }

  #waitOf(wait: TaskWait): Wait {
    return wait.kind === "tasks" ? { kind: "tasks", tasks: wait.tasks.map((task) => this.#numberOf(task)) } : wait
  }

  #asked(task: number, error: core.CancelledError): void {
    if (this.#passing?.error !== error) this.#passing = { error, tasks: [] }
    const through = this.#passing.tasks.find((other) => this.#waitsFor(other, task))
    this.#passing.tasks.push(task)
    // `run` cancels what is left when the main task has ended.
    const asker = this.#ended.has(0) ? "the end of the run" : this.#loop?.currentTaskUnsafe()?.getName()
    const reason = messageOf(error)
    // What a timeout, a group, a run ask for has a reason and no message: then the picture shows where it comes from.
    const asked = reason === error.reason ? error.requestedBy?.name : undefined
    this.#note({ type: "asked", task, by: asked ?? asker, reason, through })
    this.#pending.set(task, reason)
  }

  #waitsFor(task: number, other: number): boolean {
    const wait = this.#waits.get(task)
    return wait?.kind === "tasks" && wait.tasks.includes(other)
  }

  /** A request arrives in the task, if there is one. Whether it is caught only shows later. */
  #arrive(task: number): boolean {
    if (!this.#pending.has(task)) return false
    this.#noteOf(task, { type: "arrived", reason: this.#pending.get(task), caught: false })
    this.#pending.delete(task)
    return true
  }

  #done(task: number, exit: Exit.Exit<unknown, unknown>): void {
    const outcome = outcomeOf(exit)
    // It ended without a step: it had not begun, or was in a foreign effect.
    if (outcome.kind === "cancelled") this.#arrive(task)
    this.#noteOf(task, { type: "ended", task, outcome })
    const step = this.#steps.length - 1
    this.#ended.set(task, { step, outcome })
    if (this.#unfinished?.task !== task) return
    this.#unfinished = undefined
    this.#cancelAfter(step)
  }

  readonly printed = (text: string): void => {
    this.#note({ type: "printed", text })
    if (++this.#lines > (this.#options.maxLines ?? 200)) this.stop(`it printed more than ${this.#lines - 1} lines`)
  }

  readonly beganIo = (name: string): void => {
    const task = this.#loop?.currentTaskUnsafe()
    if (task !== undefined) this.#io.set(this.#numberOf(task), name)
  }

  // ---- the reader's cancellation ---------------------------------------------------------------------------------

  #cancelAfter(step: number): void {
    const { cancel } = this.#options
    if (cancel !== undefined && "after" in cancel.at && cancel.at.after === step) this.#cancel(cancel)
  }

  #cancel({ task }: Cancel): void {
    this.#tasks[task]?.task.cancelUnsafe(readersReason, undefined, reader)
  }

  // ---- the result ------------------------------------------------------------------------------------------------

  trace(end: End): Trace {
    const tasks = this.#tasks.map(({ coroutine, made, task }, number): TaskTrace => {
      const ended = this.#ended.get(number)
      return { name: task.getName(), coroutine, made, ended: ended?.step, outcome: ended?.outcome }
    })
    return {
      tasks,
      steps: this.#steps.map(({ happenings, task, time, whole }, n) => ({
        time,
        task,
        whole,
        happenings: happenings.map((it) => (it.type === "arrived" ? { ...it, caught: this.#caught(task!, n) } : it))
      })),
      end: this.#stopped === undefined ? end : { kind: "stopped", text: this.#stopped }
    }
  }

  /** Whether the cancellation that arrived in a step did not end the task: it was caught, or another one ended it. */
  #caught(task: number, step: number): boolean {
    const later = this.#steps.slice(step + 1).some((each) => each.task === task && each.happenings.some(isArrival))
    return later || (this.#ended.has(task) && this.#ended.get(task)!.outcome.kind !== "cancelled")
  }
}

/** How a coroutine prints that has no name. */
const anonymous = "coroutine()"

const messageOf = (error: core.CancelledError): string | undefined => (error.message === "" ? undefined : error.message)

const isArrival = ({ type }: Happening): boolean => type === "arrived"

const outcomeOf = (exit: Exit.Exit<unknown, unknown>): Outcome => {
  if (Exit.isSuccess(exit)) return { kind: "returned", text: "" }
  const error = Cause.squash(exit.cause)
  if (error instanceof core.CancelledError) return { kind: "cancelled", text: error.message }
  return { kind: "failed", text: withoutPlaces(String(error)) }
}

/** A text without the places in it: they are those of a module that the page does not show. */
const withoutPlaces = (text: string): string => text.replace(/(?:, defined)? at (?:\w+:\/\/|\/)[^\s>)]+/g, "")

/** A value as a console shows it. Programs of pages print texts and numbers. */
const textOf = (value: unknown): string => {
  const plain = typeof value === "object" && value !== null && value.toString === Object.prototype.toString
  return plain || Array.isArray(value) ? JSON.stringify(value) : String(value)
}
