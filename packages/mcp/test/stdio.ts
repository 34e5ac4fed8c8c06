/**
 * Servers in processes of their own, and what is written to them as it is.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { until } from "./support.ts"

/** How to start a program of this folder. */
export const programOf = (name: string, ...args: ReadonlyArray<string>) => {
  const file = fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url))
  return { command: process.execPath, args: ["--no-warnings", "--conditions=@effect-asyncio/source", file, ...args] }
}

interface Answer {
  readonly id?: unknown
  readonly result?: any
  readonly error?: { readonly code: number; readonly message: string; readonly data?: any }
}

/** A session whose messages are written by hand. */
export const startRaw = async (name: string) => {
  const { args, command } = programOf(name)
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] })
  const answers: Array<Answer> = []
  let printed = ""
  createInterface(child.stdout).on("line", (line) => answers.push(JSON.parse(line) as Answer))
  child.stderr.on("data", (data) => (printed += String(data)))
  const write = (data: string | Uint8Array) => child.stdin.write(data)
  const send = (message: object) => write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`)
  const answer = async (id: string | number): Promise<Answer> => {
    await until(() => answers.some((each) => each.id === id))
    return answers.find((each) => each.id === id)!
  }
  const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "0.0.0" } }
  send({ id: "first", method: "initialize", params })
  await answer("first")
  send({ method: "notifications/initialized" })
  const call = (id: string | number, tool: string) => send({ id, method: "tools/call", params: { name: tool } })
  const cancel = (requestId: unknown, reason?: string) =>
    send({ method: "notifications/cancelled", params: { requestId, reason } })
  /** Hangs up, and gives what the calls of `hang` have ended with. */
  const end = async () => {
    const closed = once(child, "close")
    child.stdin.end()
    await closed
    return JSON.parse(printed.trim().split("\n").at(-1)!) as ReadonlyArray<{ kind: string; reason?: string }>
  }
  return { answer, answers, call, cancel, end, send, write }
}
