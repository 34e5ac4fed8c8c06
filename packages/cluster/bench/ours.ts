// This package, measured: `ours.ts memory`, `ours.ts sqlite`, `ours.ts postgres URL`, or `ours.ts two URL`, whose tasks run in two other
// processes.
import { fileURLToPath } from "node:url"
import * as cluster from "@effect-asyncio/cluster"
import { postgres } from "@effect-asyncio/cluster/postgres"
import * as asyncio from "@effect-asyncio/core"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as oursTask from "./oursTask.ts"
import { atOnce, newName, obey, type Side, temporaryFile } from "./side.ts"
import { Begun, Workers } from "./workers.ts"

const [, , kind = "memory", url = ""] = process.argv
const begun = new Begun()

const create = (isEndless: boolean) => cluster.createTask(oursTask.definition, { isEndless }, { name: newName() })

type Work = Effect.Effect<unknown, unknown, cluster.Cluster>

/** What the benchmark says, and who is to be told. */
interface Asked {
  readonly work: Work
  readonly answer: (exit: Exit.Exit<any, unknown>) => void
}

/** Does what the benchmark says, as a program of a loop. */
const main = Effect.fnUntraced(function* (others: Pick<Side, "others">) {
  const asked = yield* Queue.unbounded<Asked>()
  const within = <A>(work: Effect.Effect<A, unknown, cluster.Cluster>): Promise<A> =>
    new Promise((resolve, reject) => {
      const answer = (exit: Exit.Exit<A, unknown>) =>
        Exit.isSuccess(exit) ? resolve(exit.value) : reject(Cause.squash(exit.cause))
      Queue.offerUnsafe(asked, { work, answer })
    })
  obey({
    ...others,
    submitAndJoin: (count) => {
      const each = Effect.flatMap(create(false), (task) => task)
      const all = Array.from({ length: count }, () => each)
      return within(Effect.forEach(all, (one) => one, { concurrency: atOnce, discard: true }))
    },
    cancel: () =>
      within(
        Effect.gen(function* () {
          const runs = begun.more(1)
          const task = yield* create(true)
          yield* Effect.promise(() => runs)
          const asked = performance.now()
          yield* task.cancel("no longer needed")
          yield* Effect.exit(task)
          if (!task.cancelled()) throw new Error("it was not cancelled")
          return performance.now() - asked
        })
      ),
    leaveWaiting: (count) =>
      within(
        Effect.gen(function* () {
          const all = begun.more(count)
          yield* Effect.forEach(Array.from({ length: count }), () => create(true), {
            concurrency: atOnce,
            discard: true
          })
          yield* Effect.promise(() => all)
        })
      )
  })
  while (true) {
    const { answer, work } = yield* Queue.take(asked)
    answer(yield* Effect.exit(work))
  }
})

const run = (layer: Layer.Layer<cluster.Cluster, unknown>, others: Pick<Side, "others"> = {}) =>
  asyncio.run(Effect.provide(main(others), layer))

const workers = [oursTask.worker(begun.add)]

if (kind === "two") {
  const file = fileURLToPath(new URL("oursRunner.ts", import.meta.url))
  const runners = await Workers.start(file, [[url], [url]], begun)
  const client = postgres({ url, definitions: [oursTask.definition] })
  await run(client, { others: (what) => runners.used(what) })
} else {
  const kinds = {
    memory: () => cluster.embedded({ workers }),
    sqlite: () => cluster.embedded({ file: temporaryFile(), workers }),
    postgres: () => postgres({ url, workers })
  }
  await run(kinds[kind as keyof typeof kinds]())
}
