/**
 * What the tasks of one name have in common: schemas, which client and worker share.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { checkCount, checkSchema, longest } from "./internal/checks.ts"
import { checkDefinitionName } from "./internal/names.ts"

/**
 * A schema whose values other processes are told: encoding and decoding needs no services.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export type Shared<T> = Schema.Codec<T, any>

/**
 * Options of {@link task}.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface DefinitionOptions<P, A, E, G> {
  /** What a task is given; nothing by default. */
  readonly payload?: Shared<P> | undefined
  /** What it gives; nothing by default. */
  readonly success?: Shared<A> | undefined
  /** What it fails with. What else it fails with arrives as a defect, as text. */
  readonly error?: Shared<E> | undefined
  /** What it reports on its way. */
  readonly progress?: Shared<G> | undefined
  /** How long one attempt may take; then it is cancelled, with the kind `"timeout"`. As long as it likes by default. */
  readonly timeout?: Duration.Input | undefined
  /** How long a task is kept once it has ended, with its result; a day by default, `"Infinity"` for good. */
  readonly retention?: Duration.Input | undefined
  /** How large payloads, results and reports may be, in characters of JSON; a million by default. */
  readonly limit?: number | undefined
}

/**
 * Options of the workers of a definition.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface WorkerOptions {
  /** How many tasks it runs at a time in this process; 10 by default, and 2147483647 at most. The others wait, and the oldest begins first. */
  readonly concurrency?: number | undefined
}

/**
 * A definition with the program that runs its tasks: for the `workers` of a layer.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface Worker<out R = never> {
  readonly definition: Definition<any, any, any, any>
  readonly concurrency: number
  /** @hidden */
  readonly program: (payload: any) => Effect.Effect<unknown, unknown, R>
}

/**
 * What the tasks of one name have in common. It is known to clients and workers alike.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export class Definition<P, A, E, G> {
  readonly name: string
  readonly payload: Shared<P>
  readonly success: Shared<A>
  readonly error: Shared<E>
  readonly progress: Shared<G>
  /** In milliseconds. */
  readonly timeout: number | undefined
  /** In milliseconds; undefined for good. */
  readonly retention: number | undefined
  readonly limit: number

  /** @internal */
  constructor(name: string, options: DefinitionOptions<P, A, E, G> = {}) {
    lowlevel.checkOptions(options, "task()", "{ payload: Schema.Struct({ image: Schema.String }) }")
    this.name = checkDefinitionName(name)
    const { limit = 1_000_000 } = options
    for (const kind of ["payload", "success", "error", "progress"] as const)
      checkSchema(options[kind], `${kind} of "${name}"`)
    checkCount(limit, `as the limit of "${name}"`, "Leave it out for a million characters.")
    this.payload = options.payload ?? (Schema.Void as never)
    this.success = options.success ?? (Schema.Void as never)
    this.error = options.error ?? Schema.Never
    this.progress = options.progress ?? Schema.Never
    this.timeout = timeLimitOf(this.name, options.timeout)
    this.retention = millisOrForGood(options.retention ?? "1 day")
    this.limit = limit
  }

  /** @internal */
  protected workerOf<R>(
    program: (payload: P) => Effect.Effect<unknown, unknown, R>,
    options: WorkerOptions = {}
  ): Worker<R> {
    lowlevel.checkFunction(program, "worker()", "worker((payload) => ...)")
    lowlevel.checkOptions(options, "worker()", "{ concurrency: 4 }")
    const { concurrency = 10 } = options
    checkCount(concurrency, "as the concurrency", "Leave it out for 10.")
    return { definition: this, concurrency, program }
  }
}

const timeLimitOf = (definition: string, timeout: Duration.Input | undefined): number | undefined => {
  const millis = timeout === undefined ? undefined : lowlevel.toMillis(timeout)
  if (millis === undefined || millis > 0) return millis
  // When: the `timeout` of a definition of a cluster is 0 or negative.
  throw lowlevel.withHint(
    new asyncio.ValueError(`the timeout of "${definition}" has to be above 0 ms, and this one is ${millis} ms`),
    "With it every attempt would be cancelled as soon as it begins. Leave it out for one that may take as long as it likes."
  )
}

/** How long a time is in which something may be done or is kept; undefined for one that never ends. @internal */
export const millisOrForGood = (time: Duration.Input): number | undefined => {
  const millis = lowlevel.toMillis(time)
  return millis > longest ? undefined : Math.max(millis, 0)
}
