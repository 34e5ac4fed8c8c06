// What core and compat publish, as it is in the tarballs.
import { execFileSync } from "node:child_process"
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { addedBy, measure } from "../../checks/sizes.ts"
import { bundled, entriesOf, replacedInBrowsers, setup } from "../../release/bundle.ts"
import { root } from "../../repository.ts"

const project = mkdtempSync(join(tmpdir(), "effect-asyncio-packed-"))
const folderOf = (name: string) => join(project, "node_modules/@effect-asyncio", name)

/**
 * What a module exports, with the names of its functions and classes: in a process without the tests' conditions. A function
 * whose name is in the package twice has a number behind it.
 */
const exportsOf = (specifier: string, condition: string): Array<readonly [string, string]> => {
  const { NODE_OPTIONS: _, ...env } = process.env
  const program = `
    const nameOf = (value) => String(value).startsWith("class") ? value.name : value.name.replace(/\\$\\d+$/, "")
    const named = (value) => typeof value === "function" ? nameOf(value) : typeof value
    const exports = Object.entries(await import(${JSON.stringify(specifier)})).map(([name, value]) => [name, named(value)])
    console.log(JSON.stringify(exports))`
  const options = ["--no-warnings", `--conditions=${condition}`, "--input-type=module", "--eval", program]
  const cwd = condition === "none" ? project : join(root, "packages/tools")
  return JSON.parse(execFileSync(process.execPath, options, { cwd, env, encoding: "utf8" })) as ReturnType<
    typeof exportsOf
  >
}

beforeAll(async () => {
  await setup()
  for (const name of bundled) {
    mkdirSync(folderOf(name), { recursive: true })
    const folder = join(root, "packages", name)
    const printed = execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", project], {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      shell: process.platform === "win32"
    })
    const [{ filename }] = JSON.parse(printed) as [{ readonly filename: string }]
    execFileSync("tar", ["-xzf", join(project, filename), "--strip-components=1", "-C", folderOf(name)])
  }
  symlinkSync(join(root, "node_modules/effect"), join(project, "node_modules/effect"), "junction")
}, 60_000)

afterAll(() => rmSync(project, { recursive: true, force: true }))

describe.each(bundled)("the tarball of %s", (name) => {
  const entries = Object.keys(entriesOf(name))
  const files = (pattern: string) =>
    globSync(pattern, { cwd: folderOf(name) }).map((file) => file.replaceAll("\\", "/"))

  it("has one JavaScript file for each entry, one that they share, and what is replaced in browsers", () => {
    const replaced = replacedInBrowsers(name)
      .flat()
      .map((file) => file.replace("./", ""))

    assert.sameMembers(files("**/*.js"), [...[...entries, "shared"].map((entry) => `dist/${entry}.js`), ...replaced])
  })

  it("exports what the sources export, under the same names", () => {
    for (const entry of entries) {
      const specifier = `@effect-asyncio/${name}${entry === "index" ? "" : `/${entry.replace(/\/index$/, "")}`}`

      const published = exportsOf(specifier, "none")

      assert.isNotEmpty(published)
      assert.deepStrictEqual(published, exportsOf(specifier, "@effect-asyncio/source"))
    }
  })

  it("has the types of each entry", () => {
    for (const entry of entries) assert.isTrue(existsSync(join(folderOf(name), "dist", `${entry}.d.ts`)))
  })

  it("has maps that lead to sources in it", () => {
    const maps = files("dist/**/*.map")

    assert.isNotEmpty(maps)
    for (const map of maps) {
      const path = join(folderOf(name), map)
      const { sources } = JSON.parse(readFileSync(path, "utf8")) as { readonly sources: ReadonlyArray<string> }
      for (const source of sources) assert.isTrue(existsSync(resolve(dirname(path), source)), `${map}: ${source}`)
    }
  })
})

/** What a program prints that has the tarballs installed. */
const print = (program: string, ...options: ReadonlyArray<string>) => {
  const { NODE_OPTIONS: _, ...env } = process.env
  writeFileSync(join(project, "main.mjs"), program)
  return execFileSync(process.execPath, [...options, "main.mjs"], { cwd: project, env, encoding: "utf8" })
}

