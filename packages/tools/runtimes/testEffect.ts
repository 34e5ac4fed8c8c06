// Runs the tests of core and compat on the newest published Effect that they allow. Everything else runs on the oldest.
//
//   npm run dev -- test:effect                          does nothing where the newest is the one that is installed
//   npm run dev -- test:effect --version 4.2.0 cancel   on that version, the files with such words in their names
//
// In a copy of the repository, so that this one keeps what it has installed.
import { execFileSync, spawnSync } from "node:child_process"
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { root } from "../repository.ts"

const windows = process.platform === "win32"
const read = (file: string) => readFileSync(join(root, file), "utf8")

const { positionals, values } = parseArgs({ allowPositionals: true, options: { version: { type: "string" } } })

/** Runs a command, which prints here, and gives its status. */
const run = (command: string, args: ReadonlyArray<string>, cwd = root): number => {
  const { error, status } = spawnSync(command, args, { cwd, stdio: "inherit", shell: windows })
  if (error) throw error
  return status ?? 1
}

/** What a command prints. */
const outputOf = (command: string, args: ReadonlyArray<string>) =>
  execFileSync(command, args, { cwd: root, encoding: "utf8", shell: windows, maxBuffer: 2 ** 26 })

/** What npm has of a range, in order. */
const published = (range: string) => {
  const found = JSON.parse(outputOf("npm", ["view", `effect@${range}`, "version", "--json"]))
  // One version is told without a list around it.
  return Array.isArray(found) ? found : [found]
}

const installed = JSON.parse(read("node_modules/effect/package.json")).version
const range = JSON.parse(read("packages/core/package.json")).peerDependencies.effect
const newest = values.version ?? published(range).at(-1)
if (newest === installed && values.version === undefined) {
  console.log(`The newest Effect in ${range} is ${newest}, on which all tests run anyway.`)
  process.exit(0)
}

console.log(`The tests of core and compat on Effect ${newest}; ${installed} is installed.`)
const copy = mkdtempSync(join(tmpdir(), "effect-asyncio-"))
let status = 1
try {
  const files = outputOf("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
  for (const file of files.split("\0").filter(Boolean)) {
    cpSync(join(root, file), join(copy, file), { force: true, recursive: true })
  }
  const workspace = join(copy, "pnpm-workspace.yaml")
  writeFileSync(workspace, readFileSync(workspace, "utf8").replace(/(effect: &effect ).*/, `$1${newest}`))
  // A version of today is wanted, too.
  const fresh = ["install", "--no-frozen-lockfile", "--reporter=append-only", "--config.minimumReleaseAge=0"]
  status = run("pnpm", fresh, copy)
  if (status === 0) {
    const projects = ["--project", "core", "--project", "compat"]
    const vitest = join(copy, "node_modules/.bin/vitest")
    status = run(vitest, ["run", "--config", "vitest.workspace.ts", ...projects, ...positionals], copy)
  }
} finally {
  rmSync(copy, { recursive: true, force: true })
}
if (status !== 0) {
  const names = "packages/core/test/performance/effectInternals.test.ts"
  console.error(`Not all tests pass on Effect ${newest}. What it has changed of what core relies on, ${names} names.`)
}
process.exitCode = status
