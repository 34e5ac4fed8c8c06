// What a docstring has beside its text: that of a public value of core, compat and the cluster an example, which examples.test.ts runs, and
// a section about asyncio, in any package, the place where Python says so.
import { globSync, readFileSync } from "node:fs"
import { assert, describe, it } from "vitest"

const root = new URL("../../../", import.meta.url)
const packages = ["packages/core", "packages/compat", "packages/cluster"]
// What the public files of core give out stands in them, or in `model`, where it is what has a category.
const paths = [
  ...globSync(`{${packages}}/src/**/*.ts`, { cwd: root, exclude: ["**/internal", "**/engine"] }),
  ...globSync("packages/core/src/internal/model/*.ts", { cwd: root })
].sort()
const read = (path: string) => ({ path, source: readFileSync(new URL(path, root), "utf8") })
const sources = paths.map(read)
const allSources = globSync("packages/*/src/**/*.ts", { cwd: root }).sort().map(read)

const placeOf = (path: string, source: string, index: number): string =>
  `${path}:${source.slice(0, index).split("\n").length}`

/** The values that a file declares for others, each with its docstring. */
const values = sources.flatMap(({ path, source }) =>
  Array.from(
    source.matchAll(
      /(\/\*\*(?:(?!\*\/)[^])*\*\/\n(?:\/\/.*\n)*)?^export (?:abstract class|class|const|function|let) (\w+)/gm
    ),
    ([, docstring = "", name = ""]) => ({ path, name, docstring })
  ).filter(
    ({ docstring, path }) =>
      !docstring.includes("@internal") && (!path.includes("/internal/") || docstring.includes("@category"))
  )
)

/** The sections about asyncio, up to the next section or tag. */
const asyncioSections = allSources.flatMap(({ path, source }) =>
  Array.from(source.matchAll(/\*\*asyncio\*\*\n([^]*?)(?=\n *\* (?:\*\*|@)|\*\/)/g), ({ 1: text = "", index }) => ({
    place: placeOf(path, source, index),
    text
  }))
)

const namesOf = (found: ReadonlyArray<{ readonly name: string }>): ReadonlyArray<string> =>
  found.map(({ name }) => name)

/** The sources of what a package exports, by its package.json. */
const entryPointsOf = (name: string): ReadonlyArray<string> => {
  const { exports } = JSON.parse(readFileSync(new URL(`${name}/package.json`, root), "utf8")) as {
    readonly exports: Readonly<Record<string, string | null | Readonly<Record<string, string>>>>
  }
  return Object.values(exports).flatMap((target) => {
    const source = typeof target === "object" ? target?.["@effect-asyncio/source"] : undefined
    return source === undefined ? [] : [new URL(`${name}/${source}`, root).href]
  })
}

const entryPoints = packages.flatMap(entryPointsOf)
const modules = await Promise.all(entryPoints.map((href) => import(href) as Promise<object>))
const exported = new Set(modules.flatMap((module) => Object.keys(module)))

describe("every public value", () => {
  it("is found", () => {
    const found = new Set(namesOf(values))

    const missing = [...exported].filter((name) => !found.has(name))

    assert.isAtLeast(entryPoints.length, 4)
    // `make` of EventLoop.ts, and what one file of the cluster has for another.
    assert.deepStrictEqual(missing, ["newEventLoop", "hasTablesAt"])
  })

  it("has an example that runs in its docstring", () => {
    const without = values.filter(
      ({ docstring, name }) =>
        (exported.has(name) || name === "make") && !/^ \* ```ts import\.meta\.vitest$/m.test(docstring)
    )

    assert.deepStrictEqual(
      without.map(({ name, path }) => `${path}: ${name}`),
      []
    )
  })
})

describe("every section about asyncio", () => {
  it("is found", () => {
    const headings = allSources.flatMap(({ source }) => source.match(/\*\*asyncio\*\*/g) ?? [])

    assert.isAbove(headings.length, 100)
    assert.strictEqual(asyncioSections.length, headings.length)
  })

  it("names its source: a section of Python's documentation, a PEP, or an issue of CPython", () => {
    const source =
      /https:\/\/docs\.python\.org\/3\/(?:library|whatsnew)\/[\w.-]+\.html#[\w.-]+|\bPEP \d{3}\b|\bgh-\d{5,6}\b/
    const without = asyncioSections.filter(({ text }) => !source.test(text))

    assert.deepStrictEqual(
      without.map(({ place }) => place),
      []
    )
  })
})
