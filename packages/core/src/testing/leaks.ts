/**
 * Tests that leave no task behind that nothing can wake.
 *
 * @since 0.1.0
 */
import { findingsIn, leakProbe } from "../internal/leaks/probe.ts"
import { loopsWakeAll } from "../internal/leaks/waked.ts"
import { withHint } from "../internal/model/hints.ts"
import { RuntimeError } from "../errors.ts"
import { deadlockText } from "../internal/run/deadlockText.ts"
import type { TaskImpl } from "../internal/task/task.ts"
import type { Task } from "../Task.ts"

/**
 * Tasks that nothing can wake any more: what {@link assertNoLeaks} rejects with. The message names each and what it waits for.
 *
 * **Example** (Which tasks they are)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { assertNoLeaks, LeakError } from "@effect-asyncio/core/testing"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   yield* asyncio.createTask(Effect.promise(() => new Promise(() => {})), { name: "lost" })
 *   yield* asyncio.sleep(0)
 *   return yield* Effect.promise(() => assertNoLeaks().catch((error) => error))
 * })
 *
 * const error = await asyncio.run(main)
 * error instanceof LeakError && error.tasks.map((task) => task.getName()) // => ["lost"]
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class LeakError extends Error {
  override readonly name: string = "LeakError"
  /** The tasks. */
  declare readonly tasks: ReadonlyArray<Task<unknown, unknown>>
  readonly hint: string =
    "Look for what should wake them: a promise that is never settled, a lock that is never released."

  constructor(tasks: ReadonlyArray<Task<unknown, unknown>>) {
    // When: `assertNoLeaks` found tasks that nothing can wake any more.
    super(`nothing can wake these tasks any more:${deadlockText(tasks as ReadonlyArray<TaskImpl>)}`)
    Object.defineProperty(this, "tasks", { configurable: true, writable: true, value: tasks })
  }
}

interface Host {
  readonly process?: {
    readonly versions?: { readonly node?: string; readonly bun?: string; readonly deno?: string }
    readonly getBuiltinModule?: {
      (name: "node:v8"): { writeHeapSnapshot(path: string): void }
      (name: "node:os"): { tmpdir(): string }
      (name: "node:path"): { join(...parts: ReadonlyArray<string>): string }
      (name: "node:fs"): Files
    }
  }
  readonly setTimeout: (f: () => void, millis: number) => unknown
}

interface Files {
  mkdtempSync(prefix: string): string
  rmSync(path: string, options: { readonly recursive: true; readonly force: true }): void
  openSync(path: string, flags: "r"): number
  readSync(file: number, piece: Uint8Array): number
  closeSync(file: number): void
}

const host = globalThis as unknown as Host

/**
 * Rejects with a {@link LeakError} if there are tasks, on any loop of the thread, that nothing can wake any more: no timer, no socket, no
 * resolver of a promise, no code that could cancel them.
 *
 * **Details**
 *
 * Where each task waits for a timer, or for a task that does, that is all there is to know. Else it takes a snapshot of the heap, which stops
 * the program for a second or so: once at the end of a test, or of all of them. A task that a
 * variable of running code still names can be cancelled by that, and is none: let go of what is not needed. So is one whose resolver something
 * holds that will never call it.
 *
 * The snapshot is for Node.js, also in a thread. Elsewhere it rejects with a RuntimeError where it needs one: `only Node.js can take the heap snapshot that leaks are found in`.
 *
 * **Example** (A task that nothing can wake)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { assertNoLeaks } from "@effect-asyncio/core/testing"
 * import { Effect } from "effect"
 *
 * const main = Effect.gen(function*() {
 *   yield* asyncio.createTask(Effect.promise(() => new Promise(() => {})), { name: "lost" })
 *   yield* asyncio.sleep(0)
 *   return yield* Effect.promise(() => assertNoLeaks().catch((error) => error.tasks.length))
 * })
 *
 * await asyncio.run(main) // => 1
 * ```
 *
 * @category testing
 * @since 0.1.0
 */
export const assertNoLeaks = async (): Promise<void> => {
  if (loopsWakeAll()) return
  const { process } = host
  const versions = process?.versions
  const modules = process?.getBuiltinModule
  if (
    modules === undefined ||
    versions?.node === undefined ||
    versions.bun !== undefined ||
    versions.deno !== undefined
  ) {
    // When: `assertNoLeaks` on Bun, on Deno or in a browser.
    throw withHint(
      new RuntimeError("only Node.js can take the heap snapshot that leaks are found in"),
      "Run this test on Node.js."
    )
  }
  const probe = leakProbe()
  try {
    // On a stack of its own: what is on the stack counts as held.
    const unreached = await new Promise<ReadonlyArray<number>>((resolve, reject) => {
      host.setTimeout(() => {
        try {
          resolve(look(modules))
        } catch (error) {
          reject(error)
        }
      }, 0)
    })
    const tasks = probe.tasks()
    const leaks = unreached.flatMap((i) => tasks[i] ?? []).filter((task) => !task.done())
    if (leaks.length > 0) throw new LeakError(leaks)
  } finally {
    probe.end()
  }
}

const look = (modules: NonNullable<NonNullable<Host["process"]>["getBuiltinModule"]>): ReadonlyArray<number> => {
  const files = modules("node:fs")
  const paths = modules("node:path")
  const folder = files.mkdtempSync(paths.join(modules("node:os").tmpdir(), "effect-asyncio-"))
  try {
    const path = paths.join(folder, "tests.heapsnapshot")
    modules("node:v8").writeHeapSnapshot(path)
    return findingsIn(contentsOf(files, path)).unreached
  } finally {
    files.rmSync(folder, { recursive: true, force: true })
  }
}

const pieceSize = 1024 * 1024

function* contentsOf(files: Files, path: string): Generator<Uint8Array> {
  const file = files.openSync(path, "r")
  const piece = new Uint8Array(pieceSize)
  try {
    for (let read = files.readSync(file, piece); read > 0; read = files.readSync(file, piece)) {
      yield piece.subarray(0, read)
    }
  } finally {
    files.closeSync(file)
  }
}
