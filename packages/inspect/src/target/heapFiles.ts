/**
 * Heap snapshots that a client is to read: in the folder of the sockets, where no other user can.
 */
import { closeSync, openSync, rmSync } from "node:fs"
import { join } from "node:path"
import { writeHeapSnapshot } from "node:v8"
import { heapFile, makeFolder, sweepHeapFiles } from "../folder.ts"
import type { Heap } from "../protocol.ts"

const megabytes = (bytes: number): number => Math.floor(bytes / 1e6)

export class HeapFiles {
  #last = 0
  // Those that no client has taken yet, as far as is known here, with what takes them away.
  readonly #kept = new Map<string, () => void>()

  write(most: number): Required<Omit<Heap, "tasks">> {
    const begun = performance.now()
    const { deno } = process.versions as { deno?: string }
    if (process.versions.bun !== undefined || deno !== undefined) {
      throw new Error("only Node.js can write the heap snapshot that leaks are found in; Bun and Deno cannot")
    }
    const { heapUsed } = process.memoryUsage()
    if (heapUsed > most) {
      throw new Error(
        `its heap has ${megabytes(heapUsed)} MB, and more than ${megabytes(most)} MB are not written down: it would stand still for long, and take as much memory again. leaks --max-heap ${megabytes(heapUsed) + 1} writes it all the same`
      )
    }
    const file = heapFile(process.pid, ++this.#last)
    const folder = makeFolder()
    sweepHeapFiles(folder)
    const path = join(folder, file)
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
    this.#kept.set(file, remove)
    return { file, stall: performance.now() - begun }
  }

  /** Takes one away that no client will read; without a name all of them. */
  remove(file?: string): void {
    for (const name of file === undefined ? [...this.#kept.keys()] : [file]) {
      const remove = this.#kept.get(name)
      if (remove === undefined) continue
      this.#kept.delete(name)
      process.off("exit", remove)
      remove()
    }
  }
}
