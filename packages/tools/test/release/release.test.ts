import { assert, describe, it } from "vitest"
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Change, pendingChanges, withChanges } from "../../release/changelog.ts"
import { type Intent, obstacles, stateOf } from "../../release/obstacles.ts"
import { manifestOf, published } from "../../release/published.ts"
import { root } from "../../repository.ts"

const change = (id: string, summary: string): Change => ({ id, summary, packages: ["@effect-asyncio/core"] })

const ready: Intent = {
  address: { repository: "https://example.org/us/ours", site: "https://ours.example.org/" },
  manifests: [{ name: "@effect-asyncio/core", version: "0.1.0" }],
  changes: [],
  uncommitted: [],
  tags: ["@effect-asyncio/core@0.0.9"]
}

describe("publishing", () => {
  it("goes ahead with a clean commit whose changes are told", () => {
    assert.deepStrictEqual(obstacles(ready), [])
  })

  it("is refused for what is in no commit", () => {
    const [reason, ...others] = obstacles({ ...ready, uncommitted: [" M README.md", "?? notes.txt"] })

    assert.strictEqual(reason, "What would be published is in no commit (README.md, notes.txt): commit it.")
    assert.deepStrictEqual(others, [])
  })

  it("is refused for changes that are in no changelog", () => {
    const reasons = obstacles({ ...ready, changes: [change("a-lock", "A lock is fair.")] })

    assert.deepStrictEqual(reasons, [
      "Changes that no changelog tells yet (a-lock): npm run dev -- version, and commit."
    ])
  })

  it("is refused where the packages would lead to no repository", () => {
    const address = { repository: "https://github.com/OWNER/ours", site: "https://OWNER.github.io/ours/" }

    const reasons = obstacles({ ...ready, address })

    assert.deepStrictEqual(reasons, [
      "The packages would lead to https://github.com/OWNER/ours, a placeholder: npm run dev -- address --repository URL --site URL"
    ])
  })

  it("is refused where all versions are out", () => {
    const reasons = obstacles({ ...ready, tags: ["@effect-asyncio/core@0.1.0"] })

    assert.match(reasons.join(), /^All versions are out already \(@effect-asyncio\/core@0\.1\.0\)/)
  })

  it("knows a tree that is not clean, and what was tagged", () => {
    const folder = mkdtempSync(join(tmpdir(), "effect-asyncio-git-"))
    const git = (...args: ReadonlyArray<string>) => execFileSync("git", args, { cwd: folder })
    try {
      git("init", "--quiet")
      writeFileSync(join(folder, "file"), "text")
      const before = stateOf(folder)
      git("add", "file")
      git("-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false", "commit", "--quiet", "-m", "file")
      git("tag", "core@1.0.0")

      const after = stateOf(folder)

      assert.deepStrictEqual(before, { uncommitted: ["?? file"], tags: [] })
      assert.deepStrictEqual(after, { uncommitted: [], tags: ["core@1.0.0"] })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

describe("a changelog", () => {
  const first = "# core\n\n## 0.1.0\n\n### Minor Changes\n\n- First release.\n"

  it("takes changes into the entry of a version that was never published", () => {
    const once = withChanges(first, "0.1.0", [change("a", "A lock is fair:\n\n- to tasks\n- to fibers\n")])

    const twice = withChanges(once, "0.1.0", [change("b", "A queue is fast.")])

    const [, folded = ""] = twice.split("published.\n\n")
    assert.isTrue(twice.startsWith(`${first}\n### On the way there\n\n`))
    assert.strictEqual(folded, "- A lock is fair:\n\n  - to tasks\n  - to fibers\n\n- A queue is fast.\n")
  })

  it("keeps the entries of older versions", () => {
    const older = "\n## 0.0.1\n\n- Older.\n"

    const folded = withChanges(first + older, "0.1.0", [change("a", "A lock is fair.")])

    assert.isTrue(folded.endsWith(`- A lock is fair.\n${older}`), folded)
  })

  it("stays what it is without changes", () => {
    assert.strictEqual(withChanges(first, "0.1.0", []), first)
  })

  it("has an entry for the version of its package", () => {
    for (const folder of published) {
      const changelog = readFileSync(join(root, "packages", folder, "CHANGELOG.md"), "utf8")
      assert.include(changelog, `\n## ${manifestOf(folder).version}\n`, folder)
    }
  })

  it("can be made of every changeset that waits", async () => {
    const known = new Set(published.map((folder) => manifestOf(folder).name))

    const strangers = (await pendingChanges()).filter(({ packages, summary }) => {
      return summary === "" || packages.length === 0 || packages.some((name) => !known.has(name))
    })

    assert.deepStrictEqual(strangers, [])
  })
})
