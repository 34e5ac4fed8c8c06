// Takes guards of core and compat away, one at a time, in a copy, and runs their tests. Every guard must be missed by a test,
// whose name is printed. Exits with 1 when one is not.
//
//   npm run mutations                  all of them
//   npm run mutations -- fiberScope    those in files with such words in their names
//   npm run mutations -- --slice 3/8   the third eighth
//   npm run mutations -- --save        all, and writes down which test file misses which guard
//
// The file that missed a guard the last time is run first, and alone: most guards take two seconds and not a minute.
import { spawnSync } from "node:child_process"
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { root } from "../repository.ts"
import { misplaced, mutations, pathOf } from "./mutationList.ts"

const record = new URL("mutations.json", import.meta.url)

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { slice: { type: "string" }, save: { type: "boolean" } }
})

const refuse = (message: string): never => {
  console.error(message)
  process.exit(2)
}

const chosen = (() => {
  const named = mutations.filter(
    ([file]) => positionals.length === 0 || positionals.some((word) => file.includes(word))
  )
  if (named.length === 0) refuse(`No guard stands in a file with "${positionals.join('" or "')}" in its name.`)
  if (values.slice === undefined) return named
  const [, part, parts] = (/^(\d+)\/(\d+)$/.exec(values.slice) ?? []).map(Number)
  if (part === undefined || parts === undefined || part < 1 || part > parts) {
    return refuse(`--slice wants a part and a number of parts, as in 3/8; here it was ${values.slice}`)
  }
  return named.filter((_, index) => index % parts === part - 1)
})()

const wrong = misplaced(new URL("packages/", `file://${root}`))
if (wrong.length > 0) {
  for (const [file, guard] of wrong) console.log(`${file} has not exactly one of: ${guard}`)
  process.exit(1)
}

const work = mkdtempSync(join(tmpdir(), "effect-asyncio-mutations-"))
process.on("exit", () => rmSync(work, { recursive: true, force: true }))

for (const name of ["core", "compat"]) {
  cpSync(join(root, "packages", name), join(work, "packages", name), {
    recursive: true,
    filter: (source) => !/[\\/](node_modules|dist|\.tsbuildinfo)$/.test(source)
  })
}
cpSync(join(root, "tsconfig.base.json"), join(work, "tsconfig.base.json"))
symlinkSync(join(root, "packages/core/node_modules"), join(work, "packages/core/node_modules"))
symlinkSync(join(root, "node_modules"), join(work, "node_modules"))
// compat has to find the copy.
mkdirSync(join(work, "packages/compat/node_modules/@effect-asyncio"), { recursive: true })
symlinkSync(join(work, "packages/core"), join(work, "packages/compat/node_modules/@effect-asyncio/core"))
symlinkSync(join(root, "packages/compat/node_modules/effect"), join(work, "packages/compat/node_modules/effect"))
writeFileSync(
  join(work, "vitest.config.mjs"),
  `const conditions = ["@effect-asyncio/source", "module", "node", "development|production"]
const project = (name, exclude) => ({
  extends: true,
  root: ${JSON.stringify(work)} + "/packages/" + name,
  test: { name, include: ["test/**/*.test.ts"], exclude }
})
export default {
  root: ${JSON.stringify(work)},
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    projects: [
      project("core", ["**/leak.test.ts", "**/toThread*.test.ts"]),
      project("compat", ["**/scale.test.ts", "**/docstrings.test.ts"])
    ],
    bail: 1,
    testTimeout: 10_000,
    isolate: false
  }
}
`
)

/** Which test file missed a guard the last time. */
const missedBy: Record<string, string> = existsSync(record) ? JSON.parse(readFileSync(record, "utf8")) : {}

/** Runs tests on the copy: the file and the name of one that fails, or undefined. */
const firstFailure = (files: ReadonlyArray<string> = []) => {
  const result = spawnSync("vitest", ["run", "--config", join(work, "vitest.config.mjs"), "--reporter=dot", ...files], {
    cwd: work,
    encoding: "utf8",
    timeout: 300_000,
    shell: process.platform === "win32"
  })
  if (result.status === 0) return undefined
  // oxlint-disable-next-line no-control-regex -- colours
  const lines = `${result.stdout}${result.stderr}`.replace(/\x1b\[[\d;]*m/g, "").split("\n")
  const name = lines.find((line) => line.includes("FAIL "))?.replace(/^.*?FAIL\s+/, "")
  const [, project, path] = /^(\w+)\s+(test\/\S+\.test\.ts)/.exec(name ?? "") ?? []
  return { name: name ?? "the tests do not end, or do not load", file: path && `packages/${project}/${path}` }
}

const unharmed = firstFailure([...new Set(chosen.flatMap(([file, guard]) => missedBy[`${file}: ${guard}`] ?? []))])
if (unharmed !== undefined) throw new Error(`the tests fail before anything is changed: ${unharmed.name}`)

let survivors = 0
for (const [index, [file, guard, rest]] of chosen.entries()) {
  const key = `${file}: ${guard}`
  const path = join(work, "packages", pathOf(file))
  const source = readFileSync(path, "utf8")
  writeFileSync(
    path,
    source.replace(guard, () => rest)
  )
  const known = missedBy[key]
  const failure = (known && firstFailure([known])) || firstFailure()
  writeFileSync(path, source)
  if (failure === undefined) survivors++
  if (failure?.file !== undefined) missedBy[key] = failure.file
  const verdict = failure === undefined ? "SURVIVES" : "caught  "
  console.log(`${index + 1}/${chosen.length} ${verdict} ${file}: ${guard.split("\n")[0]}`)
  if (failure !== undefined) console.log(`         by ${failure.name}`)
}
console.log(`${chosen.length - survivors} of ${chosen.length} guards are missed by a test`)
process.exitCode = survivors === 0 ? 0 : 1

if (values.save) {
  const keys = mutations.map(([file, guard]) => `${file}: ${guard}`)
  const kept = Object.fromEntries(keys.flatMap((key) => (missedBy[key] === undefined ? [] : [[key, missedBy[key]]])))
  writeFileSync(record, `${JSON.stringify(kept, null, 2)}\n`)
}
