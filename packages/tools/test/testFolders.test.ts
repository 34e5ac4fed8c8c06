import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { root } from "../repository.ts"

describe.each(["core", "compat"])("the tests of %s", (name) => {
  const folder = join(root, "packages", name, "test")
  const entries = readdirSync(folder, { withFileTypes: true })

  it("stand in folders by subject", () => {
    const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith(".test.ts"))

    assert.deepStrictEqual(
      files.map((file) => file.name),
      []
    )
  })

  it("have one line for each folder in their README", () => {
    const lines = readFileSync(join(folder, "README.md"), "utf8").matchAll(/^\| \[(\w+)\]\(\1\)/gm)

    assert.deepStrictEqual(
      Array.from(lines, (line) => line[1]),
      entries
        .filter((entry) => entry.isDirectory())
        .map((entry) => entry.name)
        .sort()
    )
  })
})
