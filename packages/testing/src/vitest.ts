/**
 * Tests in vitest: `it.task`, `it.sweep` and `it.explore`, for async functions on compat, and by `.core` for Effects.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import * as vitest from "vitest"
import type { ExploreOptions, SweepOptions } from "./options.ts"
import type { EffectOptions } from "./core.ts"
import { exploreSubject } from "./explore.ts"
import { effects } from "./run/flavours.ts"
import type { Flavour, SubjectOptions } from "./run/subject.ts"
import { sweepSubject } from "./sweep.ts"
import { runTaskTest, type TaskTestOptions } from "./taskTest.ts"

export type { TaskTestOptions } from "./taskTest.ts"

/** How long a test may take, in milliseconds of real time. */
interface Timed {
  readonly timeout?: number | undefined
}

type Context = vitest.TestContext

/**
 * Makes tests of programs of one kind.
 *
 * @category models
 * @since 0.1.0
 */
export interface TestFunction<Body, Options> {
  (name: string, body: Body, options?: Options & Timed): void
  /** Only tests that are made so run. */
  readonly only: (name: string, body: Body, options?: Options & Timed) => void
  /** The test does not run. */
  readonly skip: (name: string, body: Body, options?: Options & Timed) => void
  /** The test has to fail. */
  readonly fails: (name: string, body: Body, options?: Options & Timed) => void
  /** The test runs beside others of its file. */
  readonly concurrent: (name: string, body: Body, options?: Options & Timed) => void
}

/**
 * Makes searches for programs of one kind. What `setup` makes is of a type of its own in each.
 *
 * @category models
 * @since 0.1.0
 */
export interface SearchFunction<Kind extends "compat" | "core", What extends "sweep" | "explore"> {
  <S = undefined>(name: string, program: ProgramOf<Kind, S>, options?: SearchOptions<Kind, What, S> & Timed): void
  /** Only tests that are made so run. */
  readonly only: <S = undefined>(
    name: string,
    program: ProgramOf<Kind, S>,
    options?: SearchOptions<Kind, What, S> & Timed
  ) => void
  /** The test does not run. */
  readonly skip: <S = undefined>(
    name: string,
    program: ProgramOf<Kind, S>,
    options?: SearchOptions<Kind, What, S> & Timed
  ) => void
  /** The test has to fail. */
  readonly fails: <S = undefined>(
    name: string,
    program: ProgramOf<Kind, S>,
    options?: SearchOptions<Kind, What, S> & Timed
  ) => void
  /** The test runs beside others of its file. */
  readonly concurrent: <S = undefined>(
    name: string,
    program: ProgramOf<Kind, S>,
    options?: SearchOptions<Kind, What, S> & Timed
  ) => void
}

type ProgramOf<Kind, S> = Kind extends "compat"
  ? (state: S) => PromiseLike<unknown>
  : Effect.Effect<unknown, unknown> | ((state: S) => Effect.Effect<unknown, unknown>)

type SearchOptions<Kind, What, S> = Kind extends "compat"
  ? What extends "sweep"
    ? SweepOptions<S>
    : ExploreOptions<S>
  : EffectOptions<What extends "sweep" ? SweepOptions<S> : ExploreOptions<S>, S>

type AnyBody = never
type AnyTest = TestFunction<AnyBody, object>

// A search takes as long as it has runs.
const searchTimeout = 60_000

/** The async functions' flavour is loaded when a test needs it: a program of Effects need not have compat. */
const compat = async (): Promise<Flavour> => (await import("./run/compat.ts")).asyncFunctions
const core = (): Promise<Flavour> => Promise.resolve(effects)

type Run = (flavour: Flavour, body: unknown, options: object, context: Context, name: string) => Promise<unknown>

const testsOf = (flavour: () => Promise<Flavour>, run: Run, timeout: number | undefined): AnyTest => {
  const make =
    (test: (name: string, options: { timeout?: number }, body: (context: Context) => Promise<void>) => void) =>
    (name: string, body: AnyBody, options: object & Timed = {}): void => {
      const { timeout: own = timeout, ...rest } = options
      test(name, own === undefined ? {} : { timeout: own }, async (context) => {
        await run(await flavour(), body, rest, context, name)
      })
    }
  const { it } = vitest
  return Object.assign(make(it), {
    only: make(it.only),
    skip: make(it.skip),
    fails: make(it.fails),
    concurrent: make(it.concurrent)
  })
}

const runTask: Run = (flavour, program, options, context, name) =>
  runTaskTest({ flavour, program, options: { ...(options as SubjectOptions), setup: () => context } }, name)

const runSweep: Run = async (flavour, program, options, context) =>
  sweepSubject({ flavour, program, options }, { signal: context.signal, ...options })

const runExplore: Run = async (flavour, program, options, context) =>
  exploreSubject({ flavour, program, options }, { signal: context.signal, ...options })

const both = (run: Run, timeout?: number) =>
  Object.assign(testsOf(compat, run, timeout), { core: testsOf(core, run, timeout) })

/**
 * Vitest's `it`, and tests that are programs.
 *
 * @category models
 * @since 0.1.0
 */
export interface TaskIt extends vitest.TestAPI {
  /**
   * A test that is the main task of a run on virtual time. It fails also where it leaves a task, a lock or a permit, or where a failure is
   * reported that no code retrieves; then it says which tasks, what they wait for, and which wait for them.
   */
  readonly task: TestFunction<(context: Context) => PromiseLike<unknown>, TaskTestOptions> & {
    /** The same for an Effect, or a function that makes one. */
    readonly core: TestFunction<
      Effect.Effect<unknown, unknown> | ((context: Context) => Effect.Effect<unknown, unknown>),
      TaskTestOptions
    >
  }
  /** A test that sweeps a program: it is cancelled everywhere. */
  readonly sweep: SearchFunction<"compat", "sweep"> & { readonly core: SearchFunction<"core", "sweep"> }
  /** A test that explores a program: the outside decides otherwise. */
  readonly explore: SearchFunction<"compat", "explore"> & { readonly core: SearchFunction<"core", "explore"> }
}

const own = { task: both(runTask), sweep: both(runSweep, searchTimeout), explore: both(runExplore, searchTimeout) }

/**
 * Vitest's `it`, with `it.task`, `it.sweep` and `it.explore`.
 *
 * @category tests
 * @since 0.1.0
 */
// Vitest's own is left as it is: others in the process use it, too.
export const it: TaskIt = new Proxy(vitest.it, {
  get: (target, key) => (key in own ? own[key as keyof typeof own] : (Reflect.get(target, key, target) as unknown))
}) as TaskIt

/**
 * {@link it}, by its other name.
 *
 * @category tests
 * @since 0.1.0
 */
export const test: TaskIt = it

export { afterAll, afterEach, assert, beforeAll, beforeEach, describe, expect, vi } from "vitest"
