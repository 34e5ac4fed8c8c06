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

/** The hottest programs. */
export const hottest = ["createAndAwait", "createThenAwait", "sleepZero"] as const satisfies ReadonlyArray<ProgramName>

export const operations = 5000

// Of the sources, so that a test sees what is written and not what was last built.
const flags = [
  "--conditions=@effect-asyncio/source",
  "--disable-warning=ExperimentalWarning",
  "--expose-gc",
  "--predictable",
  "--min-semi-space-size=256",
  "--max-semi-space-size=256"
]

/** Bytes per operation of one program of a library, in a process of its own. */
export const measureAllocations = async (library: string, program: ProgramName): Promise<number> => {
  const script = fileURLToPath(new URL("allocationsOf.ts", import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...flags,
    script,
    library,
    program,
    String(operations)
  ])
  return Number(stdout)
}

export const measureAllAllocations = async (): Promise<Allocations> => {
  const rows = libraries.map(async (library) => {
    const row: Record<string, number> = {}
    for (const program of hottest) row[program] = Math.round(await measureAllocations(library, program))
    return [library, row] as const
  })
  const bytesPerOperation = Object.fromEntries(await Promise.all(rows))
  return { node: process.version, v8: process.versions.v8, operations, bytesPerOperation }
}
