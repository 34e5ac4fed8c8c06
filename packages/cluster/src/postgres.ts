/**
 * A cluster of several processes, on one machine or many, that share a PostgreSQL.
 *
 * @stability unstable
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import * as PgClient from "@effect/sql-pg/PgClient"
import * as Cause from "effect/Cause"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { SocketServerError } from "effect/socket/SocketServer"
import { isSqlError } from "effect/sql/SqlError"
import { createServer } from "node:net"
import type { AddressInfo } from "node:net"
import type { Cluster } from "./Cluster.ts"
import type { ClusterOptions } from "./ClusterOptions.ts"
import { several } from "./engine/sockets.ts"
import { DatabaseError } from "./errors.ts"
import { hashed } from "./internal/codec.ts"
import { checkCount } from "./internal/checks.ts"
import { innermost } from "./internal/innermost.ts"
import { engineOptions, live } from "./internal/live.ts"
import type { Place } from "./internal/looking.ts"

/**
 * Options of {@link postgres}.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface PostgresOptions<R = never> extends ClusterOptions<R> {
  /** Where the database is: `postgresql://USER:PASSWORD@HOST:PORT/DATABASE`. */
  readonly url: string | Redacted.Redacted
  /** The name or address by which the other processes reach this one, which has to be a worker; `127.0.0.1` by default, for one machine. */
  readonly host?: string | undefined
  /** The port on which they do, a free one by default. */
  readonly port?: number | undefined
  /**
   * Where it listens for them, where that is not the same: behind a container's ports, or on one address of several. By default the `port`, on all
   * interfaces, or on `127.0.0.1` where that is the `host`.
   */
  readonly listen?: { readonly host?: string | undefined; readonly port?: number | undefined } | undefined
  /**
   * How long a worker may say nothing until its tasks are begun elsewhere: frozen, cut off, or busy with one long step. 6 seconds by default, and
   * from 2 seconds to 24 days: workers say once a second that they are there. One whose process has died is found out sooner.
   */
  readonly expiry?: Duration.Input | undefined
  /** How many connections to the database, from 1 on; 10 by default. One more is a worker's own, for its locks. */
  readonly maxConnections?: number | undefined
}

/**
 * This process's part in a cluster of all processes that use the same database.
 *
 * **Details**
 *
 * A process with `workers` runs their tasks, and listens on a port for others that tell it of new ones; one without is a client. The tables are
 * made and brought up to date by the first that starts. All must agree on what a definition is; when two do not for a while, as at a rolling
 * deploy, `counts` shows it, and a task whose payload its worker cannot read fails with a PayloadError.
 *
 * Workers trust every process that reaches their port and the database: keep both in a network of your own.
 *
 * Fails with a {@link DatabaseError} where the database is not there when the process starts. Later it may be away: what runs goes on, and what is
 * waited for is waited for.
 *
 * Needs `@effect/sql-pg` and `@effect/platform-node`.
 *
 * **Cancellation**
 *
 * When the layer is closed, tasks of this process that stand for others are cancelled; tasks that run here have the time of `drain`, and then are
 * cancelled with the kind `"shutdown"` and begun again elsewhere.
 *
 * **Example** (A worker and a client, which connect when they are provided)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster"
 * import { postgres } from "@effect-asyncio/cluster/postgres"
 * import { Effect, Layer, Schema } from "effect"
 *
 * const resize = cluster.task("resize", { payload: Schema.String, success: Schema.String })
 * const worker = resize.worker((image) => Effect.succeed(`small ${image}`), { concurrency: 4 })
 *
 * const url = "postgresql://localhost/tasks"
 * const ofWorkers = postgres({ url, workers: [worker], host: "web-3.internal" })
 * const ofClients = postgres({ url, definitions: [resize] })
 *
 * const layers = [ofWorkers, ofClients]
 * layers.every(Layer.isLayer) // => true
 * ```
 *
 * @category running
 * @stability unstable
 * @since 0.1.0
 */
