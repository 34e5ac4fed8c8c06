import { assert, describe, it } from "vitest"
import { committed, measure } from "../../packages/tools/checks/sizes.ts"

describe("the sizes in README.md", () => {
  it("are of the programs that `npm run dev -- sizes` measures, and no more than 5 % off", async () => {
    const measured = await measure()

    const written = committed()

    assert.deepStrictEqual(
      written.map(({ name }) => name),
      measured.map(({ name }) => name)
    )
    const off = measured.filter(({ bytes }, n) => Math.abs(written[n]!.bytes - bytes) > bytes * 0.05)
    assert.deepStrictEqual(off, [], "npm run dev -- sizes --write")
  })
})
