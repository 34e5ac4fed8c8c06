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

    const [only] = framesOf({ cache: { stackFrame: frame } } as never, Context.empty())

    assert.deepStrictEqual([only!.name, only!.calledAt, only!.definedAt], ["f", "/a/call.ts:3", "/a/definition.ts:5"])
  })

  it("write out no stack trace of a call that nobody asks for, and that of a definition once", () => {
    let calls = 0
    let definitions = 0
    const stack = () => `    at f (/a/definition.ts:${++definitions}:6)`
    const frame = () => ({
      name: "f",
      stack: () => `    at f (/a/call.ts:${++calls}:4)`,
      parent: { name: "f (definition)", stack, parent: undefined }
    })

    const places = [frame(), frame()].map(
      (each) => framesOf({ cache: { stackFrame: each } } as never, Context.empty())[0]!.definedAt
    )

    assert.deepStrictEqual([places, calls, definitions], [["/a/definition.ts:1", "/a/definition.ts:1"], 0, 1])
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
