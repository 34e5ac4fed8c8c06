/**
 * A PostgreSQL and a Redis for the tests: Debian's, on free loopback ports, with their data in a temporary folder. Where a
 * server is missing and cannot be installed, the tests that need it are skipped, which the command says loudly.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { connect, createServer } from "node:net"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"

export interface Service {
  /** What the tests find it by. */
  readonly environment: Readonly<Record<string, string>>
  stop(): Promise<void>
}

/** A service, or the reason why there is none. */
export type Started = Service | string

const isRoot = process.getuid?.() === 0

/** The executable of that name, in PATH or in one of `folders`. */
const find = (name: string, folders: ReadonlyArray<string> = []): string | undefined =>
  [...(process.env.PATH ?? "").split(delimiter), ...folders]
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path))

const postgresFolders = (): ReadonlyArray<string> => {
  const versions = "/usr/lib/postgresql"
  return existsSync(versions) ? readdirSync(versions).map((version) => join(versions, version, "bin")) : []
}

/** Installs a package of Debian where that is possible; the first that is needed brings the lists up to date. */
const installDebian = (name: string): void => {
  if (!isRoot || find("apt-get") === undefined) return
  const options = { stdio: ["ignore", 2, 2] as ["ignore", number, number] }
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" }
  try {
    execFileSync("apt-get", ["update", "-qq"], options)
    execFileSync("apt-get", ["install", "-qq", "-y", "--no-install-recommends", name], { ...options, env })
  } catch (error) {
    console.error(`could not install ${name}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.on("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0))
    })
  })

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1")
    const answer = (yes: boolean) => {
      socket.destroy()
      resolve(yes)
    }
    socket.on("connect", () => answer(true))
    socket.on("error", () => answer(false))
  })

/** Waits until the server accepts connections; a minute is for a machine that does other things as well. */
const untilReady = async (child: ChildProcess, port: number): Promise<boolean> => {
  for (let tries = 0; tries < 600 && child.exitCode === null; tries++) {
    if (await accepts(port)) return true
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return false
}

/** Ends a server, by force when it does not end by itself, and removes its folder. */
const stopper = (child: ChildProcess, folder: string) => async (): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = new Promise((resolve) => child.once("exit", resolve))
    child.kill("SIGINT")
    const force = setTimeout(() => child.kill("SIGKILL"), 10_000)
    await ended
    clearTimeout(force)
  }
  rmSync(folder, { recursive: true, force: true })
}

/** PostgreSQL refuses to run as root: then it runs as the user that Debian's package makes. */
const postgresUser = (): { readonly uid: number; readonly gid: number } | undefined => {
  if (!isRoot) return undefined
  return { uid: idOf("-u"), gid: idOf("-g") }
}

const idOf = (flag: string): number => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }))

export const startPostgres = async (): Promise<Started> => {
  if (find("initdb", postgresFolders()) === undefined) installDebian("postgresql")
  const initdb = find("initdb", postgresFolders())
  const server = find("postgres", postgresFolders())
  if (initdb === undefined || server === undefined) return "no PostgreSQL here (Debian: apt-get install postgresql)"
  const folder = mkdtempSync(join(tmpdir(), "ecosystem-postgres-"))
  const user = postgresUser()
  if (user !== undefined) chownSync(folder, user.uid, user.gid)
  const data = join(folder, "data")
  const init = ["--auth=trust", "--username=tester", "--no-sync", "--encoding=UTF8", "--locale=C", "-D", data]
  execFileSync(initdb, init, { ...user, stdio: ["ignore", "ignore", 2], cwd: folder })
  const port = await freePort()
  const settings = ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_connections=60", "-k", folder]
  const child = spawn(server, ["-D", data, "-p", String(port), ...settings], { ...user, stdio: "ignore", cwd: folder })
  const stop = stopper(child, folder)
  if (await untilReady(child, port)) {
    return { environment: { ECOSYSTEM_POSTGRES: `postgres://tester@127.0.0.1:${port}/postgres` }, stop }
  }
  await stop()
  return "PostgreSQL did not start"
}

export const startRedis = async (): Promise<Started> => {
  if (find("redis-server") === undefined) installDebian("redis-server")
  const server = find("redis-server")
  if (server === undefined) return "no Redis here (Debian: apt-get install redis-server)"
  const folder = mkdtempSync(join(tmpdir(), "ecosystem-redis-"))
  const port = await freePort()
  const settings = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder]
  const child = spawn(server, settings, { stdio: "ignore" })
  const stop = stopper(child, folder)
  if (await untilReady(child, port)) return { environment: { ECOSYSTEM_REDIS: `redis://127.0.0.1:${port}` }, stop }
  await stop()
  return "Redis did not start"
}
