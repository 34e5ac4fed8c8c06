/**
 * Tools of the Model Context Protocol as tasks.
 *
 * @since 0.1.0
 */
export { type AnyClient, callTool, type CallToolOptions, type ToolResult } from "./callTool.ts"
export { type DetailedTask, McpTasks, type McpTasksOptions, type TaskFacts, type TaskStatus } from "./McpTasks.ts"
export { type ProgressOptions, reportProgress } from "./progress.ts"
export { type InputRequest, requestInput } from "./requestInput.ts"
export { type AnyHttpHandler, taskNotifications } from "./taskNotifications.ts"
export { type AnyServer, type TaskSupport, toolTasks, type ToolTasksOptions } from "./toolTasks.ts"
