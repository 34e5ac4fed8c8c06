import { type Caller, toFuture } from "./awaitables.ts"
import { cancellationIn } from "../task/cancellation.ts"
import type { DoneEntry } from "../task/doneEntries.ts"
import { FutureImpl } from "../task/future.ts"
import type { TaskImpl } from "../task/task.ts"
import { retold } from "../task/retelling.ts"

export const makeShield = (caller: Caller, awaitable: unknown): FutureImpl => {
  const inner = toFuture(caller, awaitable)
  if (inner.done()) return inner
  const outer = new FutureImpl(inner.loop)

  const innerDone = () => {
    if (outer.cancelled()) return
    // Without the message, as in CPython: that is not the waiting task's.
    if (inner.cancelled()) outer.cancelWith(retold(cancellationIn(inner.exit!)!))
    else outer.setExitUnsafe(inner.retrieve())
  }
  const outerDone = () => {
    if (inner.done()) return
    if (waits !== undefined) inner.removeEntry(waits)
    inner.removeDoneCallbackUnsafe(innerDone)
    // Two shields of one future that are both cancelled tell of its failure once.
    inner.removeDoneCallbackUnsafe(tellOfFailure)
    inner.addCallback(tellOfFailure, "_log_on_exception")
  }

  // In CPython this entry stands before the others and only maintains the call graph; it keeps their order, and names
  // the waiting task.
  const waits = caller.task === undefined ? undefined : new WaitsBehind(caller.task)
  if (waits !== undefined) inner.addEntry(waits)
  inner.addCallback(innerDone, "shield.<locals>._inner_done_callback")
  outer.addCallback(outerDone, "shield.<locals>._outer_done_callback")
  return outer
}

/** Names the task that waits behind a shield, as long as one does. */
class WaitsBehind implements DoneEntry {
  dead = false
  readonly awaiter: TaskImpl

  constructor(awaiter: TaskImpl) {
    this.awaiter = awaiter
  }

  get label(): string {
    return "shield.<locals>._clear_awaited_by_callback()"
  }

  run(): void {}
}

/** Has a failure that is never retrieved reported as one behind a shield. The program may still retrieve it from the shielded task. */
const tellOfFailure = ({ unretrieved }: FutureImpl): void => {
  if (unretrieved !== undefined) unretrieved.shielded = true
}
