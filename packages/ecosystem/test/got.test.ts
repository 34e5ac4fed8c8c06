import { pipeline } from "node:stream/promises"
import { Writable } from "node:stream"
import { got } from "got"
import { bodyWays, requestWays, silent } from "./support/clients.ts"

const library = "got"

requestWays({ library, operation: "got(url, { signal })" }, silent(), (url, signal) => got(url, { signal }).text())

bodyWays({ library, operation: "got(url, { signal }), while the body comes" }, (url, signal, reading) => {
  const response = got(url, { signal })
  void response.on("downloadProgress", reading)
  return response.text()
})

bodyWays({ library, operation: "pipeline(got.stream(url), …)" }, (url, signal, reading) =>
  pipeline(
    got.stream(url, { signal }),
    new Writable({
      write: (_chunk, _encoding, done) => {
        reading()
        done()
      }
    })
  )
)
