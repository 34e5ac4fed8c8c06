/**
 * Creating tasks that run on workers.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { type Attempt, CurrentAttempt } from "./attempt.ts"
import { type Cluster, theCluster } from "./Cluster.ts"
import { type Definition, millisOrForGood } from "./Definition.ts"
import { DatabaseError, type NotStartedError, PayloadError, type ResultError, TaskExistsError } from "./errors.ts"
import { checkIfExists, checkLabelTexts } from "./internal/checks.ts"
import type { ClusterImpl } from "./internal/cluster.ts"
import { encode } from "./internal/codec.ts"
import { checkTaskName } from "./internal/names.ts"
import { checkDefinition } from "./internal/parts.ts"
import { progressOf } from "./internal/progress.ts"
import { type Found, StandIn } from "./internal/standIn.ts"
import type { NewTask } from "./internal/store.ts"

/**
 * Options of {@link submit}.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface SubmitOptions {
  /** The key of the task in the whole cluster; one of its own by default. */
  readonly name?: string | undefined
  /** What it is found by. */
  readonly labels?: asyncio.Labels | undefined
  /** Where there is a task of this name: joins it, also if it has ended and is still kept; or fails. `"join"` by default. */
  readonly ifExists?: "join" | "fail" | undefined
  /** How long it is kept once it has ended, in place of the definition's time. */
  readonly retention?: Duration.Input | undefined
  /**
   * How long it may wait for a worker; then it never begins, also where this process has ended, and fails with a NotStartedError. As long as it
   * takes by default.
   */
  readonly startWithin?: Duration.Input | undefined
}

/**
 * Options of {@link createTask}.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface CreateTaskOptions extends SubmitOptions {
  /** Keeps it out of what cancels the tree of its creator, and has it go on when this process ends. */
  readonly detached?: boolean | undefined
}

/**
 * A task of the local loop that stands for one of the cluster.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface RemoteTask<out A, out E = never, out G = never> extends asyncio.Task<A, E> {
  /** What the task reports, from the last report on until it has ended. Fails with nothing; reports of another schema are left out. */
  readonly progress: Stream.Stream<G>
}

/** What a remote task fails with beside what its definition says. @internal */
export type Remote<E> = E | PayloadError | ResultError | NotStartedError

/** What creating one fails with. */
type Creation = PayloadError | TaskExistsError | DatabaseError

/**
 * Creates a task that a worker runs, here or on another machine, and gives a task of this loop that stands for it.
 *
 * **Details**
 *
 * The task given is one like all others: it is awaited, gathered, shielded, put into groups and under timeouts, listed and cancelled. It has
 * its place in the tree of the task that creates it. When this has given it the task is written down, and runs at least once, also when
 * this process ends.
 *
 * The `name` is its key: with the name of a task that exists, also of one that has ended and is kept, it stands for that one.
 *
 * Fails with {@link PayloadError} where the payload does not fit, {@link TaskExistsError} where the name is taken, {@link DatabaseError} where
 * it could not be written down. The task fails with what its definition says, and with a PayloadError or a ResultError where client and worker
 * do not agree; what else it fails with is a defect, {@link RemoteDefect}. A name that cannot be one is a defect, ValueError.
 *
 * **Cancellation**
 *
 * Cancelling the task cancels the one it stands for, wherever that runs, with the kind, the reason and who asked; more than once if it is asked
 * more than once. It ends when that has ended: cancelled, or otherwise if it did not let itself be cancelled. One that waits for a worker ends at
 * once and never begins. At the end of the cluster's layer it is cancelled, unless it is `detached`.
 *
 * **asyncio**
 *
 * [`asyncio.create_task`](https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task), for work in another process.
 *
 * **Example** (A worker in the same process)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster"
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect, Schema } from "effect"
 *
 * const double = cluster.task("double", { payload: Schema.Number, success: Schema.Number })
 * const worker = double.worker((n) => asyncio.sleep("1 milli", 2 * n))
 *
 * const main = Effect.gen(function*() {
 *   const tasks = yield* Effect.forEach([1, 2, 3], (n) => cluster.createTask(double, n))
 *   return yield* asyncio.gather(tasks)
 * })
 *
 * await asyncio.run(Effect.provide(main, cluster.embedded({ workers: [worker] }))) // => [2, 4, 6]
 * ```
 *
 * @category constructors
 * @stability unstable
 * @since 0.1.0
 */
export const createTask = <P, A, E, G>(
  definition: Definition<P, A, E, G>,
  payload: P,
  options: CreateTaskOptions = {}
): Effect.Effect<RemoteTask<A, Remote<E>, G>, Creation, Cluster> =>
  Effect.gen(function* () {
    const cluster = yield* theCluster("createTask()")
    const attempt = yield* CurrentAttempt
    const loop = yield* asyncio.getRunningLoop
    const creator = yield* asyncio.currentTask
    const planned = yield* plan(cluster, definition, payload, options, attempt)
    const made = Effect.map(planned.create, (done) =>
      stand(cluster, loop, definition, planned.name, options, { creator, attempt, create: { done } })
    )
    // A task that is written down has a stand-in here that answers for it.
    return (yield* Effect.uninterruptible(made)) as RemoteTask<A, Remote<E>, G>
  })

