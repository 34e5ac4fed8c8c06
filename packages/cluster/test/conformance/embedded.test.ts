import { describe, expect, it } from "vitest"
import { corpusNames, readCorpus } from "../../../conformance/src/corpus.ts"
import { divergencesOf, embedded } from "./clusters.ts"
import { inexpressible } from "./simulated.ts"
import slice from "./slice.json" with { type: "json" }

const all = corpusNames.flatMap((name) => readCorpus(name)).filter(({ id }) => slice.includes(id))

// `npm run dev -- cluster:conformance` has the long ones too, and PostgreSQL.
const short = all.filter(({ expect }) => Number(expect.at(-1)?.split(" ", 1)[0]) <= 2)

describe("programs of the conformance corpus whose tasks run elsewhere", () => {
  it("are those that use nothing of each other, and do not hang on who is first", async () => {
    expect(all.length).toBe(slice.length)
    for (const script of all) expect([script.id, await inexpressible(script)]).toStrictEqual([script.id, undefined])
  })

  it("print what CPython prints, on an embedded cluster", { timeout: 240_000 }, async () => {
    expect(short.length).toBeGreaterThan(20)
    const divergences = await embedded((cluster) => divergencesOf(short, cluster, 800))

    expect(divergences).toStrictEqual([])
  })
})
