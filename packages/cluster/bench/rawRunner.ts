// A process that runs Effect Cluster's entities: `rawRunner.ts URL PORT`.
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as layers from "./rawLayers.ts"
import { layerWorker } from "./rawTask.ts"
import { ready, tellBegun } from "./workers.ts"

const [, , url = "", port = ""] = process.argv
const layer = layerWorker(tellBegun).pipe(Layer.provideMerge(layers.runner(url, Number(port))))
await ManagedRuntime.make(layer).context()
ready()
