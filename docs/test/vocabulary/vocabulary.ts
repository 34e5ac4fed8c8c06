/**
 * The vocabulary beyond asyncio's.
 */

/** Where somebody comes from who looks for a name by what they know it as. */
export type Origin = "asyncio" | "promises" | "effect"

export const everybody: ReadonlyArray<Origin> = ["asyncio", "promises", "effect"]
// A promise has no such thing, or Python's own name is kept.
const asyncioOnly: ReadonlyArray<Origin> = ["asyncio"]

/** Who has something of the kind, and looks for it by another name. */
export const vocabulary: Record<string, ReadonlyArray<Origin>> = {
  abortable: ["asyncio", "promises"],
  addSignalHandler: asyncioOnly,
  anyOf: everybody,
  BackgroundTasks: ["promises"],
  callSoonThreadsafe: asyncioOnly,
  cancelAndWait: everybody,
  cancelTree: everybody,
  catchCancelled: everybody,
  catchGroup: everybody,
  ContextVar: everybody,
  copyContext: asyncioOnly,
  createdBy: everybody,
  createTaskScoped: ["effect"],
  currentSignal: ["promises"],
  defaultExceptionHandler: asyncioOnly,
  detached: everybody,
  discard: ["promises", "effect"],
  endedTasks: ["promises", "effect"],
  exceptionOf: ["effect"],
  findTask: everybody,
  findTasks: everybody,
  getExceptionHandler: asyncioOnly,
  isCancelled: ["promises"],
  keepEndedTasks: everybody,
  kind: everybody,
  labels: everybody,
  layer: ["effect"],
  leaves: ["asyncio", "promises"],
  Loop: ["effect"],
  mapTasks: everybody,
  moveOn: everybody,
  onFailure: everybody,
  promote: everybody,
  race: everybody,
  recognizeCancellation: ["promises"],
  requests: ["asyncio", "effect"],
  reset: asyncioOnly,
  restart: everybody,
  runEffect: ["promises"],
  scopedLoop: ["effect"],
  shielded: everybody,
  signals: everybody,
  split: asyncioOnly,
  taskLogger: ["effect"],
  taskMetrics: ["effect"],
  staggered: everybody,
  start: everybody,
  threadPool: everybody,
  toEffect: ["promises", "effect"],
  Token: asyncioOnly,
  toThread: everybody,
  withLoop: ["effect"],
  withTaskSpan: ["effect"]
}
