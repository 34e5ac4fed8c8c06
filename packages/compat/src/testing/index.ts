/**
 * What tests of promise code need: a loop on virtual time.
 *
 * @since 0.1.0
 */
export { DeadlockError, makeVirtualTimeLoop, type VirtualTimeLoop } from "@effect-asyncio/core/testing"
