/**
 * Who does what in the PostgreSQL of the tests, as the server itself sees it.
 */
import { Pool } from "pg"

/** Where it listens; undefined where there is none, and its tests are skipped. */
export const postgresUrl = process.env.ECOSYSTEM_POSTGRES

export const withoutPostgres = postgresUrl === undefined ? "there is no PostgreSQL" : undefined

type Wanted = (state: string | undefined) => boolean

interface Watch {
  readonly tag: string
  readonly wanted: Wanted
  readonly resolve: () => void
}

/** How often the server is asked while somebody waits, in milliseconds. */
const pause = 2

export class PostgresActivity {
  readonly #name: string
  readonly #pool = new Pool({ connectionString: postgresUrl ?? "", max: 4 })
  readonly #watches = new Set<Watch>()
  #asked: Promise<void> | undefined = undefined
  #closed = false
  #count = 0

  /** `name`: the application_name that the connections of the library under test have. */
  constructor(name: string) {
    this.#name = name
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#asked
    await this.#pool.end()
  }

  /** The statement of an attempt, which does not end by itself, and what the server sees of it. */
  expect(statement = "select pg_sleep(3600)"): {
    readonly text: string
    readonly begun: Promise<void>
    readonly stopped: Promise<void>
  } {
    const tag = `attempt ${++this.#count};`
    const begun = this.#until(tag, (state) => state !== undefined && state !== "idle")
    const stopped = begun.then(() => this.#until(tag, (state) => state === undefined || state === "idle"))
    return { text: `/* ${tag} */ ${statement}`, begun, stopped }
  }

  /** Cancels what a backend does. */
  async cancel(pid: number | null): Promise<void> {
    await this.#pool.query("select pg_cancel_backend($1)", [pid])
  }

  /** What the connections of the library are doing, and how many locks they hold. */
  async summary(): Promise<{ readonly busy: number; readonly connections: number; readonly locks: number }> {
    const { rows } = await this.#pool.query<{ busy: number; connections: number; locks: number }>(
      `select count(*) filter (where state <> 'idle')::int as busy, count(*)::int as connections,
        (select count(*)::int from pg_locks join pg_stat_activity using (pid)
          where locktype = 'advisory' and application_name = $1) as locks
       from pg_stat_activity where application_name = $1`,
      [this.#name]
    )
    return rows[0] ?? { busy: 0, connections: 0, locks: 0 }
  }

  #until(tag: string, wanted: Wanted): Promise<void> {
    return new Promise((resolve) => {
      this.#watches.add({ tag, wanted, resolve })
      this.#asked ??= this.#ask()
    })
  }

  async #ask(): Promise<void> {
    while (this.#watches.size > 0 && !this.#closed) {
      const { rows } = await this.#pool.query<{ query: string; state: string }>(
        "select query, state from pg_stat_activity where application_name = $1",
        [this.#name]
      )
      for (const watch of Array.from(this.#watches)) {
        if (!watch.wanted(rows.find(({ query }) => query.includes(watch.tag))?.state)) continue
        this.#watches.delete(watch)
        watch.resolve()
      }
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
    this.#asked = undefined
  }
}
