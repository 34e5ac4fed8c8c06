import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import { type Caller, toFuture } from "./awaitables.ts"
import { askedAgain, cancellationIn } from "./cancellation.ts"
import { FutureImpl } from "./future.ts"
import { isInstance, nameOf, plain, safely } from "./text.ts"

export const makeShield = (caller: Caller, awaitable: unknown): FutureImpl => {
  const inner = toFuture(caller, awaitable)
  if (inner.done()) return inner
  const outer = new FutureImpl(inner.loop)

  const innerDone = () => {
    if (outer.cancelled()) return
    // Without the message, as in CPython: it is not the waiting task's.
    if (inner.cancelled()) outer.cancelWith(askedAgain(cancellationIn(inner.exit!)!))
    else outer.setExitUnsafe(inner.retrieve())
  }
  const outerDone = () => {
    if (inner.done()) return
    inner.removeDoneCallbackUnsafe(innerDone)
    // Two shields of one future that are both cancelled tell of its failure once.
    inner.removeDoneCallbackUnsafe(tellOfFailure)
    inner.addCallback(tellOfFailure, "_log_on_exception")
  }

  // In CPython this entry stands before the others and only maintains the call graph; it keeps their order, and says
  // who waits.
  if (caller.task !== undefined) inner.addCallback(() => {}, "shield.<locals>._clear_awaited_by_callback", caller.task)
  inner.addCallback(innerDone, "shield.<locals>._inner_done_callback")
  outer.addCallback(outerDone, "shield.<locals>._outer_done_callback")
  return outer
}

const kindOf = (error: Error): string => {
  const name = safely<unknown, undefined>(() => error.name, undefined)
  return plain(typeof name === "string" ? name : nameOf(safely(() => error.constructor, undefined)))
}

const tellOfFailure = (inner: FutureImpl): void => {
  if (inner.cancelled()) return
  const exit = inner.exitUnsafe()!
  if (Exit.isSuccess(exit)) return
  const exception = Cause.squash(exit.cause)
  const name = isInstance(exception, Error) ? kindOf(exception) : typeof exception
  const context = {
    // When: what `shield` protects failed after the one who waited for it was cancelled: nobody is left to tell.
    message: `${name} exception in shielded future`,
    hint: "Keep a reference to what is shielded, and await it as well.",
    exception,
    cause: exit.cause,
    future: String(inner)
  }
  inner.loop.callExceptionHandlerUnsafe(context, inner.services)
}
