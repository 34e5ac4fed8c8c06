/**
 * Requests as tasks, and a shutdown that ends.
 *
 * @since 0.1.0
 */
export * from "./detach.ts"
export * from "./RequestError.ts"
export type { RequestLimits } from "./RequestLimits.ts"
export * from "./RequestTasks.ts"
export * from "./serve.ts"
export type * from "./Service.ts"
