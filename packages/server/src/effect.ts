/**
 * Requests of Effect's HTTP and RPC servers as tasks, and services that are Effects: what this package has for core.
 *
 * @since 0.1.0
 */
export * from "./effect/detach.ts"
export * from "./effect/inspectionRoutes.ts"
export * from "./effect/requestTask.ts"
export * from "./effect/rpcTasks.ts"
export * from "./effect/serve.ts"
export type { InspectionOptions, TaskReport, TasksReport } from "./inspection.ts"
export * from "./RequestError.ts"
export type { RequestLimits } from "./RequestLimits.ts"
export type { IgnoringWork, ServeOptions, ServeReport, ServiceHandle, ServiceState, TrackedServer } from "./Service.ts"
