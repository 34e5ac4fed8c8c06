/**
 * What kinds of cancellation there are, and how a program adds its own.
 *
 * @since 0.1.0
 */
export type { CancellationKind, CancellationKinds, CancelledErrorOf, CancelOptions } from "@effect-asyncio/core"
