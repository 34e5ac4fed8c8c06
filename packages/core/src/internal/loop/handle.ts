/**
 * The callbacks that a program gives to a loop.
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { unexpectedValue, withHint } from "../model/hints.ts"
import type { EventLoop, ExceptionContext } from "../model/EventLoop.ts"
import type { ContextVars } from "../model/ContextVars.ts"
import type { Handle, TimerHandle } from "../model/Handle.ts"
import { type AsyncContext, captureAsyncContext, runInAsyncContext } from "../host/asyncContext.ts"
import type { Timer } from "../data/heap.ts"
import type { Runnable } from "../data/readyQueue.ts"
import { generatorKind } from "../model/repr.ts"
import { callOf, nameOf, safely } from "../data/text.ts"
import { ContextValues, copyVariables, enterVariables, leaveVariables } from "../model/variables.ts"
import { inspect } from "../host/inspect.ts"
import type { Iterations } from "./iterations.ts"

/** A loop, as callbacks of the program know it. */
export interface CallbackLoop extends Iterations, Omit<EventLoop, keyof Iterations> {
  /** Wraps every callback that a program gives to the loop or to a future. */
  readonly aroundCallback: ((loop: EventLoop, callback: () => void) => void) | undefined
  /** Is told whether a callback of the program is on the stack. It judges by this whether a fiber that begins then is part of a task. */
  readonly lineage: { inCallback: boolean }
  /** The context variables of the task whose code is running, if there is a task and it has any. */
  taskVariables(): ContextValues | undefined
  /** Some values, as a program has them in its hand. */
  inHand(values: ContextValues): ContextVars
  /** The services of the code that is running, without its task. */
  servicesHere(): Context.Context<never>
  callExceptionHandlerUnsafe(context: ExceptionContext, services?: Context.Context<never>): void
}

/** A callback of the program. */
export interface ProgramCall {
  readonly loop: CallbackLoop
  call(): void
}

const call = (callback: ProgramCall): void => callback.call()

const callAround = (callback: ProgramCall): void => callback.loop.aroundCallback!(callback.loop, () => callback.call())

/** Calls a callback of the program with the stores of the code that registered it. */
export const callWith = (stores: AsyncContext, callback: ProgramCall): void => {
  const { aroundCallback, lineage } = callback.loop
  lineage.inCallback = true
  try {
    runInAsyncContext(stores, aroundCallback === undefined ? call : callAround, callback)
  } finally {
    lineage.inCallback = false
  }
}

/** A callback on the ready queue. What it throws goes to the loop's exception handler. */
export class HandleImpl implements Handle, ProgramCall, Runnable {
  readonly loop: CallbackLoop
  // Dropped on cancel: a cancelled handle keeps its callback and the arguments no more, though its variables, stores and services.
  #callback: (() => void) | undefined
  readonly #name: string
  #variables: ContextValues | undefined
  readonly #stores: AsyncContext = captureAsyncContext()
  readonly services: Context.Context<never>

  constructor(loop: CallbackLoop, callback: () => void, name: string) {
    this.loop = loop
    this.#callback = callback
    this.#name = name
    this.#variables = copyVariables(loop)
    this.services = loop.servicesHere()
  }

  get label(): string {
    return callOf(this.#name, "callback")
  }

  run(): void {
    if (this.#callback !== undefined) callWith(this.#stores, this)
  }

  /** Calls the callback. */
  call(): void {
    guarded(this.loop, this.#callback!, undefined, this.#name, this.#variables, this.services)
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

  getContext(): ContextVars {
    return this.loop.inHand((this.#variables ??= new ContextValues(new Map())))
  }

  /** How it prints, in Python's format: a cancelled one has forgotten its callback. */
  toString(): string {
    const words = [...this.words(), ...(this.cancelled() ? [] : [this.label])]
    return `<${words.join(" ")}>`
  }

  protected words(): ReadonlyArray<string> {
    return this.cancelled() ? ["Handle", "cancelled"] : ["Handle"]
  }

  [inspect](): string {
    return this.toString()
  }
}

/** A callback on the timer heap. */
export class TimerHandleImpl extends HandleImpl implements TimerHandle, Timer {
  readonly due: number
  sequence = 0
  queued = false

  constructor(loop: CallbackLoop, callback: () => void, name: string, when: number) {
    super(loop, callback, name)
    this.due = when
  }

  when(): number {
    return this.due
  }

  protected override words(): ReadonlyArray<string> {
    return [...(this.cancelled() ? ["TimerHandle", "cancelled"] : ["TimerHandle"]), `when=${this.due}`]
  }

  override cancelUnsafe(): void {
    super.cancelUnsafe()
    this.loop.removeTimer(this)
  }
}

/** Calls a user's callback in its own copy of the context variables; its error is the exception handler's, there too. */
export const guarded = <A>(
  loop: CallbackLoop,
  callback: (argument: A) => void,
  argument: A,
  name: string,
  variables: ContextValues | undefined,
  services: Context.Context<never> | undefined
): void => {
  const outer = enterVariables(variables)
  try {
    callback(argument)
  } catch (exception) {
    const handle = `<Handle ${callOf(name, "callback")}>`
    // When: a callback of the loop or of a future threw. The loop goes on.
    const message = `Exception in callback ${callOf(name)}`
    const hint = "Catch it in the callback, or make it a task that somebody awaits."
    loop.callExceptionHandlerUnsafe({ message, exception, handle, hint }, services)
  } finally {
    leaveVariables(outer)
  }
}

/** The call that the `method` of a loop was asked for, if the loop can take it. */
export const checkedCall = <Args extends ReadonlyArray<unknown>>(
  loop: CallbackLoop,
  method: string,
  callback: (...args: Args) => void,
  args: Args
): (() => void) => {
  loop.checkOpen()
  const isCoroutine = safely(() => Effect.isEffect(callback), false) || generatorKind(callback) !== undefined
  if (isCoroutine || (loop.debug && isAsyncFunction(callback))) {
    // When: a callback of the loop is an Effect or a generator, or in debug mode an async function: the loop would not run or await it.
    throw withHint(
      new TypeError(`coroutines cannot be used with ${method}()`),
      "Start a task: `createTask`, in the callback or instead of it."
    )
  }
  if (typeof callback !== "function") {
    // When: a callback of the loop is no function.
    throw unexpectedValue(
      `a callable object was expected by ${method}()`,
      callback,
      "Give it the function itself, not the result of a call."
    )
  }
  return () => callback(...args)
}

/** Whether no code would see the failure of a call of `callback`. */
const isAsyncFunction = (callback: unknown): boolean =>
  typeof callback === "function" && nameOf(safely(() => callback.constructor, undefined)) === "AsyncFunction"
