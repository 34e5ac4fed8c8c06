/**
 * What is left of a task that is over.
 */
import type { CancellationKind } from "./cancellationKinds.ts"
import type { Labels } from "./Task.ts"

/**
 * A task that has ended, as plain data. It does not keep the task alive.
 *
 * @category models
 * @since 0.1.0
 */
export interface EndedTask {
  readonly id: number
  readonly name: string
  readonly labels: Labels
  /** The task that created it, if one did. */
  readonly createdBy: { readonly id: number | undefined; readonly name: string } | undefined
  readonly outcome: "finished" | "failed" | "cancelled"
  /** What it has failed with, as a string. */
  readonly error: string | undefined
  /** If it was cancelled, the kind of that stop. */
  readonly kind: CancellationKind | undefined
  /** If it was cancelled, why. */
  readonly reason: string | undefined
  /** If it was cancelled, what has asked for that, if that was a task or has a name. */
  readonly requestedBy: { readonly id: number | undefined; readonly name: string } | undefined
  /** When it was created, in milliseconds on the loop's clock. */
  readonly createdAt: number
  /** When it ended, in milliseconds on the loop's clock. */
  readonly endedAt: number
  /** How long that took, in milliseconds. */
  readonly duration: number
}
