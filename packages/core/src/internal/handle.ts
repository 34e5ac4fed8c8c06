import * as Effect from "effect/Effect"
import type { Handle, TimerHandle } from "../Handle.ts"
import type { EventLoopImpl } from "./eventLoop.ts"
import type { Timer } from "./heap.ts"
import type { Runnable } from "./readyQueue.ts"
import { copyVariables, enterVariables, leaveVariables, type VariablesHolder } from "./variables.ts"

/** A callback on the ready queue. What it throws goes to the loop's exception handler. */
export class HandleImpl implements Handle, Runnable {
  readonly loop: EventLoopImpl
  // Dropped on cancel, so that a cancelled handle keeps nothing alive.
  #callback: (() => void) | undefined
  readonly #name: string
  readonly #variables: VariablesHolder | undefined

  constructor(loop: EventLoopImpl, callback: () => void, name: string) {
    this.loop = loop
    this.#callback = callback
    this.#name = name
    this.#variables = copyVariables(loop)
  }

  get label(): string {
    return `${this.#name === "" ? "callback" : this.#name}()`
  }

  run(): void {
    const callback = this.#callback
    if (callback !== undefined) guarded(this.loop, callback, undefined, this.#name, this.#variables)
  }

  cancelUnsafe(): void {
    this.#callback = undefined
  }

  get cancel(): Effect.Effect<void> {
    return Effect.sync(() => this.cancelUnsafe())
  }

  cancelled(): boolean {
    return this.#callback === undefined
  }
}

/** A callback on the timer heap. */
export class TimerHandleImpl extends HandleImpl implements TimerHandle, Timer {
  readonly due: number
  sequence = 0
  queued = false

  constructor(loop: EventLoopImpl, callback: () => void, name: string, when: number) {
    super(loop, callback, name)
    this.due = when
  }

  when(): number {
    return this.due
  }

  override cancelUnsafe(): void {
    super.cancelUnsafe()
    this.loop.removeTimer(this)
  }
}

/** Calls a user's callback in its own copy of the context variables; its error is the exception handler's, there too. */
export const guarded = <A>(
  loop: EventLoopImpl,
  callback: (argument: A) => void,
  argument: A,
  name: string,
  variables: VariablesHolder | undefined
): void => {
  const outer = enterVariables(variables)
  try {
    callback(argument)
  } catch (exception) {
    const handle = `<Handle ${name === "" ? "callback" : name}()>`
    loop.callExceptionHandlerUnsafe({ message: `Exception in callback ${name}()`, exception, handle })
  } finally {
    leaveVariables(outer)
  }
}
