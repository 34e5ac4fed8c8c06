import { globSync, readFileSync } from "node:fs"
import { assert, describe, it } from "vitest"
import { errorClasses, errorMessages, lintMessages } from "../../../packages/tools/docs/errorMessages.ts"
import { errorsDoc, errorsDocPath, sectionOf } from "../../../packages/tools/docs/errors.ts"

describe("every message in the sources", () => {
  const messages = errorMessages()
  const without = (part: "when" | "hint") =>
    messages.filter((each) => !/^[A-Z`].*[.]$/.test(each[part] ?? "")).map(({ file, message }) => `${file}: ${message}`)

  it("says when a user meets it, in a sentence", () => {
    assert.deepStrictEqual(without("when"), [])
  })

  it("says what to do, in a sentence", () => {
    assert.deepStrictEqual(without("hint"), [])
  })

  it("has a place on the page", () => {
    const lost = messages.filter(({ file, kind }) => kind !== "" && sectionOf(file) === undefined)

    assert.deepStrictEqual(lost, [])
  })

  it("is met by a test", () => {
    const files = globSync("packages/{core,compat}/test/**/*.ts", {
      cwd: new URL("../../..", import.meta.url).pathname
    })
    const tests = files.map((file) => readFileSync(new URL(`../../../${file}`, import.meta.url), "utf8")).join("\n")
    const met = tests.replaceAll("\\", "").replaceAll(/"\s*\+\s*"/g, "")

    const missing = messages.filter(({ message }) => {
      const parts = message.split("…").filter((part) => part.trim() !== "")
      const filledIn = parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")).join(".{0,200}?")
      return !new RegExp(filledIn).test(met)
    })

    assert.deepStrictEqual(missing, [])
  })

  it("is found, however it is put together", () => {
    assert.includeMembers(
      messages.map(({ message }) => message),
      [
        "Task cannot await on itself: …",
        "Executing … took … seconds",
        "expect a list of futures, not …",
        "a function was expected by …, got …",
        "every task waits and no timer is set:",
        "exports no function"
      ]
    )
  })
})

describe("every error class", () => {
  it("says what to do", () => {
    assert.deepStrictEqual(
      errorClasses().filter(({ todo }) => todo === ""),
      []
    )
  })

  it("is found, also one of Effect's own", () => {
    assert.includeMembers(
      errorClasses().map(({ name }) => name),
      ["CancelledError", "DeadlockError", "ExceptionGroup", "QueueFull", "RuntimeError", "TimeoutError"]
    )
  })
})

describe("every lint rule", () => {
  it("says what is wrong and what to do, in sentences", () => {
    const messages = lintMessages()
    const short = messages.filter(({ message }) => (message.match(/[a-z`)][.](?: [A-Z`]|$)/g) ?? []).length < 2)

    assert.deepStrictEqual(short, [])
    assert.deepStrictEqual(
      [...new Set(messages.map(({ rule }) => rule))],
      ["no-closure-in-thread", "no-dropped-task", "no-swallowed-cancellation", "prefer-abortable"]
    )
  })
})

describe("docs/errors.md", () => {
  it("is what `npm run dev -- errors:docs` writes", () => {
    assert.strictEqual(readFileSync(errorsDocPath, "utf8"), errorsDoc())
  })
})
