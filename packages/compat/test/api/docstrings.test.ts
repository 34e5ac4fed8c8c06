// Everything that the package exports is documented: a docstring for each name, and an example that is run for each value.
import * as asyncio from "@effect-asyncio/compat"
import * as testing from "@effect-asyncio/compat/testing"
import { readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "vitest"

const packages = fileURLToPath(new URL("../../..", import.meta.url))

interface Declaration {
  readonly kind: "type" | "value"
  /** The docstring right above it, if there is one. */
  readonly doc: string | undefined
}

const read = (path: string): string => readFileSync(path, "utf8")

// A line comment or a lint directive may stand between a docstring and what it documents.
const declarationPattern =
  /(?:(\/\*\*(?:(?!\*\/)[\s\S])*\*\/)\n(?:\/\/[^\n]*\n)*)?export (?:declare )?(abstract class|class|const|function|interface|type) (\w+)/g

/** What a module declares and exports itself. A name may be a type and a value at a time. */
const declarationsOf = (path: string): ReadonlyArray<readonly [string, Declaration]> =>
  Array.from(read(path).matchAll(declarationPattern), ([, doc, keyword, name]) => [
    name!,
    { kind: keyword === "interface" || keyword === "type" ? "type" : "value", doc }
  ])

const resolveModule = (from: string, specifier: string): string => {
  const module = /^@effect-asyncio\/core(?:\/(testing))?$/.exec(specifier)
  if (module === null) return join(dirname(from), specifier)
  return join(packages, "core/src", module[1] === undefined ? "index.ts" : "testing/index.ts")
}

/** Everything a module exports, with re-exports followed to where it is declared. */
const exportsOf = (path: string): ReadonlyArray<readonly [string, Declaration]> => {
  const source = read(path)
  const all = Array.from(source.matchAll(/export \* from "([^"]+)"/g)).flatMap(([, from]) =>
    exportsOf(resolveModule(path, from!))
  )
  const named = Array.from(source.matchAll(/export (?:type )?\{([^}]*)\} from "([^"]+)"/g)).flatMap(
    ([, list, from]) => {
      const found = exportsOf(resolveModule(path, from!))
      const names = list!.split(",").map((name) => name.trim().replace(/^type /, ""))
      return names
        .filter((name) => name !== "")
        .flatMap((name) => {
          const [original, alias = original] = name.split(" as ")
          return found.filter(([each]) => each === original).map(([, declaration]) => [alias!, declaration] as const)
        })
    }
  )
  const visible = declarationsOf(path).filter(([, { doc }]) => doc?.includes("@internal") !== true)
  return [...all, ...named, ...visible]
}

const entries = [
  { name: "the package", path: join(packages, "compat/src/index.ts"), module: asyncio },
  { name: "its testing module", path: join(packages, "compat/src/testing/index.ts"), module: testing }
]

describe.each(entries)("$name", ({ module, path }) => {
  const found = exportsOf(path)

  it("exports nothing that this test does not see", () => {
    const values = new Set(found.filter(([, { kind }]) => kind === "value").map(([name]) => name))

    assert.deepStrictEqual(
      Object.keys(module).filter((name) => !values.has(name)),
      []
    )
  })

  it("documents every name, with a category and a version", () => {
    const undocumented = found.filter(
      ([, { doc }]) => !/^\/\*\*\s+\* [^@\s]/.test(doc ?? "") || !/@category/.test(doc!) || !/@since/.test(doc!)
    )

    assert.deepStrictEqual(
      undocumented.map(([name, { kind }]) => `${kind} ${name}`),
      []
    )
  })

  it("shows every value in an example that is run and whose result is checked", () => {
    const names = new Set(Object.keys(module))
    const bare = found.filter(
      ([name, { doc, kind }]) =>
        kind === "value" &&
        names.has(name) &&
        !/```ts import\.meta\.vitest\n[\s\S]*?\/\/ => [\s\S]*?```/.test(doc ?? "")
    )

    assert.deepStrictEqual(
      bare.map(([name]) => name),
      []
    )
  })
})
