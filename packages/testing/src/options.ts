/**
 * What users of both kinds of programs may say.
 */
import type { Progress } from "./run/patience.ts"
import type { CheckName, Outcome } from "./run/subject.ts"

/**
 * What is to hold when a run of a program is over, and how it is run.
 *
 * @category models
 * @since 0.1.0
 */
export interface ProgramOptions<in out S, out V = unknown> {
  /** Makes what the program works on, anew for each run and without waiting: the program and `check` are given it. */
  readonly setup?: (() => S) | undefined
  /** Your own check of what a run has left: it throws, or gives a promise that rejects, where something does not hold. */
  readonly check?: ((state: S, outcome: Outcome) => V) | undefined
  /** Which of the checks are left out. */
  readonly ignore?: ReadonlyArray<CheckName> | undefined
  /** Which failures of the program are as they should be; by default cancellations, timeouts, and what it always fails with. */
  readonly allowError?: ((error: unknown) => boolean) | undefined
  /**
   * Whether `setTimeout`, `setInterval`, `AbortSignal.timeout`, `node:timers/promises`, `Date` and `performance.now` go by the time of
   * the loop, in code that the program calls. They do by default.
   */
  readonly hostTime?: boolean | undefined
  /** How many steps of tasks a run may take before it is said to go on for ever: 100,000 by default. */
  readonly maxSteps?: number | undefined
  /** Ends the search early; so does Ctrl-C. */
  readonly signal?: AbortSignal | undefined
  /** Hears how far the search is; by default the terminal does, if there is one, once a search takes more than two seconds. */
  readonly onProgress?: ((progress: Progress) => void) | undefined
  /** Whether the picture of a failure is written to a file in the folder for temporary files. It is by default. */
  readonly picture?: boolean | undefined
}

/**
 * Options of `sweep`.
 *
 * @category models
 * @since 0.1.0
 */
export interface SweepOptions<in out S, out V = unknown> extends ProgramOptions<S, V> {
  /** Cancels at this place alone: what a failure says to see it again. */
  readonly at?: string | undefined
  /**
   * What is cancelled at each place: its task, the main task, each group that has tasks there, each timeout that runs. These by default;
   * `"others"` are the other tasks, each alone: what a task has been given since it began to wait may be lost with it. It takes many runs.
   */
  readonly victims?: ReadonlyArray<"task" | "main" | "groups" | "timeouts" | "others"> | undefined
  /** How many runs to spend on cancelling twice, the second time behind the first: none by default, `true` for 1000. */
  readonly pairs?: number | boolean | undefined
  /**
   * Whether tasks are cancelled between the operations of Effect's fibers as well, in programs that run plain fibers: `Effect.all`, `Effect.race`,
   * `Effect.forkChild`. Fibers then give way after a few operations, as they do in the middle of a long computation. It takes many runs.
   */
  readonly betweenOperations?: boolean | undefined
  /** The most runs with one cancellation, 10,000 by default: of more places an even part is tried. */
  readonly limit?: number | undefined
}

/**
 * How schedules are chosen.
 *
 * **Details**
 *
 * - `"random"`: at each decision something else than usual, one time in four.
 * - `"pct"`: few deviations, at places that are spread over the whole run. Finds, with a probability that is known, what needs a few
 *   ([Burckhardt and others, ASPLOS 2010](https://www.microsoft.com/en-us/research/publication/a-randomized-scheduler-with-probabilistic-guarantees-of-finding-bugs/)).
 * - `"exhaustive"`: all schedules with one deviation, then all with two, and so on up to `deviations`: for small programs.
 *
 * @category models
 * @since 0.1.0
 */
export type Strategy = "random" | "pct" | "exhaustive"

/**
 * Options of `explore` and `replay`.
 *
 * @category models
 * @since 0.1.0
 */
export interface ExploreOptions<in out S, out V = unknown> extends ProgramOptions<S, V> {
  /** The most runs, 1000 by default. */
  readonly schedules?: number | undefined
  /** Where the chance begins: the same seed tries the same schedules. 1 by default. */
  readonly seed?: number | undefined
  /** `"pct"` by default. */
  readonly strategy?: Strategy | undefined
  /** The most deviations of one schedule: of `"pct"` and `"exhaustive"`; 3 and 2 by default. */
  readonly deviations?: number | undefined
  /**
   * What `asyncio.sleep` is. `"exact"`, the default: a time, which passes exactly, or a little more. `"work"`: it stands for something whose
   * time is not known, and takes from nothing to three times as long.
   */
  readonly sleeps?: "exact" | "work" | undefined
  /**
   * Which step comes next. `"fifo"`, the default: the first on the queue, as in each run. `"anyOrder"`: any of them: for code that must not
   * rely on the order, of a library for one. It finds races which this loop does not have.
   */
  readonly order?: "fifo" | "anyOrder" | undefined
}
