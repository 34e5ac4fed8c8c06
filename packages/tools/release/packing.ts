// The packages as tarballs, as npm has them.
import { execFileSync } from "node:child_process"
import { mkdirSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { root } from "../repository.ts"

/** Runs a command and gives what it prints; where it fails, what it printed is in the error. */
export const call = (command: string, args: ReadonlyArray<string>, cwd: string = root): string => {
  try {
    return execFileSync(command, args, {
      cwd,
      encoding: "utf8",
      shell: process.platform === "win32",
      stdio: ["ignore", "pipe", "pipe"],
      maxBuffer: 2 ** 26
    })
  } catch (error) {
    const { stderr = "", stdout = "" } = error as { readonly stderr?: string; readonly stdout?: string }
    throw new Error(`${command} ${args.join(" ")}\n${stdout}${stderr}`, { cause: error })
  }
}

/** Packs a package that is built, by the name of its folder, into a folder that exists; gives the path of the tarball. */
export const pack = (name: string, into: string): string => {
  const before = new Set(readdirSync(into))
  call("pnpm", ["pack", "--pack-destination", into], join(root, "packages", name))
  const made = readdirSync(into).filter((file) => !before.has(file))
  return join(into, ...made)
}

/** Unpacks a tarball to where a project in a folder finds the package. */
export const unpack = (tarball: string, name: string, project: string): void => {
  const folder = join(project, "node_modules/@effect-asyncio", name)
  mkdirSync(folder, { recursive: true })
  call("tar", ["-xzf", tarball, "-C", folder, "--strip-components=1"])
}
