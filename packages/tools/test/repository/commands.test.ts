import { assert, describe, it } from "vitest"
import { spawnSync } from "node:child_process"
import { globSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { commands, nearestCommand } from "../../commands.mjs"

const root = fileURLToPath(new URL("../../../..", import.meta.url))
const read = (file: string) => readFileSync(join(root, file), "utf8")

const { scripts } = JSON.parse(read("package.json")) as { readonly scripts: Readonly<Record<string, string>> }

/** What may name a command. */
const files = () =>
  globSync(["*.*", ".{changeset,github,ci}/**/*", "{docs,packages}/**/*.{md,ts,mjs,json,css}"], {
    cwd: root,
    exclude: ["**/node_modules/**", "**/dist/**", "docs/.examples/**", "docs/api/**", "**/CHANGELOG.md"]
  }).filter((file) => statSync(join(root, file)).isFile())

const dev = (...args: ReadonlyArray<string>) =>
  spawnSync(process.execPath, [join(root, "packages/tools/dev.mjs"), ...args], { encoding: "utf8" })

describe("the table of commands", () => {
  it("is all that the scripts of the top package.json call", () => {
    const { dev, ...others } = scripts

    assert.strictEqual(dev, "node packages/tools/dev.mjs")
    for (const [name, script] of Object.entries(others)) {
      assert.strictEqual(script, `node packages/tools/dev.mjs ${name}`)
      assert.property(commands, name)
    }
  })

  it("has every command that is named anywhere", () => {
    const named = files().flatMap((file) =>
      Array.from(read(file).matchAll(/\bnpm run (?:--silent )?(dev -- )?([a-z][\w:-]*)/g), ([, dev, name = ""]) => ({
        file,
        name,
        exists: dev === undefined ? name in scripts : name in commands
      }))
    )

    assert.isAbove(named.length, 50)
    assert.deepStrictEqual(
      named.filter(({ exists }) => !exists),
      []
    )
  })

  it("is listed with a line of help for each", () => {
    const { status, stdout } = dev()

    assert.strictEqual(status, 0)
    for (const [name, { help }] of Object.entries(commands)) assert.match(stdout, new RegExp(`^  ${name} +`, "m"), help)
    assert.deepStrictEqual(
      stdout.split("\n").filter((line) => line.length > 120),
      []
    )
  })

  it("tells the nearest name of a command that it does not have", () => {
    const { status, stderr } = dev("siezs")

    assert.deepStrictEqual(
      [status, stderr.trim()],
      [2, 'There is no command "siezs". Did you mean "sizes"? `npm run dev` lists all of them.']
    )
    assert.strictEqual(nearestCommand("errors"), "errors:docs")
    assert.isUndefined(nearestCommand("toString"))
  })
})
