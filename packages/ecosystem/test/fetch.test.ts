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

// One for all requests: every timer holds the task that has made it until its time is up, as it holds whatever else is in its
// AsyncLocalStorage. That many are no leak, but look like one until then.
const deadline = AbortSignal.timeout(600_000)

requestWays(
  {
    library: "fetch",
    operation: "AbortSignal.any([signal, …])",
    recipe:
      "`AbortSignal.timeout(ms)` holds the task that made it until the time is up, as every timer does: `timeout` does not."
  },
  silent(),
  (url, signal) => fetch(url, { signal: AbortSignal.any([signal, deadline]) })
)
