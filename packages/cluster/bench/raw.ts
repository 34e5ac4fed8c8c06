// Effect Cluster as it is, measured: `raw.ts memory`, `raw.ts sqlite`, `raw.ts postgres URL`, or `raw.ts two URL`, whose tasks run in two other processes.
import { fileURLToPath } from "node:url"
import * as Layer from "effect/Layer"
import type { MessageStorage } from "effect/cluster/MessageStorage"
import type { Sharding } from "effect/cluster/Sharding"
import { freePort } from "../../tools/servers/ports.ts"
import * as layers from "./rawLayers.ts"
import { layerWorker, makeSide } from "./rawTask.ts"
import { obey, temporaryFile } from "./side.ts"
import { Begun, Workers } from "./workers.ts"

const [, , kind = "memory", url = ""] = process.argv
const begun = new Begun()

if (kind === "two") {
  const file = fileURLToPath(new URL("rawRunner.ts", import.meta.url))
  const ports = [await freePort(), await freePort()]
  const workers = await Workers.start(
    file,
    ports.map((port) => [url, String(port)]),
    begun
  )
  const side = await makeSide(layers.client(url), begun)
  obey({ ...side, others: (what) => workers.used(what) })
} else {
  const kinds = {
    memory: () => layers.memory,
    sqlite: () => layers.onSqlite(temporaryFile()),
    postgres: () => layers.onPostgres(url)
  }
  const cluster: Layer.Layer<Sharding | MessageStorage, unknown> = kinds[kind as keyof typeof kinds]()
  obey(await makeSide(layerWorker(begun.add).pipe(Layer.provideMerge(cluster)), begun))
}
