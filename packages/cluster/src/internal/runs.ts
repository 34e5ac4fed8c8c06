/**
 * The tasks that this process runs as a worker: from the message of the engine to the answer.
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import { type Attempt, CurrentAttempt } from "../attempt.ts"
import type { Worker } from "../Definition.ts"
import type { Addressed, CancelMessage, Engine, Handlers } from "../engine/engine.ts"
import { PayloadError, ResultError } from "../errors.ts"
import { decode, encode, fingerprint } from "./codec.ts"
import { outcomeOfExit } from "./outcomes.ts"
import { type Guest, Places } from "./places.ts"
import type { Started, Store } from "./store.ts"
import { byAllMeans, untilThere } from "./untilThere.ts"
import { fromWire, type Outcome, refusal, toDefect, type WireCancellation, withdrawal } from "./wire.ts"

/** What the engine keeps of an answer that is longer: where to look for it. */
export const stored = { state: "stored" } as const
const mostOfAnswer = 16_000

interface Served {
  readonly worker: Worker<unknown>
  readonly places: Places
  readonly schemas: string
  running: number
}

/** A task on its way through this worker. */
interface Run extends Guest {
  readonly definition: string
  task: asyncio.Task<unknown, unknown> | undefined
  /** What was asked for before there was a task to ask. */
  early: WireCancellation | undefined
  /** How many requests it was asked with, and has not withdrawn as far as the row says. */
  asked: number
}

export class Runs implements Handlers {
  readonly #store: Store
  readonly #runner: string
  readonly #expiry: number
  readonly #context: Context.Context<never>
  readonly #served: ReadonlyMap<string, Served>
  readonly #runs = new Map<string, Run>()
  readonly #begins: (name: string) => void
  readonly #ends: (name: string, outcome: Outcome) => void

