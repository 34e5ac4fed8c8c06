import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { createTRPCClient, httpBatchLink, httpBatchStreamLink, httpLink } from "@trpc/client"
import { initTRPC } from "@trpc/server"
import { createHTTPServer } from "@trpc/server/adapters/standalone"
import { afterAll, beforeAll } from "vitest"
import { z } from "zod"
import { type Progress, progressWays } from "./support/clients.ts"

const library = "@trpc/client"

const calls = new Map<string, Progress>()
let names = 0
const t = initTRPC.create()
const router = t.router({
  hang: t.procedure.input(z.string()).query(async ({ input, signal }) => {
    const call = calls.get(input)
    calls.delete(input)
    call?.begun()
    await new Promise((resolve) => signal?.addEventListener("abort", resolve, { once: true }))
    call?.stopped()
  })
})

const server = createHTTPServer({ router })
let url = ""
beforeAll(async () => {
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const links = { httpLink, httpBatchLink, httpBatchStreamLink }

for (const [name, link] of Object.entries(links)) {
  progressWays({ library, operation: `query(…, { signal }), ${name}` }, (signal, progress) => {
    const input = `call ${++names}`
    calls.set(input, progress)
    const client = createTRPCClient<typeof router>({ links: [link({ url })] })
    return client.hang.query(input, { signal })
  })
}
