/**
 * A cluster of one process.
 *
 * @since 0.1.0
 */
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { statSync } from "node:fs"
import { hostname } from "node:os"
import { basename, resolve } from "node:path"
import type { Cluster } from "./Cluster.ts"
import type { ClusterOptions } from "./ClusterOptions.ts"
import { messagesInTables, single } from "./engine/layers.ts"
import { messagesInMemory } from "./engine/memory.ts"
import type { Trouble } from "./health.ts"
import { hashed } from "./internal/codec.ts"
import { engineOptions, live } from "./internal/live.ts"
import type { Place } from "./internal/looking.ts"
import { sqliteClient } from "./internal/sqliteClient.ts"

/**
 * Options of {@link embedded}.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface EmbeddedOptions<R = never> extends ClusterOptions<R> {
  /** The SQLite file in which tasks outlive the process; in memory by default, where they end with it. */
  readonly file?: string | undefined
}

/**
 * The file of an embedded cluster cannot be opened: another process has it, or it is no database.
 *
 * **Example** (A folder that is not there)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster"
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const nowhere = cluster.embedded({ file: "no/such/folder/tasks.sqlite" })
 *
 * const error = await asyncio.run(Effect.flip(Effect.provide(Effect.void, nowhere)))
 * error.file // => "no/such/folder/tasks.sqlite"
 * ```
 *
 * @category errors
 * @stability unstable
 * @since 0.1.0
 */
export class FileError extends Data.TaggedError("FileError")<{ readonly file: string; readonly cause: unknown }> {
  override get message(): string {
    const isLocked = String(this.cause).includes("database is locked")
    return isLocked
      ? `${this.file} belongs to another process, or to another cluster of this one: an embedded cluster is one process, and several share a PostgreSQL`
      : `${this.file} cannot be opened: ${String(this.cause)}`
  }
}

/**
 * A cluster in this process, with nothing to install: tasks are kept in memory, or in a file.
 *
 * **Details**
 *
 * With a file, tasks that wait when the process ends are begun by the next one that opens it, and so are those that it was running. One process
 * at a time has the file: for another one the layer fails with a {@link FileError}. Commits survive a crash of the process; a crash of the machine may
 * take the last ones.
 *
 * Needs `node:sqlite`: Node.js from 22.13 on, or Deno.
 *
 * **Cancellation**
 *
 * When the layer is closed, tasks of this process that stand for others are cancelled, tasks that run here have the time of `drain`, and then
 * are cancelled with the kind `"shutdown"` and wait for the next process.
 *
 * **Example** (In memory)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster"
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect, Schema } from "effect"
 *
 * const double = cluster.task("double", { payload: Schema.Number, success: Schema.Number })
 * const worker = double.worker((n) => Effect.succeed(2 * n), { concurrency: 4 })
 *
 * const main = Effect.flatten(cluster.createTask(double, 21))
 *
 * await asyncio.run(Effect.provide(main, cluster.embedded({ workers: [worker] }))) // => 42
 * ```
 *
 * @category running
 * @stability unstable
 * @since 0.1.0
 */
export const embedded = <R = never>(
  options: EmbeddedOptions<R> = {}
): Layer.Layer<Cluster, FileError, Exclude<R, Cluster>> => {
  const parts = engineOptions(options)
  checkFile(options.file)
  return live(options, (runner) => placeOf(options.file, runner), 0, watchOver(options.file)).pipe(
    // Messages are only read again by the next process.
    Layer.provide(single(parts, options.file === undefined ? messagesInMemory : messagesInTables)),
    Layer.provide(Layer.unwrap(Effect.map(open(options.file ?? ":memory:"), sqliteClient)))
  )
}

/** SQLite takes a path of no length for a file that is gone when it is closed. */
const checkFile = (file: unknown): void => {
  if (file === undefined || (typeof file === "string" && file !== "")) return
  // When: the `file` of an embedded cluster is empty, for want of a variable of the environment say, or no path.
  throw lowlevel.unexpectedValue(
    "a path was expected as the file of embedded()",
    file,
    "Leave it out for a cluster in memory, whose tasks end with the process."
  )
}

/** In memory it is no other process's. */
const placeOf = (file: string | undefined, runner: string): Place =>
  file === undefined
    ? { name: "cluster:memory", id: hashed(runner) }
    : { name: `cluster:${basename(file)}`, id: hashed(`${hostname()}:${resolve(file)}`) }

/** Whether the file that was opened is still where it was: SQLite goes on with one that no process can open any more. */
const watchOver = (file: string | undefined): Effect.Effect<() => ReadonlyArray<Trouble>> =>
  Effect.sync(() => {
    const opened = file === undefined ? undefined : idOf(file)
    if (file === undefined || opened === undefined) return () => []
    const message = `${file} was removed or replaced: what is written down now is gone with this process`
    return () => (idOf(file) === opened ? [] : [{ kind: "file", definition: "", count: 1, message }])
  })

const idOf = (file: string): string | undefined => {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false })
  return stat === undefined ? undefined : `${stat.dev} ${stat.ino}`
}

const open = (file: string) =>
  Effect.acquireRelease(
    Effect.tryPromise({
      try: async () => {
        const { DatabaseSync } = await import("node:sqlite")
        const database = new DatabaseSync(file)
        // The lock is the file's own and ends with the process, however that ends.
        database.exec(
          "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE; COMMIT"
        )
        return database
      },
      catch: (cause) => new FileError({ file, cause })
    }),
    (database) => Effect.sync(() => database.close())
  )
