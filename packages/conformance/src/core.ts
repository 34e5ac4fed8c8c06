/**
 * The candidate for `@effect-asyncio/core`: scripts as JSONL on stdin, traces as JSONL on stdout, nothing else there.
 */
import { createInterface } from "node:readline"
import { runScript } from "./interpreter/core/machine.ts"
import type { Script } from "./script.ts"

const atATime = 64

const answer = async (line: string): Promise<string> => {
  let id: unknown
  try {
    const script = JSON.parse(line) as Script
    id = script.id
    return JSON.stringify({ id, trace: await runScript(script) })
  } catch (error) {
    return JSON.stringify({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }
}

const inFlight = new Set<Promise<void>>()
for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() === "") continue
  const running = answer(line).then((text) => void process.stdout.write(`${text}\n`))
  inFlight.add(running)
  void running.finally(() => inFlight.delete(running))
  if (inFlight.size >= atATime) await Promise.race(inFlight)
}
await Promise.all(inFlight)
// An abandoned script may still keep the process alive.
process.stdout.write("", () => process.exit(0))
