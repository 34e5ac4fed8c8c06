/**
 * The flight recorder: the last things that the tasks of this process have done.
 *
 * @since 0.1.0
 */
import { writeFileSync } from "node:fs"
import { programName } from "../folder.ts"
import { LoopsRecorder } from "./loopsRecorder.ts"
import { ticking } from "./ticking.ts"
import type { Trace } from "./traceEvents.ts"

/**
 * Options of {@link record}.
 *
 * @category models
 * @since 0.1.0
 */
export interface RecordOptions {
  /** How many events are kept, the next power of two of it: 65,536 by default, which take 1.5 MB. A step is one event or two. */
  readonly events?: number | undefined
  /** Whether the clock is read at each event. By default times are exact to a millisecond or two, at a fraction of the price. */
  readonly precise?: boolean | undefined
  /** What the process is called in traces: the name of its program by default. */
  readonly name?: string | undefined
}

/**
 * A recorder that runs.
 *
 * @category models
 * @since 0.1.0
 */
export interface Recorder {
  /** What was recorded, or the last so many milliseconds of it. */
  trace(last?: number): Trace
  /** Writes that into a file, which Perfetto and Chromium open. */
  write(file: string, last?: number): void
  /** Forgets all, and records no more. */
  stop(): void
}

/**
 * Records what the tasks of all loops of this thread do from now on, in a ring that is made once.
 *
 * **Details**
 *
 * It is for programs in production: what it costs is on the page. Steps that begin and end in the same millisecond are in their order, and
 * in equal distances, unless `precise` is set. Names are as they were when a task was made or has ended.
 *
 * **Example** (What went before an error)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 * import { record } from "@effect-asyncio/inspect"
 *
 * const recorder = record()
 * await asyncio.run(async () => {
 *   await asyncio.createTask(async () => {}, { name: "worker" })
 * })
 * const names = recorder.trace().traceEvents.flatMap(({ args, name }) => (name === "thread_name" ? [args?.name] : []))
 * recorder.stop()
 *
 * names.includes("worker") // => true
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const record = (options: RecordOptions = {}): Recorder => new FileRecorder(options)

class FileRecorder extends LoopsRecorder implements Recorder {
  constructor({ name = programName(), ...options }: RecordOptions) {
    super({ ...options, name }, { pid: process.pid, ticking })
  }

  write(file: string, last?: number): void {
    writeFileSync(file, `${JSON.stringify(this.trace(last))}\n`)
  }
}
