// What the scaffold makes is put into a copy of core and compat, where its types and its tests have to hold.
import { assert, describe, it } from "vitest"
import { execFileSync } from "node:child_process"
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { root } from "../../repository.ts"
import { type Edit, NameError, newFunction } from "../../scaffold/newFunction.ts"

const read = (path: string) => {
  const file = join(root, path)
  return existsSync(file) ? readFileSync(file, "utf8") : undefined
}

const packages = ["core", "compat"]

/** A copy of the sources of both packages, with what the scaffold makes in it. */
const copyWith = (edits: ReadonlyArray<Edit>) => {
  const copy = mkdtempSync(join(tmpdir(), "effect-asyncio-scaffold-"))
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"), "junction")
  for (const name of packages) {
    for (const path of ["src", "package.json", "test/support.ts", "test/signalListeners.ts"]) {
      cpSync(join(root, "packages", name, path), join(copy, "packages", name, path), { recursive: true })
    }
  }
  mkdirSync(join(copy, "packages/compat/node_modules/@effect-asyncio"), { recursive: true })
  symlinkSync(join(copy, "packages/core"), join(copy, "packages/compat/node_modules/@effect-asyncio/core"), "junction")
  for (const { path, text } of edits) {
    mkdirSync(dirname(join(copy, path)), { recursive: true })
    writeFileSync(join(copy, path), text)
  }
  return copy
}

const callIn = (folder: string, program: string, ...args: ReadonlyArray<string>) => {
  const { NODE_OPTIONS: _, VITEST: __, ...env } = process.env
  const bin = join(root, "node_modules/.bin", program)
  try {
    return execFileSync(bin, args, { cwd: folder, encoding: "utf8", env, stdio: ["ignore", "pipe", "pipe"] })
  } catch (error) {
    const { stderr, stdout } = error as { readonly stdout: string; readonly stderr: string }
    throw new Error(`${program}: ${stdout}${stderr}`, { cause: error })
  }
}

describe("a new function", () => {
  const edits = newFunction("frobnicate", read)

  it("has seventeen places, each with its name", () => {
    assert.strictEqual(edits.length, 17)
    for (const { path, text } of edits) {
      assert.match(text, /\bfrobnicate\b/, path)
      assert.notMatch(read(path) ?? "", /\bfrobnicate\b/, path)
    }
  })

  it("leaves a mark wherever somebody has to write what it is about", () => {
    const unmarked = edits.filter(({ text }) => !text.includes("TODO(frobnicate)")).map(({ path }) => path)

    assert.deepStrictEqual(unmarked, [
      "packages/core/src/index.ts",
      "packages/core/test/api/frobnicateTypes.test.ts",
      "packages/compat/src/index.ts",
      "packages/compat/test/api/frobnicateTypes.test.ts",
      "docs/test/pages/comingFromPromises.test.ts",
      "docs/versions.md",
      "packages/core/README.md",
      "packages/compat/README.md"
    ])
  })

  it("changes nothing else", () => {
    for (const { path, text } of edits) {
      const before = (read(path) ?? "").split("\n")
      const after = new Set(text.split("\n"))
      const gone = before.filter((line) => !after.has(line))
      assert.isAtMost(gone.length, 1, `${path}: ${gone.join("\n")}`)
    }
  })

  it("has types and tests that hold from the first moment on", () => {
    const copy = copyWith(edits)
    try {
      const compilerOptions = {
        composite: false,
        incremental: false,
        noEmit: true,
        rewriteRelativeImportExtensions: false,
        allowImportingTsExtensions: true,
        customConditions: ["@effect-asyncio/source"],
        types: ["node"]
      }
      const made = edits
        .map(({ path }) => path)
        .filter((path) => /^packages\/.*frobnicate\w*(?:\.test)?\.ts$/.test(path))
      const config = { extends: join(root, "tsconfig.base.json"), compilerOptions, files: made }
      writeFileSync(join(copy, "tsconfig.json"), JSON.stringify(config))
      const conditions = `["@effect-asyncio/source", "module", "node", "development|production"]`
      writeFileSync(
        join(copy, "vitest.config.js"),
        `export default { resolve: { conditions: ${conditions} }, ssr: { resolve: { conditions: ${conditions} } } }`
      )

      const said = callIn(copy, "tsc", "--project", "tsconfig.json", "--pretty", "false")
      callIn(copy, "vitest", "run", "--root", copy, "--reporter=json", "--outputFile=report.json", "packages")

      assert.strictEqual(said, "")
      const { numPassedTests, numTotalTests } = JSON.parse(readFileSync(join(copy, "report.json"), "utf8"))
      assert.deepStrictEqual([numPassedTests, numTotalTests], [6, 6])
    } finally {
      rmSync(copy, { recursive: true, force: true })
    }
  })

  it.each([
    ["Frobnicate", '"Frobnicate" is no name for a function: say it in camelCase, such as frobnicate'],
    ["to-run", '"to-run" is no name for a function: say it in camelCase, such as frobnicate'],
    ["", '"" is no name for a function: say it in camelCase, such as frobnicate'],
    ["sleep", "there is packages/core/src/sleep.ts already"],
    ["toEffect", "packages/compat/src/effects.ts has a toEffect already"]
  ])("is not made with the name %j", (name, message) => {
    assert.throws(() => newFunction(name, read), NameError, message)
  })
})

describe("the marks of a new function", () => {
  it("are nowhere in what is committed", () => {
    // With git, so that nothing is read that is not of the repository.
    const marks = execFileSync(
      "git",
      ["grep", "--untracked", "-lE", "TODO\\([a-z]\\w*\\)", "--", "packages", "docs", ".changeset"],
      {
        cwd: root,
        encoding: "utf8"
      }
    )

    assert.deepStrictEqual(marks.trim().split("\n"), [
      "packages/tools/scaffold/newFunction.ts",
      "packages/tools/test/scaffold/newFunction.test.ts"
    ])
  })
})
