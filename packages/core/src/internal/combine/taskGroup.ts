/**
 * The state machine of a task group.
 *
 *     open ──the body ends──▶ closing ──the last task is done──▶ finished
 *       └───────────┬────────────┘
 *     a failure, a cancellation, `cancel`: aborting
 *
 * Aborting is a flag beside the state: it cancels every task once and lets no new one in.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { type CancelledError, withoutMessage } from "../model/CancelledError.ts"
import { asKeyboardInterrupt, type KeyboardInterrupt, RuntimeError } from "../model/errors.ts"
import { noteOfLoop, withHint } from "../model/hints.ts"
import { ExceptionGroup } from "../model/ExceptionGroup.ts"
import type { CreateTaskOptions, Task } from "../model/Task.ts"
import type { Future } from "../model/Future.ts"
import type { OpenTaskGroup, Started, TaskGroup } from "../model/TaskGroup.ts"
import { hasDied } from "../model/thrown.ts"
import { yieldToOther } from "./ownRequest.ts"
import { cancellationIn } from "../task/cancellation.ts"
import { inspect } from "../host/inspect.ts"
import { askEach } from "../task/cancelWalk.ts"
import { newSilentRequest } from "../task/future.ts"
import { LinkedList } from "../data/linkedList.ts"
import type { CancelTarget } from "../task/cancelTarget.ts"
import type { BodyEnd, BodyTarget } from "./bodyTarget.ts"
import { type Restore, untilNotCancelled } from "../task/untilNotCancelled.ts"
import type { TaskImpl } from "../task/task.ts"
import { spawn } from "../make/tasks.ts"
import { abridged, mostNamed, plain } from "../data/text.ts"
import { awaitOwn, GroupWaiter, type Waiter } from "../sync/waitQueue.ts"
import { checkFunction } from "../model/arguments.ts"
import { effectOf } from "../model/bodies.ts"
import { generatorKind } from "../model/repr.ts"
import { Member, StartingMember } from "./member.ts"
import { Readiness } from "./readiness.ts"
import { hide } from "../task/request.ts"
import { retold } from "../task/retelling.ts"

export class TaskGroupImpl implements OpenTaskGroup, BodyEnd {
  #state: "open" | "closing" | "finished" = "open"
  readonly #target: CancelTarget
  // Whether its tasks may leave it.
  readonly #promotable: boolean
  // The tasks whose end the group has not been told, in the order in which they joined; `#abort` cancels those not done in this order.
  readonly #members = new LinkedList<Member>()
  readonly #errors: Array<unknown> = []
  // The tasks that failed. They count as retrieved when the group fails with their errors, and not before: it may never be closed, or
  // fail with a Ctrl-C and nothing else.
  #unseen: Array<TaskImpl> | undefined = undefined
  // What each of the errors comes from: the name of a task, "the body" or "the items".
  #failed: Array<string> | undefined = undefined
  // Whether there is a defect among them, of which no type tells: then the group is one as well.
  #isDefect = false
  // The first Ctrl-C among the errors: the group fails with it as it is, and with nothing else.
  #interrupt: KeyboardInterrupt | undefined = undefined
  // The group's request to its target, because of a failure (or of `cancel`), which the group has to withdraw.
  #request: CancelledError | undefined = undefined
  // Why the tasks are cancelled; undefined while they are not.
  #aborted: CancelledError | undefined = undefined
  // The waiter with which the end of the group waits for the tasks, or has waited; undefined before it waits.
  #allDone: Waiter | undefined = undefined

  constructor(target: CancelTarget, promotable = false) {
    this.#target = target
    this.#promotable = promotable
  }

  toString(): string {
    const parts: Array<string> = []
    if (this.#members.size > 0) parts.push(`tasks=${this.#members.size}`)
    if (this.#errors.length > 0) parts.push(`errors=${this.#errors.length}`)
    parts.push(this.#aborted === undefined ? "entered" : "cancelling")
    return `<${["TaskGroup", ...parts].join(" ")}>`
  }

  // ---- tasks -----------------------------------------------------------------------------------------------------

  // The types are those of the interface.
  createTask(coroutine: unknown, options?: CreateTaskOptions): never {
    return Effect.withFiberSucceed((fiber) => {
      this.#checkOpen()
      const { loop } = this.#target
      const task = spawn(loop, fiber.context, coroutine as Effect.Effect<unknown, unknown>, options)
      this.join(new Member(task, this))
      return task
    }) as never
  }

  start(coroutine: unknown, options?: CreateTaskOptions): never {
    return Effect.withFiber((fiber) => {
      if (generatorKind(coroutine) !== "generator function") {
        checkFunction(coroutine, "start()", "group.start((started) => ...)")
      }
      const { loop } = this.#target
      const begin = coroutine as (started: Started<unknown>) => Effect.Effect<unknown, unknown>
      const make = (started: (value: unknown) => void) => {
        const tell: Started<unknown> = (value) => Effect.sync(() => started(value))
        return spawn(
          loop,
          fiber.context,
          Effect.suspend(() => effectOf(begin(tell), "start()")),
          options
        )
      }
      return this.startTaskUnsafe(make) as unknown as Effect.Effect<unknown>
    }) as never
  }

  startTaskUnsafe<V>(make: (started: (value: V) => void) => Task<unknown, unknown>): Future<V, unknown> {
    this.#checkOpen()
    const ready = new Readiness<V>(this.#target.loop)
    const task = make((value) => ready.tell(value)) as unknown as TaskImpl
    ready.task = task
    this.join(new StartingMember(task, this, ready))
    return ready
  }

  *[Symbol.iterator](): Generator<Task<unknown, unknown>, void> {
    // Of a copy: the code that goes through them may cancel them, or add others.
    for (const { task } of this.#members.toArray()) if (!task.done()) yield task
  }

  addTaskUnsafe<T extends Task<unknown, unknown>>(make: () => T): T {
    this.#checkOpen()
    const made = make()
    this.join(new Member(made as unknown as TaskImpl, this))
    return made
  }

  #checkOpen(): void {
    const finished = this.#state === "finished" || (this.#state === "closing" && this.#members.size === 0)
    if (finished) {
      // When: a task is added to a group that has ended.
      throw withHint(
        new RuntimeError(`TaskGroup ${this} is finished`),
        "Add tasks in the body, or in tasks of the group."
      )
    }
    if (this.#aborted !== undefined) throw shuttingDown(this)
  }

  protected join(member: Member): void {
    const { task } = member
    this.#members.add(member)
    // The eager first step of the task has called `cancel`, which did not know of the task yet.
    if (this.#aborted !== undefined) task.cancelWith(this.#aborted)
    // By way of the loop also when an eager task is done already: its failure must not cancel its creator in mid-step.
    task.addEntry(member)
  }

  /** Lets a task go, if the group consents. */
  release(member: Member): void {
    const name = plain(member.task.getName())
    if (!this.#promotable) {
      // When: `promote` of a task whose group was not made for it.
      throw withHint(
        new RuntimeError(`${name} cannot leave its task group`),
        "Make the group with `taskGroup(body, { promotable: true })`, or the task outside of it."
      )
    }
    if (this.#aborted !== undefined) throw shuttingDown(this)
    const why = this.whyKept(member)
    if (why !== undefined) {
      // When: `promote` of a task that has to do something for its group first.
      throw withHint(new RuntimeError(`${name} cannot leave its task group: it ${why}`), "Promote it afterwards.")
    }
    member.task.removeEntry(member)
    this.#leaves(member)
  }

  #leaves(member: Member): void {
    this.#members.remove(member)
    if (this.#members.size === 0) this.#allDone?.wake()
  }

  protected whyKept(member: Member): string | undefined {
    return member.whyKept()
  }

  get targetTask(): TaskImpl | undefined {
    return this.#target.task
  }

  isShuttingDown(): boolean {
    return this.#state !== "finished" && this.#aborted !== undefined
  }

  memberDone(member: Member): void {
    const { task } = member
    this.#leaves(member)
    if (member.isTaken() || task.cancelled()) return
    const exit = task.exit!
    if (Exit.isFailure(exit)) this.memberFailed(task, Cause.squash(exit.cause))
  }

  protected memberFailed(task: TaskImpl, error: unknown): void {
    this.collect(task, error)
    if (this.#aborted === undefined) this.#abortAll(becauseOf(task, error, this.#target))
  }

  /** Keeps a failure for the end. */
  protected collect(task: TaskImpl, error: unknown): void {
    ;(this.#unseen ??= []).push(task)
    this.keep(error, task.getName(), hasDied(task.exit!))
  }

  /** Keeps a failure of something that may be no task; `from` is its name. */
  protected keep(error: unknown, from: string, isDefect: boolean): void {
    this.#errors.push(error)
    this.#isDefect ||= isDefect
    ;(this.#failed ??= []).push(from)
    this.#interrupt ??= asKeyboardInterrupt(error)
  }

  /** Cancels the tasks with the fields of `error`, and without its message. */
  #abort(error: CancelledError): void {
    this.#aborted = retold(error)
    const tasks: Array<TaskImpl> = []
    for (let member = this.#members.first; member !== undefined; member = member.next) {
      if (!member.task.done()) tasks.push(member.task)
    }
    if (tasks.length > 0) askEach(tasks, this.#aborted, this.#target.task)
  }

  /** Cancels the tasks and the body, or the wait for the tasks, which then ends with the cancellation `error`. */
  #abortAll(error: CancelledError): void {
    this.#abort(error)
    this.#request = error
    this.#target.cancel(error)
  }

  get cancel(): Effect.Effect<void> {
    return Effect.sync(() => this.cancelUnsafe())
  }

  cancelUnsafe(): void {
    if (this.#state === "finished" || this.#aborted !== undefined) return
    this.#abortAll(newSilentRequest(this.#target.loop, "requested", "its task group was cancelled"))
  }

  // ---- the end ---------------------------------------------------------------------------------------------------

  close<A, E>(exit: Exit.Exit<A, E>): Effect.Effect<A, unknown> {
    return Effect.uninterruptibleMask((restore) => this.endInside(restore, exit))
  }

  /** {@link close} for code that is inside an uninterruptible mask already. */
  endInside<A, E>(restore: Restore, exit: Exit.Exit<A, E>): Effect.Effect<A, unknown> {
    this.#state = "closing"
    // The cancellation to pass on when the tasks are done, and the last one that arrived while they were waited for: where the
    // group was aborting already, it is the group's own, or one from outside, which the count tells.
    let cancelled: Exit.Exit<never, unknown> | undefined
    let arrived: Exit.Exit<never, unknown> | undefined
    if (Exit.isFailure(exit)) {
      const error = Cause.squash(exit.cause)
      this.#interrupt ??= asKeyboardInterrupt(error)
      const cancellation = cancellationIn(exit)
      if (cancellation !== undefined) cancelled = Exit.failCause(exit.cause)
      if (this.#aborted === undefined) this.#abort(cancellation ?? bodyFailed(this.#target, error))
    }
    const tasksDone = untilNotCancelled(
      restore,
      (interruptibly) => interruptibly(this.#untilTasksDone()),
      (failure) => {
        hideOneOf(cancelled, arrived, failure)
        arrived = failure
        if (this.#aborted !== undefined) return
        cancelled = failure
        this.#abort(cancellationIn(failure)!)
      }
    )
    return Effect.flatMap(tasksDone, () => this.#finish(exit, cancelled, arrived))
  }

  /** Waits for the tasks; whenever all are done new ones may have come meanwhile. */
  #untilTasksDone(): Effect.Effect<void> {
    if (this.#members.size === 0) return Effect.void
    // A wait that was given up may be woken all the same.
    const waiter = new GroupWaiter(this.#target.loop)
    this.#allDone = waiter
    return Effect.flatMap(awaitOwn(waiter), () => this.#untilTasksDone())
  }

  #finish<A, E>(
    exit: Exit.Exit<A, E>,
    cancelled: Exit.Exit<never, unknown> | undefined,
    arrived: Exit.Exit<never, unknown> | undefined
  ): Effect.Effect<A, unknown> {
    this.#state = "finished"
    const target = this.#target
    if (this.#interrupt !== undefined) {
      for (const task of this.#unseen ?? []) if (failedWith(task, this.#interrupt)) task.markRetrieved()
      return Effect.die(this.#interrupt)
    }
    let passOn = cancelled
    const request = this.#request
    if (request !== undefined) {
      // The group's request is withdrawn. If it was the only one, there is no cancellation left; another one must not be dropped
      // (https://github.com/python/cpython/issues/155433).
      const left = target.uncancel(request)
      passOn = left === 0 ? undefined : (cancelled ?? arrived)
      if (left > 0) yieldToOther(request, arrived, cancelled)
    }
    if (passOn !== undefined && this.#errors.length === 0) return passOn
    if (Exit.isFailure(exit) && cancellationIn(exit) === undefined) {
      this.keep(Cause.squash(exit.cause), "the body", hasDied(exit))
    }
    if (this.#errors.length > 0) return this.#failWithErrors(target, passOn)
    // Stopped by `cancel`: the body has no result.
    return Exit.isSuccess(exit) ? exit : (Exit.void as Exit.Exit<never>)
  }

  #failWithErrors(target: CancelTarget, hidden: Exit.Exit<never, unknown> | undefined): Effect.Effect<never, unknown> {
    target.askAgain(retold((hidden && cancellationIn(hidden)) ?? hiddenByFailure(target)))
    for (const task of this.#unseen ?? []) task.markRetrieved()
    // When: tasks of a group, or its body, failed. It is the message of the ExceptionGroup that the group fails with.
    const make = () => new ExceptionGroup("unhandled errors in a TaskGroup", this.#errors)
    const failed = abridged(this.#failed ?? [], mostNamed, plain).join(", ")
    const hint = `Handle \`errors\` around the group. What failed: ${failed}.`
    const error = noteOfLoop(make, hint, target.task)
    // As Python's group is a BaseExceptionGroup where one of its members is no Exception.
    return this.#isDefect ? Effect.die(error) : Effect.fail(error)
  }

  [inspect](): string {
    return this.toString()
  }
}

const shuttingDown = (group: TaskGroupImpl): RuntimeError =>
  // When: a task is added or promoted while the group is being cancelled, because one of its tasks failed or by `cancel`.
  withHint(new RuntimeError(`TaskGroup ${group} is shutting down`), "Let the error pass: the group is about to end.")

/** Of several cancellations that arrive while the tasks are waited for, the group passes on the first, or else the last. */
const hideOneOf = (
  first: Exit.Exit<never, unknown> | undefined,
  before: Exit.Exit<never, unknown> | undefined,
  last: Exit.Exit<never, unknown>
): void => {
  const arrived = cancellationIn(last)!
  if (first !== undefined) hide(arrived, cancellationIn(first)!)
  else if (before !== undefined) hide(cancellationIn(before), arrived)
}

/** A request that was made before the group failed, whose reason is no longer known. */
const hiddenByFailure = (target: CancelTarget): CancelledError =>
  withoutMessage("it was asked for before its task group failed", { requestedBy: target.task?.toRef() })

const bodyFailed = (target: CancelTarget, cause: unknown): CancelledError =>
  withoutMessage("the body of its task group has failed", {
    kind: "parent",
    requestedBy: target.task?.toRef(),
    cause
  })

const failedWith = (task: TaskImpl, error: unknown): boolean =>
  Exit.isFailure(task.exit!) && Cause.squash(task.exit.cause) === error

/**
 * The cancellation that the body sees when a task has failed, as in asyncio. Where the group is never closed, because `await using`
 * was forgotten, the body sees nothing else, so it says where the failure is.
 */
const becauseOf = (failed: TaskImpl, cause: unknown, target: CancelTarget): CancelledError =>
  withHint(
    withoutMessage(`${plain(failed.getName())} of its task group has failed`, {
      kind: "sibling",
      requestedBy: failed.toRef(),
      cause
    }),
    `${plain(failed.getName())} of a group has failed. The group fails with it when it ends: \`taskGroup\` ends by itself, \`new TaskGroup()\` with \`await using\`.`,
    target.task
  )

/** Runs `body` in a task group of its own. */
export const withTaskGroup = <A, E, R, E2>(
  target: BodyTarget,
  body: (group: TaskGroup<E2>) => Effect.Effect<A, E, R>,
  group = new TaskGroupImpl(target)
): Effect.Effect<A, ExceptionGroup<Exclude<E, CancelledError> | E2> | Extract<E, CancelledError>, R> => {
  const scope = target.run(() => effectOf(body(group), "taskGroup()") as Effect.Effect<A, E>, group)
  return scope as Effect.Effect<A, ExceptionGroup<Exclude<E, CancelledError> | E2> | Extract<E, CancelledError>, R>
}
