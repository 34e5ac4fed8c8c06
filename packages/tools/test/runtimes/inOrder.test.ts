import { assert, describe, it } from "@effect/vitest"
import { outputsInOrder } from "../../runtimes/inOrder.ts"

describe("outputs in order", () => {
  it("gives the first what it says at once, and the others when those before them have ended", () => {
    const lines: Array<string> = []
    const output = outputsInOrder((text) => void lines.push(text))
    const [first, second, third] = [output.next(), output.next(), output.next()]

    second.write("b1")
    first.write("a1")
    first.write("a2")
    third.write("c1")
    third.end()
    assert.deepStrictEqual(lines.splice(0), ["a1", "a2"])
    first.end()
    assert.deepStrictEqual(lines.splice(0), ["b1"])
    second.write("b2")
    second.end()
    assert.deepStrictEqual(lines, ["b2", "c1"])
  })
})
