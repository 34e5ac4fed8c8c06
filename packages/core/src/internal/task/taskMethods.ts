/**
 * What programs ask of a task, beside what they ask of a future: its name, where it comes from, where it stands. Nothing is decided here;
 * that is task.ts.
 */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type { Description } from "../loop/failures.ts"
import { RuntimeError } from "../model/errors.ts"
import { withHint } from "../model/hints.ts"
import type { Coroutine } from "../model/Coroutine.ts"
import type { Labels, StackEntry, TaskSnapshot } from "../model/Task.ts"
import { nameFrom, TaskRef } from "../model/TaskRef.ts"
import { type Ancestor, type Birth, birthOf, knownAncestorOf, noLabels } from "./ancestry.ts"
import { FutureImpl } from "./future.ts"
import type { TaskImpl } from "./task.ts"
import { describeTask, reprOf, snapshotOf, stackOf, stackTextOf, toName } from "./taskTexts.ts"
import { waitsOf } from "./waits.ts"

interface StackOptions {
  readonly limit?: number | undefined
}

const useFuture = "Set results on a future, from `loop.createFuture`; cancel a task, or let its function end."

export abstract class TaskMethods<A, E> extends FutureImpl<A, E> {
  abstract readonly id: number
  abstract givenName: string | number
  abstract origin: Birth | Ancestor
  abstract readonly cancelRequests: number
  abstract uncancelUnsafe(): number

  abstract readonly coroutine: Effect.Effect<A, E> | Coroutine<A, E>

  // ---- names and the rest ----------------------------------------------------------------------------------------

  getName(): string {
    return nameFrom(this.givenName)
  }

  toRef(): TaskRef {
    return new TaskRef(this)
  }

  setNameUnsafe(this: TaskImpl, name: unknown): void {
    this.givenName = toName(name)
    const ancestor = knownAncestorOf(this)
    if (ancestor !== undefined) ancestor.ref = this.toRef()
  }

  setName(this: TaskImpl, name: unknown): Effect.Effect<void> {
    return Effect.sync(() => this.setNameUnsafe(name))
  }

  cancelling(): number {
    return this.cancelRequests
  }

  uncancel(): Effect.Effect<number> {
    return Effect.sync(() => this.uncancelUnsafe())
  }

  override setResultUnsafe(this: TaskImpl): never {
    // When: `setResult` on a task, whose result is what its function returns.
    throw withHint(new RuntimeError("Task does not support set_result operation"), useFuture, this)
  }

  override setExceptionUnsafe(this: TaskImpl): never {
    // When: `setException` or `setExitUnsafe` on a task, which fails when its function does.
    throw withHint(new RuntimeError("Task does not support set_exception operation"), useFuture, this)
  }

  override setExitUnsafe(this: TaskImpl): never {
    return this.setExceptionUnsafe()
  }

  // ---- where it comes from ---------------------------------------------------------------------------------------

  get createdBy(): TaskRef | undefined {
    return birthOf(this).creator?.ref
  }

  get createdAt(): number {
    return birthOf(this).at
  }

  get labels(): Labels {
    return knownAncestorOf(this)?.labels ?? noLabels
  }

  get detached(): boolean {
    return knownAncestorOf(this)?.detached === true
  }

  // ---- looking inside --------------------------------------------------------------------------------------------

  getCoro(): Effect.Effect<A, E> | Coroutine<A, E> {
    return this.coroutine
  }

  override awaiting(this: TaskImpl): ReadonlyArray<FutureImpl> {
    return waitsOf(this).flatMap(({ future }) => future ?? [])
  }

  awaited(this: TaskImpl): FutureImpl | undefined {
    return this.awaiting()[0]
  }

  getStack(this: TaskImpl, options?: StackOptions): ReadonlyArray<StackEntry> {
    return stackOf(this, options)
  }

  formatStack(this: TaskImpl, options?: StackOptions): string {
    return stackTextOf(this, this.getStack(options))
  }

  printStack(this: TaskImpl, options?: StackOptions): Effect.Effect<void> {
    return Effect.suspend(() => Console.error(this.formatStack(options)))
  }

  snapshot(this: TaskImpl): TaskSnapshot {
    return snapshotOf(this)
  }

  protected override describe(this: TaskImpl): Description {
    return describeTask(this)
  }

  override toString(this: TaskImpl): string {
    return reprOf(this)
  }
}
