/**
 * A comment of the packages speaks of a noun of the code, a task, a scope, a listener, the caller, and of no one else.
 */
import { globSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "vitest"

const root = fileURLToPath(new URL("../../../..", import.meta.url))

const comment = /^\s*(?:\/\*\*?|\*|\/\/) |(?<=\s)(?:\/\/|\/\*\*?) /
const fence = /^\s*\* ```/
// At the beginning of a line or behind a full stop, and as the title of an example.
const vague =
  /(?:\/\*\*?|\*|\/\/|[.?!:]|Example\*\*) \(?(?:Who|Whoever|Nobody|No one|Somebody|Someone|Anybody|Anyone|Everybody|Everyone|Those who|The one who)\b/

/** The lines of comments, without examples, in which such a sentence begins. */
const vagueIn = (source: string): ReadonlyArray<string> => {
  let isExample = false
  return source.split("\n").flatMap((line) => {
    if (fence.test(line)) isExample = !isExample
    if (isExample || !vague.test(line)) return []
    const begin = line.search(comment)
    return begin >= 0 && vague.test(line.slice(begin)) ? [line.trim()] : []
  })
}

describe("the subject of a comment", () => {
  it("is looked for where a sentence begins", () => {
    const lines = [
      "/** Whether it waits. Whoever is asked takes it. */",
      "const one = 1 // Nobody reads it.",
      "// When: Somebody calls it.",
      " * **Example** (Who waits)"
    ]
    const others = [
      "/** The task",
      " * nobody awaits: whoever. */",
      "* ```ts",
      "* // Nobody",
      "* ```",
      'f("/** Who */"',
      '"// Who"'
    ]

    assert.deepStrictEqual(
      vagueIn([...others, ...lines].join("\n")),
      lines.map((line) => line.trim())
    )
  })

  it("is a noun of the code in every package", () => {
    const files = globSync("packages/*/src/**/*.ts", { cwd: root })

    const found = files.flatMap((file) =>
      vagueIn(readFileSync(`${root}/${file}`, "utf8")).map((line) => `${file}: ${line}`)
    )

    assert.isAbove(files.length, 600)
    assert.deepStrictEqual(found, [])
  })
})
