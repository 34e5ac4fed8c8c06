import { assert, describe, it } from "vitest"
import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import type { Figures } from "../checks/callTrace.ts"
import { measure, type Measures } from "../checks/measures.ts"

const program = fileURLToPath(new URL("../checks/trace.ts", import.meta.url))

const trace = (): Readonly<Record<string, Figures>> => {
  const options = ["--no-warnings", "--conditions=@effect-asyncio/source"]
  return JSON.parse(execFileSync(process.execPath, [...options, program, "--json"], { encoding: "utf8" }))
}

let measured: Measures | undefined
const measures = (): Measures => (measured ??= measure())

/** The most that each may take. To go beyond is to put a responsibility where a reader does not look for it. */
const limits: Readonly<Record<string, Partial<Figures>>> = {
  "create, core": { calls: 52, files: 21, moves: 41 },
  "await, core": { calls: 25, files: 12, moves: 17 },
  "cancel of a sleeping task, core": { calls: 32, files: 12, moves: 19, folders: 5, nouns: 10, verbs: 25 },
  "cancel across both borders, compat": { calls: 41, files: 18, moves: 30, folders: 7, nouns: 15, verbs: 28 }
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

  it("is in files of one concept, none of which leads back to itself", () => {
    const { circles, codeLinesOfHeart, largestFile, largestFunction } = measures()

    assert.isAtMost(largestFile.lines, 450, largestFile.file)
    assert.isAtMost(largestFunction.lines, 45, largestFunction.file)
    assert.isAtMost(codeLinesOfHeart, 2160, "lines of code in the heart of core")
    assert.deepStrictEqual(circles.atRunTime, [])
  })

  it("keeps a request that is due in one place", () => {
    const { placesOfRequests } = measures()

    assert.deepStrictEqual(
      placesOfRequests.toSorted(),
      [
        // What was asked of several parts at once, on its way to each.
        "CallbackScope.askedOfAll",
        "Delivery.error",
        // Those that ended awaits of the scope.
        "CallbackScope.#delivered",
        // Due: the one field of both kinds of scope.
        "CallbackScope.due",
        "FiberScope.due",
        // What is known of the request itself, and of those that it hides.
        "CancelRequest.error",
        "CancelRequest.hidden",
        // What went to a part of a fiber as a native interrupt.
        "BoundaryFrame.interruptions",
        // The end of a future.
        "FutureImpl.cancellation",
        // Refused by a shield, and so due in the scope around.
        "ShieldedScope.#held",
        // What an await was asked.
        "Wait.forwarded",
        "Walk.#error"
      ].toSorted()
    )
  })
})
