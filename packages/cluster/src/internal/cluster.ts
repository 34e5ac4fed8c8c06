/**
 * What a process has of the cluster: the table, the engine, the tasks it runs, and those it waits for.
 */
import * as asyncio from "@effect-asyncio/core"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type { SqlError } from "effect/sql/SqlError"
import type { Definition } from "../Definition.ts"
import type { Addressed, Engine } from "../engine/engine.ts"
import type { TaskInfo } from "../TaskInfo.ts"
import { closedError } from "./closed.ts"
import { look, unstarted } from "./queries.ts"
import { stored } from "./runs.ts"
import type { StandIn } from "./standIn.ts"
import type { Store } from "./store.ts"
import { untilThere } from "./untilThere.ts"
import { type Outcome, refusal, type WireCancellation, withdrawal } from "./wire.ts"

/** So many tasks are asked about at a time. */
const mostWatched = 500

export class ClusterImpl {
  readonly store: Store
  readonly engine: Engine
  /** This process: `HOST:PID#INSTANCE`. */
  readonly runner: string
  /** The tasks of this process that stand for others, by the names of those. */
  readonly #standIns = new Map<string, Set<StandIn>>()
  /** Whether the layer is being closed, so that neither the engine nor the database can be asked any more. */
  closed = false
  /** Whether what runs here has ended, too: then the database is closed next. */
  isOver = false
  readonly #context: Context.Context<never>
  /** Whether all tasks run in this process: then it knows of their ends by itself. */
  readonly #isAlone: boolean
  /** How many of the tasks that are waited for were asked about in this round. */
  #watched = 0

  constructor(parts: {
    readonly store: Store
    readonly engine: Engine
    readonly runner: string
    readonly context: Context.Context<never>
    readonly isAlone: boolean
  }) {
    this.store = parts.store
    this.engine = parts.engine
    this.runner = parts.runner
    this.#context = parts.context
    this.#isAlone = parts.isAlone
  }

  add(standIn: StandIn): void {
    const { name } = standIn.awaited
    const known = this.#standIns.get(name)
    if (known === undefined) this.#standIns.set(name, new Set([standIn]))
    else known.add(standIn)
  }

  remove(standIn: StandIn): void {
    const { name } = standIn.awaited
    const known = this.#standIns.get(name)
    if (known?.delete(standIn) === true && known.size === 0) this.#standIns.delete(name)
  }

  #all(): ReadonlyArray<StandIn> {
    return Array.from(this.#standIns.values(), (known) => [...known]).flat()
  }

