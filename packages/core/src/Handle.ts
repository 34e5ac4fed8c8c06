/**
 * Callbacks that wait in the loop's queue.
 *
 * @since 0.1.0
 */
export type { Handle, TimerHandle } from "./internal/model/Handle.ts"
