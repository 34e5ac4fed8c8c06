/**
 * What tests of programs on this package need: virtual time.
 *
 * @since 0.1.0
 */
export * from "./virtualTime.ts"
export type { Schedule } from "./schedule.ts"
export type { LoopEvent, TaskWait } from "./watching.ts"
