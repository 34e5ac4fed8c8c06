/**
 * Heap snapshots that a client is to read: in the folder of the sockets, where nobody else can.
 */
import { closeSync, openSync, rmSync } from "node:fs"
import { join } from "node:path"
import { writeHeapSnapshot } from "node:v8"
import { heapFile, makeFolder } from "../folder.ts"
import type { Heap } from "../protocol.ts"

/** A client that has not taken its snapshot by then is gone. */
const patience = 60_000

export class HeapFiles {
  #last = 0

  write(): Omit<Heap, "tasks"> {
    const begun = performance.now()
    const { deno } = process.versions as { deno?: string }
    if (process.versions.bun !== undefined || deno !== undefined) {
      throw new Error("only Node.js can write the heap snapshot that leaks are found in; Bun and Deno cannot")
    }
    const file = heapFile(process.pid, ++this.#last)
    const path = join(makeFolder(), file)
    // Made before, so that only this user can read it: everything that the program has in memory is in it.
    rmSync(path, { force: true })
    closeSync(openSync(path, "wx", 0o600))
    const remove = () => rmSync(path, { force: true })
    try {
      writeHeapSnapshot(path)
    } catch (error) {
      remove()
      throw error
    }
    process.once("exit", remove)
    const timer = setTimeout(() => {
      process.off("exit", remove)
      remove()
    }, patience)
    timer.unref()
    return { file, stall: performance.now() - begun }
  }
}
