import { assert, describe, it } from "vitest"
import { existsSync, globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { published } from "../../packages.mjs"
import { address, filesWithAddress, isPlaceholder, readdressed } from "../../address.ts"
import { root } from "../../repository.ts"

const manifestOf = (name: string) => JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8"))

describe("the address of the repository", () => {
  it("is a placeholder until somebody says where it will be", () => {
    // `npm run dev -- address --repository URL --site URL` says it in all files.
    assert.isTrue(isPlaceholder(address), "the repository has a place now: turn this test around, so that it keeps it")
  })

  it.each(published)("is in the package.json of %s, with what npm shows beside it", (name) => {
    const { author, bugs, homepage, keywords, publishConfig, repository } = manifestOf(name)

    assert.deepStrictEqual(repository, {
      type: "git",
      url: `git+${address.repository}.git`,
      directory: `packages/${name}`
    })
    assert.deepStrictEqual(bugs, { url: `${address.repository}/issues` })
    assert.isTrue(homepage.startsWith(address.site), homepage)
    assert.strictEqual(author, "effect-asyncio contributors")
    assert.includeMembers(keywords, ["asyncio"])
    assert.deepStrictEqual(publishConfig, { access: "public", provenance: true })
  })

  it("needs the same Node.js in all packages, but where a part of the host is newer", () => {
    const engines = published.map((name) => [name, manifestOf(name).engines.node])

    // node:sqlite needs no flag from there on.
    const newer: Readonly<Record<string, string>> = { cluster: ">=22.13" }
    assert.deepStrictEqual(
      engines,
      published.map((name) => [name, newer[name] ?? ">=20.16"])
    )
  })

  it("is before the path of a page, wherever a text that npm shows leads to the site", () => {
    const texts = globSync(["packages/{core,compat,create}/README.md", "packages/create/templates/*/README.md"], {
      cwd: root
    })
    const links = texts.flatMap((file) =>
      Array.from(readFileSync(join(root, file), "utf8").matchAll(/\]\(([^)]*)\)/g), ([, url = ""]) => ({ file, url }))
    )

    const broken = links.filter(({ url }) => {
      if (!url.startsWith(address.site))
        return !/^https:\/\/(?:effect\.website|www\.npmjs\.com\/package\/@effect-asyncio\/)/.test(url)
      const path = url.slice(address.site.length)
      return (
        !["", "api/"].includes(path) &&
        ![`docs/${path}.md`, `docs/public/${path}`].some((page) => existsSync(join(root, page)))
      )
    })

    assert.isAbove(links.length, 20)
    assert.deepStrictEqual(broken, [])
  })

  it("is moved by one command in all files that have it", () => {
    const to = { repository: "https://example.org/us/ours", site: "https://ours.example.org/" }

    const files = filesWithAddress(address)

    assert.includeMembers(
      [...files],
      published.map((name) => `packages/${name}/package.json`)
    )
    for (const name of files) {
      const moved = readdressed(readFileSync(join(root, name), "utf8"), address, to)
      assert.notMatch(moved, /\bOWNER\/|\/\/OWNER\b|@OWNER\b/, name)
    }
  })
})
