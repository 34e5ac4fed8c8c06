/**
 * Named pipes of Windows, at which processes listen there. They are in a folder of the system, in which every name has its user and the number of
 * its process. Windows lets the user alone, and administrators, write to one; it goes with its process.
 */
import { InspectError } from "./errors.ts"
import { inOrder, type Place, placeOf, placeText } from "./place.ts"
import type { Sockets } from "./sockets.ts"

/** The folder of the system. */
export const pipes = "\\\\.\\pipe\\"

const startOf = (user: string): string => `effect-asyncio-${user.replace(/[^\w.-]/g, "_")}-`

/** The pipe of a place of a user. */
export const pipePath = (user: string, place: Place): string => `${pipes}${startOf(user)}${placeText(place)}`

/** The place that a pipe of a user is of; undefined where it is another kind of pipe, or another user's. */
export const placeOfPipe = (user: string, name: string): Place | undefined => {
  const start = startOf(user)
  const text = name.startsWith(start) ? name.slice(start.length) : ""
  return /^[1-9]/.test(text) ? placeOf(text) : undefined
}

/** The pipes of a user. `names` are those of all pipes of the machine. */
export const pipesOf = (user: string, names: () => ReadonlyArray<string>): Sockets => ({
  make: () => {},
  areThere: () => true,
  path: (place) => pipePath(user, place),
  // Only a connection tells: to look for a pipe by its path would be to connect to it.
  exists: () => true,
  isOwn: () => true,
  protect: () => {},
  remove: () => {},
  sweep: () => {},
  places: () => {
    let all: ReadonlyArray<string>
    try {
      all = names()
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new InspectError(`the pipes of this machine cannot be listed: give a process by its number (${why})`)
    }
    return inOrder(all.flatMap((name) => placeOfPipe(user, name) ?? []))
  }
})
