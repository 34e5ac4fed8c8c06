/**
 * `list`: the processes that can be looked into.
 */
import { findAll } from "../client/find.ts"
import { placeText } from "../place.ts"
import type { Summary } from "../protocol.ts"
import { duration } from "../text/durations.ts"
import { printable } from "../text/printable.ts"
import { table } from "../text/table.ts"
import { type CommonOptions, connectOptions, type Io, printJson, printTable } from "./io.ts"

/** A process, as `list --json` tells it. */
interface Listed extends Partial<Summary> {
  readonly pid: number
  /** Of a cluster: by which it is looked into, and what is the same for all processes that have a part in it. */
  readonly place?: string
  readonly cluster?: string
  readonly name?: string
  readonly host?: string
  readonly startedAt?: string
  readonly problem?: string
}

// A process that does not answer keeps the others waiting.
const patience = 2000

export const list = async (io: Io, options: CommonOptions): Promise<number> => {
  const found = await findAll(connectOptions(io, { timeout: patience, ...options }))
  const listed = await Promise.all(
    found.map(async ({ connection, place, problem }): Promise<Listed> => {
      const at = place.part === 0 ? { pid: place.pid } : { pid: place.pid, place: placeText(place) }
      if (connection === undefined) return { ...at, problem: problem! }
      const { cluster, host, name, startedAt } = connection.hello
      const known = {
        ...at,
        ...(cluster === undefined ? {} : { cluster }),
        name,
        host,
        startedAt: new Date(startedAt).toISOString()
      }
      try {
        return { ...known, ...(await connection.ask<Summary>({ request: "summary" })) }
      } catch (error) {
        return { ...known, problem: error instanceof Error ? error.message : String(error) }
      } finally {
        connection.close()
      }
    })
  )
  if (options.json === true) await printJson(io, listed)
  else if (listed.length === 0)
    io.err("no process can be looked into: start one with `node --import @effect-asyncio/inspect/register`\n")
  else await printTable(io, table(["pid", "name", "loops", "tasks", "up", "host"], listed.map(rowOf)))
  return 0
}

const rowOf = ({
  host,
  loops,
  name,
  pid,
  place = String(pid),
  problem,
  startedAt,
  tasks
}: Listed): ReadonlyArray<string> =>
  problem !== undefined && name === undefined
    ? [place, "", "", "", "", printable(problem)]
    : [
        place,
        printable(name),
        loops === undefined ? "?" : String(loops),
        tasks === undefined ? "?" : String(tasks),
        duration(Date.now() - Date.parse(startedAt ?? "")),
        problem === undefined ? printable(host) : printable(problem)
      ]
