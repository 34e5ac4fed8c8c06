import { assert, describe, it } from "vitest"
import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Figures } from "../../checks/callTrace.ts"
import type { Measures } from "../../checks/measures.ts"
import { root } from "../../repository.ts"

const program = fileURLToPath(new URL("../../checks/trace.ts", import.meta.url))

interface Trace {
  readonly figures: Readonly<Record<string, Figures>>
  readonly sizes: Measures
}

const run = (): Trace => {
  const options = ["--no-warnings", "--conditions=@effect-asyncio/source"]
  // The figures are those of the fast paths, also where the tests run without.
  const env = { ...process.env, EFFECT_ASYNCIO_FAST_PATHS: "on" }
  return JSON.parse(execFileSync(process.execPath, [...options, program, "--json"], { encoding: "utf8", env }))
}

let traced: Trace | undefined
const trace = (): Trace => (traced ??= run())
const measures = (): Measures => trace().sizes

/** The most that each may take. To go beyond is to put a responsibility where a reader does not look for it. */
const limits: Readonly<Record<string, Partial<Figures>>> = {
  "create, core": { calls: 44, files: 19, moves: 40 },
  "await, core": { calls: 25, files: 12, moves: 17 },
  "cancel of a sleeping task, core": { calls: 29, files: 12, moves: 18, folders: 5, nouns: 9, verbs: 22 },
  "cancel across both borders, compat": { calls: 35, files: 16, moves: 26, folders: 7, nouns: 13, verbs: 23 }
}

/** The lines between the two that begin with `first` and `last`, without what a comment has before them. */
const diagramIn = (path: string, first: string, last: string): ReadonlyArray<string> => {
  const text = readFileSync(join(root, "packages/core/src/internal/task", path), "utf8")
  const lines = text.split("\n").map((line) => line.replace(/^ \* {0,5}/, "").trimEnd())
  return lines.slice(
    lines.findIndex((line) => line.trimStart().startsWith(first)),
    lines.findIndex((line) => line.startsWith(last)) + 1
  )
}

describe("what is called", () => {
  it("is no more than a reader can follow", () => {
    const { figures } = trace()

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

    assert.isBelow(largestFile.lines, 450, largestFile.file)
    assert.isBelow(largestFunction.lines, 45, largestFunction.file)
    assert.isAtMost(codeLinesOfHeart, 1691, "lines of code in the heart of core")
    assert.deepStrictEqual(circles.atRunTime, [])
  })

  it("keeps a request that is due in one place, which each kind of scope has", () => {
    assert.deepStrictEqual(measures().placesOfDueRequests.toSorted(), ["CallbackScope.due", "FiberScope.due"])
  })

  it("has one place, in compat, for a request that core has delivered and the code has not got", () => {
    assert.deepStrictEqual(measures().placesOfPutOffRequests, ["Signals.#putOff"])
  })

  it("keeps what is known of a request beside its error, and the exits that deliver it in the error", () => {
    assert.deepStrictEqual(
      measures().factsOfRequests.toSorted(),
      [
        "CancelRequest.error",
        "CancelRequest.hidden",
        "CancelRequest.links",
        "CancelRequest.place",
        "CancelRequest.reached",
        "CancelledError.#failure",
        "CancelledError.#interruption"
      ].toSorted()
    )
  })

  it("has few who know of requests that they have met", () => {
    assert.deepStrictEqual(
      measures().metRequests.toSorted(),
      [
        "BoundaryFrame.interruptions",
        "CallbackScope.#delivered",
        "Driver.lastRequest",
        "Driver.unheard",
        "FutureImpl.cancellation",
        "Gathering.#cancelRequested",
        "Readiness.#asked",
        "ShieldedScope.#held",
        "Signals.#pressed",
        "Signals.#toldBefore",
        "Wait.forwarded",
        "Walk.#error",
        "kept",
        "recognized",
        "scopesOfEnds"
      ].toSorted()
    )
  })

  it("is drawn in the heart's README as in the task", () => {
    const drawn = (path: string) => diagramIn(path, "first step", "running ──the coroutine ends")

    assert.lengthOf(drawn("task.ts"), 7)
    assert.deepStrictEqual(drawn("README.md"), drawn("task.ts"))
  })
})
