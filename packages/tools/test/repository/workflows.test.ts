import { assert, describe, it } from "vitest"
import { execFileSync } from "node:child_process"
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { commands } from "../../commands.mjs"
import { published } from "../../packages.mjs"
import { root } from "../../repository.ts"

const workflow = (name: string) => readFileSync(join(root, ".github/workflows", name), "utf8")

/** The commands that a workflow runs. */
const runsOf = (text: string) => Array.from(text.matchAll(/^ *(?:- )?run: (.+)$/gm), ([, command]) => command)

describe("the workflows", () => {
  it("test with what .ci/run says, and nothing besides", () => {
    const runs = runsOf(workflow("ci.yml")).filter((command) => !command?.startsWith("git config "))

    assert.deepStrictEqual(runs, [".ci/run"])
  })

  it("publish by hand, from main, with where a package comes from", () => {
    const release = workflow("release.yml")

    assert.match(release, /^on:\n {2}workflow_dispatch:\n\S/m)
    assert.include(release, "github.ref == 'refs/heads/main'")
    assert.include(release, "id-token: write")
    // Without the tags nothing would be out, and the order of changes would be unknown.
    assert.include(release, "fetch-depth: 0")
    assert.deepStrictEqual(runsOf(release), ["npm run release -- --publish", "git push --tags"])
  })

  it("may do no more than they need", () => {
    for (const name of globSync("*.yml", { cwd: join(root, ".github/workflows") })) {
      assert.match(workflow(name), /^permissions:\n {2}/m, name)
      assert.match(workflow(name), /^ {4}timeout-minutes: \d+$/m, name)
    }
  })
})

describe("the form for a bug", () => {
  it("has each package that is published", () => {
    const form = readFileSync(join(root, ".github/ISSUE_TEMPLATE/bug.yml"), "utf8")

    const missing = published.filter((name) => !form.includes(`@effect-asyncio/${name}"`))

    assert.deepStrictEqual(missing, [])
  })
})

describe(".ci/run", () => {
  it.skipIf(process.platform === "win32")(
    "takes every part in time, at the same time of each day or each hour too",
    () => {
      const [line] = /^part=.*$/m.exec(readFileSync(join(root, ".ci/run"), "utf8"))!
      const partsEvery = (seconds: number): ReadonlyArray<number> => {
        const script = `for i in {1..48}; do first_seed=$((1796000000 + i * ${seconds})); ${line}; echo $((part % 24)); done`
        return execFileSync("bash", ["-c", script], { encoding: "utf8" }).trim().split("\n").map(Number)
      }

      const seen = [86_400, 3600].map((seconds) => new Set(partsEvery(seconds)).size)

      assert.deepStrictEqual(seen, [24, 24])
    }
  )

  it("tries what is published: the packages, the programs of their users, and the starters", () => {
    const steps = Array.from(
      readFileSync(join(root, ".ci/run"), "utf8").matchAll(/^ *step npm (?:run )?(?:dev -- )?(\S+)/gm)
    )
    const names = steps.map(([, name = ""]) => name)

    assert.includeMembers(names, ["test", "typecheck", "release", "consumers", "starters"])
    for (const name of names) assert.property(commands, name)
  })
})
