// What of inspect runs in a browser.
import { join } from "node:path"
import { rolldown } from "rolldown"
import { assert, describe, it } from "vitest"
import { root } from "../../repository.ts"

describe("@effect-asyncio/inspect/browser", () => {
  it("is bundled for a browser, with nothing of Node.js in it", async () => {
    const refused: Array<string> = []
    const build = await rolldown({
      input: join(root, "packages/inspect/src/browser/index.ts"),
      platform: "browser",
      tsconfig: false,
      external: /panel\.js$/,
      resolve: { conditionNames: ["@effect-asyncio/source", "import", "default"] },
      plugins: [
        {
          name: "without node",
          resolveId: (id, importer) => {
            if (!id.startsWith("node:")) return undefined
            refused.push(`${id} of ${importer}`)
            return { id, external: true }
          }
        }
      ]
    })
    const { output } = await build.generate({ format: "esm" })
    await build.close()
    const own = Object.entries(output[0].modules).filter(([file]) => /packages[\\/]inspect/.test(file))

    assert.deepEqual(refused, [])
    assert.isAbove(own.length, 5)
    for (const [file, { code }] of own) assert.notMatch(code ?? "", /\bprocess\.[a-z]|\bBuffer\b/, file)
  })
})
