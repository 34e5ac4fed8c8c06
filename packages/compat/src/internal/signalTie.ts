/**
 * Tasks that an AbortSignal of the program cancels. A signal gets one listener, however many tasks it is given to: the host would take
 * a listener for each for a leak, and would search all of them to remove one.
 */
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type { AnyTask } from "@effect-asyncio/core/lowlevel"
import { cancellationBehind } from "./words.ts"

class SignalTie {
  readonly #signal: AbortSignal
  // In the order in which `tie` was given them, which is the order in which the signal cancels them.
  readonly #tasks = new Set<AnyTask>()

  constructor(signal: AbortSignal) {
    this.#signal = signal
    signal.addEventListener("abort", this.#abort)
  }

  add(task: AnyTask): void {
    this.#tasks.add(task)
    const release = () => this.#release(task)
    task.addDoneCallbackUnsafe(function release_signal() {
      release()
    })
  }

  #release(task: AnyTask): void {
    this.#tasks.delete(task)
    if (this.#tasks.size > 0) return
    this.#signal.removeEventListener("abort", this.#abort)
    ties.delete(this.#signal)
  }

  readonly #abort = (): void => {
    for (const task of Array.from(this.#tasks)) cancelBecauseOf(task, this.#signal)
  }
}

const ties = new WeakMap<AbortSignal, SignalTie>()

/** Cancels `task` when `signal` aborts, with the message of its reason: at once if it has. */
export const tie = (task: AnyTask, signal: AbortSignal): void => {
  if (signal.aborted) return cancelBecauseOf(task, signal)
  const known = ties.get(signal)
  const found = known ?? new SignalTie(signal)
  if (known === undefined) ties.set(signal, found)
  found.add(task)
}

// A signal that aborts because a task was cancelled passes that on: the kind, and `requestedBy`.
const cancelBecauseOf = (task: AnyTask, { reason }: AbortSignal): void => {
  const behind = cancellationBehind(reason)
  if (behind === undefined) task.cancelUnsafe(messageOf(reason), { kind: "signal", cause: reason })
  else lowlevel.cancelLikeUnsafe(task, behind, messageOf(reason))
}

/** The text of a reason, which may be anything: also an object that throws when it is read. */
const messageOf = (reason: unknown): string => {
  try {
    return String(reason instanceof Error ? reason.message : reason)
  } catch {
    return "a reason without a text"
  }
}
