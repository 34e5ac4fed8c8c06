// A first program with the packed server: it answers one request, and stops.
import * as asyncio from "@effect-asyncio/compat"
import { serve, type Service } from "@effect-asyncio/server"
import { requestListener } from "@effect-asyncio/server/node"
import { createServer } from "node:http"

const main = async (service: Service): Promise<void> => {
  const server = createServer(requestListener((_, response) => response.end(asyncio.currentTask()?.getName())))
  const address = await service.listen(server, { port: 0, host: "127.0.0.1" })
  const { port } = address as { readonly port: number }
  const response = await asyncio.abortable(fetch(`http://127.0.0.1:${port}/first`))
  console.log(await asyncio.abortable(response.text()))
  service.stop("enough")
}

const { reason } = await serve(main, { exit: false, log: () => {} })
console.log(reason)
