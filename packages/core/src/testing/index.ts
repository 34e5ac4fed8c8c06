/**
 * What tests of programs on this package need: virtual time, and a look for tasks that nothing can wake.
 *
 * @since 0.1.0
 */
export * from "./leaks.ts"
export * from "./virtualTime.ts"
export type { Schedule } from "./schedule.ts"
export type { LoopEvent, TaskWait } from "./watching.ts"