export const postgres = <R = never>(
  options: PostgresOptions<R>
): Layer.Layer<Cluster, DatabaseError, Exclude<R, Cluster>> => {
  const { expiry = "6 seconds", host = "127.0.0.1", listen = {}, maxConnections = 10, url } = options
  const parts = engineOptions(options)
  checkAddress(url)
  checkCount(maxConnections, "as the maxConnections of postgres()", "Leave it out for 10.")
  for (const port of [options.port, listen.port]) checkPort(port)
  const ownExpiry = expiryOf(expiry)
  const database = PgClient.layer({
    url: typeof url === "string" ? Redacted.make(url) : url,
    // A worker's locks have one of the pool for as long as it lives: with no other one it would wait for itself.
    maxConnections: parts.served.length > 0 ? maxConnections + 1 : maxConnections,
    applicationName: options.name ?? "effect-asyncio"
  })
  const engine = Layer.unwrap(
    Effect.map(options.port === undefined ? freePort : Effect.succeed(options.port), (port) => {
      const ownHost = listen.host ?? (host === "127.0.0.1" ? host : "0.0.0.0")
      return several({
        ...parts,
        host,
        port,
        listen: { host: ownHost, port: listen.port ?? port },
        expiry: ownExpiry
      })
    })
  )
  return live(options, () => placeOf(url), ownExpiry).pipe(
    Layer.provide(engine),
    Layer.provide(database),
    Layer.catchCause((cause) => Layer.effectDiscard(Effect.failCause(toOurs(cause)))) as never
  )
}

/** Whether the tables of a cluster are in a database. @internal */
export const hasTablesAt = (url: string): Effect.Effect<boolean, DatabaseError> =>
  Effect.gen(function* () {
    const sql = yield* PgClient.PgClient
    const [row] = yield* sql<{ there: boolean }>`SELECT to_regclass('asyncio_tasks') IS NOT NULL AS there`
    return row?.there === true
  }).pipe(
    Effect.provide(PgClient.layer({ url: Redacted.make(url), maxConnections: 1 })),
    Effect.mapError((cause) => new DatabaseError({ cause }))
  )

const checkAddress = (url: unknown): void => {
  if (typeof url === "string" || Redacted.isRedacted(url)) return
  // When: `postgres` has no `url`, for want of a variable of the environment say.
  // Not what it is: a password may be in it.
  throw lowlevel.withHint(
    new TypeError(`the address of a database was expected by postgres(), got ${url === null ? "null" : typeof url}`),
    'Give it the `url` as a text: `"postgresql://me@localhost/tasks"`.'
  )
}

// A worker says that it is there once a second, so that a silence has to last for longer to be one. PostgreSQL ends a session that is idle for
// so many milliseconds at most.
const shortestExpiry = 2000
const longestExpiry = 2 ** 31 - 1

const expiryOf = (expiry: Duration.Input): number => {
  const millis = lowlevel.toMillis(expiry)
  if (millis >= shortestExpiry && millis <= longestExpiry) return millis
  // When: the `expiry` of `postgres` is so short that a worker which is well could not hold its tasks, or longer than PostgreSQL counts.
  throw lowlevel.withHint(
    new asyncio.ValueError(
      `the expiry of postgres() has to be 2 seconds at least, and 24 days at most, and this one is ${millis} ms`
    ),
    "A worker says once a second that it is there, and the database has a third of the expiry for each answer: a shorter one would have tasks " +
      "of a worker that is well begun elsewhere. Leave it out for 6 seconds."
  )
}

const checkPort = (port: unknown): void => {
  if (port === undefined || (Number.isInteger(port) && (port as number) >= 0 && (port as number) < 65_536)) return
  // When: the `port` of a worker, a variable of the environment say, is no number from 0 to 65535.
  throw lowlevel.unexpectedValue("a port was expected by postgres()", port, "Give it a number from 0 to 65535.")
}

/** By its database: without a user or a password. */
const placeOf = (url: string | Redacted.Redacted): Place => {
  const text = typeof url === "string" ? url : Redacted.value(url)
  if (!URL.canParse(text)) return { name: "cluster:postgres", id: hashed(text) }
  const { host, pathname } = new URL(text)
  return {
    name: `cluster:${lowlevel.safely(() => decodeURIComponent(pathname.slice(1)), pathname.slice(1)) || "postgres"}`,
    id: hashed(`${host}${pathname}`)
  }
}

/** The engine has all that is not there as a defect. */
const toOurs = (cause: Cause.Cause<unknown>): Cause.Cause<unknown> => {
  const error = Cause.squash(cause)
  if (isSqlError(error)) return Cause.fail(new DatabaseError({ cause: error }))
  return error instanceof SocketServerError ? Cause.die(portError(error)) : cause
}

const portError = (error: SocketServerError): Error =>
  // When: the `port` of a worker of a cluster is another program's, or not this user's to take.
  lowlevel.withHint(
    new asyncio.RuntimeError(`a worker cannot listen on its port: ${innermost(error)}`),
    "Leave out `port` for one that is free."
  )

/** A port that no process listens on just now. */
const freePort: Effect.Effect<number> = Effect.callback((resume) => {
  const server = createServer()
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address() as AddressInfo
    server.close(() => resume(Effect.succeed(port)))
  })
})
