/**
 * What a reader does with a timeline: runs the program, steps through it, cancels a task and looks again.
 *
 *     not run ──start──▶ at a position 0..count ◀──cancelAt, again and again: the program is run anew
 *
 * Without a browser in it, so that it is tested without one: Timeline.vue shows it, and hands over the loading of the program.
 */
import { computed, ref, shallowRef } from "vue"
import { endText, nameOf, stepText, timeText, traceText } from "../../packages/testing/src/timeline/describe.ts"
import { layout } from "../../packages/testing/src/timeline/layout.ts"
import type { Program, RecordOptions } from "../../packages/testing/src/timeline/record.ts"
import { outputOf, type Trace } from "../../packages/testing/src/timeline/trace.ts"

/** What is only loaded when a reader wants to see a program run. */
export interface Loaded {
  readonly program: Program
  readonly record: (program: Program, options?: RecordOptions) => Promise<Trace>
}

/** A cancellation of the reader's: the task, and which of its stops. */
export interface Choice {
  readonly task: number
  readonly stop: number
}

export interface PlayerOptions {
  readonly load: () => Promise<Loaded>
  /** Calls back after the pause between two steps; what it returns prevents that. */
  readonly later: (callback: () => void) => () => void
}

export type Player = ReturnType<typeof makePlayer>

export const makePlayer = ({ later, load }: PlayerOptions) => {
  /** The program as it is, and as it runs with the reader's cancellation. */
  const plain = shallowRef<Trace>()
  const trace = shallowRef<Trace>()
  /** How many steps are over. */
  const position = ref(0)
  const playing = ref(false)
  const loading = ref(false)
  const problem = ref<string>()
  const choice = shallowRef<Choice>()
  let loaded: Loaded | undefined
  let stopPlaying: (() => void) | undefined
  // Counts the runs that were asked for: only the last may show what it has found.
  let runs = 0

  const count = computed(() => trace.value?.steps.length ?? 0)
  const picture = computed(() => (trace.value === undefined ? undefined : layout(trace.value)))
  const stops = computed(() => (plain.value === undefined ? [] : layout(plain.value).stops))
  const steps = computed(() => (trace.value === undefined ? [] : traceText(trace.value)))
  const output = computed(() => (trace.value === undefined ? [] : outputOf(trace.value, position.value)))

  /** Where we are, in words. */
  const status = computed((): string => {
    if (problem.value !== undefined) return problem.value
    const now = trace.value
    if (now === undefined) return ""
    if (position.value === 0) return "The program has not begun."
    const step = position.value - 1
    const text = `Step ${position.value} of ${count.value}, at ${timeText(now.steps[step]!.time)}: ${stepText(now, step)}.`
    return position.value === count.value ? `${text} ${endText(now)}` : text
  })

  /** What the reader's cancellation changes, in words. */
  const comparison = computed((): string => {
    const chosen = choice.value
    if (chosen === undefined || trace.value === undefined || plain.value === undefined) return ""
    const asked = `You ask ${nameOf(plain.value, chosen.task)} to cancel itself ${stops.value[chosen.task]![chosen.stop]!.label}.`
    const printsTheSame = outputOf(plain.value).join("\n") === outputOf(trace.value).join("\n")
    return `${asked} The program prints ${printsTheSame ? "the same" : "something else"}. ${endText(trace.value)}`
  })

  const pause = () => {
    stopPlaying?.()
    playing.value = false
  }

  /** Loads and runs the program, once. Whether it is there to be shown. */
  const start = async (): Promise<boolean> => {
    if (trace.value !== undefined) return true
    if (loading.value) return false
    loading.value = true
    problem.value = undefined
    try {
      loaded = await load()
      plain.value = trace.value = await loaded.record(loaded.program)
      return true
    } catch (error) {
      problem.value = `The program cannot be run here: ${String(error)}`
      return false
    } finally {
      loading.value = false
    }
  }

  const goTo = (step: number) => {
    position.value = Math.min(Math.max(step, 0), count.value)
  }

  const playOn = () => {
    if (position.value >= count.value) return pause()
    goTo(position.value + 1)
    stopPlaying = later(playOn)
  }

  return {
    plain,
    trace,
    position,
    playing,
    loading,
    problem,
    choice,
    count,
    picture,
    stops,
    steps,
    output,
    status,
    comparison,
    start,
    pause,

    /** Plays from where it is, or from the beginning when it is at the end; a second call pauses. */
    toggle: async () => {
      if (playing.value) return pause()
      if (!(await start())) return
      if (position.value >= count.value) goTo(0)
      playing.value = true
      playOn()
    },

    /** Goes so many steps forward, or back. */
    step: async (by: number) => {
      pause()
      if (await start()) goTo(position.value + by)
    },

    goTo: (step: number) => {
      pause()
      goTo(step)
    },

    /** Back to the beginning, without a cancellation. */
    reset: () => {
      pause()
      runs++
      choice.value = undefined
      trace.value = plain.value
      goTo(0)
    },

    /** Runs the program again, with a cancellation or without, and shows all of it. */
    cancelAt: async (chosen: Choice | undefined) => {
      pause()
      const run = ++runs
      choice.value = chosen
      if (chosen === undefined || loaded === undefined) {
        trace.value = plain.value
        return goTo(count.value)
      }
      const { at } = stops.value[chosen.task]![chosen.stop]!
      const found = await loaded.record(loaded.program, { cancel: { task: chosen.task, at } })
      if (run !== runs) return
      trace.value = found
      goTo(count.value)
    }
  }
}
