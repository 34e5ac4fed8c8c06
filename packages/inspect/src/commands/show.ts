/**
 * `ps`, `pstree`, `where` and `dump`: what a process is doing.
 */
import { constants } from "node:os"
import type { Talk } from "../client/talking.ts"
import { pieces, readDump } from "../client/dump.ts"
import { find } from "../client/find.ts"
import { InspectError } from "../errors.ts"
import type { Dump } from "../protocol.ts"
import { tasksOf } from "../text/awaits.ts"
import { calledOf } from "../text/called.ts"
import { DumpText } from "../text/dumpText.ts"
import { printable } from "../text/printable.ts"
import { psLines, psRowsOf } from "../text/ps.ts"
import { pstreeLines, trees } from "../text/pstree.ts"
import { askersOf, awaitedOf, creatorsOf, knownAs, whereText } from "../text/where.ts"
import { wideTable } from "../text/wide.ts"
import { bold, type CommonOptions, connectOptions, type Io, printJson, printLines, printTable } from "./io.ts"

/** Runs something with a connection to a process, and closes it. */
export const connected = async (
  io: Io,
  target: string,
  options: CommonOptions,
  use: (connection: Talk) => Promise<number>
): Promise<number> => {
  if (options.attach === true) return await attached(io, target, options, use)
  const connection = await find(target, connectOptions(io, options))
  try {
    return await use(connection)
  } catch (error) {
    // A text longer than may be, or a list of lists too deep to be written down.
    if (!(error instanceof RangeError)) throw error
    throw new InspectError(`${calledOf(connection.hello)} tells more than can be printed: ${error.message}`)
  } finally {
    connection.close()
  }
}

/** The same with a process that has nothing of this package. */
const attached = async (
  io: Io,
  target: string,
  options: CommonOptions,
  use: (connection: Talk) => Promise<number>
): Promise<number> => {
  if (!/^\d+$/.test(target))
    throw new InspectError("--attach takes the number of a process: nothing else is known of it", 2)
  // Not loaded for others: what speaks with the inspector is larger than all the rest.
  const { Attached } = await import("../attach/attached.ts")
  const warn = () =>
    io.err(
      `process ${target} is sent SIGUSR1: until this is done, its inspector listens on 127.0.0.1 without a password, and every user of this machine can connect\n`
    )
  const connection = await Attached.open(Number(target), connectOptions(io, options), warn)
  // A user who is tired of waiting must not leave the inspector open, nor the command end before it is closed.
  const leave = (signal: NodeJS.Signals) =>
    void connection.close().then(() => process.exit(128 + constants.signals[signal]))
  for (const signal of ending) process.on(signal, leave)
  try {
    return await use(connection)
  } finally {
    await connection.close()
    for (const signal of ending) process.off(signal, leave)
  }
}

/** What ends a command from outside: Ctrl-C, a supervisor, a terminal that is closed. */
const ending = ["SIGINT", "SIGTERM", "SIGHUP"] as const

/** A dump that has ages from the next one on. */
const observedDump = async (io: Io, connection: Talk): Promise<Dump> => {
  const dump = await readDump(connection)
  if (connection.hello.thread === "attached") return dump
  if (dump.loops.some(({ observedSince, otherCopy }) => observedSince === undefined && otherCopy !== true)) {
    await connection.ask({ request: "observe" })
    io.err("the process is observed from now on: ages, and tasks that have ended, are known of what follows\n")
  }
  warnOfCopies(io, dump)
  return dump
}

const warnOfCopies = (io: Io, { loops }: Dump): void => {
  if (!loops.some(({ otherCopy }) => otherCopy === true)) return
  io.err(
    "a loop belongs to another copy of @effect-asyncio/core than the one that @effect-asyncio/inspect sees: what its tasks wait for is not told. Have one: npm dedupe\n"
  )
}

const plainDump = async (io: Io, connection: Talk): Promise<Dump> => {
  const dump = await readDump(connection)
  warnOfCopies(io, dump)
  return dump
}

export const ps = (io: Io, target: string, options: CommonOptions & { readonly wide?: boolean }): Promise<number> =>
  connected(io, target, options, async (connection) => {
    const dump = options.wide === true ? await observedDump(io, connection) : await plainDump(io, connection)
    if (options.json === true) await printJson(io, psRowsOf(dump))
    else await printTable(io, options.wide === true ? wideTable(dump) : psLines(dump))
    return 0
  })

export const tree = (io: Io, target: string, options: CommonOptions): Promise<number> =>
  connected(io, target, options, async (connection) => {
    const dump = await plainDump(io, connection)
    if (options.json === true) await printJson(io, trees(dump))
    else await printLines(io, pstreeLines(dump))
    return 0
  })

export const where = (io: Io, target: string, task: string, options: CommonOptions): Promise<number> =>
  connected(io, target, options, async (connection) => {
    const dump = await observedDump(io, connection)
    const found = knownAs(dump, task)
    if (found.length === 0) {
      throw new InspectError(
        `${calledOf(connection.hello)} has no task ${printable(task)}, and remembers none: give the number or the name that ps shows`
      )
    }
    if (options.json === true) {
      const tasks = tasksOf(dump)
      await printJson(
        io,
        found.map((known) => ({
          task: known.task ?? known.ended,
          done: known.task === undefined,
          creators: creatorsOf(known, dump),
          awaited: known.task === undefined ? [] : awaitedOf(known.task, tasks, known.loop),
          askers: askersOf(known, dump).map(({ cancellation, id, name }) => ({ id, name, cancellation }))
        }))
      )
      return 0
    }
    for (const known of found) {
      const [title = "", ...lines] = whereText(known, dump)
      await io.out([bold(io, title), ...lines, ""].join("\n"))
    }
    return 0
  })

/** Written as it comes: a program with a million tasks is larger than what should be kept of it here. */
export const dump = (io: Io, target: string, options: CommonOptions): Promise<number> =>
  connected(io, target, options, async (connection) => {
    const text = new DumpText()
    const reading = pieces(connection)
    // Nothing is printed before there is something to tell.
    let next = await reading.next()
    await io.out(text.head(connection.hello))
    for (; next.done !== true; next = await reading.next()) await io.out(text.piece(next.value))
    await io.out(text.end({ stall: next.value }))
    return 0
  })
