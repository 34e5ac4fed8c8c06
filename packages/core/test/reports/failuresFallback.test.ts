import { afterEach, assert, describe, it, vi } from "@effect/vitest"
import { Cause, Context } from "effect"
import type { UnretrievedFailure } from "../../src/internal/loop/failures.ts"

// In a file of its own, because it loads the module again and again.
afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

const importFailures = () => import("../../src/internal/loop/failures.ts")

const failure = (error: string): UnretrievedFailure => ({
  kind: "Task",
  error,
  cause: Cause.fail(error),
  description: { repr: () => error, createdAt: () => undefined },
  variables: undefined,
  services: Context.empty()
})

describe("failures on a host that does not tell what was collected", () => {
  it("are reported at the end, unless somebody has looked", async () => {
    vi.stubGlobal("FinalizationRegistry", undefined)
    vi.resetModules()
    const { UnretrievedFailures } = await importFailures()
    vi.unstubAllGlobals()
    const seen: Array<unknown> = []
    const failures = new UnretrievedFailures((report) => seen.push(report.error))
    const [one, two, three] = [failure("one"), failure("two"), failure("three")]
    for (const report of [one, two, three]) failures.add({}, report)

    failures.delete(two)

    failures.reportAll()
    failures.reportAll()
    assert.deepStrictEqual(seen, ["one", "three"])
  })
})

describe("the collection of a task", () => {
  it("is no news when somebody has looked, or it was reported, in the meantime", async () => {
    const collected: Array<() => void> = []
    // A collector that had made up its mind before the registration was withdrawn.
    class Registry {
      readonly #tell: (held: () => void) => void
      constructor(tell: (held: () => void) => void) {
        this.#tell = tell
      }
      register(_target: object, held: () => void): void {
        collected.push(() => this.#tell(held))
      }
      unregister(): void {}
    }
    vi.stubGlobal("FinalizationRegistry", Registry)
    vi.resetModules()
    const { UnretrievedFailures } = await importFailures()
    vi.unstubAllGlobals()
    const seen: Array<unknown> = []
    const failures = new UnretrievedFailures((report) => seen.push(report.error))
    const [looked, unseen] = [failure("looked"), failure("unseen")]
    for (const report of [looked, unseen]) failures.add({}, report)
    failures.delete(looked)

    for (const tell of [...collected, ...collected]) tell()

    failures.reportAll()
    assert.deepStrictEqual(seen, ["unseen"])
  })
})
