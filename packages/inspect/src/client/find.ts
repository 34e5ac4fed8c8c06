/**
 * Which processes of this machine can be looked into.
 */
import { InspectError } from "../errors.ts"
import type { Hello } from "../protocol.ts"
import { type Sockets, socketsHere } from "../sockets.ts"
import { printable } from "../text/printable.ts"
import { Connection } from "./connection.ts"
import type { TalkOptions } from "./talking.ts"

/** A process that listens; without `connection` where it cannot be talked to, because of `problem`. */
export interface Found {
  readonly pid: number
  readonly connection?: Connection
  readonly problem?: string
}

/** Connects to everything that listens, and takes away the sockets of processes that are gone. */
export const findAll = async (options: TalkOptions, sockets = socketsHere()): Promise<ReadonlyArray<Found>> => {
  if (!sockets.areThere()) return []
  const found = await Promise.all(sockets.pids().map((pid) => look(sockets, pid, options)))
  return found.filter((each) => each !== undefined)
}

const look = async (sockets: Sockets, pid: number, options: TalkOptions): Promise<Found | undefined> => {
  const path = sockets.path(pid)
  if (!sockets.isOwn(path)) return { pid, problem: "is no socket of yours" }
  try {
    return { pid, connection: await Connection.open(path, pid, options) }
  } catch (error) {
    if (isNobody(error)) {
      sockets.remove(path)
      return undefined
    }
    return { pid, problem: whyNot(pid, error).message }
  }
}

/** What the system says of a connection, for whoever looks. */
const whyNot = (pid: number, error: unknown): Error => {
  if (error instanceof InspectError) return error
  const { code, message } = error as NodeJS.ErrnoException
  const isOthers = code === "EACCES" || code === "EPERM"
  return new InspectError(
    isOthers
      ? `process ${pid} lets nobody connect but its own user (${code}): look into it as that one`
      : `process ${pid} cannot be connected to: ${code ?? printable(message)}`
  )
}

/** Whether nobody listens on a socket: its process has ended without taking it away. */
const isNobody = (error: unknown): boolean =>
  ["ECONNREFUSED", "ENOENT"].includes((error as NodeJS.ErrnoException).code ?? "")

/** Connects to a process that is given by its number or its name. */
export const find = async (target: string, options: TalkOptions, sockets = socketsHere()): Promise<Connection> =>
  /^\d+$/.test(target) ? await byPid(Number(target), options, sockets) : await byName(target, options, sockets)

const byPid = async (pid: number, options: TalkOptions, sockets: Sockets): Promise<Connection> => {
  const there = sockets.areThere()
  const path = sockets.path(pid)
  if (!there || !sockets.exists(path)) throw cannotLookInto(pid)
  if (!sockets.isOwn(path)) {
    throw new InspectError(`what is at ${path}, where process ${pid} would listen, is no socket of yours`)
  }
  try {
    return await Connection.open(path, pid, options)
  } catch (error) {
    if (!isNobody(error)) throw whyNot(pid, error)
    sockets.remove(path)
    throw cannotLookInto(pid)
  }
}

const cannotLookInto = (pid: number): InspectError => {
  try {
    process.kill(pid, 0)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === "EPERM") return new InspectError(`process ${pid} belongs to another user: look into it as that one`)
    return new InspectError(`there is no process ${pid}`)
  }
  return new InspectError(
    `process ${pid} does not let itself be looked into: start it with \`node --import @effect-asyncio/inspect/register\`, or have it import "@effect-asyncio/inspect/register", as the same user and with the same EFFECT_ASYNCIO_INSPECT_DIR`
  )
}

const byName = async (name: string, options: TalkOptions, sockets: Sockets): Promise<Connection> => {
  const found = await findAll(options, sockets)
  const named = found.flatMap(({ connection }) => (connection?.hello.name === name ? [connection] : []))
  for (const { connection } of found) if (named.length !== 1 || connection !== named[0]) connection?.close()
  const [only] = named
  if (named.length === 1 && only !== undefined) return only
  if (named.length > 1) {
    const pids = named.map(({ hello }) => hello.pid).join(", ")
    throw new InspectError(`${named.length} processes are called ${printable(name)}: say which by its number (${pids})`)
  }
  const names = found.flatMap(({ connection }) => (connection === undefined ? [] : [nameOf(connection.hello)]))
  const there = names.length === 0 ? "none can be looked into" : `there are ${names.join(", ")}`
  throw new InspectError(`no process is called ${printable(name)}: ${there}`)
}

const nameOf = ({ name, pid }: Hello): string => `${printable(name)} (${pid})`
