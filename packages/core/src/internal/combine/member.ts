/**
 * The tasks of a group, as the group sees them.
 */
import { callOf } from "../data/text.ts"
import type { Linked } from "../data/linkedList.ts"
import { guarded } from "../loop/handle.ts"
import { type ContextValues, copyVariables } from "../model/variables.ts"
import type { DoneEntry } from "../task/doneEntries.ts"
import type { TaskImpl } from "../task/task.ts"
import type { Readiness } from "./readiness.ts"
import type { TaskGroupImpl } from "./taskGroup.ts"

/** A task of a group: the entry of its end, and its place among the group's tasks. */
export class Member implements DoneEntry, Linked<Member> {
  dead = false
  previous: Member | undefined = undefined
  next: Member | undefined = undefined
  readonly task: TaskImpl
  readonly #group: TaskGroupImpl
  readonly #variables: ContextValues | undefined

  constructor(task: TaskImpl, group: TaskGroupImpl) {
    this.task = task
    this.#group = group
    this.#variables = copyVariables(task.loop)
  }

  get label(): string {
    return callOf(onTaskDone)
  }

  get awaiter(): TaskImpl | undefined {
    return this.#group.targetTask
  }

  run(): void {
    guarded(this.task.loop, memberDone, this, onTaskDone, this.#variables, undefined)
  }

  done(): void {
    this.#group.memberDone(this)
  }

  /** Lets the task go: the group waits for it no more. */
  release(): void {
    this.#group.release(this)
  }

  /** Why the group cannot let the task go yet, if so. */
  whyKept(): string | undefined {
    return undefined
  }

  /** Whether a `Readiness` has taken how the task ended, so that the group must not fail with it. */
  isTaken(): boolean {
    return false
  }
}

/** A task that tells when it is ready. How it ends before is for the code that waits for that. */
export class StartingMember extends Member {
  readonly #ready: Readiness<unknown>

  constructor(task: TaskImpl, group: TaskGroupImpl, ready: Readiness<unknown>) {
    super(task, group)
    this.#ready = ready
  }

  override isTaken(): boolean {
    return this.#ready.memberEnded(this.task)
  }

  override whyKept(): string | undefined {
    return this.#ready.done() ? undefined : "has not called started() yet"
  }
}

const onTaskDone = "TaskGroup._on_task_done"
const memberDone = (member: Member): void => member.done()
