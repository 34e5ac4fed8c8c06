import { globSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { root } from "../../repository.ts"

/** More test files than these need folders: a reader takes in so many names at once. */
const most = 14

const inFolders = ["docs", "packages/compat", "packages/core", "packages/inspect", "packages/tools"]

const entriesOf = (name: string) => readdirSync(join(root, name, "test"), { withFileTypes: true })

const flat = (name: string): ReadonlyArray<string> =>
  entriesOf(name)
    .filter((entry) => entry.isFile() && entry.name.endsWith(".test.ts"))
    .map((entry) => entry.name)

describe.each(inFolders)("the tests of %s", (name) => {
  it("stand in folders by subject", () => {
    assert.deepStrictEqual(flat(name), [])
  })

  it("have one line for each folder in their README", () => {
    const lines = readFileSync(join(root, name, "test/README.md"), "utf8").matchAll(/^\| \[([\w-]+)\]\(\1\)/gm)

    assert.deepStrictEqual(
      Array.from(lines, (line) => line[1]),
      entriesOf(name)
        .filter((entry) => entry.isDirectory())
        .map((entry) => entry.name)
        .sort()
    )
  })
})

describe("the tests of the other packages", () => {
  it("are so few that they need no folders, unless each is named after a library", () => {
    const others = globSync("packages/*/test", { cwd: root })
      .map((path) => path.replaceAll("\\", "/").replace(/\/test$/, ""))
      .filter((name) => name !== "packages/ecosystem" && !inFolders.includes(name))

    assert.include(others, "packages/server")
    assert.deepStrictEqual(
      others.filter((name) => flat(name).length > most),
      []
    )
  })
})
