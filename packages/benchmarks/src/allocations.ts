/**
 * Bytes that an operation allocates. With V8's compiler and collector on the main thread (`--predictable`) and room for
 * everything in the young generation, the growth of the heap over a fixed number of operations is the same every time,
 * however busy the machine is.
 */
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import type { ProgramName } from "./peer.ts"
import type { Allocations } from "./records.ts"

export const libraries = ["core", "compat"] as const

/**
 * The hottest programs, with the number of operations of a run. V8 counts the heap in pages: so many that a page more or
 * less is a small part of it.
 */
export const hottest = {
  createAndAwait: 20_000,
  createThenAwait: 20_000,
  gather: 10_000,
  taskGroup: 10_000,
  sleepZero: 40_000,
  sleepZeroInMany: 40_000,
  queue: 20_000,
  lock: 10_000,
  waitForInTime: 5000,
  cancelSleepers: 10_000
} as const satisfies Partial<Record<ProgramName, number>>

export type HotProgram = keyof typeof hottest

export const hotPrograms = Object.keys(hottest) as ReadonlyArray<HotProgram>

// Of the sources, so that a test sees what is written and not what was last built.
const flags = [
  "--conditions=@effect-asyncio/source",
  "--disable-warning=ExperimentalWarning",
  "--predictable",
  "--min-semi-space-size=512",
  "--max-semi-space-size=512"
]

/** Bytes per operation of one program of a library, in a process of its own. */
export const measureAllocations = async (library: string, program: HotProgram): Promise<number> => {
  const script = fileURLToPath(new URL("allocationsOf.ts", import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...flags,
    script,
    library,
    program,
    String(hottest[program])
  ])
  return Number(stdout)
}

export const measureAllAllocations = async (): Promise<Allocations> => {
  const rows = libraries.map(async (library) => {
    const row: Record<string, number> = {}
    for (const program of hotPrograms) row[program] = Math.round(await measureAllocations(library, program))
    return [library, row] as const
  })
  const bytesPerOperation = Object.fromEntries(await Promise.all(rows))
  return { node: process.version, v8: process.versions.v8, bytesPerOperation }
}
