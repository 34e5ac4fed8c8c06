// `npm run release`: packs the public packages, looks into the tarballs, installs them into an empty folder, runs the programs
// of docs/start.md there as a reader would, and lets npm say what it would publish. Only with `--publish` it does publish, and
// tags what it has published: that is refused for what no commit has, and for changes that no changelog tells.
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { address } from "../address.ts"
import { programsOf } from "../docs/pages.ts"
import { root } from "../repository.ts"
import { pendingChanges, tagOf } from "./changelog.ts"
import { obstacles, stateOf } from "./obstacles.ts"
import { call, pack } from "./packing.ts"
import { manifestOf, published } from "./published.ts"

const publish = process.argv.includes("--publish")

const problems: Array<string> = []
const check = (holds: boolean, problem: string) => {
  if (!holds) problems.push(problem)
}

const folder = mkdtempSync(join(tmpdir(), "effect-asyncio-release-"))
process.on("exit", () => rmSync(folder, { recursive: true, force: true }))

const lookInto = (name: string, tarball: string) => {
  const files = call("tar", ["-tzf", tarball]).trim().split("\n")
  const code =
    name === "create"
      ? ["dist/main.js", "src/main.ts", "templates/common/_gitignore", "templates/effect/package.json"]
      : ["dist/index.js", "dist/index.d.ts", "src/index.ts"]
  for (const file of ["package.json", "README.md", "LICENSE", "CHANGELOG.md", ...code]) {
    check(files.includes(`package/${file}`), `${name}: ${file} is missing`)
  }
  for (const file of files) {
    if (file.startsWith("package/templates/")) continue
    check(!/\/test\/|tsbuildinfo|node_modules|\.test\./.test(file), `${name}: ${file} should not be published`)
  }
  const manifest = call("tar", ["-xzOf", tarball, "package/package.json"])
  check(
    !/"(?:workspace|catalog):/.test(manifest),
    `${name}: package.json asks for a version that only this workspace knows`
  )
  const { private: isPrivate, version } = JSON.parse(manifest)
  check(isPrivate !== true, `${name}: is private`)
  const changelog = readFileSync(join(root, "packages", name, "CHANGELOG.md"), "utf8")
  check(changelog.includes(`\n## ${version}\n`), `${name}: CHANGELOG.md says nothing of ${version}`)
  console.log(`${name} ${version}: ${files.length} files`)
}

/** What a newcomer does: an empty folder, the install line, the first program. */
const tryOut = (tarballs: ReadonlyArray<string>) => {
  const project = join(folder, "project")
  mkdirSync(project)
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "project", private: true, type: "module" }))
  const effect = JSON.parse(readFileSync(join(root, "node_modules/effect/package.json"), "utf8")).version
  const types = `@types/node@${JSON.parse(readFileSync(join(root, "node_modules/@types/node/package.json"), "utf8")).version}`
  const quietly = ["install", "--no-audit", "--no-fund", "--loglevel=error"]
  call("npm", [...quietly, `effect@${effect}`, types, ...tarballs], project)
  for (const { code, label, shown } of programsOf("docs/start.md", readFileSync(join(root, "docs/start.md"), "utf8"))) {
    if (label === "Python") continue
    writeFileSync(join(project, "main.ts"), code)
    // As `npx tsc --init` sets it up, with the types of Node.js where a program imports something of it.
    const needed = code.includes('from "node:') ? "node" : ""
    const options = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2023", "--types", needed]
    call("node", [join(root, "node_modules/typescript/bin/tsc"), ...options, "main.ts"], project)
    const printed = call("node", ["--no-warnings", "main.ts"], project)
    check(printed.trimEnd() === shown?.code.trimEnd(), `the first program in ${label} printed:\n${printed}`)
    console.log(`the first program in ${label}: ${printed.trim().split("\n").length} lines, as the page shows them`)
  }
}

/** A CommonJS program in the same folder. */
const tryRequire = () => {
  const program = join(folder, "project", "main.cjs")
  writeFileSync(program, readFileSync(join(root, "packages/tools/runtimes/smokeRequire.cjs"), "utf8"))
  console.log(call("node", ["--no-warnings", program]).trim())
}

/** Whether npm has a version already, from a run that ended half-way. */
const isOut = (name: string) => {
  const manifest = manifestOf(name)
  const out = stateOf(root).tags.includes(tagOf(manifest))
  if (out) console.log(`published before: ${tagOf(manifest)}`)
  return out
}

const refused = publish
  ? obstacles({
      ...stateOf(root),
      address,
      changes: await pendingChanges(),
      manifests: published.map((name) => manifestOf(name))
    })
  : []
if (refused.length > 0) {
  for (const reason of refused) console.error(reason)
  process.exit(1)
}

execFileSync(process.execPath, [join(root, "packages/tools/dev.mjs"), "package-check"], { stdio: "inherit" })
const packed = published.map((name) => ({ name, tarball: pack(name, folder) }))
const tarballs = packed.map(({ tarball }) => tarball)
for (const { name, tarball } of packed) lookInto(name, tarball)
tryOut(tarballs)
tryRequire()

if (problems.length === 0) {
  for (const { name, tarball } of packed) {
    if (isOut(name)) continue
    const mode = publish ? [] : ["--dry-run"]
    call("npm", ["publish", ...mode, tarball])
    console.log(`${publish ? "published" : "could be published"}: ${tarball.slice(folder.length + 1)}`)
    if (publish) call("git", ["tag", tagOf(manifestOf(name))])
  }
  if (publish) console.log("git push --tags tells everybody.")
} else {
  for (const problem of problems) console.error(problem)
  process.exitCode = 1
}
