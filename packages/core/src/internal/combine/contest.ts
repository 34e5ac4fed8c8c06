/**
 * Awaitables that run beside each other until one has won. The others are then cancelled, and waited for.
 *
 *     running ──one wins, or none is left that could──▶ decided ──the last one has ended──▶ over
 *        └──the caller is cancelled────────────────────▶ given up ──────────┘
 *
 * The contest passes every cancellation of the caller on to the members that still run, and ends with the last one. It offers the value
 * of a loser to `discard`. The failure of a loser counts as never retrieved, unless it is an expected failure (no defect)
 * from before the decision: `#outcome` marks those as retrieved.
 */
import { type CancelledError, withoutMessage } from "../model/CancelledError.ts"
import { asKeyboardInterrupt, ValueError } from "../model/errors.ts"
import { noteOfLoop, withHint } from "../model/hints.ts"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { ExceptionGroup } from "../model/ExceptionGroup.ts"
import { plain } from "../data/text.ts"
import { awaitOwn, Waiter } from "../sync/waitQueue.ts"
import { askEach } from "../task/cancelWalk.ts"
import { hasDied } from "../model/thrown.ts"
import { cancellationIn } from "../task/cancellation.ts"
import { hide } from "../task/request.ts"
import type { DoneEntry } from "../task/doneEntries.ts"
import type { FutureImpl } from "../task/future.ts"
import { untilNotCancelled } from "../task/untilNotCancelled.ts"
import { nativeOf } from "../task/promises.ts"
import { TaskImpl } from "../task/task.ts"
import { type Caller, isPromiseLike, toFutureHere, toMember } from "./awaitables.ts"

/** What is different from one contest to another. */
export interface Rules {
  /** The name of the operation: `race()`. */
  readonly operation: string
  /** Whether a member wins that has ended so. One that does not has failed. */
  readonly wins: (exit: Exit.Exit<unknown, unknown>) => boolean
  /** Is given the value of a member that is not the result. */
  readonly discard?: ((value: unknown) => Effect.Effect<unknown, unknown>) | undefined
}

/** Begins members: all at once, or some when others have failed or time has passed. */
export interface Starter {
  /** Begins the members whose time has come, which is whenever this is called; in the code of the caller. */
  begin(contest: Contest): void
  /** Whether no other members are to come. */
  isExhausted(): boolean
  /** `member`, which ran, has failed. Whether others may begin now. */
  memberFailed(member: FutureImpl): boolean
  /** The contest is over; in the code of the caller. */
  close(): void
}

/** Begins `awaitables` together. */
export class AllAtOnce implements Starter {
  #awaitables: ReadonlyArray<unknown>

  constructor(awaitables: ReadonlyArray<unknown>) {
    this.#awaitables = awaitables
  }

  begin(contest: Contest): void {
    const awaitables = this.#awaitables
    this.#awaitables = []
    for (const awaitable of awaitables) contest.add(awaitable)
  }

  isExhausted(): boolean {
    return this.#awaitables.length === 0
  }

  memberFailed(): boolean {
    return false
  }

  close(): void {}
}

/** The entry of a member's end. */
class Ended implements DoneEntry {
  dead = false
  readonly #contest: Contest
  readonly #member: FutureImpl

  constructor(contest: Contest, member: FutureImpl) {
    this.#contest = contest
    this.#member = member
  }

  get label(): string {
    return `${this.#contest.rules.operation.replace("()", "")}.<locals>._on_end()`
  }

  get awaiter(): TaskImpl | undefined {
    return this.#contest.caller.task
  }

  run(): void {
    this.#contest.ended(this.#member)
  }
}

export class Contest {
  readonly caller: Caller
  readonly rules: Rules
  readonly #starter: Starter
  // Members that have not ended, and discards.
  readonly #running = new Set<FutureImpl>()
  readonly #discards = new Set<FutureImpl>()
  // The promises that members wait for, which may have a value after the member has given them up.
  readonly #promises = new Map<FutureImpl, Promise<unknown>>()
  // In the order in which they began.
  readonly #members: Array<FutureImpl> = []
  // The members that failed before the decision.
  readonly #failed: Array<FutureImpl> = []
  #winner: FutureImpl | undefined = undefined
  // The last cancellation of the caller.
  #arrived: Exit.Exit<never> | undefined = undefined
  // What has gone wrong with the contest itself, or a Ctrl-C in a member.
  #defect: Exit.Exit<never> | undefined = undefined
  #isDecided = false
  // What the caller waits with, or has waited with; undefined before it waits.
  #waiter: Waiter | undefined = undefined

  constructor(caller: Caller, rules: Rules, starter: Starter) {
    this.caller = caller
    this.rules = rules
    this.#starter = starter
  }

  /** Runs it: an Effect for the fiber of the caller. */
  run(): Effect.Effect<unknown, unknown> {
    return Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(
        untilNotCancelled(
          restore,
          (interruptibly) => interruptibly(this.#untilOver()),
          (failure) => this.#giveUp(failure)
        ),
        () => this.#outcome()
      )
    )
  }

