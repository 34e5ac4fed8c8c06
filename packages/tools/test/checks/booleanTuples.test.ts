import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "vitest"
import { booleanTuples } from "../../checks/booleanTuples.ts"
import { root } from "../../repository.ts"

describe("tuples of booleans in assertions", () => {
  it("are found in literals, in variables and inside of others, and lists of one question's answers are not", () => {
    const source = `
      assert.deepStrictEqual([task.done(), task.cancelled()], [true, false])
      assert.deepStrictEqual({ name, state: [done, cancelled] }, { name: "a", state: [true, false] })
      const states = [task.done(), task.cancelled()]
      expect(states).toEqual("ignored")
      assert.deepEqual(states, [true, false], "with a message")
      lines.push(task.done(), task.cancelled())
      assert.deepStrictEqual(lines, [
        true,
        true
      ])
      assert.deepStrictEqual(result, ["CancelledError", true, false])
      assert.deepStrictEqual(tasks.map((task) => task.done()), [true, false])
      assert.deepStrictEqual({ done: task.done() }, { done: true })
      assert.deepStrictEqual([task.done(), "a"], [true, "a"])`

    assert.deepStrictEqual(booleanTuples(source), [2, 3, 6, 8, 12])
  })

  it("are in no test", () => {
    const files = globSync("{docs,packages/*}/test/**/*.test.ts", { cwd: root, exclude: ["**/node_modules/**"] })
    const lines = files.flatMap((file) =>
      booleanTuples(readFileSync(join(root, file), "utf8")).map((line) => `${file}:${line}`)
    )

    assert.isAbove(files.length, 400)
    assert.deepStrictEqual(lines, [])
  })
})
