/**
 * Callbacks that wait for their turn on the loop.
 *
 * @since 0.1.0
 */
export type { Handle, TimerHandle } from "./internal/model/Handle.ts"
