/**
 * Looking into a cluster from a program that has no other part in it.
 *
 * @stability unstable
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { existsSync } from "node:fs"
import type { Cluster } from "./Cluster.ts"
import { embedded, FileError } from "./embedded.ts"

/**
 * There is no cluster at an address: a file that is not there, or a database without its tables. The message does not tell the address.
 *
 * **Example** (A file that is not there)
 *
 * ```ts import.meta.vitest
 * import { lookInto, NoClusterError } from "@effect-asyncio/cluster/look"
 *
 * const error = await lookInto("no/such/tasks.sqlite").catch((error: unknown) => error)
 * error instanceof NoClusterError && error.where // => "file"
 * ```
 *
 * @category errors
 * @stability unstable
 * @since 0.1.0
 */
export class NoClusterError extends Data.TaggedError("NoClusterError")<{ readonly where: "file" | "database" }> {
  override get message(): string {
    return this.where === "file"
      ? "there is no file of a cluster there"
      : "the database has no tables of a cluster: the first process of one makes them"
  }
}

/**
 * Has this process tell of a cluster of which it knows no more than where it is: a PostgreSQL, `postgresql://USER:PASSWORD@HOST:PORT/DATABASE`, or the
 * SQLite file of an embedded one that no process has open. Gives what ends that.
 *
 * **When to use**
 *
 * With `@effect-asyncio/inspect`, whose command `cluster` does this: for a look from a machine on which no process of the cluster is.
 *
 * **Details**
 *
 * It is a client that creates nothing and runs nothing. It makes no tables where there are none, but brings those of an older version up to date, as
 * every process does. Rejects with a {@link NoClusterError}, and as `embedded` and `postgres` fail.
 *
 * **Example** (Into a file that a process has left)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster"
 * import { lookInto } from "@effect-asyncio/cluster/look"
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 * import { mkdtempSync, rmSync } from "node:fs"
 * import { tmpdir } from "node:os"
 * import { join } from "node:path"
 *
 * const folder = mkdtempSync(join(tmpdir(), "look-"))
 * const file = join(folder, "tasks.sqlite")
 * const send = cluster.task("send")
 * await asyncio.run(Effect.provide(cluster.submit(send, undefined, { name: "mail 1" }), cluster.embedded({ file }))) // => "mail 1"
 *
 * const end = await lookInto(file)
 * // Here the process tells of "mail 1" to clients that look into it.
 * await end()
 * rmSync(folder, { recursive: true })
 * ```
 *
 * @category running
 * @stability unstable
 * @since 0.1.0
 */
export const lookInto = async (address: string): Promise<() => Promise<void>> => {
  const scope = Scope.makeUnsafe()
  const layer = /^postgres(ql)?:\/\//.test(address) ? await ofPostgres(address) : await ofFile(address)
  const exit = await Effect.runPromiseExit(Layer.buildWithScope(layer, scope))
  const end = () => Effect.runPromise(Scope.close(scope, Exit.void))
  if (Exit.isSuccess(exit)) return end
  await end()
  throw Cause.squash(exit.cause)
}

type Part = Layer.Layer<Cluster, unknown>

const ofFile = async (file: string): Promise<Part> => {
  if (!existsSync(file)) throw new NoClusterError({ where: "file" })
  if (!(await hasTables(file))) throw new NoClusterError({ where: "database" })
  return embedded({ file })
}

const hasTables = async (file: string): Promise<boolean> => {
  const { DatabaseSync } = await import("node:sqlite")
  try {
    const database = new DatabaseSync(file, { readOnly: true })
    try {
      return database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'asyncio_tasks'").get() !== undefined
    } finally {
      database.close()
    }
  } catch (cause) {
    throw new FileError({ file, cause })
  }
}

const ofPostgres = async (url: string): Promise<Part> => {
  // Not loaded for a file: it needs packages that only those with PostgreSQL have.
  const { hasTablesAt, postgres } = await import("./postgres.ts")
  if (!(await Effect.runPromise(hasTablesAt(url)))) throw new NoClusterError({ where: "database" })
  return postgres({ url })
}
