/**
 * Where the sockets are, and what is written for clients: a folder that no other user may enter. On Windows it has no sockets in it,
 * and is as safe as the user's folder for temporary files.
 */
import { lstatSync, mkdirSync, readdirSync, rmSync } from "node:fs"
import { tmpdir, userInfo } from "node:os"
import { basename, join } from "node:path"

/** What is wrong with the folder, or a socket, and what to do about it. */
export class UnsafePath extends Error {
  override readonly name = "UnsafePath"
}

const uid = (): number => process.getuid?.() ?? -1

/** The folder of this user. `EFFECT_ASYNCIO_INSPECT_DIR` names another one. */
export const folderPath = (env: NodeJS.ProcessEnv = process.env): string => {
  const given = env.EFFECT_ASYNCIO_INSPECT_DIR
  if (given !== undefined && given !== "") return given
  const runtime = env.XDG_RUNTIME_DIR
  if (runtime !== undefined && runtime !== "") return join(runtime, "effect-asyncio")
  return join(tmpdir(), `effect-asyncio-${process.getuid === undefined ? userInfo().username : uid()}`)
}

/** Makes the folder if it is not there, and checks it. */
export const makeFolder = (path = folderPath()): string => {
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

/** The name of a heap snapshot of the process `pid`. */
export const heapFile = (pid: number, number: number): string => `${pid}-${number}.heapsnapshot`

/** Takes away those of processes that were killed before they could: all that a program had in memory is in them. */
export const sweepHeapFiles = (folder: string): void => {
  for (const name of readdirSync(folder)) {
    const pid = /^(\d+)-\d+\.heapsnapshot$/.exec(name)?.[1]
    if (pid !== undefined && stateOf(Number(pid)) === "gone") rmSync(join(folder, name), { force: true })
  }
}

/** What the system says of the process `pid`: that it is another user's, that there is none, or that it is this user's. */
export const stateOf = (pid: number): "foreign" | "gone" | "ours" => {
  // To signal 0 would mean this process, and all of its group.
  if (pid === 0) return "gone"
  try {
    process.kill(pid, 0)
    return "ours"
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM" ? "foreign" : "gone"
  }
}

/** Whether a name is one of those, of this very process: a client opens and removes no other file. */
export const isHeapFile = (name: unknown, pid: number): name is string =>
  typeof name === "string" && /^\d+-\d+\.heapsnapshot$/.test(name) && name.startsWith(`${pid}-`)

/** What the process is called where no option says. */
export const programName = (): string => basename(process.argv[1] ?? "node")
