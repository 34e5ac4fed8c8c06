/**
 * Failures that were not retrieved yet.
 *
 * CPython reports such a failure when the task is collected. We do the same, and report what is left when the loop
 * closes, so that a short program is never silent. A report therefore must not refer to its task.
 */
import type * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import { onProcessEnd } from "../host/host.ts"
import type { ContextValues } from "../model/variables.ts"

/** How a task or future prints. Both are only called when the failure is reported, and neither refers to the task. */
export interface Description {
  readonly repr: () => string
  readonly createdAt: () => string | undefined
}

/** What is known of a failure without the task that failed. */
export interface UnretrievedFailure {
  readonly kind: "Task" | "Future"
  readonly error: unknown
  readonly cause: Cause.Cause<unknown>
  readonly description: Description
  /** The task that waited behind a shield had been cancelled before the failure. */
  shielded?: boolean
  /** The context variables of the task that failed: the exception handler sees them. */
  readonly variables: ContextValues | undefined
  /** The services of the code that failed, whose loggers hear of it. They do not lead to a task. */
  readonly services: Context.Context<never>
}

interface Registry {
  register(target: object, held: () => void, token: object): void
  unregister(token: object): void
}

const Registry = (globalThis as { FinalizationRegistry?: new (f: (held: () => void) => void) => Registry })
  .FinalizationRegistry

// Failures on loops that are never closed: these are reported when the process ends.
const atExit = new Set<UnretrievedFailures>()
let listening = false

const reportAtExit = (failures: UnretrievedFailures): void => {
  if (!listening) {
    listening = true
    onProcessEnd(() => {
      for (const left of atExit) left.reportAll()
    })
  }
  atExit.add(failures)
}

export class UnretrievedFailures {
  /** Whether the process may end with the loop still open. */
  untilExit = false
  readonly #report: (failure: UnretrievedFailure) => void
  readonly #pending = new Set<UnretrievedFailure>()
  readonly #collected = Registry === undefined ? undefined : new Registry((report) => report())

  constructor(report: (failure: UnretrievedFailure) => void) {
    this.#report = report
  }

  /** Remembers that `owner` failed. */
  add(owner: object, failure: UnretrievedFailure): void {
    this.#pending.add(failure)
    if (this.untilExit) reportAtExit(this)
    this.#collected?.register(owner, () => this.#tell(failure), failure)
  }

  /** Forgets a failure: it was retrieved, or `#tell` is about to report it. */
  delete(failure: UnretrievedFailure): void {
    this.#pending.delete(failure)
    if (this.#pending.size === 0) atExit.delete(this)
    this.#collected?.unregister(failure)
  }

  /** Reports whatever is left, oldest first. */
  reportAll(): void {
    for (const failure of this.#pending) this.#tell(failure)
  }

  #tell(failure: UnretrievedFailure): void {
    if (!this.#pending.has(failure)) return
    this.delete(failure)
    this.#report(failure)
  }
}
