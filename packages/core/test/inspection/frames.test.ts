import { assert, describe, it } from "@effect/vitest"
import { Context } from "effect"
import { framesOf, frameTexts } from "../../src/internal/task/frames.ts"

/** A frame of Effect.fn, as Effect links them: the call, and behind it the definition. */
const frameOf = (name: string, call: string, definition: string) => ({
  name,
  stack: () => call,
  parent: { name: `${name} (definition)`, stack: () => definition, parent: undefined }
})

describe("the frames of a coroutine", () => {
  it("have places also where a name is as long as a page", () => {
    const name = "f".repeat(5000)
    const frame = frameOf("f", `    at ${name} (/a/call.ts:3:4)`, `    at ${name} (/a/definition.ts:5:6)`)

    assert.deepStrictEqual(framesOf({ cache: { stackFrame: frame } } as never, Context.empty()), [
      { name: "f", calledAt: "/a/call.ts:3", definedAt: "/a/definition.ts:5" }
    ])
  })

  it("print the first and the last of too many", () => {
    const frames = Array.from({ length: 150 }, (_, n) => ({ name: `f${n}`, definedAt: undefined, location: undefined }))

    const texts = frameTexts(frames)

    assert.deepStrictEqual(
      [texts.length, texts[0], texts[50], texts[100]],
      [101, "async f0()", "<50 more>", "async f149()"]
    )
  })
})