/**
 * Creates a task that a worker runs, and does not wait for it: gives its name. Nothing in this process stands for it.
 *
 * **When to use**
 *
 * For what has to be done whether or not the process that wants it goes on.
 *
 * **Details**
 *
 * When it gives the name the task is written down. It fails as {@link createTask} does.
 *
 * **Cancellation**
 *
 * Interrupted on its way it may have created the task or not. The task is not affected by what becomes of its creator.
 *
 * **Example** (Written down, and waiting for a worker)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster"
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const send = cluster.task("send")
 *
 * const main = Effect.gen(function*() {
 *   const name = yield* cluster.submit(send, undefined, { name: "mail 1" })
 *   return [name, (yield* cluster.findTask(name))?.state]
 * })
 *
 * await asyncio.run(Effect.provide(main, cluster.embedded())) // => ["mail 1", "waiting"]
 * ```
 *
 * @category constructors
 * @stability unstable
 * @since 0.1.0
 */
export const submit = <P, A, E, G>(
  definition: Definition<P, A, E, G>,
  payload: P,
  options: SubmitOptions = {}
): Effect.Effect<string, Creation, Cluster> =>
  Effect.gen(function* () {
    const cluster = yield* theCluster("submit()")
    const attempt = yield* CurrentAttempt
    const { create, name } = yield* plan(cluster, definition, payload, options, attempt)
    yield* create
    yield* cluster.engine.submit({ definition: definition.name, name })
    return name
  })

/** A task that can be created: its name, and the effect that writes it down. @internal */
export interface Planned {
  readonly name: string
  readonly create: Effect.Effect<Found, TaskExistsError | DatabaseError>
}

/** @internal */
export const plan = <P>(
  cluster: ClusterImpl,
  definition: Definition<P, any, any, any>,
  payload: P,
  options: SubmitOptions,
  attempt: Attempt | undefined
): Effect.Effect<Planned, PayloadError> =>
  Effect.suspend(() => {
    checkDefinition(definition, "by createTask()")
    lowlevel.checkOptions(options, "createTask()", '{ name: "resize a.png" }')
    checkIfExists(options.ifExists)
    if (options.labels !== undefined) checkLabelTexts(options.labels, "createTask()")
    const name = checkTaskName(options.name ?? `${definition.name}-${globalThis.crypto.randomUUID()}`)
    const encoded = encode(definition.payload, payload, definition.limit)
    if (Result.isFailure(encoded)) {
      return Effect.fail(new PayloadError({ definition: definition.name, where: "client", problem: encoded.failure }))
    }
    const row: NewTask = {
      name,
      definition: definition.name,
      labels: options.labels ?? {},
      payload: encoded.success.text,
      client: cluster.runner,
      creator: attempt?.name,
      retention: options.retention === undefined ? definition.retention : millisOrForGood(options.retention),
      startWithin: options.startWithin === undefined ? undefined : millisOrForGood(options.startWithin)
    }
    return Effect.succeed({ name, create: create(cluster, row, options.ifExists ?? "join") })
  })

const create = (
  { store }: ClusterImpl,
  row: NewTask,
  ifExists: "join" | "fail"
): Effect.Effect<Found, TaskExistsError | DatabaseError> =>
  Effect.gen(function* () {
    while (!(yield* store.create(row))) {
      const found = yield* store.find(row.name)
      // Else it was deleted in between.
      if (found === undefined) continue
      if (ifExists === "join" && found.definition === row.definition) return found.outcome
      yield* new TaskExistsError({ task: row.name, definition: found.definition })
    }
    return "new"
  }).pipe(Effect.catchTag("SqlError", (cause) => Effect.fail(new DatabaseError({ cause }))))

/** The task that stands for one of the cluster. @internal */
export const stand = (
  cluster: ClusterImpl,
  loop: asyncio.EventLoop,
  definition: Definition<any, any, any, any>,
  name: string,
  options: Pick<CreateTaskOptions, "detached" | "labels" | "startWithin">,
  made: {
    readonly creator: asyncio.Task<unknown, unknown> | undefined
    readonly attempt: Attempt | undefined
    readonly create: Effect.Effect<Found, unknown> | { readonly done: Found }
    readonly onlooker?: boolean | undefined
    readonly ends?: ((exit: Exit.Exit<unknown, unknown>) => void) | undefined
  }
): RemoteTask<unknown, unknown, unknown> => {
  const { detached = false, labels, startWithin } = options
  const standIn = new StandIn(cluster, loop, {
    definition,
    name,
    // What a task on a worker has created is found again by its next attempt.
    outlives: detached || made.attempt !== undefined,
    startWithin: startWithin === undefined ? undefined : millisOrForGood(startWithin),
    create: made.create,
    ends: made.ends,
    onlooker: made.onlooker === true
  })
  const task = lowlevel.createCoroutineTaskUnsafe(loop, standIn, {
    name,
    labels,
    detached,
    createdBy: made.creator,
    eagerStart: true
  })
  // Few look at it: a task that waits does not keep all that a stream is made of.
  const isOver = () => task.done()
  return Object.assign(task, { progress: Stream.suspend(() => progressOf(cluster, definition, name, isOver)) })
}
