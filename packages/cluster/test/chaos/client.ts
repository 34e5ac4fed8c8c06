// A client that is killed and comes back: `client.ts SETTINGS`, as JSON. It creates its tasks, or joins them, and says what it is told.
import * as cluster from "@effect-asyncio/cluster"
import { postgres } from "@effect-asyncio/cluster/postgres"
import * as asyncio from "@effect-asyncio/core"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { work, workerOf } from "./definitions.ts"
import { follow, type Plan } from "./follow.ts"
import { openLog } from "./log.ts"

export interface ClientSettings {
  /** Where the cluster is: a database, whose workers are elsewhere, or a file, whose worker is this process. */
  readonly url?: string
  readonly file?: string
  /** Where tasks say what they do. */
  readonly log: string
  /** Of one run. */
  readonly tasks: ReadonlyArray<Plan>
}

const { file, log, tasks, url } = JSON.parse(process.argv[2] ?? "") as ClientSettings

const tell = (what: string, value: unknown): void => console.log(`${what} ${JSON.stringify(value)}`)

const main = Effect.gen(function* () {
  console.log("ready")
  yield* asyncio.gather(tasks.map((each) => Effect.map(follow(each), (told) => tell("told", told))))
  // Right afterwards.
  const { tasks: listed } = yield* cluster.allTasks({ labels: { run: tasks[0]?.run ?? 0 }, limit: 1000 })
  tell("listed", listed)
})

const layer: Layer.Layer<cluster.Cluster, unknown> =
  url === undefined
    ? cluster.embedded({ file, workers: [workerOf(openLog(log))] })
    : postgres({ url, definitions: [work], maxConnections: 4 })

await asyncio.run(Effect.provide(main, layer))
