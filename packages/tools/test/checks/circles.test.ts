import { assert, describe, it } from "vitest"
import { circlesIn } from "../../checks/circles.ts"

describe("circles of files", () => {
  it("are found by way of others, and not where only types are meant", () => {
    const { atRunTime, withTypes } = circlesIn(
      new Map([
        ["src/a.ts", 'import { b } from "./in/b.ts"'],
        ["src/in/b.ts", 'export { c } from "../c.ts"'],
        ["src/c.ts", 'import { type D, a } from "./a.ts"\nimport type { E } from "./e.ts"'],
        ["src/d.ts", 'import { a } from "./a.ts"'],
        ["src/e.ts", 'import { c } from "./c.ts"\nimport "effect"']
      ])
    )

    assert.deepStrictEqual(atRunTime, ["src/a.ts", "src/in/b.ts", "src/c.ts"])
    assert.deepStrictEqual(withTypes, ["src/a.ts", "src/in/b.ts", "src/c.ts", "src/e.ts"])
  })
})
