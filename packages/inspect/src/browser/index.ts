/**
 * Looking into a page, and its workers, from a page: what `@effect-asyncio/inspect/browser` is. Nothing of it needs Node.js.
 *
 * @since 0.1.0
 */
export { InspectError } from "../errors.ts"
export type { RecordOptions } from "../recorder/recorder.ts"
export { mountDashboard, openDashboard } from "./dashboard.ts"
export type { Panel, PanelOptions } from "./dashboard.ts"
export { serveTo } from "./serveTo.ts"
export type { ServeToOptions, ServingTo } from "./serveTo.ts"
export { portFrom, serveToWindow } from "./windows.ts"