  #untilOver(): Effect.Effect<void> {
    if (!this.#isDecided) this.#attempt(() => this.#starter.begin(this))
    if (this.#isOver()) this.#attempt(() => this.#starter.close())
    // Where `close` has failed, the winner's value is handed back first.
    if (this.#isOver()) return Effect.void
    const waiter = new Waiter(this.caller.loop)
    this.#waiter = waiter
    return Effect.flatMap(awaitOwn(waiter), () => this.#untilOver())
  }

  #isOver(): boolean {
    return this.#running.size === 0 && (this.#isDecided || this.#starter.isExhausted())
  }

  #attempt(step: () => void): void {
    try {
      step()
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Wakes the caller, which has something to do. */
  wake(): void {
    this.#waiter?.wake()
  }

  /** Begins a member; one that is given twice is one. */
  add(awaitable: unknown): FutureImpl {
    const member = toMember(this.caller, awaitable)
    if (this.#running.has(member)) return member
    this.#running.add(member)
    this.#members.push(member)
    if (member !== awaitable && isPromiseLike(awaitable)) this.#promises.set(member, nativeOf(awaitable))
    member.addEntry(new Ended(this, member))
    return member
  }

  ended(member: FutureImpl): void {
    this.#running.delete(member)
    const isDiscard = this.#discards.delete(member)
    const exit = member.exit!
    const interrupt = Exit.isFailure(exit) ? asKeyboardInterrupt(Cause.squash(exit.cause)) : undefined
    if (interrupt !== undefined) {
      member.markRetrieved()
      this.#fail(interrupt)
    } else if (!isDiscard) this.#memberEnded(member, exit)
    if (this.#running.size === 0) this.wake()
  }

  #memberEnded(member: FutureImpl, exit: Exit.Exit<unknown, unknown>): void {
    if (this.#isDecided) {
      if (Exit.isSuccess(exit)) this.#discard(exit.value)
      else if (member.cancelled()) this.#discardLate(member)
    } else if (this.rules.wins(exit)) {
      this.#winner = member
      this.#decide(hasWon(member, this.rules.operation))
    } else {
      this.#failed.push(member)
      if (this.#starter.memberFailed(member)) this.wake()
    }
  }

  #decide(request: CancelledError): void {
    this.#isDecided = true
    this.#cancel(request)
  }

  /** Asks the members that run. Not one that is done: that would count as retrieving its failure. And no discard, which is cleanup. */
  #cancel(request: CancelledError): void {
    const running = Array.from(this.#running).filter((member) => !member.done() && !this.#discards.has(member))
    askEach(running, request, this.caller.task)
  }

  #fail(error: unknown): void {
    this.#defect ??= Exit.die(error)
    const requestedBy = this.caller.task?.toRef()
    this.#decide(withoutMessage(`${this.rules.operation} has failed`, { kind: "parent", requestedBy, cause: error }))
    this.#discardWinner()
  }

  #giveUp(failure: Exit.Exit<never>): void {
    const request = cancellationIn(failure)!
    hide(this.#arrived && cancellationIn(this.#arrived), request)
    this.#arrived = failure
    this.#decide(request)
    this.#discardWinner()
  }

  // ---- values that are no result -------------------------------------------------------------------------------------

  #discardWinner(): void {
    const exit = this.#winner?.exit
    this.#winner = undefined
    if (exit !== undefined && Exit.isSuccess(exit)) this.#discard(exit.value)
  }

  #discard(value: unknown): void {
    const discarding = this.#discarding(value)
    if (discarding === undefined) return
    this.#discards.add(discarding)
    this.#running.add(discarding)
    discarding.addEntry(new Ended(this, discarding))
  }

  #discarding(value: unknown): FutureImpl | undefined {
    const { discard } = this.rules
    if (discard === undefined) return undefined
    return toFutureHere(
      this.caller,
      Effect.suspend(() => discard(value))
    )
  }

  /** A promise goes on when it was given up, and the contest does not wait for the discard of its value. */
  #discardLate(member: FutureImpl): void {
    const late = this.#promises.get(member)
    if (late === undefined) return
    const discard = (value: unknown) => {
      if (!this.caller.loop.isClosed()) this.#discarding(value)
    }
    late.then(discard, () => {})
  }

  // ---- the end ---------------------------------------------------------------------------------------------------

  #outcome(): Exit.Exit<unknown, unknown> {
    if (this.#winner === undefined && this.#arrived === undefined && this.#defect === undefined)
      return this.#allFailed()
    // A contest is for members that may fail before one has won, and not for bugs.
    for (const member of this.#failed) if (hasFailedAsExpected(member)) member.markRetrieved()
    return this.#defect ?? this.#arrived ?? this.#winner!.retrieve()
  }

  #allFailed(): Exit.Exit<never, unknown> {
    const exits = this.#members.map((member) => member.retrieve() as Exit.Failure<unknown, unknown>)
    const errors = exits.map(({ cause }) => Cause.squash(cause))
    // When: everything that `anyOf` or `staggered` was given has failed. It is the message of the ExceptionGroup.
    const make = () => new ExceptionGroup(`nothing has succeeded in ${this.rules.operation}`, errors)
    const hint = "Handle `errors` around it: they are in the order of what was given."
    const error = noteOfLoop(make, hint, this.caller.task)
    // No type tells of a defect.
    return exits.some(hasDied) ? Exit.die(error) : Exit.fail(error)
  }
}

const hasWon = (winner: FutureImpl, operation: string): CancelledError => {
  const requestedBy = winner instanceof TaskImpl ? winner.toRef() : undefined
  const name = requestedBy === undefined ? "another" : plain(requestedBy.name)
  return withoutMessage(`${name} has won ${operation}`, { kind: "parent", requestedBy })
}

const hasFailedAsExpected = ({ exit }: FutureImpl): boolean =>
  exit !== undefined && Exit.isFailure(exit) && !Cause.hasDies(exit.cause)

/** The error for a contest without members. */
export const nobodyCompetes = (operation: string): ValueError =>
  // When: `race`, `anyOf` or `staggered` was given nothing, and would never end.
  withHint(
    new ValueError(`${operation} needs at least one to wait for`),
    "Look at what the list is made of: it is empty."
  )
