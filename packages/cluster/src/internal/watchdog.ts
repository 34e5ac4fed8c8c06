/**
 * Looks for work that is not done although there are workers for it. The engine says that it is well while no worker holds a shard
 * (effect#6155), and while messages are not read after a rolling deploy (effect#6248); so the table is asked, which says what really happens.
 */
import * as Effect from "effect/Effect"
import type { SqlError } from "effect/sql/SqlError"
import { shards } from "../engine/buckets.ts"
import type { Trouble } from "../health.ts"
import type { WorkerInfo } from "../TaskInfo.ts"
import { longest } from "./checks.ts"
import type { ClusterImpl } from "./cluster.ts"
import { type Overdue, overdue, workers } from "./queries.ts"

/** So many tasks are looked at, and given another push, at a time. */
const atOnce = 100

export class Watchdog {
  readonly #cluster: ClusterImpl
  /** Milliseconds for which something has to be wrong before it counts. */
  readonly #patience: number
  /** What is wrong, and for how many looks it has been. */
  readonly #suspects = new Map<string, number>()
  #troubles: ReadonlyArray<Trouble> = []
  readonly #ofDatabase: () => ReadonlyArray<Trouble>

  /** `ofDatabase` is what is wrong with the database as it lies there. */
  constructor(cluster: ClusterImpl, patience: number, ofDatabase: () => ReadonlyArray<Trouble>) {
    this.#cluster = cluster
    this.#patience = Math.min(Math.max(patience, 0), longest)
    this.#ofDatabase = ofDatabase
  }

  get troubles(): ReadonlyArray<Trouble> {
    return this.#troubles
  }

  /** Milliseconds between two looks. Also the patient hear soon of a file that is gone. */
  get pause(): number {
    return Math.min(Math.max(1000, this.#patience / 3), 5000)
  }

  get look(): Effect.Effect<void, SqlError> {
    return Effect.gen({ self: this }, function* () {
      const { engine, store } = this.#cluster
      const there = yield* workers(store)
      const late = yield* overdue(store, this.#patience, atOnce)
      const stalled = late.filter((task) => this.#hasPlace(there, task))
      // What the engine has lost, or was never told, it is told again.
      yield* Effect.forEach(stalled, (task) => engine.nudge(task), { discard: true })
      const found = [...unheld(there), ...stalls(stalled), ...disagreements(there), ...this.#ofDatabase()]
      yield* this.#judge(found)
    })
  }

  /** Whether a worker that holds the shard of a task could begin it. */
  #hasPlace(there: ReadonlyArray<WorkerInfo>, { definition, name }: Overdue): boolean {
    const shard = this.#cluster.engine.shardOf({ definition, name })
    return there.some(
      (worker) => worker.definition === definition && worker.held.includes(shard) && worker.running < worker.concurrency
    )
  }

  /** What was wrong for long enough is trouble, and is told once. */
  #judge(found: ReadonlyArray<Trouble>): Effect.Effect<void> {
    const keys = new Map(found.map((trouble) => [`${trouble.kind} ${trouble.definition}`, trouble]))
    for (const key of this.#suspects.keys()) if (!keys.has(key)) this.#suspects.delete(key)
    const before = new Set(this.#troubles.map(({ definition, kind }) => `${kind} ${definition}`))
    const troubles: Array<Trouble> = []
    for (const [key, trouble] of keys) {
      const looks = (this.#suspects.get(key) ?? -1) + 1
      this.#suspects.set(key, looks)
      // A file does not come back.
      if (trouble.kind === "file" || looks * this.pause >= this.#patience) troubles.push(trouble)
    }
    this.#troubles = troubles
    const news = troubles.filter(({ definition, kind }) => !before.has(`${kind} ${definition}`))
    return Effect.forEach(news, (trouble) => Effect.logWarning(`cluster: ${trouble.message}`), { discard: true })
  }
}

const byDefinition = <T extends { readonly definition: string }>(
  all: ReadonlyArray<T>
): ReadonlyMap<string, ReadonlyArray<T>> => {
  const found = new Map<string, Array<T>>()
  for (const each of all) {
    const known = found.get(each.definition)
    if (known === undefined) found.set(each.definition, [each])
    else known.push(each)
  }
  return found
}

/** Shards that no worker holds of those that are there. */
const unheld = (there: ReadonlyArray<WorkerInfo>): ReadonlyArray<Trouble> =>
  Array.from(byDefinition(there), ([definition, own]) => {
    const held = new Set(own.flatMap((worker) => worker.held))
    const missing = shards - held.size
    const message = `${missing} of ${shards} shards of "${definition}" are held by none of its ${own.length} workers`
    return { kind: "unheld" as const, definition, count: missing, message }
  }).filter(({ count }) => count > 0)

const stalls = (stalled: ReadonlyArray<Overdue>): ReadonlyArray<Trouble> =>
  Array.from(byDefinition(stalled), ([definition, tasks]) => {
    const [{ name }] = tasks as [Overdue]
    const message = `${tasks.length} tasks of "${definition}" wait although their workers have places, "${name}" among them`
    return { kind: "stalled" as const, definition, count: tasks.length, message }
  })

const disagreements = (there: ReadonlyArray<WorkerInfo>): ReadonlyArray<Trouble> =>
  Array.from(byDefinition(there), ([definition, own]) => {
    const count = new Set(own.map(({ schemas }) => schemas)).size
    const message = `workers of "${definition}" have ${count} different schemas: ${own.map(({ runner }) => runner).join(", ")}`
    return { kind: "schemas" as const, definition, count, message }
  }).filter(({ count }) => count > 1)
