/**
 * The candidate protocol: scripts as JSONL on stdin, traces as JSONL on stdout, nothing else there.
 */
import { createInterface } from "node:readline"
import { Unsupported } from "./interpreter/session.ts"
import type { Script } from "./script.ts"
import type { Trace } from "./trace.ts"

type RunScript = (script: Script) => Promise<Trace>

const atATime = 64

/** Answers every script with the trace that `runScript` gives, and ends the process. */
export const serve = async (runScript: RunScript): Promise<void> => {
  const inFlight = new Set<Promise<void>>()
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() === "") continue
    const running = answer(line, runScript).then((text) => void process.stdout.write(`${text}\n`))
    inFlight.add(running)
    void running.finally(() => inFlight.delete(running))
    if (inFlight.size >= atATime) await Promise.race(inFlight)
  }
  await Promise.all(inFlight)
  // An abandoned script may still keep the process alive.
  process.stdout.write("", () => process.exit(0))
}

const answer = async (line: string, runScript: RunScript): Promise<string> => {
  let id: unknown
  try {
    const script = JSON.parse(line) as Script
    id = script.id
    return JSON.stringify({ id, trace: await runScript(script) })
  } catch (error) {
    if (error instanceof Unsupported) return JSON.stringify({ id, unsupported: error.message })
    return JSON.stringify({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }
}
