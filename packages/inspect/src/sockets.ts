/**
 * Where processes listen for clients: sockets in a folder, and pipes on Windows.
 */
import { chmodSync, lstatSync, readdirSync, rmSync } from "node:fs"
import { userInfo } from "node:os"
import { join } from "node:path"
import { checkFolder, folderPath, makeFolder, sweepHeapFiles, UnsafePath } from "./folder.ts"
import { inOrder, type Place, placeOf, placeText } from "./place.ts"
import { pipes, pipesOf } from "./pipes.ts"

/** The places at which processes of this user listen. */
export interface Sockets {
  /** Gets ready for one of this process. Throws where another user could have put something there. */
  readonly make: () => void
  /** Whether any can be there; throws likewise. */
  readonly areThere: () => boolean
  /** What something listens on. */
  readonly path: (place: Place) => string
  /** Whether there is something at a place, as far as that is known before a client connects. */
  readonly exists: (path: string) => boolean
  /** Whether it is a socket of this user, as far as that is known. */
  readonly isOwn: (path: string) => boolean
  /** Lets no other user connect. */
  readonly protect: (path: string) => void
  /** Takes away what no process listens at any more. */
  readonly remove: (path: string) => void
  /** Takes away what else processes have left there that are gone. */
  readonly sweep: () => void
  /** What is there. */
  readonly places: () => ReadonlyArray<Place>
}

/** Unix allows no longer paths of sockets than this: 108 bytes on Linux, 104 on macOS, with the zero at the end. */
const longestPath = 103

/** Those in a folder of this user. */
export const socketsIn = (folder: string): Sockets => ({
  make: () => void makeFolder(folder),
  areThere: () => checkFolder(folder),
  path: (place) => {
    const path = join(folder, `${placeText(place)}.sock`)
    if (Buffer.byteLength(path) > longestPath) {
      throw new UnsafePath(`${path} is too long for a socket: set EFFECT_ASYNCIO_INSPECT_DIR to a shorter path`)
    }
    return path
  },
  exists: (path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined,
  // A link to one is none.
  isOwn: (path) => {
    const stat = lstatSync(path, { throwIfNoEntry: false })
    return stat !== undefined && stat.isSocket() && (process.getuid === undefined || stat.uid === process.getuid())
  },
  // Independent of the umask.
  protect: (path) => chmodSync(path, 0o600),
  remove: (path) => rmSync(path, { force: true }),
  sweep: () => sweepHeapFiles(folder),
  places: () => inOrder(readdirSync(folder).flatMap((name) => placeOf(/^(.*)\.sock$/.exec(name)?.[1] ?? "") ?? []))
})

/** Those of this machine. */
export const socketsHere = (): Sockets =>
  process.platform === "win32" ? pipesOf(userInfo().username, () => readdirSync(pipes)) : socketsIn(folderPath())
