/**
 * What listens as if it were a process that can be looked into.
 */
import { once } from "node:events"
import { createServer, type Socket } from "node:net"
import { join } from "node:path"
import { afterEach, beforeEach } from "vitest"
import { type Folder, withFolder } from "./process.ts"
import { hello } from "./support.ts"

// No process has so high a number.
export const nobody = 999_999_999

export const greeting = (changes: object = {}): string =>
  `${JSON.stringify({ hello: { ...hello, pid: nobody, ...changes } })}\n`

const begun: Array<() => Promise<unknown>> = []

/** Sends this to whoever connects, and to each who asks what `answer` gives; where it gives nothing the connection ends. */
export const pretend = async (
  folder: string,
  place: number | string,
  greeting: string,
  answer?: (line: string, socket: Socket) => string | undefined
): Promise<string> => {
  const path = join(folder, `${place}.sock`)
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on("error", () => {})
    if (greeting !== "") socket.write(greeting)
    socket.setEncoding("utf8").on("data", (text: string) => {
      const reply = answer?.(text, socket)
      if (reply === undefined) socket.destroy()
      else socket.write(reply)
    })
  })
  server.listen(path)
  await once(server, "listening")
  begun.push(async () => {
    const closed = once(server, "close")
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  })
  return path
}

/** One that answers the first request with these pieces. */
export const pretendPieces = (folder: string, pieces: ReadonlyArray<unknown>): Promise<string> =>
  pretend(folder, nobody, greeting(), () =>
    [...pieces.map((piece) => ({ id: 1, piece })), { id: 1, end: true }]
      .map((line) => `${JSON.stringify(line)}\n`)
      .join("")
  )

/** A folder of its own for each test of a file or a group. What pretends in it ends behind the test. */
export const withPretenders = (): Folder => {
  const files = {} as { -readonly [Name in keyof Folder]: Folder[Name] }
  beforeEach(() => Object.assign(files, withFolder()))
  afterEach(async () => {
    await endPretending()
    files.remove()
  })
  return files
}

export const endPretending = async (): Promise<void> => {
  await Promise.all(begun.splice(0).map((end) => end()))
}
