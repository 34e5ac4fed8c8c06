// What the pages of the API are made of: addresses, signature blocks and the parts of a docstring. The signatures are read from the
// built packages, which are built before the tests.
import { assert, describe, it } from "vitest"
import { lineOf, signatureAt } from "../../reference/declarations.ts"
import { docstringOf } from "../../reference/docstring.ts"
import { redirectPage } from "../../.vitepress/redirects.ts"

const signatureOf = async (path: string, name: string, type = false) => {
  const found = await signatureAt(path, lineOf(path, name) ?? 0, name, type)
  if (found === undefined) throw new Error(`${path} declares no ${name}`)
  return found
}

describe("a signature block", () => {
  it("is the declaration of a function, on lines that a phone has room for", async () => {
    const { text } = await signatureOf("packages/compat/src/Queue.ts", "Queue")

    assert.match(text, /^class Queue</)
    assert.include(text, "\n  put(item: A): Promise<void>\n")
    assert.isBelow(Math.max(...text.split("\n").map((line) => line.length)), 80)
  })

  it("has no comments, and nothing that is the library's own", async () => {
    const { members, text } = await signatureOf("packages/compat/src/Task.ts", "Task")

    assert.notMatch(text, /\/\*|\/\/|#private|\bprivate\b|\bprotected\b|TypeId|hasInstance|declare|export/)
    assert.isAbove(members.length, 5)
  })

  it("names the class that an error extends, and not the compiler's helper", async () => {
    const { text } = await signatureOf("packages/core/src/internal/model/CancelledError.ts", "CancelledError")

    assert.match(text, /extends TaggedError\(\s*"CancelledError"\s*\)<CancelledErrorFields>/)
  })

  it("has all overloads of a function", async () => {
    const { text } = await signatureOf("packages/core/src/sleep.ts", "sleep")

    assert.include(text, "delay")
    assert.isAbove(text.split("Effect.Effect<").length, 2)
  })

  it("has the types that are not exported beside it, and those in them", async () => {
    const { helpers } = await signatureOf("packages/core/src/gather.ts", "gather")

    assert.deepStrictEqual(helpers.match(/(?<=^type )\w+/gm)?.toSorted(), ["Errors", "Members", "Results"])
    assert.strictEqual((await signatureOf("packages/core/src/gather.ts", "GatherOptions", true)).helpers, "")
  })

  it("has the exported name of what is declared under another", async () => {
    const path = "packages/core/src/EventLoop.ts"
    const found = await signatureAt(path, lineOf(path, "make") ?? 0, "newEventLoop", false)

    assert.match(found?.text ?? "", /^const newEventLoop:|^function newEventLoop/)
  })
})

describe("a docstring", () => {
  const text = [
    "Waits.",
    "",
    "Twice.",
    "",
    "**Details**",
    "",
    "More.",
    "",
    "**Example** (Waiting)",
    "",
    "```ts",
    "**Cancellation**",
    "```",
    "",
    "**asyncio**",
    "",
    "Same."
  ].join("\n")

  it("is taken apart at the headings, which are not in its programs", () => {
    assert.deepStrictEqual(docstringOf(text), {
      summary: "Waits.\n\nTwice.",
      examples: [{ heading: "Example: Waiting", text: "```ts\n**Cancellation**\n```" }],
      sections: [
        { heading: "Details", text: "More." },
        { heading: "asyncio", text: "Same." }
      ]
    })
  })
})

describe("an old address", () => {
  it("sends to the new one, also without scripts", () => {
    const page = redirectPage("/base/api/core/gather")

    assert.include(page, 'content="0; url=/base/api/core/gather"')
    assert.include(page, '<a href="/base/api/core/gather">')
  })
})