  /** Runs an effect that no code waits for. */
  fork<A>(effect: Effect.Effect<A>): Fiber.Fiber<A> {
    return Effect.runForkWith(this.#context)(effect)
  }

  /** Runs an effect for code outside of all fibers. */
  run<A, E>(effect: Effect.Effect<A, E>): Promise<A> {
    return Effect.runPromiseWith(this.#context)(effect)
  }

  /** Asks the database until there is an answer; not for ever where the cluster was closed, and the database with it. */
  #asked<A, E>(question: Effect.Effect<A, E>): Effect.Effect<A> {
    return untilThere(Effect.suspend(() => (this.closed ? Effect.die(closedError()) : question)))
  }

  /**
   * Has the task run if it does not yet, and gives how it has ended; undefined where {@link ends} is going to tell that. `isNew` where it was
   * created just now.
   */
  follow(definition: Definition<any, any, any, any>, name: string, isNew: boolean): Effect.Effect<Outcome | undefined> {
    const task = { definition: definition.name, name }
    if (!this.#isAlone) return this.#join(task)
    // A joined task is followed from now on, so that an end in between is not missed.
    const known = isNew ? Effect.undefined : Effect.map(this.#asked(this.store.find(name)), (found) => found?.outcome)
    return Effect.flatMap(known, (outcome) =>
      outcome === undefined ? Effect.as(this.engine.submit(task), undefined) : Effect.succeed(outcome)
    )
  }

  #join(task: Addressed): Effect.Effect<Outcome> {
    const { name } = task
    return Effect.flatMap(this.engine.join(task), (answer) => {
      if ("refused" in answer) return this.#refused(name, answer.refused)
      const outcome = answer.value as unknown as Outcome | typeof stored
      return outcome.state === "stored" ? this.#outcome(name) : Effect.succeed(outcome)
    })
  }

  #outcome(name: string): Effect.Effect<Outcome> {
    return Effect.map(this.#asked(this.store.find(name)), (found): Outcome => found?.outcome ?? notKept(name))
  }

  /** The engine will not run it any more; so that no client waits for it either, it ends. */
  #refused(name: string, problem: string): Effect.Effect<Outcome> {
    const outcome = refusal(problem)
    return Effect.as(this.#asked(this.store.fail(name, outcome)), outcome)
  }

  /** Asks a task to cancel itself; undefined where there is none, or it has ended. */
  cancel(name: string, request: WireCancellation): Effect.Effect<{ readonly ended: boolean } | undefined> {
    return Effect.flatMap(this.#asked(this.store.cancel(name, request)), (found) => {
      if (found === undefined) return Effect.succeed(undefined)
      // Where it has ended, too: a worker that has it in its queue, or a client that waits for it, is to know.
      return Effect.as(this.#tellWorker({ definition: found.definition, name }, request), found)
    })
  }

  /** Withdraws a request to cancel, of which the worker that runs the task is told. */
  withdraw(name: string): Effect.Effect<void> {
    return Effect.flatMap(this.#asked(this.store.withdraw(name, 1)), (found) =>
      found === undefined ? Effect.void : this.#tellWorker({ definition: found.definition, name }, withdrawal)
    )
  }

  #tellWorker(task: Addressed, request: WireCancellation | typeof withdrawal): Effect.Effect<void> {
    return this.engine.cancel({ ...task, id: globalThis.crypto.randomUUID(), cancellation: request as never })
  }

  /** Ends a task that has not begun; undefined where it has, else how it has ended. */
  expireStart(task: Addressed): Effect.Effect<Outcome | undefined> {
    const { name } = task
    return Effect.gen({ self: this }, function* () {
      const info = yield* this.info(name)
      if (info?.state !== "waiting") return undefined
      const outcome = yield* this.#asked(this.store.endUnstarted(name, this.runner, info.served))
      if (outcome?.state === "cancelled") yield* this.#tellWorker(task, outcome.cancellation)
      return outcome
    })
  }

  /** {@link expireStart}, of those whose time is over: also where the process that has created them is gone. */
  get expireStarts(): Effect.Effect<void, SqlError> {
    return Effect.flatMap(unstarted(this.store, mostWatched), (late) =>
      Effect.forEach(late, (task) => this.expireStart(task), { discard: true })
    )
  }

  info(name: string): Effect.Effect<TaskInfo | undefined> {
    return Effect.map(this.#asked(look(this.store, [name])), ([found]) => found?.info)
  }

  /** Learns of some of the tasks that are waited for, of others each time: where they run, and of an end that the engine has not told of. */
  get watch(): Effect.Effect<void, SqlError> {
    return Effect.suspend(() => {
      const names = [...this.#standIns.keys()]
      if (this.#watched >= names.length) this.#watched = 0
      const some = names.slice(this.#watched, (this.#watched += mostWatched))
      return some.length === 0 ? Effect.void : Effect.map(look(this.store, some), (found) => this.#learn(some, found))
    })
  }

  #learn(
    asked: ReadonlyArray<string>,
    found: ReadonlyArray<{ readonly info: TaskInfo; readonly outcome: Outcome | undefined }>
  ): void {
    const missing = new Set(asked)
    for (const { info, outcome } of found) {
      missing.delete(info.name)
      // A stand-in that ends leaves the set, and a set bears that.
      for (const standIn of this.#standIns.get(info.name) ?? []) {
        standIn.runner = info.state === "running" ? info.runner : undefined
        if (outcome !== undefined) standIn.learn(outcome)
      }
    }
    for (const name of missing) {
      for (const standIn of this.#standIns.get(name) ?? []) standIn.miss(notKept(name))
    }
  }

  /** Tells which process runs a task, as soon as that is this one. */
  begins(name: string): void {
    for (const standIn of this.#standIns.get(name) ?? []) standIn.runner = this.runner
  }

  /** Tells how a task has ended that this process has run. */
  ends(name: string, outcome: Outcome): void {
    for (const standIn of this.#standIns.get(name) ?? []) standIn.learn(outcome)
  }

  /** Ends the tasks that stand for others: those of this process alone are cancelled, and have `patience`. */
  close(patience: number): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      const error = new asyncio.CancelledError("the cluster is closed", { kind: "shutdown", requestedBy: this.runner })
      for (const standIn of this.#all()) {
        if (standIn.awaited.outlives) standIn.letGo(error)
        else standIn.cancel("the cluster is closed", this.runner)
      }
      const step = 20
      for (let waited = 0; this.#standIns.size > 0 && waited < patience; waited += step) yield* Effect.sleep(step)
      this.closed = true
      for (const standIn of this.#all()) standIn.letGo(error)
    })
  }
}

/** Of a task that was deleted before the clients that wait for it were told how it has ended. */
const notKept = (name: string): Outcome => ({
  state: "failed",
  defect: { name: "Error", message: `the result of "${name}" was not kept` }
})
