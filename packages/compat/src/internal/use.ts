/**
 * A body that runs while a lock, a condition or a semaphore is held.
 *
 *     waits for it ──it is free──▶ the body runs ──it ends──▶ given back; settled as the body has ended
 *          └──cancelled──▶ settled so
 *
 * One object for all of it: async functions around the body would cost more than the lock.
 */
import type { Lock } from "@effect-asyncio/core"
import { type AsyncContext, captureAsyncContext, runInAsyncContext } from "@effect-asyncio/core/lowlevel"
import type * as Exit from "effect/Exit"
import { beforeAwait } from "./arrival.ts"
import type { PromiseScope } from "./promiseScope.ts"
import { Settling } from "./settling.ts"
import { thrownIn } from "./thrown.ts"

type Held = Pick<Lock, "acquire" | "releaseUnsafe">

export class Use extends Settling {
  readonly #held: Held
  readonly #body: () => unknown
  // The stores of the code that waits, once it waits.
  #stores: AsyncContext = undefined
  // How `acquire` has ended, if there was nothing to wait for.
  #atOnce: Exit.Exit<unknown, unknown> | undefined = undefined
  #waits = false

  constructor(scope: PromiseScope, held: Held, body: () => unknown) {
    super(scope)
    this.#held = held
    this.#body = body
  }

  begin(): Promise<unknown> {
    const { scope } = this
    beforeAwait(scope)
    scope.core.run(this.#held.acquire, this)
    const atOnce = this.#atOnce
    if (atOnce === undefined) {
      this.#waits = true
      this.#stores = captureAsyncContext()
    } else if (atOnce._tag === "Success") {
      // After the code that called, as after an await.
      void ready.then(() => this.runBody())
    } else {
      this.fail(thrownIn(atOnce.cause))
    }
    return this.promise
  }

  override resumed(exit: Exit.Exit<unknown, unknown>): void {
    if (this.#waits) super.resumed(exit)
    else this.#atOnce = exit
  }

  /** The lock is held; called in a step. */
  protected override succeed(): void {
    runInAsyncContext(this.#stores, runBodyOf, this)
  }

  runBody(): void {
    // Not as a method.
    const body = this.#body
    try {
      Promise.resolve(body()).then(
        (value) => this.#giveBack() && this.resolve(value),
        (error: unknown) => this.#giveBack() && this.fail(error)
      )
    } catch (error) {
      if (this.#giveBack()) this.fail(error)
    }
  }

  /** Releases the lock. False where that fails: the failure replaces how the body has ended. */
  #giveBack(): boolean {
    try {
      this.#held.releaseUnsafe()
      return true
    } catch (error) {
      this.fail(error)
      return false
    }
  }
}

const ready = Promise.resolve()

const runBodyOf = (use: Use): void => use.runBody()
