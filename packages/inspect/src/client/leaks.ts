/**
 * Finds the tasks of a process that nothing can wake any more.
 */
import { closeSync, fstatSync, lstatSync, openSync, readSync, rmSync } from "node:fs"
import { join } from "node:path"
import { InspectError } from "../errors.ts"
import { checkFolder, folderPath, isHeapFile } from "../folder.ts"
import type { Dump, Heap, TaskRow } from "../protocol.ts"
import type { Talk } from "./talking.ts"
import { readDump } from "./dump.ts"

/** What `leaks --json` prints. */
export interface Leaks {
  /** How many tasks there were. */
  readonly tasks: number
  /** Those that nothing can wake. */
  readonly leaks: ReadonlyArray<TaskRow>
  /** How large the heap of the program was, where it was looked through: not where its loops wake each task by a timer. */
  readonly heap?: { readonly nodes: number; readonly edges: number }
  /** For how long the program stood still, in milliseconds. */
  readonly stall: number
}

// A large heap takes its time, in which nothing can be said.
const patience = 300_000

/** A heap larger than that, in bytes, is written only on demand: V8 takes about half a minute of a processor for this one. */
const mostBytes = 1e9

/** `most` is how large the heap of the process may be, in bytes. */
export const findLeaks = async (
  connection: Talk,
  most = mostBytes
): Promise<{ readonly found: Leaks; readonly dump: Dump | undefined }> => {
  const { pid } = connection.hello
  const heap = await connection.ask<Heap>({ request: "leaks", most }, patience)
  if (!Array.isArray(heap?.tasks) || (heap.file !== undefined && !isHeapFile(heap.file, pid))) {
    throw new InspectError(`what listens for process ${pid} is no process of @effect-asyncio/inspect`)
  }
  if (heap.file === undefined) {
    return { found: { tasks: heap.tasks.length, leaks: [], stall: heap.stall }, dump: undefined }
  }
  const path = join(folderPath(), heap.file)
  checkFolder()
  // Not before it is needed: this brings Effect, which the other commands do without.
  const { heapFindings } = await import("@effect-asyncio/core/lowlevel")
  const { edges, nodes, unreached } = readable(pid, () => heapFindings(contentsOf(path)))
  const dump = await readDump(connection)
  const ids = new Set(unreached.map((i) => heap.tasks[i]))
  // A task that nothing wakes does not end: all are there still.
  const leaks = dump.loops.flatMap(({ tasks }) => tasks).filter(({ id }) => ids.has(id))
  return { found: { tasks: heap.tasks.length, leaks, heap: { nodes, edges }, stall: heap.stall }, dump }
}

const readable = <A>(pid: number, read: () => A): A => {
  try {
    return read()
  } catch (error) {
    throw new InspectError(`process ${pid}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const pieceSize = 1024 * 1024

/** A file in pieces; its name is gone as soon as it is open, so that it is away in any case. */
function* contentsOf(path: string): Generator<Uint8Array> {
  if (!lstatSync(path).isFile()) throw new InspectError(`${path} is no file`)
  const file = openSync(path, "r")
  rmSync(path, { force: true })
  try {
    const size = Math.min(pieceSize, fstatSync(file).size + 1)
    const piece = Buffer.allocUnsafe(size)
    for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) yield piece.subarray(0, read)
  } finally {
    closeSync(file)
  }
}
