/**
 * Looking into running programs of `@effect-asyncio/core` and `@effect-asyncio/compat`.
 *
 * @since 0.1.0
 */
export * from "./errors.ts"
export type {
  AwaitRow,
  CancellationRow,
  Dump,
  EndedRow,
  FrameRow,
  Hello,
  LoopRow,
  ObjectRow,
  Ref,
  RemoteRow,
  TaskRow
} from "./protocol.ts"
export { protocolVersion } from "./protocol.ts"
export { record } from "./recorder/recorder.ts"
export type { Recorder, RecordOptions } from "./recorder/recorder.ts"
export type { Trace, TraceEvent } from "./recorder/traceEvents.ts"
export { serve } from "./serve.ts"
export type { ServeOptions, Serving } from "./serve.ts"
export type { WriteOptions } from "./target/writing.ts"
export type { BusyRow, CpuProfile, ProfileNode } from "./profile/cpuProfile.ts"
export { dumpOf } from "./dumpOf.ts"
export { psRows, psTable } from "./text/ps.ts"
export type { PsRow } from "./text/ps.ts"
export { pstree, trees } from "./text/pstree.ts"
export type { TreeNode } from "./text/pstree.ts"
