/**
 * An async function as a coroutine of core.
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import * as Exit from "effect/Exit"
import { Driver } from "./driver.ts"
import { raised, unseenAtEnd } from "./arrival.ts"
import { PromiseScope } from "./promiseScope.ts"
import { attach, runIn } from "./current.ts"

export abstract class PromiseCoroutine<A> extends Driver implements lowlevel.Coroutine<A, unknown> {
  /** The scope that the awaits of the function belong to; undefined before the first step, and again when the function has ended. */
  override scope: PromiseScope | undefined = undefined
  /** The function of the program. */
  protected readonly body: (...args: never) => PromiseLike<A> | A
  readonly #createdAt: string | undefined
  #begun = false

  constructor(body: (...args: never) => PromiseLike<A> | A, createdAt: string | undefined) {
    super()
    this.body = body
    this.#createdAt = createdAt
  }

  /** Calls the function of the program with its task as programs know tasks. */
  protected abstract call(task: asyncio.Task<A, unknown>): PromiseLike<A> | A

  begin(control: lowlevel.CoroutineControl<A, unknown>): void {
    if (this.#begun) return control.end(Exit.fail(reused(control.task)))
    this.#begun = true
    const scope = new PromiseScope(control, this)
    this.scope = scope
    attach(scope.loop)
    lowlevel.settleMicrotasksUnsafe(scope.loop, control.task)
    runIn(scope, runBody, this)
  }

  runBody(): void {
    const scope = this.scope!
    const control = scope.core as lowlevel.CoroutineControl<A, unknown>
    const end = (value: A) => {
      const unseen = unseenAtEnd(scope)
      this.#end(control, unseen === undefined ? Exit.succeed(value) : Exit.fail(unseen))
    }
    const fail = (error: unknown) => {
      const failure = raised(scope, error)
      unseenAtEnd(scope)
      this.#end(control, Exit.fail(failure))
    }
    try {
      const result = this.call(control.task as asyncio.Task<A, unknown>)
      if (!isThenable(result)) return end(result)
      // Not `result.then`: a task given as the result is awaited by this task, and a thenable may throw.
      Promise.resolve(result).then(end, fail)
    } catch (error) {
      fail(error)
    }
  }

  #end(control: lowlevel.CoroutineControl<A, unknown>, exit: Exit.Exit<A, unknown>): void {
    control.end(exit)
    // A task that the program keeps for its result keeps nothing else alive.
    this.scope = undefined
    this.ended()
  }

  /** The task is over. */
  protected ended(): void {}

  /** The signal of a task that ended cancelled. */
  get abortedSignal(): AbortSignal {
    return this.makeSignals().giveEnded(this.lastRequest ?? new asyncio.CancelledError())
  }

  describe(): { readonly name: string; readonly definedAt: undefined; readonly calledAt: string | undefined } {
    return { name: coroutineName(this.body), definedAt: undefined, calledAt: this.#createdAt }
  }

  override toString(): string {
    return `<coroutine object ${lowlevel.plain(this.describe().name)}>`
  }

  [lowlevel.inspect](): string {
    return this.toString()
  }
}

const runBody = (coroutine: PromiseCoroutine<unknown>): void => coroutine.runBody()

const reused = (task: asyncio.Task<unknown, unknown>): asyncio.RuntimeError =>
  // When: a task factory makes two tasks of one async function.
  lowlevel.withHint(
    new asyncio.RuntimeError("cannot reuse already awaited coroutine"),
    "Let the task factory call `make` once.",
    task
  )

// `() => fetchUser(3)`, which has no name of its own, is named after the function that it calls, as `create_task(fetch_user(3))` is. Only
// where that is plain to see: one call of a name, with no other call in its arguments or after it.
const callOnly = /^(?:async\s*)?\([^)]*\)\s*=>\s*(?:await\s+)?(?:[\w$]+\.)*([\w$]+)\([^()]*\)$/

// A longer source is more than one call.
const longestCall = 500

const coroutineName = (body: (...args: never) => unknown): string => {
  const name = lowlevel.nameOf(body)
  if (name !== "") return name
  const source = lowlevel.safely(() => String(body), "")
  return (source.length <= longestCall ? callOnly.exec(source)?.[1] : undefined) ?? "coroutine"
}

const isThenable = <A>(value: PromiseLike<A> | A): value is PromiseLike<A> =>
  typeof (value as PromiseLike<A> | undefined)?.then === "function"