describe("a stack trace in what is published", () => {
  const mistake = (debug: boolean) => `
      import { Lock, run } from "@effect-asyncio/core"
      import { Effect } from "effect"
      await run(Effect.map(Lock.make(), (lock) => {
        try { lock.releaseUnsafe() } catch (error) { console.log(error.stack) }
      }), { debug: ${debug} })`

  it("leads to the sources with --enable-source-maps in debug mode", () => {
    assert.match(print(mistake(true), "--enable-source-maps"), /core[\\/]src[\\/]Lock\.ts:\d+/)
  })

  it("leads to the program alone otherwise, with source maps and without", () => {
    for (const options of [["--enable-source-maps"], []]) {
      const [first, ...frames] = print(mistake(false), ...options)
        .trim()
        .split("\n")

      assert.strictEqual(first, "RuntimeError: Lock is not acquired.")
      assert.match(frames[0] ?? "", /main\.mjs:5/)
      assert.deepStrictEqual(
        frames.filter((line) => /@effect-asyncio|node_modules/.test(line)),
        []
      )
    }
  })

  it("names our own function and then the program where debug mode tells who asked for a cancellation", () => {
    const program = `import { createTask, run, sleep } from "@effect-asyncio/compat"
      await run(async () => {
        const task = createTask(() => sleep("1 hour"))
        await sleep(0)
        task.cancel()
        const error = await task.then(undefined, (error) => error)
        console.log(error.requestedAt)
      }, { debug: true })`

    const [first = "", second = ""] = print(program).split("\n")

    assert.match(first, /Task\.cancel .*shared\.js/)
    assert.match(second, /main\.mjs:5/)
  })
})

describe("what is replaced in browsers", () => {
  const pairs = bundled.flatMap((name) => replacedInBrowsers(name).map((pair) => [name, ...pair] as const))

  it.each(pairs)("of %s, %s, is the same in the sources", (name, file, replacement) => {
    const { browser } = JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8")) as {
      readonly browser: Readonly<Record<string, string>>
    }
    const sourceOf = (path: string) => path.replace("./dist/", "./src/").replace(/\.js$/, ".ts")

    assert.strictEqual(browser[sourceOf(file)], sourceOf(replacement))
  })

  it.each(pairs)("of %s, %s, exports there what is imported from it", async (name, file, replacement) => {
    const folder = join(root, "packages", name)
    const names = (await import(join(folder, replacement))) as object
    const shared = readFileSync(join(folder, "dist/shared.js"), "utf8")
    const from = shared.split("\n").find((line) => line.endsWith(`from "${file.replace("./dist/", "./")}";`))
    const [, imported = ""] = /{(.*)}/.exec(from ?? "") ?? []

    assert.sameMembers(Object.keys(names), imported.trim().split(", "))
  })
})

// Kilobytes. The first limits are those that the packages had before deadlocks, kinds and trees.
const smallest = { "core: `run`, `createTask`, `sleep`": 41.3, "compat: `run`, `createTask`, `sleep`": 53.8 }

describe("what a program does not use", () => {
  let published: Awaited<ReturnType<typeof measure>>

  beforeAll(async () => {
    published = await measure("published")
  }, 120_000)

  it("is not in the smallest one", () => {
    const sizes = new Map(published.map(({ bytes, name }) => [name, bytes / 1000]))

    for (const [name, most] of Object.entries(smallest)) assert.isAtMost(sizes.get(name)!, most, name)
  })

  it("is left out of what is published as it is left out of the sources", async () => {
    const sources = await measure("sources")

    for (const [n, { bytes, name }] of published.entries()) assert.isAtMost(bytes, sources[n]!.bytes * 1.01, name)
  })

  // Files of helpers, and who may have them. What is not here is shared by many.
  const owners: Readonly<Record<string, ReadonlyArray<string>>> = {
    "internal/combine/contest": ["race", "anyOf", "staggered"],
    "internal/combine/failingMembers": ["taskGroup"],
    "internal/combine/mapTasks": ["mapTasks"],
    "internal/combine/moveOn": ["moveOn"],
    "internal/combine/restart": ["restart"],
    "internal/combine/shielded": ["shielded"],
    "internal/combine/sources": ["mapTasks"],
    "internal/combine/staggered": ["staggered"],
    "internal/combine/member": ["taskGroup", "mapTasks", "promote"],
    "internal/combine/taskGroup": ["taskGroup", "mapTasks"],
    "internal/combine/timeout": ["moveOn"],
    "internal/lateBody": ["moveOn"],
    "given/pulling": ["mapTasks"]
  }

  // What each may weigh, packed, and beside it only what a task needs. The sum is what "everything" has grown by: what a program does not
  // use costs it nothing.
  const most = {
    moveOn: 3800,
    shielded: 4000,
    race: 3400,
    anyOf: 3400,
    staggered: 3600,
    mapTasks: 8700,
    restart: 900,
    taskGroup: 6200,
    promote: 500,
    cancelTree: 500,
    cancelAndWait: 1900,
    findTasks: 600,
    keepEndedTasks: 500,
    catchCancelled: 2100,
    catchGroup: 2200,
    ExceptionGroup: 1100,
    ContextVar: 1500,
    threadPool: 3800
  }

  it.each(["core", "compat"] as const)("of the helpers of %s, each comes alone", async (name) => {
    const added = await addedBy(name, Object.keys(most))

    for (const { bytes, files, helper } of added) {
      const foreign = files.filter((file) => owners[file]?.includes(helper) === false)
      assert.deepStrictEqual(foreign, [], helper)
      assert.isNotEmpty(files, helper)
      assert.isAtMost(bytes, most[helper as keyof typeof most], helper)
    }
  })
})
