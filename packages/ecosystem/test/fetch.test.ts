import * as asyncio from "@effect-asyncio/compat"
import { SilentServer } from "./support/servers.ts"
import { sevenWays } from "./support/sevenWays.ts"

const server = new SilentServer()
const slowBody = new SilentServer((_, response) => {
  response.writeHead(200, { "content-type": "text/plain" })
  response.write("the beginning")
})

const open = async () => {
  await server.open()
  await slowBody.open()
}
const close = async () => {
  await server.close()
  await slowBody.close()
}

sevenWays(
  { library: "fetch", operation: "fetch(url, { signal })", means: "signal" },
  {
    open,
    close,
    attempt: () => {
      const { begun, stopped, url } = server.expect()
      return { run: () => fetch(url, { signal: asyncio.currentSignal() }), begun, stopped }
    }
  }
)

sevenWays(
  { library: "fetch", operation: "response.text()", means: "signal" },
  {
    open,
    close,
    attempt: () => {
      const { begun, stopped, url } = slowBody.expect()
      const run = async () => {
        const response = await fetch(url, { signal: asyncio.currentSignal() })
        return response.text()
      }
      return { run, begun, stopped }
    }
  }
)
