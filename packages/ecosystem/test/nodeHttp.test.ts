import { once } from "node:events"
import { get, type IncomingMessage, request } from "node:http"
import { text } from "node:stream/consumers"
import { bodyWays, requestWays, silent } from "./support/clients.ts"

const library = "node:http"

const getting = (url: string, signal: AbortSignal) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { signal }, resolve).on("error", reject)
  })

requestWays({ library, operation: "get(url, { signal })" }, silent(), getting)

bodyWays({ library, operation: "for await (… of response)" }, async (url, signal, reading) => {
  const response = await getting(url, signal)
  reading()
  for await (const _ of response) continue
})

bodyWays({ library, operation: "text(response)" }, async (url, signal, reading) => {
  const response = await getting(url, signal)
  reading()
  return text(response)
})

requestWays({ library, operation: "request(url, { signal }), once(…)" }, silent(), async (url, signal) => {
  const outgoing = request(url, { method: "POST", signal })
  outgoing.end("a body")
  const [response] = (await once(outgoing, "response")) as [IncomingMessage]
  return text(response)
})
