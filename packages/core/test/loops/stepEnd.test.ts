import { assert, describe, it } from "@effect/vitest"
import { StepEnd } from "../../src/internal/loop/stepEnd.ts"
import { macrotask } from "../support.ts"

describe("the end of a step", () => {
  it("is seen when the task waits whose step it is, and not when another does", async () => {
    const lines: Array<string> = []
    const steps = new StepEnd(
      () => lines.push("over"),
      () => lines.push("unknown")
    )
    for (const isOwn of [true, false]) {
      const task = { waits: 0 }
      steps.begins(task)
      steps.ends(isOwn ? task : { waits: 0 })
      steps.wait()
      await macrotask()
      steps.forget()
    }

    assert.deepStrictEqual(lines, ["over", "unknown"])
  })
})
