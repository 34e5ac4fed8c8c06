// For the test files of a bundle for browsers.
import { nextMacrotask } from "../../../core/src/internal/host/host.ts"

/**
 * Has a place among the loop's own macrotasks, as on Node.js, where both go through the host's. A browser promises no order
 * between one message channel and another, or a timer.
 */
export const setImmediate = <Args extends ReadonlyArray<unknown>>(f: (...args: Args) => void, ...args: Args): void =>
  nextMacrotask(() => f(...args))