  constructor(parts: {
    readonly store: Store
    readonly runner: string
    /** How many milliseconds a worker that is cut off from the others goes on. */
    readonly expiry: number
    readonly workers: ReadonlyArray<Worker<unknown>>
    /** The services of the programs. */
    readonly context: Context.Context<never>
    /** Told of each task that begins here. */
    readonly begins: (name: string) => void
    /** Told of each that has ended. */
    readonly ends: (name: string, outcome: Outcome) => void
  }) {
    this.#store = parts.store
    this.#runner = parts.runner
    this.#expiry = parts.expiry
    this.#context = parts.context
    this.#begins = parts.begins
    this.#ends = parts.ends
    this.#served = new Map(
      parts.workers.map((worker) => {
        const { error, name, payload, progress, success } = worker.definition
        const schemas = fingerprint([payload, success, error, progress])
        return [name, { worker, schemas, places: new Places(worker.concurrency), running: 0 }]
      })
    )
  }

  /** Tells the others that these workers are there, how many they take, and which shards are theirs. One that `isEnding` takes no more than it has. */
  announce(engine: Pick<Engine, "held" | "shardOf">, isEnding: boolean): Effect.Effect<void> {
    return Effect.forEach(
      this.#served,
      ([definition, { running, schemas, worker }]) => {
        // The engine does not count a shard that it gives away, which no other worker gets before what runs of it has ended.
        const own = [...this.#runs].filter(([, run]) => run.definition === definition && run.task !== undefined)
        const held = new Set([...engine.held(definition), ...own.map(([name]) => engine.shardOf({ definition, name }))])
        const concurrency = isEnding ? running : worker.concurrency
        return this.#store.seen({ runner: this.#runner, definition, concurrency, running, held: [...held], schemas })
      },
      { discard: true }
    ).pipe(Effect.ignore)
  }

  run(addressed: Addressed, requestId: string): Effect.Effect<Schema.Json> {
    const served = this.#served.get(addressed.definition)
    if (served === undefined)
      return Effect.die(new Error(`no worker of ${this.#runner} serves ${addressed.definition}`))
    const run: Run = { definition: addressed.definition, task: undefined, early: undefined, asked: 0 }
    this.#runs.set(addressed.name, run)
    return served.places
      .within(run, (hasPlace) => this.#attempt(addressed, run, served, requestId, hasPlace))
      .pipe(
        Effect.ensuring(Effect.sync(() => this.#runs.get(addressed.name) === run && this.#runs.delete(addressed.name))),
        Effect.catchCause((cause) =>
          Cause.hasInterruptsOnly(cause) ? Effect.failCause(cause) : this.#refuse(addressed.name, cause)
        ),
        Effect.map((outcome) => {
          this.#ends(addressed.name, outcome)
          return JSON.stringify(outcome).length > mostOfAnswer ? stored : (outcome as Schema.Json)
        })
      )
  }

  /** What a schema throws, say: the engine would not run the task again, so that it has to end. */
  #refuse(name: string, cause: Cause.Cause<never>): Effect.Effect<Outcome> {
    const outcome = refusal(Cause.pretty(cause))
    return Effect.as(untilThere(this.#store.fail(name, outcome)), outcome)
  }

  cancel({ cancellation, definition, name }: CancelMessage): Effect.Effect<void> {
    return Effect.sync(() => {
      const run = this.#runs.get(name)
      // Not here yet, or not any more: the row says what was asked for.
      if (run === undefined) return
      const request = cancellation as unknown as WireCancellation | typeof withdrawal
      if ("withdrawn" in request) withdraw(run)
      else if (run.task !== undefined) ask(run, run.task, request)
      else {
        run.early = request
        this.#served.get(definition)?.places.leave(run)
      }
    })
  }

  /** Notes of which requests the programs here have withdrawn, by `uncancel`, after they had caught them. */
  get noteWithdrawals(): Effect.Effect<void> {
    return Effect.suspend(() => {
      const some = [...this.#runs].filter(([, { asked, task }]) => asked > (task?.cancelling() ?? asked))
      return Effect.forEach(some, ([name, run]) => {
        const left = run.task!.cancelling()
        return Effect.map(this.#store.withdraw(name, run.asked - left), () => (run.asked = left))
      })
    }).pipe(Effect.ignore)
  }

  /** Begins an attempt, or finds out that there is none to begin: `hasPlace` is false where the task was cancelled while it waited. */
  #attempt(
    { definition, name }: Addressed,
    run: Run,
    served: Served,
    requestId: string,
    hasPlace: boolean
  ): Effect.Effect<Outcome> {
    return Effect.gen({ self: this }, function* () {
      const started = yield* untilThere(this.#store.start(name, this.#runner, requestId))
      if (!("attempt" in started)) return started.outcome ?? forgotten(name, this.#runner)
      // A task that was cancelled is not begun again where its worker has died before it had ended.
      const cancelled = started.cancellation ?? (hasPlace ? undefined : run.early)
      if (cancelled !== undefined) {
        if (started.before !== undefined) yield* this.#untilStopped(started.before)
        return yield* this.#end(name, started.attempt, { state: "cancelled", cancellation: cancelled })
      }
      served.running++
      this.#begins(name)
      return yield* Effect.ensuring(
        this.#perform({ definition, name }, run, served.worker, started),
        Effect.sync(() => served.running--)
      )
    })
  }

  /**
   * Waits until a worker has stopped what it ran: no client is told of a stop before. One that is cut off runs what it has until it notices,
   * within the expiry; from outside it looks like one that has died.
   */
  #untilStopped(runner: string): Effect.Effect<void> {
    const silent = untilThere(this.#store.isSilent(runner, this.#expiry))
    const look = Effect.repeat(Effect.delay(silent, "100 millis"), { until: (isSilent) => isSilent })
    return Effect.asVoid(Effect.timeoutOption(look, this.#expiry))
  }

  #perform(
    { definition, name }: Addressed,
    run: Run,
    worker: Worker<unknown>,
    started: Started
  ): Effect.Effect<Outcome> {
    return Effect.gen({ self: this }, function* () {
      const payload = decode(worker.definition.payload, JSON.parse(started.payload))
      if (Result.isFailure(payload)) {
        const error = new PayloadError({ definition, where: "worker", problem: payload.failure })
        return yield* this.#end(name, started.attempt, { state: "failed", defect: toDefect(error) })
      }
      const begin = asyncio
        .createTask(Effect.suspend(() => worker.program(payload.success)) as Effect.Effect<unknown, unknown>, {
          name,
          labels: started.labels,
          detached: true
        })
        .pipe(
          Effect.provideService(CurrentAttempt, this.#describe({ definition, name }, worker, started)),
          Effect.provideContext(this.#context)
        )
      const supervise = (task: asyncio.Task<unknown, unknown>, wait: Effect.Effect<void>) => {
        run.task = task
        if (run.early !== undefined) ask(run, task, run.early)
        const timer = timeLimit(task, worker.definition)
        // The engine interrupts when this worker does not go on: it stops, or the task is another's from now on.
        return Effect.onInterrupt(wait, () => this.#giveBack(name, started.attempt, worker, task)).pipe(
          Effect.ensuring(Effect.sync(() => timer?.cancelUnsafe())),
          Effect.as(task)
        )
      }
      // The task is supervised from its first moment on.
      const task = yield* Effect.uninterruptibleMask((restore) =>
        Effect.flatMap(begin, (task) => supervise(task, restore(ended(task))))
      )
      yield* endLeftovers(task, "parent")
      return yield* this.#end(name, started.attempt, outcomeOfExit(worker.definition, task.exitUnsafe()!, this.#runner))
    })
  }

  #describe({ definition, name }: Addressed, worker: Worker<unknown>, started: Started): Attempt {
    const { limit, progress } = worker.definition
    return {
      name,
      definition,
      attempt: started.attempt,
      idempotencyKey: `${definition}/${name}/${started.createdAt}`,
      createdBy: started.creator,
      report: (value) => {
        const encoded = encode(progress, value, limit)
        return Result.isFailure(encoded)
          ? Effect.die(new ResultError({ definition, problem: `its progress: ${encoded.failure}` }))
          : Effect.ignore(this.#store.report(name, started.attempt, encoded.success.text))
      }
    }
  }

  /** Writes down how the task has ended; gives how it has, if another attempt was faster. */
  #end(name: string, attempt: number, outcome: Outcome): Effect.Effect<Outcome> {
    return Effect.flatMap(byAllMeans(this.#store.end(name, attempt, outcome)), (ended) =>
      ended
        ? Effect.succeed(outcome)
        : Effect.map(untilThere(this.#store.find(name)), (found) => found?.outcome ?? forgotten(name, this.#runner))
    )
  }

  /** Cancels the task, and gives it back unless it has ended by itself meanwhile. */
  #giveBack(
    name: string,
    attempt: number,
    worker: Worker<unknown>,
    task: asyncio.Task<unknown, unknown>
  ): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      task.cancelUnsafe("its worker stops", { kind: "shutdown" }, this.#runner)
      yield* ended(task)
      // What it has created on other workers goes on, and is found again by the next attempt.
      yield* endLeftovers(task, "shutdown")
      const exit = task.exitUnsafe()!
      yield* Effect.ignore(
        task.cancelled()
          ? this.#store.release(name, attempt)
          : this.#store.end(name, attempt, outcomeOfExit(worker.definition, exit, this.#runner))
      )
    })
  }
}

const withdraw = (run: Run): void => {
  // What was asked for before there was a task has ended the wait for a place.
  if (run.task === undefined) return
  run.asked--
  run.task.uncancelUnsafe()
}

const ask = (run: Run, task: asyncio.Task<unknown, unknown>, request: WireCancellation): void => {
  run.asked++
  const { by, deadline, kind, reason } = request
  // A deadline is only told by an error that exists.
  if (deadline !== undefined) lowlevel.cancelLikeUnsafe(task, fromWire(request), reason ?? "")
  else task.cancelUnsafe(reason, { kind: kind as asyncio.CancellationKind }, by)
}

const forgotten = (name: string, runner: string): Outcome => ({
  state: "cancelled",
  cancellation: { kind: "requested", reason: `there is no task "${name}" any more`, by: runner }
})

/** Waits for the end of a task, and looks at a failure, so that the loop does not report it as never retrieved. */
const ended = (task: asyncio.Task<unknown, unknown>): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    const done = (): void => {
      task.exitUnsafe()
      resume(Effect.void)
    }
    task.addDoneCallbackUnsafe(done)
    return Effect.sync(() => void task.removeDoneCallbackUnsafe(done))
  })

/** Cancels what the task has left behind, as the end of a run does, and waits for it. */
const endLeftovers = (task: asyncio.Task<unknown, unknown>, kind: "parent" | "shutdown"): Effect.Effect<void> =>
  Effect.suspend(() => {
    const left = lowlevel.cancelTreeUnsafe(task, "the task that has created it is over", { kind })
    return Effect.forEach(left, ended, { discard: true })
  })

/** Cancels the task when the time of its definition is up. */
const timeLimit = (
  task: asyncio.Task<unknown, unknown>,
  { name, timeout }: Worker<unknown>["definition"]
): asyncio.TimerHandle | undefined => {
  if (timeout === undefined) return undefined
  const { loop } = task
  const deadline = loop.time() + timeout
  return loop.callLaterUnsafe(timeout, () => {
    const reason = `the ${timeout} ms of "${name}" are over`
    const request = new asyncio.CancelledError(reason, { kind: "timeout", requestedBy: name, deadline })
    lowlevel.cancelLikeUnsafe(task, request, reason)
  })
}
