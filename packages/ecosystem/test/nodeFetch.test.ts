import fetch from "node-fetch"
import { bodyWays, requestWays, silent } from "./support/clients.ts"

const library = "node-fetch"

requestWays({ library, operation: "fetch(url, { signal })" }, silent(), (url, signal) => fetch(url, { signal }))

bodyWays({ library, operation: "response.text()" }, async (url, signal, reading) => {
  const response = await fetch(url, { signal })
  reading()
  return response.text()
})

bodyWays({ library, operation: "for await (… of response.body)" }, async (url, signal, reading) => {
  const { body } = await fetch(url, { signal })
  reading()
  for await (const _ of body ?? []) continue
})
