import { assert, describe, it } from "vitest"
import { plot, plotFile } from "../src/plots.ts"
import type { Growth } from "../src/scaling.ts"

const growth = (peer: string, nanosAt: (n: number) => number): Growth => ({
  workload: "gather < all",
  peer,
  law: "linear",
  points: [1, 100, 10_000].map((n) => ({ n, nanos: nanosAt(n) })),
  exponent: 1
})

/** The points of each line, as numbers. */
const lines = (svg: string) =>
  [...svg.matchAll(/<polyline[^>]* points="([^"]*)"/g)].map(([, points]) =>
    points!.split(" ").map((point) => point.split(",").map(Number))
  )

describe("a plot", () => {
  it("is a level line for what costs the same at every size", () => {
    const [line] = lines(plot([growth("core", () => 500)]))

    assert.deepStrictEqual(new Set(line!.map(([, y]) => y)).size, 1)
  })

  it("has sizes a hundred times as large at equal distances", () => {
    const [line] = lines(plot([growth("core", () => 500)]))

    const [a, b, c] = line!.map(([x]) => x!)
    assert.closeTo(b! - a!, c! - b!, 0.11)
  })

  it("has the dearer peer above the cheaper one", () => {
    const [core, compat] = lines(plot([growth("core", () => 500), growth("compat", () => 900)]))

    assert.isBelow(compat![0]![1]!, core![0]![1]!)
  })

  it("leaves out a peer without figures", () => {
    const nothing = { ...growth("compat", () => 1), points: [] }

    assert.lengthOf(lines(plot([growth("core", () => 500), nothing])), 1)
  })

  it("escapes what is no markup", () => {
    assert.include(plot([growth("core", () => 500)]), "gather &lt; all")
  })

  it("has a file name without spaces or brackets", () => {
    assert.strictEqual(plotFile("sleep(0) in one task"), "sleep-0-in-one-task.svg")
    assert.strictEqual(plotFile("sleep(0)"), "sleep-0.svg")
  })
})
