/**
 * What is measured: a way of running tasks elsewhere, each in a process of its own, which does what the benchmark says.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

export interface Side {
  /** Submits so many tasks that do nothing, and waits for their results; `atOnce` at a time are under way. */
  readonly submitAndJoin: (count: number) => Promise<void>
  /** Starts a task that does not end by itself, cancels it, and gives after how many milliseconds its client knows that it has stopped. */
  readonly cancel: () => Promise<number>
  /** Starts so many tasks that do not end, each with a client that waits for it, and waits until all of them run. */
  readonly leaveWaiting: (count: number) => Promise<void>
  /** What its other processes use of something. */
  readonly others?: ((what: Resource) => Promise<number>) | undefined
}

/** How many tasks of a client are under way at a time. */
export const atOnce = 200

export type Command =
  | { readonly kind: "submitAndJoin" | "leaveWaiting" | "cancel"; readonly count: number }
  | { readonly kind: Resource }

/** Milliseconds, of a cancel each of its times; or bytes, or microseconds, that are used. */
export type Answer = { readonly values: ReadonlyArray<number> } | { readonly error: string }

let last = 0
/** A name that no task had before. */
export const newName = (): string => `${process.pid}-${++last}`

/** A file for a database, which goes with the process. */
export const temporaryFile = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "cluster-bench-"))
  process.on("exit", () => rmSync(folder, { recursive: true }))
  return join(folder, "tasks.db")
}

/** Microseconds of the processor so far; or bytes, after a full collection, which has its price in the other. */
export type Resource = "cpu" | "heap"

/** What this process uses. */
export const used = async (what: Resource): Promise<number> => {
  const { system, user } = process.cpuUsage()
  if (what === "cpu") return system + user
  for (let round = 0; round < 3; round++) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    ;(globalThis as { gc?: () => void }).gc?.()
  }
  return process.memoryUsage().heapUsed
}

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

const valuesOf = async (side: Side, command: Command): Promise<ReadonlyArray<number>> => {
  switch (command.kind) {
    case "submitAndJoin":
      return [await timed(() => side.submitAndJoin(command.count))]
    case "leaveWaiting":
      return [await timed(() => side.leaveWaiting(command.count))]
    case "cancel": {
      const latencies: Array<number> = []
      for (let time = 0; time < command.count; time++) latencies.push(await side.cancel())
      return latencies
    }
    default: {
      const [own, others] = await Promise.all([used(command.kind), side.others?.(command.kind) ?? 0])
      return [own + others]
    }
  }
}

const send = (answer: Answer): void => void process.send!(answer)

/** Does what the benchmark says, one thing after the other. */
export const obey = (side: Side): void => {
  process.on("message", (command: Command) => {
    valuesOf(side, command).then(
      (values) => send({ values }),
      (error: unknown) => send({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    )
  })
  // The benchmark has ended, in whatever way.
  process.on("disconnect", () => process.exit(0))
  send({ values: [] })
}
