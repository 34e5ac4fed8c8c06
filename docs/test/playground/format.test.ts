import { format } from "node:util"
import { assert, describe, it } from "vitest"
import * as asyncio from "@effect-asyncio/core"
import { textOf } from "../../playground/format.ts"

class Point {
  readonly x = 1
  readonly y = -0
}

class Named {
  toString(): string {
    return "<Named>"
  }
}

const circular: { self?: unknown } = {}
circular.self = circular

describe("what console.log prints in the playground", () => {
  const values: Readonly<Record<string, ReadonlyArray<unknown>>> = {
    "texts and numbers": ["a", 1, -0, 2n, true, null, undefined, Symbol("s"), Number.NaN],
    "texts inside of others": [["a", "it's", 'say "x"', "line\nbreak", "back\\slash"]],
    "arrays and objects": [[], {}, [1, [2, [3, [4, [5]]]]], { a: { b: { c: { d: 1 } } }, "not a name": 1 }],
    "what is too long for a line": [
      { first: "a text of some length", second: "another text of some length", third: "and one more" },
      { nested: { first: "a text of some length", second: "another text of some length", third: "and one more" } }
    ],
    "maps and sets": [new Map<unknown, unknown>([["a", { b: 1 }]]), new Set([1, "2"]), new Map()],
    "classes, functions and dates": [
      new Point(),
      class A {
        readonly x = 1
      },
      (): void => {},
      function named() {},
      new Date(0),
      /a+/g
    ],
    templates: ["%s is %d and %i, %j %%", "x", 1.5, 2.5, { a: 1 }, "rest", { b: 1 }],
    "templates with too little": ["%s and %s", "one"],
    "no template": ["100%", 1]
  }
  for (const [name, given] of Object.entries(values)) {
    it(`is what Node.js prints: ${name}`, () => {
      assert.strictEqual(textOf(given), format(...given))
    })
  }

  it("is the repr of what has one", () => {
    const group = new asyncio.ExceptionGroup("several", [new Error("one")])

    assert.strictEqual(textOf([new Named(), [new Named()]]), "<Named> [ <Named> ]")
    assert.include(textOf([group]), "several")
  })

  it("ends where an object is inside of itself", () => {
    assert.include(textOf([circular]), "[Circular *1]")
  })

  it("is the name and the message of an error", () => {
    assert.strictEqual(textOf([new TypeError("wrong")]), "TypeError: wrong")
    assert.strictEqual(textOf([{ error: new RangeError("far") }]), "{ error: [RangeError: far] }")
  })
})
