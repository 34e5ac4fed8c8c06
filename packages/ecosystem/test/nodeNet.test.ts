import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Server, Socket } from "node:net"
import { text } from "node:stream/consumers"
import { afterAll, beforeAll } from "vitest"
import { progressWays } from "./support/clients.ts"

const library = "node:net"

const socketError = "`new Socket({ signal })` fails by itself as well: give it a listener of `error`."

let server: Server
const byName = new Map<string, () => void>()
let names = 0

beforeAll(async () => {
  server = createServer((socket) => {
    socket.on("error", () => {})
    socket.once("data", (name) => {
      socket.write("hello")
      socket.on("close", () => byName.get(String(name))?.())
    })
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
})
afterAll(() => server.close())

/** Connects, and tells the server who it is: `stopped` is called when the server has seen the end. */
const connected = async (signal: AbortSignal, stopped: () => void): Promise<Socket> => {
  const name = `client ${++names}`
  byName.set(name, stopped)
  const socket = new Socket({ signal }).connect((server.address() as AddressInfo).port, "127.0.0.1")
  // The signal ends the socket with an error of its own, besides the one of the waiting: without a listener that ends the process.
  socket.on("error", () => {})
  await once(socket, "connect", { signal })
  socket.write(name)
  return socket
}

progressWays(
  { library, operation: "for await (… of socket)", recipe: socketError },
  async (signal, { begun, stopped }) => {
    const socket = await connected(signal, stopped)
    setTimeout(begun, 5)
    for await (const _ of socket) continue
  }
)

progressWays({ library, operation: "text(socket)", recipe: socketError }, async (signal, { begun, stopped }) => {
  const socket = await connected(signal, stopped)
  setTimeout(begun, 5)
  return text(socket)
})

progressWays(
  {
    library,
    operation: "once(socket, name, { signal })",
    recipe: "The signal ends the waiting: destroy the socket in `finally`."
  },
  async (signal, { begun, stopped }) => {
    const name = `client ${++names}`
    byName.set(name, stopped)
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1")
    try {
      await once(socket, "connect", { signal })
      socket.write(name)
      await once(socket, "data", { signal })
      setTimeout(begun, 1)
      await once(socket, "end", { signal })
    } finally {
      socket.destroy()
    }
  }
)
