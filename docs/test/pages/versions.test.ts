// What docs/versions.md calls unstable is what is marked so in the sources.
import { globSync, readFileSync } from "node:fs"
import { assert, describe, it } from "vitest"

const root = new URL("../../../", import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), "utf8")

/** The names that files declare for others, with their docstrings. */
const declared = (pattern: string): ReadonlyArray<{ readonly name: string; readonly docstring: string }> =>
  globSync(pattern, { cwd: root }).flatMap((path) =>
    Array.from(
      read(path).matchAll(
        /(\/\*\*(?:(?!\*\/)[^])*\*\/)\n(?:\/\/.*\n)*export (?:abstract class|class|const|function|let|interface|type) (\w+)/g
      ),
      ([, docstring = "", name = ""]) => ({ name, docstring })
    )
  )

const isUnstable = ({ docstring }: { readonly docstring: string }): boolean =>
  / \* @stability unstable\n/.test(docstring)

describe("what is unstable", () => {
  it("is named on the page about versions", () => {
    const marked = new Set(
      declared("packages/{core,compat}/src/{*,testing/*}.ts")
        .filter(isUnstable)
        .map(({ name }) => name)
    )

    const [, list = ""] = /## Stable and unstable\n([^]*?)\nNever a promise/.exec(read("docs/versions.md")) ?? []
    const named = Array.from(list.matchAll(/`([A-Za-z]+)`/g), ([, name = ""]) => name)

    assert.deepStrictEqual(named.sort(), [...marked].sort())
  })

  it("is all of core/lowlevel", () => {
    const [head = ""] = read("packages/core/src/lowlevel/index.ts").split("*/")

    assert.include(head, " * @stability unstable\n")
  })
})
