import * as Exit from "effect/Exit"
import { type CancelledError, setCause } from "../model/CancelledError.ts"
import { type Caller, checkIterable, isRecord, toFutureHere } from "./awaitables.ts"
import { cancellationIn } from "../task/cancellation.ts"
import { type Answer, type Asking, Walk } from "../task/cancelWalk.ts"
import type { TaskLoop } from "../task/taskLoop.ts"
import type { DoneEntry } from "../task/doneEntries.ts"
import { FutureImpl } from "../task/future.ts"
import { TaskImpl } from "../task/task.ts"
import { lastKeptBy } from "../task/kept.ts"
import { retold } from "../task/retelling.ts"

/**
 * The future of a gather. `cancelWith` asks the children. The last child that is done completes the future; without `returnExceptions` the
 * first child that fails or is cancelled does. The future is never itself `cancelled`: it fails with a CancelledError.
 */
export class Gathering extends FutureImpl {
  #children: ReadonlyArray<FutureImpl>
  #cancelRequested: CancelledError | undefined = undefined
  readonly #returnExceptions: boolean
  readonly #shape: (results: ReadonlyArray<unknown>) => unknown
  readonly #membership: Membership
  #left: number

  constructor(
    loop: TaskLoop,
    membership: Membership,
    children: ReadonlyArray<FutureImpl>,
    left: number,
    returnExceptions: boolean,
    shape: (results: ReadonlyArray<unknown>) => unknown
  ) {
    super(loop)
    this.#membership = membership
    membership.gathering = this
    this.#children = children
    this.#returnExceptions = returnExceptions
    this.#shape = shape
    this.#left = left
    if (children.length === 0) this.complete(Exit.succeed(shape([])))
  }

  override cancelWith(error: CancelledError): boolean {
    return new Walk(error).ask(this)
  }

  override ask(error: CancelledError): boolean | Asking {
    return this.exit === undefined && this.#asking(error)
  }

  *#asking(error: CancelledError): Asking {
    let taken = false
    let inRing = false
    for (const child of this.#children) {
      const answer: Answer = yield child
      if (answer === "ring") inRing = true
      else if (answer) taken = true
    }
    // The gather must end cancelled whatever the children make of the request, also with returnExceptions.
    if (taken) this.#cancelRequested = error
    // However many of the other children end, the one in the ring never does.
    return inRing ? "ring" : taken
  }

  override awaiting(): Iterable<FutureImpl> {
    return this.#children
  }

  childDone(child: FutureImpl): void {
    this.#left--
    if (this.exit !== undefined) {
      // The failure was one of ours, and no other code will retrieve it.
      if (!child.cancelled()) child.markRetrieved()
      return
    }
    if (!this.#returnExceptions && Exit.isFailure(child.exit!)) this.#settle(child.retrieve())
    else if (this.#left === 0) this.#settleAll()
  }

  #settleAll(): void {
    if (this.#cancelRequested !== undefined) {
      // Their failures, if any, count as retrieved.
      for (const child of this.#children) if (!child.cancelled()) child.markRetrieved()
      return this.#settle(Exit.fail(lastCancellation(this.#children, this.#cancelRequested)))
    }
    const results = this.#children.map((child) => {
      if (!this.#returnExceptions) return (child.exit as Exit.Success<unknown>).value
      return child.cancelled() ? Exit.fail(cancellationOfChild(child)) : child.retrieve()
    })
    this.#settle(Exit.succeed(this.#shape(results)))
  }

  #settle(exit: Exit.Exit<unknown, unknown>): void {
    // A request is not passed on to the children any more, and a child that goes on does not keep the gather.
    this.#children = []
    this.#membership.gathering = this.#membership.task = undefined
    if (Exit.isSuccess(exit)) this.complete(exit)
    else this.fail(exit.cause)
  }
}

/** What the children know of a gather: shared by all of them. `gathering` is undefined when it has ended, or could not be made. */
interface Membership {
  gathering: Gathering | undefined
  task: TaskImpl | undefined
}

class ChildDone implements DoneEntry {
  dead = false
  readonly #child: FutureImpl
  readonly #membership: Membership

  constructor(child: FutureImpl, membership: Membership) {
    this.#child = child
    this.#membership = membership
  }

  get label(): string {
    return "gather.<locals>._done_callback()"
  }

  get awaiter(): TaskImpl | undefined {
    return this.#membership.task
  }

  run(): void {
    const { gathering } = this.#membership
    if (gathering !== undefined) gathering.childDone(this.#child)
    // Its failure, if any, counts as retrieved. Also where a later member was no awaitable (bpo-46672).
    else if (!this.#child.cancelled()) this.#child.markRetrieved()
  }
}

/**
 * CPython makes a new CancelledError for the results, and a task has forgotten its message by then. Our fields, `requestedBy` and the
 * like, stay, and the child's own error with its message is the cause.
 */
const cancellationOfChild = (child: FutureImpl): CancelledError => {
  // Not retrieved: the first call of `retrieve` gives the message.
  const own = cancellationIn(child.exit!)!
  const error = retold(own, child.cancelMessage() ?? "")
  setCause(error, own)
  return error
}

/** CPython words the cancellation as the last child would, whether or not that one was cancelled. */
const lastCancellation = (children: ReadonlyArray<FutureImpl>, request: CancelledError): CancelledError => {
  const last = children[children.length - 1]!
  if (last.cancelled()) return cancellationIn(last.retrieve())!
  return (last instanceof TaskImpl ? lastKeptBy(last) : undefined) ?? retold(request)
}

export const makeGathering = (caller: Caller, awaitables: unknown, returnExceptions: boolean): FutureImpl => {
  const { keys, members } = membersOf(awaitables)
  const done: Array<FutureImpl> = []
  // The gathering is created after its children, as in CPython: a child that is done already must find it.
  const membership: Membership = { gathering: undefined, task: caller.task }
  // Futures that may be given again, and count once: all that are not made here.
  let seen: Set<FutureImpl> | undefined
  const makesTasks = caller.loop.getTaskFactory() === undefined
  const children: Array<FutureImpl> = []
  let left = 0
  for (const member of members) {
    const future = toFutureHere(caller, member)
    children.push(future)
    if (future === member || !makesTasks) {
      seen ??= new Set()
      if (seen.has(future)) continue
      seen.add(future)
    }
    left++
    if (future.done()) done.push(future)
    else future.addEntry(new ChildDone(future, membership))
  }
  const outer = new Gathering(caller.loop, membership, children, left, returnExceptions, (results) =>
    keys === undefined ? results : Object.fromEntries(keys.map((key, i) => [key, results[i]]))
  )
  for (const future of done) outer.childDone(future)
  return outer
}

const membersOf = (
  awaitables: unknown
): { readonly keys: ReadonlyArray<string> | undefined; readonly members: ReadonlyArray<unknown> } => {
  if (!isRecord(awaitables))
    return {
      keys: undefined,
      members: [...checkIterable(awaitables, "gather() expects a list or a record of awaitables")]
    }
  const entries = Object.entries(awaitables)
  return { keys: entries.map(([key]) => key), members: entries.map(([, member]) => member) }
}
