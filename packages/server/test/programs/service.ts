// A service that prints what becomes of it. Its first argument says what its requests do.
import * as asyncio from "@effect-asyncio/compat"
import { serve } from "@effect-asyncio/server"
import { requestListener } from "@effect-asyncio/server/node"
import { createServer } from "node:http"

const [, , kind = "quick", delay = "0"] = process.argv

const handlers: Readonly<Record<string, () => Promise<string>>> = {
  quick: () => asyncio.sleep(5, "quick"),
  slow: () => asyncio.sleep("1 hour", "slow"),
  stubborn: async () => {
    for (;;) await asyncio.sleep("1 hour").catch(() => {})
  },
  stuck: () => new Promise(() => {})
}

let answered = 0
const server = createServer(
  requestListener(async (_, response) => {
    if (answered === 0) console.log("handling")
    const text = await handlers[kind]!()
    answered++
    response.end(text)
  })
)

await serve(
  async (service) => {
    await asyncio.sleep(Number(delay))
    const address = await service.listen(server, { port: 0, host: "127.0.0.1" })
    console.log(`port ${(address as { port: number }).port}`)
    try {
      await service.drained()
    } finally {
      console.log(`answered ${answered}`)
    }
  },
  { grace: Number(process.env.GRACE ?? "500"), cleanup: 200 }
)
console.log("over")
