/**
 * Ports of the loopback interface.
 */
import { once } from "node:events"
import { type AddressInfo, connect, createServer } from "node:net"

/** A port that is free, for what cannot take any. */
export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, "close")
  return port
}

/** Whether somebody listens there. */
export const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1")
    const answer = (yes: boolean) => {
      socket.destroy()
      resolve(yes)
    }
    socket.on("connect", () => answer(true))
    socket.on("error", () => answer(false))
  })
