/**
 * Where the sockets are: a folder that nobody else than the user may enter.
 */
import { chmodSync, lstatSync, mkdirSync, readdirSync, rmSync } from "node:fs"
import { tmpdir, userInfo } from "node:os"
import { basename, join } from "node:path"

/** What is wrong with the folder, or a socket, and what to do about it. */
export class UnsafePath extends Error {
  override readonly name = "UnsafePath"
}

/** Unix allows no longer paths of sockets than this: 108 bytes on Linux, 104 on macOS, with the zero at the end. */
const longestPath = 103

const uid = (): number => process.getuid?.() ?? -1

const isWindows = process.platform === "win32"

/** Windows has pipes in a folder of its own, in which every name is its user's and the number of its process. */
const pipes = "\\\\.\\pipe\\"

/** The pipe of a process of a user. Windows lets the user alone, and administrators, write to it. */
export const pipePath = (user: string, pid: number): string =>
  `${pipes}effect-asyncio-${user.replace(/[^\w.-]/g, "_")}-${pid}`

/** The process that a pipe of a user is of; undefined where it is another kind of pipe, or another user's. */
export const pidOfPipe = (user: string, name: string): number | undefined => {
  const start = pipePath(user, 0).slice(pipes.length, -1)
  const pid = name.startsWith(start) ? name.slice(start.length) : ""
  return /^[1-9]\d*$/.test(pid) ? Number(pid) : undefined
}

/** The folder of this user. `EFFECT_ASYNCIO_INSPECT_DIR` names another one. */
export const folderPath = (env: NodeJS.ProcessEnv = process.env): string => {
  if (isWindows) return pipes
  const given = env.EFFECT_ASYNCIO_INSPECT_DIR
  if (given !== undefined && given !== "") return given
  const runtime = env.XDG_RUNTIME_DIR
  if (runtime !== undefined && runtime !== "") return join(runtime, "effect-asyncio")
  return join(tmpdir(), `effect-asyncio-${process.getuid === undefined ? userInfo().username : uid()}`)
}

/** Makes the folder if it is not there, and checks it. */
export const makeFolder = (path = folderPath()): string => {
  if (isWindows) return path
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
  }
  checkFolder(path)
  return path
}

/** Whether the folder is there. Throws where another user could have put something into it. */
export const checkFolder = (path = folderPath()): boolean => {
  if (isWindows) return true
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return false
  if (!stat.isDirectory()) throw new UnsafePath(`${path} is no folder: remove it, or set EFFECT_ASYNCIO_INSPECT_DIR`)
  if (process.getuid === undefined) return true
  if (stat.uid !== uid()) {
    throw new UnsafePath(`${path} belongs to another user: remove it, or set EFFECT_ASYNCIO_INSPECT_DIR`)
  }
  if ((stat.mode & 0o077) !== 0) {
    throw new UnsafePath(`others can enter ${path}: chmod 700 it, after a look at what is in it`)
  }
  return true
}

/** Where the process `pid` listens. */
export const socketPath = (folder: string, pid: number): string => {
  if (isWindows) return pipePath(userInfo().username, pid)
  const path = join(folder, `${pid}.sock`)
  if (Buffer.byteLength(path) > longestPath) {
    throw new UnsafePath(`${path} is too long for a socket: set EFFECT_ASYNCIO_INSPECT_DIR to a shorter path`)
  }
  return path
}

/** Whether there is something where a process would have its socket. A pipe is found by connecting to it. */
export const existsSocket = (path: string): boolean =>
  isWindows || lstatSync(path, { throwIfNoEntry: false }) !== undefined

/** Whether a file of the folder is a socket of this user. A link to one is none. */
export const isOwnSocket = (path: string): boolean => {
  if (isWindows) return true
  const stat = lstatSync(path, { throwIfNoEntry: false })
  return stat !== undefined && stat.isSocket() && (process.getuid === undefined || stat.uid === uid())
}

/** Lets nobody else connect, whatever the umask is. */
export const protect = (path: string): void => {
  if (!isWindows) chmodSync(path, 0o600)
}

/** Takes away what nobody listens at any more. A pipe goes with its process. */
export const removeSocket = (path: string): void => {
  if (!isWindows) rmSync(path, { force: true })
}

/** The processes that have a socket. */
export const pidsIn = (folder: string): ReadonlyArray<number> => {
  const user = isWindows ? userInfo().username : ""
  return readdirSync(folder)
    .flatMap((name) => (isWindows ? pidOfPipe(user, name) : Number(/^(\d+)\.sock$/.exec(name)?.[1] ?? NaN)) ?? [])
    .filter((pid) => !Number.isNaN(pid))
    .sort((a, b) => a - b)
}

/** The name of a heap snapshot of the process `pid`. */
export const heapFile = (pid: number, number: number): string => `${pid}-${number}.heapsnapshot`

/** Whether a name is one of those, of this very process: a client opens and removes no other file. */
export const isHeapFile = (name: unknown, pid: number): name is string =>
  typeof name === "string" && /^\d+-\d+\.heapsnapshot$/.test(name) && name.startsWith(`${pid}-`)

/** What the process is called where nobody says. */
export const programName = (): string => basename(process.argv[1] ?? "node")
