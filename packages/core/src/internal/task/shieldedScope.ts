/**
 * A scope that no cancellation enters from around it, for as long as its shield is up.
 *
 *     up ──what is around it is asked──▶ holds back ──the limit is over──▶ down: a scope like any other
 *
 * A request that is held back has been refused, and so is due in what is around: it is delivered there when the scope is over.
 * Timeouts and groups inside cancel what is inside as ever, and count only what was asked for inside.
 */
import type { CancelledError } from "../model/CancelledError.ts"
import type { TimerHandle } from "../model/Handle.ts"
import { CallbackScope, type MakeScope } from "./callbackScope.ts"
import { requestsOn } from "./requestCounts.ts"
import { type Asked, cancelOnly, type Scope } from "./scope.ts"

class ShieldedScope extends CallbackScope {
  readonly #limit: number | undefined
  override isShielded = true
  // Whether what asks is inside: a timeout or a group, or the driver.
  #isAskedInside = false
  // The last request that was held back.
  #held: CancelledError | undefined = undefined
  // Whether the fiber that waits for the end was interrupted.
  #isAbandoned = false
  #timer: TimerHandle | undefined = undefined

  constructor(limit: number | undefined, ...scope: ConstructorParameters<typeof CallbackScope>) {
    super(...scope)
    this.#limit = limit
    // From now on what is due in the task is not for every step of it: `dueIn` has to search.
    this.task.scopesKeep = true
    const due = this.outer!.pendingCancellation()
    if (due !== undefined) this.#hold(due)
  }

  override passOn(error: CancelledError): Asked | Scope {
    if (!this.isShielded || this.#isAskedInside) return super.passOn(error)
    this.#hold(error)
    return false
  }

  override giveUp(error: CancelledError): void {
    if (!this.isShielded) return super.giveUp(error)
    this.#isAbandoned = true
    this.#hold(error)
  }

  override cancel(error: CancelledError): void {
    this.#isAskedInside = true
    super.cancel(error)
    this.#isAskedInside = false
  }

  override deliverAgain(error: CancelledError): void {
    this.#isAskedInside = true
    super.deliverAgain(error)
    this.#isAskedInside = false
  }

  protected override close(failed: boolean): void {
    this.#timer?.cancelUnsafe()
    super.close(failed)
  }

  /** The time for which requests are held back begins with the first. */
  #hold(error: CancelledError): void {
    this.#held = error
    if (this.#limit === undefined || this.#limit === Infinity) return
    this.#timer ??= this.loop.callLaterUnsafe(
      this.#limit,
      function end_shield(this: void, scope: ShieldedScope) {
        scope.#fall()
      },
      this
    )
  }

  #fall(): void {
    this.isShielded = false
    const held = this.#held!
    if (this.#isAbandoned) return super.giveUp(held)
    // The request has been withdrawn.
    if (requestsOn(this) === 0) return
    // From here on it is delivered inside, and no longer due around.
    this.takeCancellation()
    cancelOnly(this, held)
  }
}

/** Makes shields that hold requests back for `limit` milliseconds at most. */
export const shieldedFor =
  (limit: number | undefined): MakeScope =>
  (...scope) =>
    new ShieldedScope(limit, ...scope)
