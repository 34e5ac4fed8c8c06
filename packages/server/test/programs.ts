/**
 * Services in processes of their own.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:net"
import type { AddressInfo } from "node:net"
import { fileURLToPath } from "node:url"

export interface Program {
  readonly pid: number
  /** All that it has printed. */
  readonly output: () => string
  /** The port that it prints, once it listens. */
  readonly port: Promise<number>
  readonly kill: (signal: NodeJS.Signals) => void
  /** Its status when it has ended, or the signal that has ended it. */
  readonly ended: Promise<number | string>
}

const fileOf = (name: string) => fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url))

export const start = (name: string, args: ReadonlyArray<string> = [], env: NodeJS.ProcessEnv = {}): Program => {
  const child = spawn(
    process.execPath,
    ["--no-warnings", "--conditions=@effect-asyncio/source", fileOf(name), ...args],
    { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } }
  )
  let output = ""
  let found = (_port: number): void => {}
  const port = new Promise<number>((resolve) => (found = resolve))
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data) => {
      output += String(data)
      const [, text] = /^port (\d+)$/m.exec(output) ?? []
      if (text !== undefined) found(Number(text))
    })
  }
  const ended = once(child, "close").then(([code, signal]) => (code ?? signal) as number | string)
  return { pid: child.pid!, output: () => output, port, kill: (signal) => child.kill(signal), ended }
}

/** A port that is free, for programs that cannot take any. */
export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, "close")
  return port
}
