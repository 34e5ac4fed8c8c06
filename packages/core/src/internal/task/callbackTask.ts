/**
 * A task whose coroutine is run by a driver, such as an async function.
 */
import type * as Context from "effect/Context"
import * as Exit from "effect/Exit"
import type { Coroutine } from "../model/Coroutine.ts"
import type { CreateTaskOptions } from "../model/Task.ts"
import { givenVariables } from "../model/variables.ts"
import { aftermath } from "./aftermath.ts"
import type { Birth } from "./ancestry.ts"
import { CallbackScope } from "./callbackScope.ts"
import { setEnding } from "./ending.ts"
import type { TaskLoop } from "./taskLoop.ts"
import type { FutureImpl } from "./future.ts"
import { TaskImpl } from "./task.ts"

export class CallbackTask<A = unknown, E = unknown> extends TaskImpl<A, E> {
  readonly coroutine: Coroutine<A, E>
  declare root: CallbackScope | undefined
  override waits = 0

  constructor(
    loop: TaskLoop,
    coroutine: Coroutine<A, E>,
    context: Context.Context<never> | undefined,
    options: CreateTaskOptions | undefined,
    birth: Birth
  ) {
    super(loop, context === undefined ? loop.context : loop.baseFrom(context), options?.name, birth)
    if (options?.variables !== undefined) this.variables = givenVariables(options.variables)
    this.coroutine = coroutine
  }

  // Invariant: from the first step to the last, the loop counts the task as adrift exactly while none of its awaits is in flight.
  override waitBegins(future: FutureImpl | undefined): void {
    if (this.waits++ === 0 && this.root !== undefined) this.loop.adrift--
    this.stepEnds()
    this.loop.observer?.waits(this, future)
  }

  /** If the task was started eagerly, the step is perhaps its first. */
  override stepEnds(): void {
    this.loop.stepEnd?.ends(this)
    if (this.loop.starting?.delete(this) === true) this.rejoin()
  }

  override waitEnds(): void {
    if (--this.waits === 0 && this.root !== undefined) this.loop.adrift++
  }

  override begin(): void {
    setEnding(aftermath)
    this.loop.adrift++
    this.root ??= this.makeRoot()
    this.coroutine.begin(this.root)
  }

  /** The driver has ended the coroutine, perhaps not for the first time. */
  ended(exit: Exit.Exit<A, E>): void {
    this.loop.starting?.delete(this)
    this.loop.stepEnd?.ends(this)
    if (this.exit !== undefined) return
    if (this.waits === 0) this.loop.adrift--
    this.finish(exit)
    this.root = undefined
  }

  // An async function goes on in microtasks after an await of what is there already: its first step ends where it first
  // suspends, which may be after this call.
  override startEagerly(): void {
    ;(this.loop.starting ??= new Set()).add(this)
    super.startEagerly()
  }

  protected override makeRoot(): CallbackScope {
    return new CallbackScope(this, this.coroutine)
  }

  override uncancelUnsafe(): number {
    const before = this.cancelling()
    const left = super.uncancelUnsafe()
    if (left < before) this.coroutine.cancelWithdrawn?.()
    return left
  }
}
