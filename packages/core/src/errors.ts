/**
 * The errors of the task layer.
 *
 * What a caller can act on is typed and can be yielded: {@link CancelledError}, {@link TimeoutError},
 * {@link InvalidStateError}. What is a bug in the program is a defect: {@link RuntimeError}, {@link ValueError}. All
 * of them extend `Error` and keep asyncio's messages to the letter.
 *
 * @since 0.1.0
 */
export type { ErrorNotes } from "./internal/model/hints.ts"
export {
  CancelledError,
  type CancelledErrorFields,
  type CancelledErrorOptions,
  type CancelLink
} from "./internal/model/CancelledError.ts"
export { DeadlockError } from "./internal/model/DeadlockError.ts"
export {
  InvalidStateError,
  KeyboardInterrupt,
  LookupError,
  RuntimeError,
  Terminated,
  TimeoutError,
  ValueError
} from "./internal/model/errors.ts"
export { BrokenBarrierError, QueueEmpty, QueueFull, QueueShutDown } from "./internal/model/syncErrors.ts"
