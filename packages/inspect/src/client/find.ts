/**
 * Which processes of this machine can be looked into.
 */
import { InspectError } from "../errors.ts"
import { stateOf } from "../folder.ts"
import { meaningOf } from "../meaning.ts"
import { type Place, placeOf, placeText, subjectOf } from "../place.ts"
import { type Sockets, socketsHere } from "../sockets.ts"
import { printable } from "../text/printable.ts"
import { Connection } from "./connection.ts"
import type { TalkOptions } from "./talking.ts"

/** A process that listens; without `connection` where it cannot be talked to, because of `problem`. */
export interface Found {
  readonly place: Place
  readonly connection?: Connection
  readonly problem?: string
}

/** Connects to everything that listens, and takes away the sockets of processes that are gone. */
export const findAll = async (options: TalkOptions, sockets = socketsHere()): Promise<ReadonlyArray<Found>> => {
  if (!sockets.areThere()) return []
  sockets.sweep()
  const found = await Promise.all(sockets.places().map((place) => look(sockets, place, options)))
  return found.filter((each) => each !== undefined)
}

const look = async (sockets: Sockets, place: Place, options: TalkOptions): Promise<Found | undefined> => {
  const path = sockets.path(place)
  if (!sockets.isOwn(path)) return { place, problem: "is no socket of yours" }
  try {
    return { place, connection: await Connection.open(path, place, options) }
  } catch (error) {
    if (isNobody(error)) {
      sockets.remove(path)
      return undefined
    }
    return { place, problem: whyNot(place, error).message }
  }
}

/** What the system says of a connection, in words for users. */
const whyNot = (place: Place, error: unknown): Error => {
  if (error instanceof InspectError) return error
  const { code, message } = error as NodeJS.ErrnoException
  const isOthers = code === "EACCES" || code === "EPERM"
  return new InspectError(
    isOthers
      ? `${subjectOf(place)} lets nobody connect but its own user (${code}): look into it as that one`
      : `${subjectOf(place)} cannot be connected to: ${code ?? printable(message)}`
  )
}

/** Whether no process listens on a socket: it has ended without taking the socket away. */
const isNobody = (error: unknown): boolean =>
  ["ECONNREFUSED", "ENOENT"].includes((error as NodeJS.ErrnoException).code ?? "")

/**
 * Connects to a process or a cluster that is given by its number or its name. A number is a process that listens there, also where others are
 * called so: they are not asked then.
 */
export const find = async (target: string, options: TalkOptions, sockets = socketsHere()): Promise<Connection> => {
  // As of a variable of the shell that is not set.
  if (target === "") throw new InspectError("say which process, by its number or its name: this is an empty text", 2)
  const { name = target, number } = meaningOf(target, (text) => placeOf(text) !== undefined)
  if (number === undefined) return await byName(target, name, options, sockets)
  try {
    return await byPlace(placeOf(number)!, options, sockets)
  } catch (error) {
    throw error instanceof NotThere ? await withNamesakes(error, target, options, sockets) : error
  }
}

/** There is nothing at a place. */
class NotThere extends InspectError {}

/** The same error, with those that are called so. */
const withNamesakes = async (
  error: NotThere,
  target: string,
  options: TalkOptions,
  sockets: Sockets
): Promise<InspectError> => {
  const found = await findAll({ ...options, timeout: Math.min(options.timeout ?? patience, patience) }, sockets)
  const places = found.flatMap(({ connection, place }) => {
    connection?.close()
    return connection?.hello.name === target ? placeText(place) : []
  })
  return places.length === 0
    ? error
    : new InspectError(`${error.message}. What is called ${target} is ${places.join(", ")}: say name:${target}`)
}

/** An error does not wait for processes that do not answer. */
const patience = 2000

const byPlace = async (place: Place, options: TalkOptions, sockets: Sockets): Promise<Connection> => {
  const there = sockets.areThere()
  const path = sockets.path(place)
  if (!there || !sockets.exists(path)) throw cannotLookInto(place)
  if (!sockets.isOwn(path)) {
    throw new InspectError(`what is at ${path}, where ${subjectOf(place)} would listen, is no socket of yours`)
  }
  try {
    return await Connection.open(path, place, options)
  } catch (error) {
    if (!isNobody(error)) throw whyNot(place, error)
    sockets.remove(path)
    throw cannotLookInto(place)
  }
}

const cannotLookInto = ({ part, pid }: Place): NotThere => {
  const state = stateOf(pid)
  if (state === "gone") return new NotThere(`there is no process ${pid}`)
  if (state === "foreign") return new NotThere(`process ${pid} belongs to another user: look into it as that one`)
  if (part > 0)
    return new NotThere(`process ${pid} has no part in a cluster ${pid}:${part}: \`list\` says what is there`)
  return new NotThere(
    `process ${pid} does not let itself be looked into: start it with \`node --import @effect-asyncio/inspect/register\`, or have it import "@effect-asyncio/inspect/register", as the same user and with the same EFFECT_ASYNCIO_INSPECT_DIR`
  )
}

const byName = async (target: string, name: string, options: TalkOptions, sockets: Sockets): Promise<Connection> => {
  const found = await findAll(options, sockets)
  const named = found.flatMap(({ connection }) => {
    const called = connection?.hello.name
    return connection !== undefined && (called === name || called === target) ? [connection] : []
  })
  const [only] = named
  const chosen = named.length === 1 || isOneCluster(named) ? only : undefined
  for (const { connection } of found) if (connection !== chosen) connection?.close()
  if (chosen !== undefined) return chosen
  if (named.length > 1) {
    const places = named.map(({ place }) => placeText(place)).join(", ")
    throw new InspectError(
      `${named.length} processes are called ${printable(name)}: say which by its number (${places})`
    )
  }
  const names = found.flatMap(({ connection }) => (connection === undefined ? [] : [nameOf(connection)]))
  const there = names.length === 0 ? "none can be looked into" : `there are ${names.join(", ")}`
  throw new InspectError(`no process is called ${printable(name)}: ${there}`)
}

/** Whether all of them tell of the same cluster, so that it does not matter which one is asked. */
const isOneCluster = ([first, ...others]: ReadonlyArray<Connection>): boolean =>
  first?.hello.cluster !== undefined && others.every(({ hello }) => hello.cluster === first.hello.cluster)

/** How one is listed. */
export const nameOf = ({ hello, place }: Connection): string => `${printable(hello.name)} (${placeText(place)})`
