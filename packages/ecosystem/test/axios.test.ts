import type { Readable } from "node:stream"
import axios from "axios"
import { bodyWays, requestWays, silent } from "./support/clients.ts"

const library = "axios"

requestWays({ library, operation: "axios.get(url, { signal })" }, silent(), (url, signal) => axios.get(url, { signal }))

bodyWays({ library, operation: "axios.get, while the body comes" }, (url, signal, reading) =>
  axios.get(url, { signal, onDownloadProgress: reading })
)

requestWays({ library, operation: 'axios.get, adapter: "fetch"' }, silent(), (url, signal) =>
  axios.get(url, { signal, adapter: "fetch" })
)

bodyWays({ library, operation: 'for await, responseType: "stream"' }, async (url, signal, reading) => {
  const { data } = await axios.get<Readable>(url, { signal, responseType: "stream" })
  reading()
  for await (const _ of data) continue
})
