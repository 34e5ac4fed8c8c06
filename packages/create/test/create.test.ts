import { assert, describe, it } from "vitest"
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { create, CreateError, type Template, templates } from "../src/create.ts"

const home = fileURLToPath(new URL("..", import.meta.url))
const names = Object.keys(templates) as ReadonlyArray<Template>

const inFolder = (test: (folder: string) => void): void => {
  const folder = mkdtempSync(join(tmpdir(), "effect-asyncio-create-"))
  try {
    test(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const refusal = (folder: string): string => {
  try {
    create(folder, "promises")
  } catch (error) {
    if (error instanceof CreateError) return error.message
    throw error
  }
  return "created"
}

/** Calls the command without a terminal. */
const call = (cwd: string, ...args: ReadonlyArray<string>) => {
  const { NODE_OPTIONS: _, ...env } = process.env
  const options = { cwd, encoding: "utf8", env: { ...env, npm_config_user_agent: "npm/11" } } as const
  const { status, stderr, stdout } = spawnSync(process.execPath, [join(home, "src/main.ts"), ...args], options)
  return { status, stderr, stdout }
}

describe("create", () => {
  it.each(names)("makes a program of the template %s, with the name of its folder", (template) =>
    inFolder((folder) => {
      create(join(folder, "my-app"), template)

      const files = readdirSync(join(folder, "my-app"))
      const manifest = JSON.parse(readFileSync(join(folder, "my-app/package.json"), "utf8"))
      assert.includeMembers(files, [".gitignore", "README.md", "package.json", "src", "test", "tsconfig.json"])
      assert.strictEqual(files.includes(".oxlintrc.json"), template !== "effect")
      assert.deepStrictEqual(
        files.filter((file) => file.startsWith("_")),
        []
      )
      assert.strictEqual(manifest.name, "my-app")
    })
  )

  it("asks for the packages of this version, and for the Effect that they allow", () => {
    const versionOf = (name: string) => JSON.parse(readFileSync(join(home, "..", name, "package.json"), "utf8"))
    const core = versionOf("core")

    for (const template of names) {
      const text = readFileSync(join(home, "templates", template, "package.json"), "utf8")
      const { dependencies, devDependencies } = JSON.parse(text)
      const asked = { ...dependencies, ...devDependencies }
      for (const [name, range] of Object.entries(asked)) {
        if (!name.startsWith("@effect-asyncio/")) continue
        assert.strictEqual(range, `^${versionOf(name.replace("@effect-asyncio/", "")).version}`, `${template}: ${name}`)
      }
      assert.strictEqual(asked.effect, core.peerDependencies.effect, template)
    }
  })

  it("takes an empty folder, and one that only git knows", () =>
    inFolder((folder) => {
      mkdirSync(join(folder, "empty"))
      mkdirSync(join(folder, "cloned/.git"), { recursive: true })

      create(join(folder, "empty"), "promises")
      create(join(folder, "cloned"), "promises")

      assert.isTrue(existsSync(join(folder, "empty/src/main.ts")))
      assert.isTrue(existsSync(join(folder, "cloned/src/main.ts")))
    }))

  it("leaves a folder alone that has something in it", () =>
    inFolder((folder) => {
      const path = join(folder, "mine")
      mkdirSync(path)
      for (const name of ["a", "b", "c", "d", "e"]) writeFileSync(join(path, name), "")

      const said = refusal(path)

      assert.strictEqual(said, `${path} is not empty, it has a, b, c and 2 more: choose another folder, or empty it`)
      assert.deepStrictEqual(readdirSync(path), ["a", "b", "c", "d", "e"])
    }))

  it("refuses a file, and a name that npm refuses", () =>
    inFolder((folder) => {
      writeFileSync(join(folder, "file"), "")

      assert.strictEqual(refusal(join(folder, "file")), `${join(folder, "file")} is a file: choose another name`)
      assert.strictEqual(
        refusal(join(folder, "My App")),
        '"My App" is no name for a package: take lower-case letters, digits, "-", "." and "_", such as my-app'
      )
      assert.include(refusal(join(folder, "Ü")), "such as my-app")
    }))
})

describe("the command", () => {
  it("makes a program, and says what comes next", () =>
    inFolder((folder) => {
      const { status, stderr, stdout } = call(folder, "app", "--template", "effect")

      assert.deepStrictEqual([status, stderr], [0, ""])
      assert.match(stdout, /app is ready:\n\n {2}cd app\n {2}npm install\n {2}npm test\n {2}npm start\n/)
      assert.isTrue(existsSync(join(folder, "app/src/main.ts")))
    }))

  it("asks nothing where nobody can answer", () =>
    inFolder((folder) => {
      const { status, stderr } = call(folder, "app")

      assert.strictEqual(status, 1)
      assert.match(stderr, /^without a terminal to ask on, say both: .* --template promises\|effect\|python\n$/)
      assert.deepStrictEqual(readdirSync(folder), [])
    }))

  it("says what is wrong in a line, and makes nothing", () =>
    inFolder((folder) => {
      const wrong = [
        ["app", "--template", "deno"],
        ["app", "other", "--template", "effect"],
        ["app", "--tempalte", "effect"],
        ["My App", "--template", "effect"]
      ].map((args) => call(folder, ...args))

      assert.deepStrictEqual(
        wrong.map(({ status }) => status),
        [1, 1, 1, 1]
      )
      assert.strictEqual(wrong[0]?.stderr, 'there is no template "deno": take promises, effect, python\n')
      assert.strictEqual(wrong[1]?.stderr, "one folder, and not app, other\n")
      assert.match(wrong[2]?.stderr ?? "", /Unknown option '--tempalte'/)
      assert.notInclude(wrong[2]?.stderr ?? "", "    at ")
      assert.deepStrictEqual(readdirSync(folder), [])
    }))

  it("tells its templates", () =>
    inFolder((folder) => {
      const { stdout } = call(folder, "--help")

      for (const name of names) assert.include(stdout, `  ${name.padEnd(10)} ${templates[name]}`)
    }))
})
