/**
 * A client of a task: what it does, and what it is told.
 */
import * as cluster from "@effect-asyncio/cluster"
import * as asyncio from "@effect-asyncio/core"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { work } from "./definitions.ts"
import { now } from "./log.ts"
import type { Told } from "./verdict.ts"

/** Milliseconds in which what happens in a run begins. */
export const span = 800

/** Milliseconds after which a task that nobody has told the end of is lost. */
const patience = 240_000

export const oneOf = (limit: number): number => Math.floor(Math.random() * limit)

const pause = Schedule.spaced("100 millis")

export interface Plan {
  readonly name: string
  readonly run: number
  /** How many milliseconds the task takes. */
  readonly millis: number
  /** After how many the client asks for its cancellation, if it does. */
  readonly askAfter?: number
}

/** The tasks of a run. */
export const plan = (run: number, tasks: number, longest: number): ReadonlyArray<Plan> =>
  Array.from({ length: tasks }, (_, n) => ({
    name: `run ${run}, task ${n}`,
    run,
    millis: oneOf(longest),
    ...(Math.random() < 0.2 ? { askAfter: oneOf(span) } : {})
  }))

/** Creates the task, or joins it, and is told of its end. */
export const follow = ({ askAfter, millis, name, run }: Plan): Effect.Effect<Told, never, cluster.Cluster> =>
  Effect.gen(function* () {
    let refused = 0
    const creating = cluster.createTask(work, { millis }, { name, labels: { run } })
    // A database that is away is asked again: the name is the same.
    const task = yield* creating.pipe(
      Effect.tapErrorTag("DatabaseError", () => Effect.sync(() => refused++)),
      Effect.retry({ while: ({ _tag }) => _tag === "DatabaseError", schedule: pause }),
      Effect.orDie
    )
    const asked = askAfter !== undefined
    if (asked) {
      const loop = yield* asyncio.getRunningLoop
      loop.callLaterUnsafe(askAfter, () => void task.cancelUnsafe("chaos"))
    }
    yield* Effect.orDie(asyncio.wait([task], { timeout: patience }))
    const known = { name, at: now(), asked, refused }
    if (!task.done()) return { ...known, outcome: "nothing" }
    if (task.cancelled()) return { ...known, outcome: "cancelled" }
    const failure = yield* Effect.orDie(task.exception())
    return { ...known, outcome: failure === undefined ? "succeeded" : "failed" }
  })
