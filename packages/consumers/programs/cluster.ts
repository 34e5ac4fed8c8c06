// A first program with the packed cluster: a task and its worker, in one process.
import * as cluster from "@effect-asyncio/cluster/compat"
import * as asyncio from "@effect-asyncio/compat"
import { Schema } from "effect"

const resize = cluster.task("resize", { payload: Schema.Struct({ image: Schema.String }), success: Schema.String })
const worker = resize.worker(async ({ image }) => `${asyncio.currentTask()?.getName()}: small ${image}`)

const main = () =>
  cluster.open(cluster.embedded({ workers: [worker] }), async () => {
    console.log(await cluster.createTask(resize, { image: "a.png" }, { name: "first" }))
  })

await asyncio.run(main)
