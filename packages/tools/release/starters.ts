// `npm run dev -- starters`: what a newcomer gets from `npm create @effect-asyncio`, for each template: made by the packed create in an
// empty folder, installed with the packed packages, and tried with all its scripts.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { root } from "../repository.ts"
import { call, pack } from "./packing.ts"
import { published } from "./published.ts"

const folder = mkdtempSync(join(tmpdir(), "effect-asyncio-starters-"))
process.on("exit", () => rmSync(folder, { recursive: true, force: true }))

const tarballs = Object.fromEntries(published.map((name) => [`@effect-asyncio/${name}`, pack(name, folder)]))
mkdirSync(join(folder, "create"))
call("tar", ["-xzf", tarballs["@effect-asyncio/create"]!, "-C", join(folder, "create"), "--strip-components=1"])

// What is not published yet comes from the tarballs, also where one package needs another. The tools are those of this repository,
// which its lockfile knows: what they do in their next versions is not what is tried here.
const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
const tools = ["@types/node", "oxlint", "typescript", "vitest"].map((name) => [name, devDependencies[name]])
const sources = [...tools, ...Object.entries(tarballs).map(([name, tarball]) => [name, `file:${tarball}`])]
const overrides = sources.map(([name, source]) => `  "${name}": "${source}"\n`)
const workspace = `packages:\n  - .\noverrides:\n${overrides.join("")}`

/** What `npm start` of each template has to say, among other things. */
const said: Readonly<Record<string, string>> = {
  promises: "backups: cleans up\ntime is up\ndone: invoices, reports\n",
  effect: "backups: cleans up\ntime is up\ndone: invoices, reports\n",
  python: "worker-0 stops\nworker-1 stops\n"
}

let failed = 0
for (const [template, expected] of Object.entries(said)) {
  const started = performance.now()
  try {
    const project = join(folder, `my-${template}`)
    call(process.execPath, [join(folder, "create/dist/main.js"), `my-${template}`, "--template", template], folder)
    writeFileSync(join(project, "pnpm-workspace.yaml"), workspace)
    call("pnpm", ["install", "--prefer-offline", "--no-frozen-lockfile"], project)
    const { scripts } = JSON.parse(readFileSync(join(project, "package.json"), "utf8"))
    const names = Object.keys(scripts).filter((name) => name !== "test:watch")
    for (const name of names) {
      const printed = call("pnpm", ["run", "--silent", name], project)
      if (name === "start" && !printed.endsWith(expected)) throw new Error(`npm start printed:\n${printed}`)
    }
    console.log(`ok     ${template}: ${names.join(", ")} (${((performance.now() - started) / 1000).toFixed(1)} s)`)
  } catch (error) {
    failed += 1
    console.error(`FAILED ${template}: ${String(error)}`)
  }
}
process.exitCode = failed === 0 ? 0 : 1
