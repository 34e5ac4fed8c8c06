/**
 * A process that runs the programs of one peer written in JavaScript: `node worker.ts NAME`. Reads a request and writes an answer
 * as JSON, one a line, until its input ends. Nothing else may write to its stdout.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { createInterface } from "node:readline"
import { between, type Reading, readToStart, readToStop, sum } from "./clock.ts"
import type { Answer, Description, Request } from "./driver.ts"
import { type Peer, type Probe, programNames } from "./peer.ts"

const [name = ""] = process.argv.slice(2)
const { peer } = (await import(`../peers/${name}.ts`)) as { peer: Peer }

// Found before anything is measured.
const collectGarbage: () => void =
  globalThis.gc ??
  (() => {
    throw new Error("worker.ts needs --expose-gc")
  })

/** A figure of this process in bytes; undefined where the system does not tell. */
const status = (field: "VmHWM"): number | undefined => {
  try {
    const match = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(readFileSync("/proc/self/status", "utf8"))
    return match === null ? undefined : Number(match[1]) * 1024
  } catch {
    return undefined
  }
}

/** Begins a new peak of memory, where the system can. */
const forgetPeak = () => {
  try {
    writeFileSync("/proc/self/clear_refs", "5")
  } catch {
    // Then the peak is the highest since the process began, which is the same for a process that is new.
  }
}

const heapInUse = (): number => {
  collectGarbage()
  const { external, heapUsed } = process.memoryUsage()
  return heapUsed + external
}

let isNew = true

class Stopwatch implements Probe {
  counted: Reading | undefined = undefined
  heldBytes: number | undefined = undefined
  #started: Reading | undefined = undefined

  start(): void {
    this.#started = readToStart()
  }

  stop(): void {
    const part = between(this.#started!, readToStop())
    this.counted = this.counted === undefined ? part : sum(this.counted, part)
  }

  hold(): void {
    this.heldBytes = heapInUse()
  }
}

const describe = (): Description => ({
  versions: peer.versions,
  programs: Object.fromEntries(
    programNames.map((name) => {
      const program = peer.programs[name]
      return [name, typeof program === "string" ? program : null]
    })
  ) as Description["programs"]
})

const perform = async ({ n, program: name, setting, times }: Request): Promise<Answer> => {
  const program = peer.programs[name]
  if (typeof program === "string") throw new Error(program)
  // Only in a new process. Between two runs nothing of a peer is alive, and a forced collection makes V8 give up what it has
  // compiled for objects of which it finds none, which those that V8 decides on itself do not.
  const heapBefore = isNew ? heapInUse() : Number.NaN
  isNew = false
  const before = process.memoryUsage.rss()
  forgetPeak()
  const probe = new Stopwatch()
  const start = readToStart()
  let samples: ReadonlyArray<number> | void = undefined
  for (let i = 0; i < times; i++) samples = await program(n, probe, setting)
  const whole = between(start, readToStop())
  const { cpu, wall } = probe.counted ?? whole
  const peak = status("VmHWM") ?? process.resourceUsage().maxRSS * 1024
  return {
    nanos: wall / times,
    ...(cpu === undefined ? {} : { cpuNanos: cpu / times }),
    peakBytes: Math.max(peak - before, 0),
    ...(probe.heldBytes === undefined ? {} : { heldBytes: probe.heldBytes - heapBefore }),
    ...(samples === undefined ? {} : { samples })
  }
}

// The driver is gone: it was interrupted.
process.stdout.on("error", () => process.exit())

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as Request | { program: "describe" }
  let answer: Answer | Description | { error: string }
  try {
    answer = request.program === "describe" ? describe() : await perform(request)
  } catch (error) {
    answer = { error: String(error) }
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}

// A timer that a program left must not keep the process, and the driver that waits for its end, for an hour.
process.exit()
