// A process with a part in a cluster on PostgreSQL, for the tests: with an argument it is a client that submits so many tasks, else a worker.
import * as cluster from "@effect-asyncio/cluster/compat"
import { postgres } from "@effect-asyncio/cluster/postgres"
import * as asyncio from "@effect-asyncio/compat"
import { Schema } from "effect"

const sheet = cluster.task("sheet", { payload: Schema.Number })

const hour = async () => await asyncio.sleep("1 hour")
const worker = sheet.worker(hour, { concurrency: 1 })

const [, , count] = process.argv
const url = process.env.TEST_DATABASE ?? ""

const client = async () => {
  for (let n = 1; n <= Number(count); n++) await cluster.submit(sheet, n, { name: `sheet ${n}`, labels: { n } })
  console.log("ready")
  await hour()
}

const press = async () => {
  console.log("ready")
  await hour()
}

await asyncio.run(
  () =>
    count === undefined
      ? cluster.open(postgres({ url, workers: [worker], drain: 0 }), press)
      : cluster.open(postgres({ url, definitions: [sheet] }), client),
  { handleSigint: false }
)
