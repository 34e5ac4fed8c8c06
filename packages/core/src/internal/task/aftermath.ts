/**
 * What comes after the end of a line: what was in flight, and what its code goes on with although nobody waits for it.
 *
 *     line ──over──▶ what waited for its turn, slept: its last turn is on the loop, and is a cancellation
 *                  ▶ Effects: interrupted, with finalizers
 *                  ▶ its branches, cancelled, and whatever its code begins from now on: of the line around
 *
 * Around a branch is the line it is in. Around a root is nothing: then its code goes on in an aftermath too, which the loop knows
 * as long as something is in flight there, and cancels when the run ends.
 */
import { type CancelledError, makeCancelledError } from "../model/CancelledError.ts"
import { withHint } from "../model/hints.ts"
import { Driven } from "./driven.ts"
import type { Ending } from "./ending.ts"
import type { EventLoopImpl } from "../make/eventLoop.ts"
import { FutureImpl } from "./future.ts"
import { cancelOnly } from "./line.ts"
import type { Strand } from "./strand.ts"
import type { Wait } from "./wait.ts"

const nobody = { cancelRequested(): void {} }

class Aftermath extends Driven {
  // What every await here ends with, whatever it has been given. Undefined where code goes on.
  readonly #error: CancelledError | undefined

  constructor(line: Driven, error: CancelledError | undefined) {
    super(line.task, nobody, undefined, line.knownContext, undefined)
    this.#error = error
    this.task.linesKeep = true
  }

  /** Code goes on here that nobody awaits. */
  get goesOn(): boolean {
    return this.#error === undefined
  }

  override get isAllOfTask(): boolean {
    return false
  }

  override get kept(): CancelledError | undefined {
    return this.#error ?? this.due
  }

  // The task is over, or goes on without this: what is due there is not for here, and the reverse.
  override pendingCancellation(): CancelledError | undefined {
    return this.kept
  }

  override takeCancellation(): CancelledError | undefined {
    return this.#error ?? this.takeDue()
  }

  override keepCancellation(error: CancelledError): void {
    this.due = error
  }

  override noteDelivered(): void {}

  override addWait(wait: Wait): void {
    super.addWait(wait)
    this.#note()
  }

  override removeWait(wait: Wait): void {
    super.removeWait(wait)
    this.#note()
  }

  override strandBegins(strand: Strand): void {
    super.strandBegins(strand)
    this.#note()
  }

  override strandEnds(strand: Strand): void {
    super.strandEnds(strand)
    this.#note()
  }

  override addBranch(branch: Driven): void {
    super.addBranch(branch)
    this.#note()
  }

  override leaveBranch(branch: Driven): void {
    super.leaveBranch(branch)
    this.#note()
  }

  #note(): void {
    const leftovers = (this.loop.leftovers ??= new Leftovers(this.loop))
    leftovers.note(this, this.inFlight())
  }
}

const leftBehind = (): CancelledError =>
  withHint(
    makeCancelledError("the code that began it is over", undefined, undefined),
    "Await what you begin, or make a task of it with `createTask`: that one goes on by itself."
  )

const runIsOver = (): CancelledError => makeCancelledError("the run is over", undefined, undefined)

const hand = (wait: Wait, from: Driven, to: Driven): void => {
  from.removeWait(wait)
  wait.line = to
  to.addWait(wait)
}

const handOver = (line: Driven, around: Driven): void => {
  const { branches, strands, waits } = line.inFlightParts()
  for (const wait of waits) hand(wait, line, around)
  for (const part of [...strands, ...branches]) part.moveOut(around)
}

// Nobody is left who would use what is in flight: it ends cancelled, and gives back what was on its way to it. A task or a
// future that is awaited is let alone: that holds no place, and others may wait for it.
const cancelParts = (line: Driven, around: (() => Driven) | undefined): CancelledError => {
  const error = leftBehind()
  const { branches, strands, waits } = line.inFlightParts()
  const given = waits.filter((wait) => wait.future?.shared !== true)
  if (given.length > 0) {
    const left = new Aftermath(line, error)
    for (const wait of given) hand(wait, line, left)
    for (const wait of given) wait.future?.cancelWith(error)
  }
  // Each in a line of its own: a cancellation that one has not delivered yet is no other's.
  for (const strand of strands) strand.moveOut(new Aftermath(line, undefined))
  if (around !== undefined && line.inFlight()) handOver(line, around())
  for (const part of [...strands, ...branches]) cancelOnly(part, error)
  return error
}

export const aftermath: Ending = {
  aftermathOf: (line) => new Aftermath(line, undefined),
  cancelParts,
  handOver,
  error: leftBehind
}

/** What is in flight in a loop of lines that are over. */
export class Leftovers {
  readonly #loop: EventLoopImpl
  readonly #lines = new Set<Aftermath>()
  #onSettled: (() => void) | undefined = undefined

  constructor(loop: EventLoopImpl) {
    this.#loop = loop
  }

  get size(): number {
    return this.#lines.size
  }

  /** The tasks whose code it is. */
  names(): ReadonlyArray<string> {
    return [...new Set(Array.from(this.#lines, (line) => line.task.getName()))]
  }

  note(line: Aftermath, inFlight: boolean): void {
    if (inFlight) this.#lines.add(line)
    else if (this.#lines.delete(line) && this.#lines.size === 0) this.#look()
  }

  /**
   * Cancels code that goes on, and gives the names of the tasks whose code it is. Not that of `main`, which has just ended and
   * told its own.
   */
  cancel(main: FutureImpl | undefined): ReadonlyArray<string> {
    const lines = Array.from(this.#lines).filter((line) => line.goesOn && line.task !== main)
    const error = runIsOver()
    for (const line of lines) cancelOnly(line, error)
    return lines.map((line) => line.task.getName())
  }

  /**
   * Calls `onSettled` when nothing is in flight any more. To be called when no task is left: a future that is awaited here will
   * not be done by anybody, and is cancelled.
   */
  whenSettled(onSettled: () => void): void {
    this.#onSettled = onSettled
    const awaited = Array.from(this.#lines).flatMap((line) => line.inFlightParts().waits.map((wait) => wait.future))
    for (const future of awaited) if (future?.shared === true) future.cancelWith(runIsOver())
    if (this.#lines.size === 0) this.#look()
  }

  // On the next turn: what has just ended may begin something, in the microtasks of this one.
  #look(): void {
    if (this.#onSettled === undefined) return
    const run = () => {
      if (this.#lines.size > 0) return
      const onSettled = this.#onSettled
      this.#onSettled = undefined
      onSettled?.()
    }
    this.#loop.enqueue({ run })
  }
}

/** Asks code that nobody awaits, and whose task is over, to end. */
export const cancelLeftovers = (loop: EventLoopImpl): void => {
  const names = loop.leftovers?.cancel(loop.lastRun) ?? []
  if (names.length === 0) return
  loop.callExceptionHandlerUnsafe({
    // When: code that nobody awaited went on after its task was over, until the run ended.
    message: `code that nobody awaits was under way at the end of the run, and was cancelled: of ${names.join(", ")}`,
    hint: "Await it before its function ends, or make a task of it."
  })
}

/** Done when nothing of such code is in flight; undefined when nothing is. */
export const leftoversSettled = (loop: EventLoopImpl): FutureImpl<void, never> | undefined => {
  if (loop.leftovers === undefined || loop.leftovers.size === 0) return undefined
  const settled = new FutureImpl<void, never>(loop)
  loop.leftovers.whenSettled(() => settled.setResultUnsafe())
  return settled
}
