/**
 * heldRuns.ts for browsers: a page ends when its reader leaves it, and nothing tells what else could wake a task.
 */
import { keepAlive } from "../host/host.ts"

export const holdRun: typeof import("./heldRuns.ts").holdRun = () => keepAlive()
