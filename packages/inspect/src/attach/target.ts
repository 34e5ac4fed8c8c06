/**
 * Whether a process may be sent SIGUSR1, on which Node.js opens its inspector. A program that does not catch it dies of it: Bun, Deno, Node.js with
 * `--disable-sigusr1` or `--permission`, and every other program.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs"
import { basename } from "node:path"
import { InspectError } from "../errors.ts"

/** SIGUSR1 in the mask of signals that a process catches: bit n - 1, and its number is 10 on Linux but for MIPS. */
const sigusr1 = 10

const refuse = (pid: number, why: string): InspectError => new InspectError(`process ${pid} ${why}`)

/** What Linux says of a process, by the names of the fields. */
export const statusOf = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split("\n").flatMap((line) => {
      const at = line.indexOf(":")
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1).trim()]]
    })
  )

/** Whether a process catches SIGUSR1, by what Linux says of it. */
export const catchesSigusr1 = (status: ReadonlyMap<string, string>): boolean => {
  const mask = status.get("SigCgt")
  if (mask === undefined || !/^[0-9a-f]+$/i.test(mask)) return false
  return ((BigInt(`0x${mask}`) >> BigInt(sigusr1 - 1)) & 1n) === 1n
}

/** Checks that the signal would do no harm. Throws where it might. */
export const checkTarget = (pid: number): void => {
  if (process.platform !== "linux") {
    throw refuse(
      pid,
      "is not looked into by --attach: only Linux tells whether it would survive that. Have it import @effect-asyncio/inspect/register"
    )
  }
  let status: ReadonlyMap<string, string>
  try {
    status = statusOf(readFileSync(`/proc/${pid}/status`, "utf8"))
  } catch {
    throw new InspectError(`there is no process ${pid}`)
  }
  const user = process.getuid?.()
  if (user !== undefined && user !== 0 && Number(status.get("Uid")?.split(/\s+/)[0]) !== user) {
    throw refuse(pid, "belongs to another user: look into it as that one")
  }
  const state = status.get("State") ?? ""
  if (/^[TtZX]/.test(state)) throw refuse(pid, `cannot be looked into: its state is ${state}`)
  let program: string
  try {
    program = basename(readlinkSync(`/proc/${pid}/exe`)).replace(/ \(deleted\)$/, "")
  } catch {
    throw refuse(pid, "cannot be looked into: its program may not be read")
  }
  if (!/^node(js)?(-?v?\d[\d.]*)?$/.test(program)) {
    throw refuse(pid, `is no Node.js but ${JSON.stringify(program)}: it is not signalled, for it might end`)
  }
  if (!catchesSigusr1(status)) {
    throw refuse(
      pid,
      "does not catch SIGUSR1, of which it would end, and is not signalled: it runs with --disable-sigusr1 or --permission, or is only beginning"
    )
  }
}

/** The ports of this machine on which a process listens. */
export const portsOf = (pid: number): ReadonlyArray<number> => {
  const inodes = new Set<string>()
  try {
    for (const fd of readdirSync(`/proc/${pid}/fd`)) {
      try {
        const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1]
        if (inode !== undefined) inodes.add(inode)
      } catch {
        // Closed meanwhile.
      }
    }
    return ["tcp", "tcp6"].flatMap((table) => listening(readFileSync(`/proc/${pid}/net/${table}`, "utf8"), inodes))
  } catch {
    return []
  }
}

const listening = (table: string, inodes: ReadonlySet<string>): ReadonlyArray<number> =>
  table
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const fields = line.trim().split(/\s+/)
      // 0A: it listens.
      const { 1: local = "", 3: state, 9: inode = "" } = fields
      return state === "0A" && inodes.has(inode) ? [Number.parseInt(local.split(":")[1] ?? "", 16)] : []
    })

/**
 * The ports on which a process may have an inspector already: that which Node.js takes, and those that its command line names. Others are its own
 * servers', which are not asked anything.
 */
export const inspectorPorts = (pid: number): ReadonlyArray<number> => {
  let options = ""
  try {
    options = readFileSync(`/proc/${pid}/cmdline`, "utf8")
  } catch {
    // It has ended, or is another user's.
  }
  return portsOf(pid).filter((port) => port === 9229 || options.includes(`${port}`))
}
