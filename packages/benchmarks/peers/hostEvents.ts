/**
 * How late the host's I/O callbacks are: a thread writes the time into a socket again and again, and whoever is called
 * back with the data compares.
 */
import { createServer, type Server, type Socket } from "node:net"
import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { Worker } from "node:worker_threads"

// The monotonic clock is the same in all threads of the process.
const writer = `
  const { connect } = require("node:net")
  const { workerData } = require("node:worker_threads")
  const socket = connect({ port: workerData, host: "127.0.0.1", noDelay: true })
  const stamp = Buffer.alloc(8)
  socket.on("error", () => process.exit())
  socket.on("connect", () => setInterval(() => {
    stamp.writeBigInt64LE(process.hrtime.bigint())
    socket.write(Buffer.from(stamp))
  }, 2))
`

const accept = async (server: Server): Promise<Socket> => {
  const [socket] = (await once(server, "connection")) as [Socket]
  return socket
}

/**
 * Runs `body`, which is to keep the process busy until `reached()`, and gives how late `n` callbacks were, in
 * milliseconds.
 */
export const hostEvents = async (
  n: number,
  body: (reached: () => boolean) => Promise<unknown>
): Promise<ReadonlyArray<number>> => {
  const server = createServer()
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const connected = accept(server)
  const worker = new Worker(writer, { eval: true, workerData: (server.address() as AddressInfo).port })
  const socket = await connected
  const samples: Array<number> = []
  let rest = Buffer.alloc(0)
  socket.on("data", (data) => {
    const now = process.hrtime.bigint()
    const bytes = Buffer.concat([rest, data])
    const whole = bytes.length - (bytes.length % 8)
    for (let at = 0; at < whole; at += 8) samples.push(Number(now - bytes.readBigInt64LE(at)) / 1e6)
    rest = bytes.subarray(whole)
  })
  try {
    await body(() => samples.length >= n)
  } finally {
    socket.destroy()
    server.close()
    await worker.terminate()
  }
  return samples.slice(0, n)
}
