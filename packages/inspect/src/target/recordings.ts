/**
 * What recorders have of a program: traces, and the steps for a profile.
 */
import type { TracePiece } from "../protocol.ts"
import { type Steps, stepsOf } from "../profile/steps.ts"
import { LoopsRecorder, type RecorderHost } from "../recorder/loopsRecorder.ts"
import type { RecordOptions } from "../recorder/recorder.ts"
import type { Trace } from "../recorder/traceEvents.ts"
import { keep, type Numbers } from "./unfinished.ts"

/** So many events of a trace are read at one moment. */
const eventsPerPiece = 5000
/** For so many steps of a profile there is room: some seconds of a program that does nothing else. */
const stepsOfProfile = 2 ** 20

/** What a host has for recordings. */
export interface RecordingHost extends RecorderHost {
  /** Now, in microseconds on the clock of the profiler. */
  readonly profilerNow: () => number
}

interface TracePart {
  readonly dump: number
  readonly pieces: ReadonlyArray<TracePiece>
  readonly more: boolean
}

const emptyTrace: Trace = { traceEvents: [], displayTimeUnit: "ms", otherData: {} }

/** The recorder of a program, and one for profiles. */
export class Recordings {
  readonly #name: string | undefined
  readonly #host: RecordingHost
  readonly #numbers: Numbers
  #recorder: LoopsRecorder | undefined = undefined
  // How many have asked for it that did not run before.
  #recordings = 0
  #steps: LoopsRecorder | undefined = undefined
  readonly #traces = new Map<number, Array<TracePiece>>()

  constructor(
    name: string | undefined,
    record: boolean | RecordOptions | undefined,
    host: RecordingHost,
    numbers: Numbers
  ) {
    this.#name = name
    this.#host = host
    this.#numbers = numbers
    if (record !== undefined && record !== false) {
      this.#recorder = new LoopsRecorder({ name, ...(record === true ? {} : record) }, host)
    }
  }

  /** The recorder that runs. */
  running(): LoopsRecorder | undefined {
    return this.#recorder
  }

  /** Records from now on for one client; false where a recorder runs that has what was before. */
  start(): boolean {
    if (this.#recorder !== undefined && this.#recordings === 0) return false
    // Not for ever, and a thread that counts would begin too late.
    this.#recorder ??= new LoopsRecorder({ name: this.#name, precise: true }, this.#host)
    this.#recordings++
    return true
  }

  /** One client needs it no more. */
  end(): void {
    if (--this.#recordings === 0) this.#stopRecorder()
  }

  #stopRecorder(): void {
    this.#recorder?.stop()
    this.#recorder = undefined
  }

  /** What was recorded, or the last so many milliseconds of it: its first part. */
  beginTrace(last?: number | null): TracePart {
    const { traceEvents, ...trace } = this.#recorder?.trace(last ?? undefined) ?? emptyTrace
    const pieces: Array<TracePiece> = [{ trace }]
    for (let from = 0; from < traceEvents.length; from += eventsPerPiece) {
      pieces.push({ events: traceEvents.slice(from, from + eventsPerPiece) })
    }
    const dump = keep(this.#traces, this.#numbers, pieces)
    return { dump, ...this.nextOfTrace(dump) }
  }

  nextOfTrace(trace: number): Omit<TracePart, "dump"> {
    const pieces = this.#traces.get(trace) ?? []
    const some = pieces.splice(0, 2)
    if (pieces.length === 0) this.#traces.delete(trace)
    return { pieces: some, more: pieces.length > 0 }
  }

  /** Records when each step begins and ends, for a profile. There is one profiler: false where it is taken. */
  startSteps(): boolean {
    if (this.#steps !== undefined) return false
    this.#steps = new LoopsRecorder({ events: stepsOfProfile, precise: true }, this.#host)
    return true
  }

  stopSteps(): Steps {
    const recorder = this.#steps
    this.#steps = undefined
    if (recorder === undefined) return { from: [], to: [], name: [], names: [], cut: false }
    const steps = stepsOf(recorder, this.#host.profilerNow())
    recorder.stop()
    return steps
  }

  /** Records no more. */
  stop(): void {
    this.#stopRecorder()
    this.#steps?.stop()
  }
}
