/**
 * A process's part in a cluster, from the beginning to the end of its layer.
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as SqlClient from "effect/sql/SqlClient"
import { hostname } from "node:os"
import { Cluster } from "../Cluster.ts"
import type { ClusterOptions } from "../ClusterOptions.ts"
import type { Trouble } from "../health.ts"
import { type EngineParts, makeEngine, serve } from "../engine/engine.ts"
import type { EngineOptions } from "../engine/layers.ts"
import { alone, together } from "./batches.ts"
import { checkProcessName } from "./checks.ts"
import { ClusterImpl } from "./cluster.ts"
import { looking, type Place } from "./looking.ts"
import { checkParts } from "./parts.ts"
import { migrate } from "./migrations.ts"
import { purge } from "./purge.ts"
import { Runs } from "./runs.ts"
import { warnOfStandstills } from "./standstill.ts"
import { Store } from "./store.ts"
import { Watchdog } from "./watchdog.ts"

/** Milliseconds without a word after which a worker counts as gone; each says a word every second. */
const silence = 5000

/** What the engine is told of a process. Throws where its options cannot be. */
export const engineOptions = (options: ClusterOptions<any>): EngineOptions => {
  lowlevel.checkOptions(options, "a cluster", "{ workers: [resize.worker(...)] }")
  const { definitions = [], drain = "10 seconds", name, patience, workers = [] } = options
  checkParts(workers, definitions)
  checkProcessName(name)
  if (patience !== undefined) lowlevel.toMillis(patience)
  const served = workers.map(({ definition }) => definition.name)
  const twice = served.find((name, index) => served.indexOf(name) !== index)
  if (twice !== undefined) {
    // When: the `workers` of one layer have two of the same definition, or of two definitions of the same name.
    throw lowlevel.withHint(
      new asyncio.ValueError(`two workers of one process serve "${twice}"`),
      "Give one of them another name, or run more of the same by its `concurrency`."
    )
  }
  return { definitions: definitions.map(({ name }) => name), served, drain: lowlevel.toMillis(drain) }
}

/** The service, on an engine and a database. Where there are several processes, one that is cut off from the others goes on for `expiry`. `ofDatabase` gives what is wrong with the database as it lies there. */
export const live = <R>(
  options: ClusterOptions<R>,
  place: (runner: string) => Place,
  expiry: Duration.Input = 0,
  ofDatabase: Effect.Effect<() => ReadonlyArray<Trouble>> = Effect.succeed(() => [])
): Layer.Layer<Cluster, never, EngineParts | SqlClient.SqlClient | Exclude<R, Cluster>> =>
  Layer.effect(
    Cluster,
    Effect.gen(function* () {
      const { workers = [] } = options
      yield* migrate
      const sql = yield* SqlClient.SqlClient
      // A file, or memory, is this process's own.
      const isAlone = sql.onDialectOrElse({ pg: () => false, orElse: () => true })
      const write = isAlone ? yield* together(sql) : alone
      const store = new Store(sql, silence, write)
      if (isAlone) yield* Effect.orDie(store.forgetWorkers())
      const engine = yield* makeEngine
      const context = yield* Effect.context<Exclude<R, Cluster>>()
      const name = options.name ?? `${hostname()}:${process.pid}`
      const runner = `${name}#${globalThis.crypto.randomUUID().slice(0, 8)}`
      const impl = new ClusterImpl({ store, engine, runner, context, isAlone })
      const watchdog = new Watchdog(impl, lowlevel.toMillis(options.patience ?? "15 seconds"), yield* ofDatabase)
      const service = { runner, impl, watchdog }
      const runs = new Runs({
        store,
        runner,
        expiry: lowlevel.toMillis(expiry),
        workers,
        // Tasks create tasks.
        context: Context.add(context, Cluster, service),
        begins: (task) => impl.begins(task),
        ends: (task, outcome) => impl.ends(task, outcome)
      })

      // Finalizers run from the last to the first: what is waited for ends, then what runs here, and then this worker is gone.
      yield* Effect.addFinalizer(() => {
        impl.isOver = true
        return Effect.ignore(store.gone(runner))
      })
      const announce = Effect.suspend(() => runs.announce(engine, impl.closed))
      if (workers.length > 0) {
        yield* announce
        // Until what runs here has ended: a worker that says nothing counts as dead, and what it runs as waiting.
        yield* again("1 second", announce)
        yield* again("1 second", runs.noteWithdrawals)
        if (!isAlone) yield* Effect.forkScoped(warnOfStandstills(lowlevel.toMillis(expiry)))
        yield* serve(runs)
      }
      yield* again("1 second", impl.watch)
      yield* again("1 second", impl.expireStarts)
      yield* again("1 second", Effect.andThen(purge(impl), store.forgetSilent()))
      yield* again(watchdog.pause, watchdog.look)
      const hour = 3_600_000
      yield* again(
        "1 minute",
        Effect.flatMap(Clock.currentTimeMillis, (now) => engine.sweep(now - hour))
      )
      yield* Effect.addFinalizer(() => impl.close(5000))
      const told = yield* looking(impl, place(runner))
      yield* Effect.acquireRelease(
        Effect.sync(() => lowlevel.announceTasksUnsafe(told)),
        (end) => Effect.sync(end)
      )
      return service
    })
  )

/** Does something again and again, until the scope is closed. What fails is tried again the next time. */
const again = (time: Duration.Input, what: Effect.Effect<unknown, unknown>) =>
  Effect.forkScoped(Effect.repeat(Effect.delay(Effect.ignore(what), time), Schedule.forever))
