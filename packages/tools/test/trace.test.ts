import { assert, describe, it } from "vitest"
import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import type { Figures } from "../checks/callTrace.ts"
import { measure } from "../checks/measures.ts"

const program = fileURLToPath(new URL("../checks/trace.ts", import.meta.url))

const trace = (): Readonly<Record<string, Figures>> => {
  const options = ["--no-warnings", "--conditions=@effect-asyncio/source"]
  return JSON.parse(execFileSync(process.execPath, [...options, program, "--json"], { encoding: "utf8" }))
}

/** The most that each may take. To go beyond is to put a responsibility where a reader does not look for it. */
const limits: Readonly<Record<string, Partial<Figures>>> = {
  "create, core": { calls: 35, files: 17, moves: 29 },
  "await, core": { calls: 25, files: 13, moves: 19 },
  "cancel of a sleeping task, core": { calls: 30, files: 12, moves: 21, folders: 5 },
  "cancel across both borders, compat": { calls: 42, files: 19, moves: 35, folders: 7 }
}

describe("what is called", () => {
  it("is no more than a reader can follow", { timeout: 30_000 }, () => {
    const figures = trace()

    const exceeded = Object.entries(limits).flatMap(([operation, most]) =>
      Object.entries(most).flatMap(([figure, limit]) => {
        const found = figures[operation]![figure as keyof Figures]
        return found > limit ? [`${operation}: ${found} ${figure}, at most ${limit}`] : []
      })
    )
    assert.deepStrictEqual(exceeded, [])
  })

  it("is in files of one concept", () => {
    const { codeLinesOfHeart, largestFile } = measure()

    assert.isAtMost(largestFile.lines, 450, largestFile.file)
    assert.isAtMost(codeLinesOfHeart, 2200, "lines of code in the heart of core")
  })
})
