import { assert, describe, it } from "vitest"
import * as runner from "../../runtimes/testRunner/runner.ts"
import { skips, skipsOf } from "../../runtimes/testRunner/skips.ts"
import { it as bundled } from "../../runtimes/testRunner/vitest.ts"

/** Runs what would be a test file. */
const run = (file: () => unknown, skips: runner.Skips = () => undefined): Promise<runner.FileResult> =>
  runner.runFile(async () => file(), skips)

const failuresOf = ({ failures }: runner.FileResult) => failures.map(({ error, name }) => `${name}: ${String(error)}`)

describe("the test runner", () => {
  it("runs tests one after the other, between the hooks of all that is around them", async () => {
    const lines: Array<string> = []
    const note = (line: string) => async () => {
      await Promise.resolve()
      lines.push(line)
    }

    const { passed } = await run(() => {
      runner.beforeEach(note("before"))
      runner.afterEach(note("after"))
      runner.test("a", note("a"))
      runner.describe("group", () => {
        runner.beforeEach(note("before in group"))
        runner.afterEach(note("after in group"))
        runner.test("b", note("b"))
      })
    })

    assert.deepStrictEqual(passed, ["a", "group > b"])
    assert.deepStrictEqual(lines.join(", "), "before, a, after, before, before in group, b, after in group, after")
  })

  it("tells what a test throws and rejects with, and goes on", async () => {
    const result = await run(() => {
      runner.describe("group", () => {
        runner.test("throws", () => {
          throw new Error("one")
        })
        runner.test("rejects", () => Promise.reject(new Error("two")))
        runner.test("passes", () => {})
      })
    })

    assert.deepStrictEqual(failuresOf(result), ["group > throws: Error: one", "group > rejects: Error: two"])
    assert.deepStrictEqual(result.passed, ["group > passes"])
  })

  it("runs no test whose beforeEach fails, but what comes after it", async () => {
    const lines: Array<string> = []

    const result = await run(() => {
      runner.beforeEach(() => Promise.reject(new Error("not ready")))
      runner.afterEach(() => lines.push("after"))
      runner.test("a", () => lines.push("a"))
    })

    assert.deepStrictEqual([failuresOf(result), lines], [["a: Error: not ready"], ["after"]])
  })

  it("fails the file that cannot be read, and the one without tests", async () => {
    const results = [
      await run(() => {
        throw new Error("no such module")
      }),
      await run(() => {})
    ]

    assert.deepStrictEqual(results.flatMap(failuresOf), [
      "the file itself: Error: no such module",
      "the file itself: Error: has no tests"
    ])
  })

  it("fails a test that registers another one", async () => {
    const result = await run(() => runner.test("outer", () => runner.test("inner", () => {})))

    assert.deepStrictEqual(failuresOf(result), [
      'outer: Error: it("inner") is called in a test, and not while its file is read'
    ])
  })

  it("does not run what is skipped", async () => {
    const lines: Array<string> = []

    const { passed, skipped } = await run(
      () => {
        runner.test("a", () => lines.push("a"))
        runner.test("b", () => lines.push("b"))
      },
      (name) => (name === "a" ? "because" : undefined)
    )

    assert.deepStrictEqual([passed, skipped, lines], [["b"], ["a"], ["b"]])
  })

  it("runs an Effect on a clock of its own", async () => {
    const { TestClock } = await import("effect/testing")
    const { Effect } = await import("effect")
    let woken = false

    const { passed } = await run(() => {
      bundled.effect("sleeps", () =>
        Effect.gen(function* () {
          yield* Effect.forkChild(
            Effect.andThen(
              Effect.sleep("1 day"),
              Effect.sync(() => (woken = true))
            )
          )
          yield* TestClock.adjust("1 day")
        })
      )
    })

    assert.deepStrictEqual([passed, woken], [["sleeps"], true])
  })
})

describe("the table of skips", () => {
  const entry = skips.find(
    ({ on, tests }) => on.includes("chromium") && !on.includes("node 24") && tests !== undefined
  )!
  const name = entry.tests![0]!

  it("tells the reason for a test that it names and for all in it, and nothing about others and elsewhere", () => {
    const here = skipsOf(entry.file, "chromium")
    const elsewhere = skipsOf(entry.file, "node 24")

    assert.deepStrictEqual(
      [here.reason(name), here.reason(`${name} > inner`), here.reason(`${name}, too`), elsewhere.reason(name)],
      [entry.reason, entry.reason, undefined, undefined]
    )
  })

  it("tells which of its names no test had", () => {
    const found = skipsOf(entry.file, "chromium")
    assert.include(found.unused(), name)

    found.reason(name)

    assert.notInclude(found.unused(), name)
  })
})
