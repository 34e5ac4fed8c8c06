import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"

describe("make", () => {
  const makes = Object.entries(asyncio as Readonly<Record<string, unknown>>).flatMap(([name, value]) => {
    const { make } = (typeof value === "function" ? value : {}) as { readonly make?: unknown }
    return make === undefined ? [] : [[name, make] as const]
  })

  it("is a function on everything that has one, and gives an Effect; a variable is a key, and made at once", () => {
    const given = makes.map(([name, make]) => {
      const made = (make as (argument: unknown) => unknown)(name === "ContextVar" ? "name" : undefined)
      return [name, Effect.isEffect(made) ? "an Effect" : String(made)]
    })

    assert.deepStrictEqual(
      given.toSorted(([a], [b]) => (a! < b! ? -1 : 1)),
      [
        ["Barrier", "an Effect"],
        ["BoundedSemaphore", "an Effect"],
        ["Condition", "an Effect"],
        ["ContextVar", "<ContextVar name='name'>"],
        ["Event", "an Effect"],
        ["LifoQueue", "an Effect"],
        ["Lock", "an Effect"],
        ["PriorityQueue", "an Effect"],
        ["Queue", "an Effect"],
        ["Semaphore", "an Effect"]
      ]
    )
  })
})
