/**
 * What tests of promise code need: a loop on virtual time.
 *
 * @since 0.1.0
 */
export {
  DeadlockError,
  type LoopEvent,
  makeVirtualTimeLoop,
  type Schedule,
  type TaskWait,
  type VirtualTimeLoop,
  type VirtualTimeLoopOptions
} from "@effect-asyncio/core/testing"
