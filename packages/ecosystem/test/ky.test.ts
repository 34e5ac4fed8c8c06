import ky from "ky"
import { bodyWays, requestWays, silent } from "./support/clients.ts"

const library = "ky"

requestWays({ library, operation: "ky(url, { signal })" }, silent(), (url, signal) => ky(url, { signal }).text())

requestWays({ library, operation: "ky(url, { signal, timeout: false })" }, silent(), (url, signal) =>
  ky(url, { signal, timeout: false }).json()
)

bodyWays({ library, operation: "response.text()" }, async (url, signal, reading) => {
  const response = await ky.get(url, { signal })
  reading()
  return response.text()
})
