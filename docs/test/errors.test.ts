import { readFileSync } from "node:fs"
import { assert, describe, it } from "vitest"
import { errorMessages } from "../../packages/tools/errorMessages.mjs"
import { classes, errorClasses, errorsDoc, errorsDocPath, explained } from "../../packages/tools/errorsDoc.mjs"

describe("docs/errors.md", () => {
  const messages = errorMessages()

  it("explains every message in the sources", () => {
    const missing = messages.filter(({ message }) => !explained.has(message))

    assert.deepStrictEqual(missing, [])
  })

  it("explains no message that the sources do not have", () => {
    const known = new Set(messages.map(({ message }) => message))

    assert.deepStrictEqual(
      [...explained].filter((message) => !known.has(message)),
      []
    )
  })

  it("explains every error class", () => {
    assert.deepStrictEqual(Object.keys(classes).sort(), [...errorClasses()].sort())
  })

  it("is what `npm run errors:docs` writes", () => {
    assert.strictEqual(readFileSync(errorsDocPath, "utf8"), errorsDoc(messages))
  })

  it("leaves no place out where an error is made with a text", () => {
    // Where a text stands elsewhere than beside `new`, the search has to know the name it goes by.
    const known = new Set(messages.map(({ message }) => message))
    for (const message of ["Task cannot await on itself: …", "Executing … took … seconds", "expect a list of tasks"]) {
      assert.include(known, message)
    }
  })
})
