/**
 * A task for each item, so many at a time: a task group whose body reads items as long as there is room.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { hasDied } from "../model/thrown.ts"
import { cancellationIn } from "../task/cancellation.ts"
import { cancelTargetOf } from "./bodyTarget.ts"
import { cannotAwait } from "../task/cannotAwait.ts"
import { spawn } from "../make/tasks.ts"
import { TaskImpl } from "../task/task.ts"
import { awaitOwn, Waiter } from "../sync/waitQueue.ts"
import { type Caller, callerOf } from "./awaitables.ts"
import type { Source } from "./sources.ts"
import { Member } from "./member.ts"
import { TaskGroupImpl, withTaskGroup } from "./taskGroup.ts"
import type { CancelTarget } from "../task/cancelTarget.ts"
import { effectOf } from "../model/bodies.ts"
import { asKeyboardInterrupt } from "../model/errors.ts"

/** What is done with items, and with what they give. */
export interface Mapping {
  readonly f: (item: unknown, index: number) => Effect.Effect<unknown, unknown>
  readonly concurrency: number
  readonly asCompleted: boolean
  /** What becomes of the other tasks when one has failed: they are cancelled, or go on; or the result of each is its exit. */
  readonly onFailure: "cancel" | "collect" | "return"
}

/** The task of an item. */
class ItemTask extends Member {
  readonly index: number

  constructor(task: TaskImpl, group: Mapper, index: number) {
    super(task, group)
    this.index = index
  }
}

class Mapper extends TaskGroupImpl {
  readonly #results: Array<unknown> = []
  // The tasks whose failures are results.
  readonly #returned: Array<TaskImpl> = []
  readonly caller: Caller
  readonly #mapping: Mapping
  #index = 0
  #running = 0
  // What the body waits for when there is no room, or has waited for.
  #room: Waiter | undefined = undefined

  constructor(target: CancelTarget, caller: Caller, mapping: Mapping) {
    super(target)
    this.caller = caller
    this.#mapping = mapping
  }

  get hasRoom(): boolean {
    return this.#running < this.#mapping.concurrency
  }

  /** Waits until there is room. */
  untilRoom(): Effect.Effect<void> {
    this.#room = new Waiter(this.caller.loop)
    return awaitOwn(this.#room)
  }

  begin(item: unknown): void {
    const index = this.#index++
    this.#running++
    this.join(new ItemTask(this.#taskOf(this.#made(item, index)), this, index))
  }

  closingFailed(exit: Exit.Failure<unknown, unknown>): void {
    this.keep(Cause.squash(exit.cause), "the items", hasDied(exit))
  }

  /** A task as it is; anything else, a future as well, as a new task. */
  #taskOf(made: Effect.Effect<unknown, unknown>): TaskImpl {
    const { context, loop } = this.caller
    return made instanceof TaskImpl && made.loop === loop ? made : spawn(loop, context, made, undefined)
  }

  /** A function that throws is an item that fails. */
  #made(item: unknown, index: number): Effect.Effect<unknown, unknown> {
    const { task } = this.caller
    try {
      const made = effectOf(this.#mapping.f(item, index), "mapTasks()")
      if (made !== task) return made
      throw cannotAwait(task, task)
    } catch (error) {
      return Effect.die(error)
    }
  }

  override memberDone(member: ItemTask): void {
    this.#running--
    this.#take(member)
    super.memberDone(member)
    this.#room?.wake()
  }

  #take({ index, task }: ItemTask): void {
    const exit = task.exit!
    const { asCompleted, onFailure } = this.#mapping
    let result: unknown
    if (Exit.isSuccess(exit)) result = onFailure === "return" ? exit : exit.value
    else if (this.isShuttingDown()) return
    else if (onFailure === "return") result = this.#failed(task)
    else if (task.cancelled()) return this.memberFailed(task, cancellationIn(exit))
    else return
    if (asCompleted) this.#results.push(result)
    else this.#results[index] = result
  }

  #failed(task: TaskImpl): Exit.Exit<unknown, unknown> {
    this.#returned.push(task)
    return task.exit!
  }

  protected override memberFailed(task: TaskImpl, error: unknown): void {
    const { onFailure } = this.#mapping
    if (onFailure === "cancel" || asKeyboardInterrupt(error) !== undefined) super.memberFailed(task, error)
    // A failure while all tasks are cancelled is no result.
    else if (onFailure === "collect" || this.isShuttingDown()) this.collect(task, error)
  }

  /** The results, when all tasks have ended. The failures among them count as retrieved now, and not before. */
  given(): ReadonlyArray<unknown> {
    for (const task of this.#returned) task.markRetrieved()
    return this.#results
  }
}

/** Runs the mapping that `begin` makes, which throws if its arguments are wrong. */
export const mapping = (
  begin: () => { readonly source: Source; readonly mapping: Mapping }
): Effect.Effect<unknown, unknown> =>
  // `Effect.map` stands around `withFiber`: `withTaskGroup` has pushed the frame of the group when it returns the body, so that whatever
  // were put around that body would run inside the group.
  Effect.map(
    Effect.withFiber((fiber) => {
      const { mapping, source } = begin()
      const target = cancelTargetOf(fiber)
      const mapper = new Mapper(target, callerOf(fiber), mapping)
      return withTaskGroup(target, () => Effect.as(source.read(mapper), mapper), mapper)
    }),
    (mapper) => mapper.given()
  )
