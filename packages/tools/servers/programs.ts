/**
 * Programs of tests in processes of their own: workers that are killed, services that are stopped.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"

export interface Program {
  readonly pid: number
  /** All that it has printed. */
  readonly output: () => string
  /** The first of its lines that matches, also one of before. Fails when the program has ended without one. */
  readonly line: (pattern: RegExp) => Promise<RegExpExecArray>
  /** Writes a line to its standard input. */
  readonly tell: (line: string) => void
  readonly kill: (signal: NodeJS.Signals) => void
  /** Its status when it has ended, or the signal that has ended it. */
  readonly ended: Promise<number | string>
}

export interface ProgramOptions {
  readonly args?: ReadonlyArray<string>
  readonly env?: NodeJS.ProcessEnv
  /** What of our packages it loads: their sources by default. */
  readonly packages?: "sources" | "built"
}

/** Starts a program in TypeScript. */
export const startProgram = (
  file: string,
  { args = [], env = {}, packages = "sources" }: ProgramOptions = {}
): Program => {
  const conditions = packages === "sources" ? ["--conditions=@effect-asyncio/source"] : []
  const child = spawn(process.execPath, ["--no-warnings", ...conditions, file, ...args], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...env }
  })
  let output = ""
  let hasEnded = false
  const waiting = new Set<() => void>()
  const look = () => {
    for (const each of Array.from(waiting)) each()
  }
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text
      look()
    })
  }
  // What is told to a program that was killed is lost, and no error of the test.
  child.stdin.on("error", () => {})
  // A test that fails leaves no program behind.
  const onExit = () => void child.kill("SIGKILL")
  process.once("exit", onExit)
  const ended = once(child, "close").then(([code, signal]) => {
    process.off("exit", onExit)
    hasEnded = true
    look()
    return (code ?? signal) as number | string
  })
  const line = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const each = () => {
        const found = output
          .split("\n")
          .slice(0, -1)
          .map((text) => pattern.exec(text))
          .find((match) => match !== null)
        if (found === undefined && !hasEnded) return
        waiting.delete(each)
        if (found === undefined) reject(new Error(`it ended without a line like ${pattern}:\n${output}`))
        else resolve(found)
      }
      waiting.add(each)
      each()
    })
  return {
    pid: child.pid!,
    output: () => output,
    line,
    tell: (text) => void child.stdin.write(`${text}\n`),
    kill: (signal) => void child.kill(signal),
    ended
  }
}
