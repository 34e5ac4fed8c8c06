/**
 * What tests of promise code need: a loop on virtual time, and a look for tasks that nothing can wake.
 *
 * @since 0.1.0
 */
export {
  assertNoLeaks,
  DeadlockError,
  LeakError,
  type LoopEvent,
  makeVirtualTimeLoop,
  type Schedule,
  type TaskWait,
  type VirtualTimeLoop,
  type VirtualTimeLoopOptions
} from "@effect-asyncio/core/testing"
