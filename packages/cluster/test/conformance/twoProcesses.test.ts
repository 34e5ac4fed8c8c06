import { describe, expect, it } from "vitest"
import { corpusNames, readCorpus } from "../../../conformance/src/corpus.ts"
import { findPostgres } from "../../../tools/servers/debian.ts"
import { startPostgres } from "../../../tools/servers/servers.ts"
import { divergencesOf } from "./clusters.ts"
import slice from "./slice.json" with { type: "json" }
import { twoProcesses } from "./twoProcesses.ts"

// `npm run dev -- cluster:conformance` has all, and the long ones too.
const short = corpusNames
  .flatMap((name) => readCorpus(name))
  .filter(({ expect, id }) => slice.includes(id) && Number(expect.at(-1)?.split(" ", 1)[0]) <= 1.5)
// Time passes in them as it does: they take a second each. So every hour it is another third.
const chosen = Math.floor(Date.now() / 3_600_000) % 3
const third = short.filter((_, index) => index % 3 === chosen)

describe.skipIf(findPostgres() === undefined)("programs of the conformance corpus whose tasks run elsewhere", () => {
  it("print what CPython prints, over two processes with PostgreSQL", { timeout: 240_000 }, async () => {
    const postgres = await startPostgres()
    if (typeof postgres === "string") throw new Error(postgres)
    try {
      expect(short.length).toBeGreaterThan(15)
      expect(await twoProcesses(postgres.url, (cluster) => divergencesOf(third, cluster, 3000))).toStrictEqual([])
    } finally {
      await postgres.stop()
    }
  })
})
