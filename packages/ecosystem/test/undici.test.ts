import { PassThrough } from "node:stream"
import * as undici from "undici"
import { bodyWays, requestWays, silent } from "./support/clients.ts"

const library = "undici"

requestWays({ library, operation: "fetch(url, { signal })" }, silent(), (url, signal) => undici.fetch(url, { signal }))

requestWays({ library, operation: "request(url, { signal })" }, silent(), (url, signal) =>
  undici.request(url, { signal })
)

bodyWays({ library, operation: "request, body.text()" }, async (url, signal, reading) => {
  const { body } = await undici.request(url, { signal })
  reading()
  return body.text()
})

bodyWays({ library, operation: "stream(url, { signal }, factory)" }, (url, signal, reading) =>
  undici.stream(url, { method: "GET", signal }, () => {
    reading()
    return new PassThrough().resume()
  })
)
