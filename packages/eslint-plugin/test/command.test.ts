/**
 * The command `migrate`: what it writes, prints and ends with.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, assert, beforeEach, describe, it } from "vitest"
import { command, usage } from "@effect-asyncio/eslint-plugin/migrate"

let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "effect-asyncio-migrate-"))
  for (const path of ["src/node_modules/x", "src/.git", "src/dist", "src/sub"])
    mkdirSync(join(folder, path), { recursive: true })
})
afterEach(() => rmSync(folder, { recursive: true }))

const timer = "export const nap = () => new Promise((r) => setTimeout(r, 5))\n"
const write = (path: string, text: string): void => writeFileSync(join(folder, path), text)
const read = (path: string): string => readFileSync(join(folder, path), "utf8")

const call = (...args: ReadonlyArray<string>) => {
  let out = ""
  let err = ""
  const status = command(args, folder, { out: (text) => (out += text), err: (text) => (err += text) })
  return { status, out, err }
}

describe("the command migrate", () => {
  it("writes the sources of a folder, and nothing of what is not the program's own", () => {
    const others = ["src/node_modules/x/a.js", "src/.git/a.js", "src/dist/a.js", "src/a.d.ts", "src/a.txt"]
    for (const path of ["src/b.mjs", "src/sub/c.tsx", ...others]) write(path, timer)

    const { err, out, status } = call("migrate", "src")

    assert.deepStrictEqual([status, err], [0, ""])
    assert.strictEqual(
      out,
      "changed:\n  src/b.mjs:1  a timer in a promise -> sleep\n  src/sub/c.tsx:1  a timer in a promise -> sleep\n\n2 files: 2 changed, 0 places left alone\n"
    )
    assert.include(read("src/b.mjs"), "asyncio.sleep(5)")
    assert.isTrue(others.every((path) => read(path) === timer))
    assert.strictEqual(call("migrate", "src").out, "2 files: 0 changed, 0 places left alone\n")
  })

  it("prints a diff and writes nothing with --dry-run", () => {
    write("src/a.ts", `// a\n${timer}const stop = new AbortController()\n`)

    const { out, status } = call("migrate", "--dry-run", "src/a.ts")

    assert.strictEqual(status, 0)
    assert.match(out, /^--- a/)
    assert.include(out, "--- a/src/a.ts\n+++ b/src/a.ts\n@@ -1,3 +1,4 @@\n // a\n-export const nap")
    assert.include(out, "would change:\n  src/a.ts:2  a timer in a promise -> sleep\n")
    assert.include(out, "left alone:\n  src/a.ts:3  an AbortController")
    assert.include(out, "1 file: 1 would change, 1 place left alone\n")
    assert.include(read("src/a.ts"), timer)
  })

  it("goes on behind a file that cannot be parsed, and says so by its status", () => {
    write("src/a.ts", "const x =\n  = 1\n")
    write("src/b.ts", timer)

    const { err, out, status } = call("migrate", "src")

    assert.strictEqual(status, 1)
    assert.match(err, /^src\/a\.ts:2: cannot be parsed: .+\n$/)
    assert.include(out, "2 files: 1 changed")
    assert.strictEqual(read("src/a.ts"), "const x =\n  = 1\n")
  })

  it.each([
    [[], "the command is missing: `migrate`"],
    [["lint"], "there is no command `lint`, only `migrate`"],
    [["migrate"], "say which files or folders, for example `migrate src`"],
    [["migrate", "--dry", "src"], "there is no option `--dry`"],
    [["migrate", "src/b.ts", "nowhere"], "there is no file or folder `nowhere`"],
    [["migrate", "src/a.txt"], "`src/a.txt` is no JavaScript or TypeScript file"],
    [["migrate", "src/sub"], "no JavaScript or TypeScript files in src/sub"]
  ])("refuses %j, shows how it is used, and writes nothing", (args, problem) => {
    write("src/a.txt", timer)
    write("src/b.ts", timer)

    assert.deepStrictEqual(call(...args), { status: 2, out: "", err: `${problem}\n\n${usage}` })
    assert.strictEqual(read("src/b.ts"), timer)
  })

  it("shows how it is used with --help", () => {
    assert.deepStrictEqual(call("migrate", "--help"), { status: 0, out: usage, err: "" })
  })
})
