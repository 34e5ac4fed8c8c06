/**
 * What a loop says that cannot listen to signals.
 */
import { RuntimeError } from "../model/errors.ts"
import { withHint } from "../model/hints.ts"

// When: `addSignalHandler` in a browser or a worker.
export const noSignals = (): RuntimeError =>
  withHint(new RuntimeError("this host has no signals"), "Only the main thread of Node.js, Bun and Deno has them.")
