/**
 * A task group whose members may fail.
 */
import { noteMade } from "../model/made.ts"
import { asKeyboardInterrupt } from "../model/errors.ts"
import { unexpectedValue } from "../model/hints.ts"
import type { Task } from "../model/Task.ts"
import type { OpenTaskGroupOptions } from "../model/TaskGroup.ts"
import { checkOptions } from "../model/arguments.ts"
import { checkMaker } from "../model/bodies.ts"
import type { CancelTarget } from "../task/cancelTarget.ts"
import type { TaskImpl } from "../task/task.ts"
import { Member } from "./member.ts"
import { TaskGroupImpl } from "./taskGroup.ts"

/** A task that has failed, and with what. */
interface Failed {
  readonly task: TaskImpl
  readonly error: unknown
}

/** Makes the task that deals with a failure, if anything does. */
type MakeHandler = (error: unknown, task: Task<unknown, unknown>) => Task<unknown, unknown> | undefined

export class TolerantGroup extends TaskGroupImpl {
  readonly #handle: MakeHandler | undefined
  // The handlers that run, and the failure of each.
  readonly #handlers = new Map<TaskImpl, Failed>()

  /** Without `handle` failures are kept for the end. */
  constructor(target: CancelTarget, handle: MakeHandler | undefined, promotable?: boolean) {
    super(target, promotable)
    this.#handle = handle
  }

  override memberDone(member: Member): void {
    super.memberDone(member)
    const handled = this.#handlers.get(member.task)
    if (handled === undefined) return
    this.#handlers.delete(member.task)
    // A handler that was cancelled has not dealt with the failure.
    if (member.task.cancelled()) super.memberFailed(handled.task, handled.error)
  }

  protected override whyKept(member: Member): string | undefined {
    return this.#handlers.has(member.task) ? "deals with a failure of the group" : super.whyKept(member)
  }

  protected override memberFailed(task: TaskImpl, error: unknown): void {
    // A handler that fails fails the group with its own error, in place of the one that it was to deal with. Ctrl-C goes to no handler.
    if (this.#handlers.has(task) || asKeyboardInterrupt(error) !== undefined) super.memberFailed(task, error)
    else if (this.#handle === undefined || this.isShuttingDown()) this.collect(task, error)
    else this.#handleBy(this.#handle, task, error)
  }

  #handleBy(handle: MakeHandler, task: TaskImpl, error: unknown): void {
    const handler = handle(error, task) as unknown as TaskImpl | undefined
    if (handler === undefined) return super.memberFailed(task, error)
    task.markRetrieved()
    this.#handlers.set(handler, { task, error })
    this.join(new Member(handler, this))
  }
}

/** The group that the options ask for. */
export const makeGroup = (target: CancelTarget, options: OpenTaskGroupOptions | undefined): TaskGroupImpl => {
  const { onFailure, promotable } = options ?? {}
  const group =
    onFailure === undefined || onFailure === "cancel"
      ? new TaskGroupImpl(target, promotable)
      : new TolerantGroup(target, onFailure === "collect" ? undefined : onFailure, promotable)
  // The program has it in its hand, and may cancel it.
  noteMade("group", group)
  return group
}

export const checkGroupOptions = (options: unknown, operation: string): void => {
  checkOptions(options, operation, '{ onFailure: "collect" }')
  const { onFailure, promotable } = (options ?? {}) as { readonly onFailure?: unknown; readonly promotable?: unknown }
  checkOnFailure(onFailure, operation)
  if (promotable === undefined || typeof promotable === "boolean") return
  // When: the option `promotable` is neither true nor false.
  throw unexpectedValue(
    "true or false was expected for promotable of a task group",
    promotable,
    "Give it whether tasks may leave the group by `promote`."
  )
}

const checkOnFailure = (onFailure: unknown, operation: string): void => {
  if (typeof onFailure === "function") return checkMaker(onFailure, operation, "{ onFailure: (error) => ... }")
  if (onFailure === undefined || onFailure === "cancel" || onFailure === "collect") return
  // When: the option `onFailure` is something else than the two words and a function.
  throw unexpectedValue(
    `"cancel", "collect" or a function was expected for onFailure of a task group`,
    onFailure,
    "Cancel the rest, which is the default; let the rest go on and fail in the end; or say what to do about each failure."
  )
}
