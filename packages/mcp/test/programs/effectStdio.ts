/**
 * The server of effectServer.ts over standard input and output. Prints to standard error how its calls have ended when its client is gone.
 */
import * as asyncio from "@effect-asyncio/core"
import { NodeStdio } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import { makeTools, overStdio } from "../effectServer.ts"

const { handlers, seen } = makeTools()
const server = overStdio(handlers, { timeout: (tool) => (process.argv[2] === tool ? 5 : undefined) })

process.on("exit", () => process.stderr.write(`${JSON.stringify(seen.ends)}\n`))
// The server interrupts the fiber that has built it when its client is gone.
await asyncio
  .run(Effect.scoped(Effect.andThen(Layer.build(Layer.provide(server, NodeStdio.layer)), Effect.never)))
  .catch(() => {})
