import { bodyWays, requestWays, silent } from "./support/clients.ts"

requestWays({ library: "fetch", operation: "fetch(url, { signal })" }, silent(), (url, signal) =>
  fetch(url, { signal })
)

bodyWays({ library: "fetch", operation: "response.text()" }, async (url, signal, reading) => {
  const response = await fetch(url, { signal })
  reading()
  return response.text()
})

bodyWays({ library: "fetch", operation: "for await (… of response.body)" }, async (url, signal, reading) => {
  const { body } = await fetch(url, { signal })
  reading()
  for await (const _ of body ?? []) continue
})

requestWays({ library: "fetch", operation: "AbortSignal.any([signal, …])" }, silent(), (url, signal) =>
  fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(600_000)]) })
)
