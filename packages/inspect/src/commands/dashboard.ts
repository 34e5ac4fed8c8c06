/**
 * `dashboard`: a page on which one or several processes are seen at work.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { serveDashboard } from "../dashboard/server.ts"
import { find } from "../client/find.ts"
import { InspectError } from "../errors.ts"
import { type CommonOptions, connectOptions, type Io, printJson } from "./io.ts"

export interface DashboardCommandOptions extends CommonOptions {
  readonly port: number
  readonly host: string
  readonly allowCancel?: boolean
  readonly open: boolean
}

const loopback = new Set(["127.0.0.1", "localhost", "::1"])

export const dashboard = async (
  io: Io,
  processes: ReadonlyArray<string>,
  options: DashboardCommandOptions
): Promise<number> => {
  // A process that is not there is told of now, and not by a page without anything on it.
  for (const each of processes) (await find(each, connectOptions(io, options))).close()
  const { host, port, timeout } = options
  const allowCancel = options.allowCancel === true
  const served = await serveDashboard({ processes, host, port, allowCancel, timeout }).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException
    if (code === "EADDRINUSE")
      throw new InspectError(`port ${port} is taken: give another one, or none for any that is free`)
    if (code === undefined) throw error
    throw new InspectError(`cannot listen on ${host}, port ${port}: ${code}`)
  })
  if (options.json === true) await printJson(io, { url: served.url })
  else await io.out(`${served.url}\n`)
  if (!loopback.has(host)) {
    io.err(`whoever reaches ${host} and has this address can look${allowCancel ? ", and cancel tasks" : ""}\n`)
  }
  // For a person at a terminal, and not for a script.
  if (options.open && io.colors) open(served.url)
  await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")])
  await served.close()
  return 0
}

const openers: Readonly<Partial<Record<NodeJS.Platform, { command: string; args: ReadonlyArray<string> }>>> = {
  darwin: { command: "open", args: [] },
  win32: { command: "cmd", args: ["/c", "start", ""] }
}

/** Opens an address in the user's browser, if that is possible. */
const open = (url: string): void => {
  const { command, args } = openers[process.platform] ?? { command: "xdg-open", args: [] }
  const child = spawn(command, [...args, url], { stdio: "ignore", detached: true })
  // The address is printed as well.
  child.on("error", () => {})
  child.unref()
}
