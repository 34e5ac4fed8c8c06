/**
 * Named pipes of Windows, at which processes listen there. They are in a folder of the system, in which every name has its user and the number of
 * its process. Windows lets the user alone, and administrators, write to one; it goes with its process.
 */
import { InspectError } from "./errors.ts"
import type { Sockets } from "./sockets.ts"

/** The folder of the system. */
export const pipes = "\\\\.\\pipe\\"

/** The pipe of a process of a user. */
export const pipePath = (user: string, pid: number): string =>
  `${pipes}effect-asyncio-${user.replace(/[^\w.-]/g, "_")}-${pid}`

/** The process that a pipe of a user is of; undefined where it is another kind of pipe, or another user's. */
export const pidOfPipe = (user: string, name: string): number | undefined => {
  const start = pipePath(user, 0).slice(pipes.length, -1)
  const pid = name.startsWith(start) ? name.slice(start.length) : ""
  return /^[1-9]\d*$/.test(pid) ? Number(pid) : undefined
}

/** The pipes of a user. `names` are those of all pipes of the machine. */
export const pipesOf = (user: string, names: () => ReadonlyArray<string>): Sockets => ({
  make: () => {},
  areThere: () => true,
  path: (pid) => pipePath(user, pid),
  // Only who connects knows: to look for a pipe by its path would be to connect to it.
  exists: () => true,
  isOwn: () => true,
  protect: () => {},
  remove: () => {},
  pids: () => {
    let all: ReadonlyArray<string>
    try {
      all = names()
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new InspectError(`the pipes of this machine cannot be listed: give a process by its number (${why})`)
    }
    return all.flatMap((name) => pidOfPipe(user, name) ?? []).sort((a, b) => a - b)
  }
})
