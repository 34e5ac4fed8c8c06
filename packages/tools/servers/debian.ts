/**
 * Executables of servers, and the packages of Debian that bring them.
 */
import { execFileSync } from "node:child_process"
import { existsSync, readdirSync } from "node:fs"
import { delimiter, join } from "node:path"

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

/** What of PostgreSQL is called: what makes the folder of a server, the server, and what makes a database in it. */
export const findPostgres = (): { readonly [name in "initdb" | "postgres" | "createdb"]: string } | undefined => {
  const [initdb, postgres, createdb] = ["initdb", "postgres", "createdb"].map((name) => find(name, postgresFolders()))
  if (initdb === undefined || postgres === undefined || createdb === undefined) return undefined
  return { initdb, postgres, createdb }
}

export const findRedis = (): string | undefined => find("redis-server")

/** Installs a package of Debian where that is possible, with lists that are up to date. */
export const installDebian = (name: string): void => {
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

export interface User {
  readonly uid: number
  readonly gid: number
}

/** PostgreSQL refuses to run as root: then it runs as the user that Debian's package makes. */
export const postgresUser = (): User | undefined => (isRoot ? { uid: idOf("-u"), gid: idOf("-g") } : undefined)

const idOf = (flag: string): number => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }))
