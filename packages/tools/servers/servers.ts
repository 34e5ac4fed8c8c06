/**
 * A PostgreSQL and a Redis for tests: Debian's, on free loopback ports, with their data in a temporary folder. They can be halted and
 * started again, as a database that is away for a while.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { chownSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { findPostgres, findRedis, installDebian, postgresUser, type User } from "./debian.ts"
import { accepts, freePort } from "./ports.ts"

interface Launch {
  readonly command: string
  readonly args: ReadonlyArray<string>
  readonly user?: User | undefined
  /** Holds its data, and is removed in the end. */
  readonly folder: string
  readonly port: number
}

export class Server {
  readonly url: string
  readonly #launch: Launch
  #child: ChildProcess | undefined = undefined

  constructor(url: string, launch: Launch) {
    this.url = url
    this.#launch = launch
  }

  /** Starts it where it was before, with the data that it had; false when it does not come up. */
  async start(): Promise<boolean> {
    const { args, command, folder, port, user } = this.#launch
    const child = spawn(command, args, { ...user, stdio: "ignore", cwd: folder })
    this.#child = child
    // A program that ends without a word, by an error say, leaves no server behind.
    const onExit = () => void child.kill("SIGQUIT")
    process.once("exit", onExit)
    child.once("exit", () => process.off("exit", onExit))
    // A minute is for a machine that does other things as well.
    for (let tries = 0; tries < 600 && isRunning(child); tries++) {
      if (await accepts(port)) return true
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    return false
  }

  /** Ends it and keeps its data. SIGINT lets it close what it has open, SIGQUIT and SIGKILL do not. */
  async halt(signal: NodeJS.Signals = "SIGINT"): Promise<void> {
    const child = this.#child
    if (child === undefined || !isRunning(child)) return
    const ended = new Promise((resolve) => child.once("exit", resolve))
    child.kill(signal)
    const force = setTimeout(() => child.kill("SIGKILL"), 10_000)
    await ended
    clearTimeout(force)
  }

  /** Ends it for good. */
  async stop(): Promise<void> {
    await this.halt()
    rmSync(this.#launch.folder, { recursive: true, force: true })
  }
}

const isRunning = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null

/** A server, or the reason why there is none. */
export type Started = Server | string

export interface StartOptions {
  /** Whether Debian's package is installed where there is none and this is root: what commands do, and tests do not. */
  readonly install?: boolean
}

const started = async (name: string, server: Server): Promise<Started> => {
  if (await server.start()) return server
  await server.stop()
  return `${name} did not start`
}

export const startPostgres = async ({ install = false }: StartOptions = {}): Promise<Started> => {
  if (install && findPostgres() === undefined) installDebian("postgresql")
  const found = findPostgres()
  if (found === undefined) return "no PostgreSQL here (Debian: apt-get install postgresql)"
  const folder = mkdtempSync(join(tmpdir(), "test-postgres-"))
  const user = postgresUser()
  if (user !== undefined) chownSync(folder, user.uid, user.gid)
  const data = join(folder, "data")
  const init = ["--auth=trust", "--username=tester", "--no-sync", "--encoding=UTF8", "--locale=C", "-D", data]
  execFileSync(found.initdb, init, { ...user, stdio: ["ignore", "ignore", 2], cwd: folder })
  const port = await freePort()
  const settings = ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_connections=100", "-k", folder]
  const launch = { command: found.postgres, args: ["-D", data, "-p", String(port), ...settings], user, folder, port }
  return started("PostgreSQL", new Server(`postgres://tester@127.0.0.1:${port}/postgres`, launch))
}

/** Makes a database of its own in a PostgreSQL, and gives its address. */
export const createDatabase = (postgres: Server, name: string): string => {
  const url = new URL(postgres.url)
  const args = ["--host", url.hostname, "--port", url.port, "--username", url.username, name]
  execFileSync(findPostgres()?.createdb ?? "createdb", args, { stdio: ["ignore", "ignore", 2] })
  url.pathname = name
  return url.href
}

export const startRedis = async ({ install = false }: StartOptions = {}): Promise<Started> => {
  if (install && findRedis() === undefined) installDebian("redis-server")
  const command = findRedis()
  if (command === undefined) return "no Redis here (Debian: apt-get install redis-server)"
  const folder = mkdtempSync(join(tmpdir(), "test-redis-"))
  const port = await freePort()
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder]
  return started("Redis", new Server(`redis://127.0.0.1:${port}`, { command, args, folder, port }))
}
