import { assert, describe, it } from "@effect/vitest"
import { nested } from "../../src/internal/host/nesting.ts"
import { unwind } from "../../src/internal/task/nestedParts.ts"

/** Calls `f` in so many nested calls that the next one has to begin on a stack of its own. */
const deep = <A>(f: () => A, depth = 64): A => nested(() => (depth === 1 ? f() : deep(f, depth - 1)))

describe("what goes on where calls are deep", () => {
  it("goes on in an iteration of the loop, as an await of its scope, unless it was given up", () => {
    const lines: Array<string> = []
    const queue: Array<{ run(): void }> = []
    const loop = { enqueue: (item: { run(): void }) => queue.push(item) }
    const scope = { addWait: () => lines.push("waits"), removeWait: () => lines.push("waits no more") }
    const begin = (name: string) =>
      deep(() => unwind(loop as never, scope as never, name, (exit) => lines.push(`goes on: ${exit}`)))!

    begin("first")
    begin("second").giveUp()
    lines.push("iteration")
    for (const item of queue) item.run()

    assert.deepStrictEqual(lines, ["waits", "waits", "waits no more", "iteration", "waits no more", "goes on: first"])
  })

  it("goes on at once where they are not", () => {
    const lines: Array<string> = []

    const waiting = unwind({} as never, undefined, "exit", (exit) => lines.push(exit))

    assert.deepStrictEqual([waiting, lines], [undefined, ["exit"]])
  })
})
