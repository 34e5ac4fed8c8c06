import { assert, describe, it } from "@effect/vitest"
import { captureStack, releaseStack, withoutStack, withStackOf } from "../../src/internal/host/stack.ts"

/** An error whose cause is another of its kind, made when it is read. */
class Endless extends Error {
  readonly #counts: { reads: number }

  constructor(counts: { reads: number }) {
    super("endless")
    this.#counts = counts
  }

  override get cause(): unknown {
    // The test fails, and does not hang, where nobody stops.
    return ++this.#counts.reads < 5000 ? new Endless(this.#counts) : undefined
  }
}

describe("the stacks of an error and its causes", () => {
  it("are formatted once each, also where causes lead in a circle", () => {
    const formatted: Array<string> = []
    const before = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace")
    Error.prepareStackTrace = (error) => (formatted.push(error.message), error.message)
    const first: Error = new Error("first")
    const second = new Error("second", { cause: first })
    first.cause = second
    const nextCause = { reads: 0 }
    Object.defineProperty(second, "cause", { get: () => (++nextCause.reads < 100 ? first : undefined) })

    releaseStack(first)

    Reflect.deleteProperty(Error, "prepareStackTrace")
    if (before !== undefined) Object.defineProperty(Error, "prepareStackTrace", before)
    assert.deepStrictEqual([formatted, nextCause.reads], [["first", "second"], 1])
  })

  it("are formatted up to a number of causes, where those make each other", () => {
    const counts = { reads: 0 }

    releaseStack(new Endless(counts))

    assert.strictEqual(counts.reads, 1000)
  })
})

describe("the length of stacks", () => {
  it("is what it was when a piece of code is over that has changed it", () => {
    const before = Error.stackTraceLimit
    Error.stackTraceLimit = 7

    const inside = withStackOf(0, () => [new Error("none").stack?.split("\n").length, captureStack(2).length])
    const afterInside = Error.stackTraceLimit
    const made = withoutStack(Error, "none", {}).stack?.split("\n").length
    const afterMade = Error.stackTraceLimit

    Error.stackTraceLimit = before
    assert.deepStrictEqual([inside, afterInside, made, afterMade], [[1, 2], 7, 1, 7])
  })
})
