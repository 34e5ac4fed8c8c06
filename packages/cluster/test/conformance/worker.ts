// A process that runs parts of scripts: `worker.ts URL`. Prints what they trace, and answers lines with the same line.
import { createInterface } from "node:readline"
import { postgres } from "@effect-asyncio/cluster/postgres"
import * as asyncio from "@effect-asyncio/core"
import * as Effect from "effect/Effect"
import { worker } from "./definition.ts"

const [, , url = ""] = process.argv

const scripts = worker((emitted) => console.log(JSON.stringify(emitted)))

const main = Effect.gen(function* () {
  console.log("ready")
  createInterface({ input: process.stdin }).on("line", (line) => console.log(line))
  yield* Effect.never
})

await asyncio.run(Effect.provide(main, postgres({ url, workers: [scripts] })))
