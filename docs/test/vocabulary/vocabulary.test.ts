/**
 * The vocabulary beyond asyncio's: each name is in the tables for those who look for it, by what they know it as, and on a page; it has a
 * docstring, an example that runs, and a test of its types in each package that has it. What is exported, and is not in the vocabulary,
 * is missing there. How each shows is in vocabularyShown.test.ts.
 */
import { globSync, readdirSync, readFileSync } from "node:fs"
import * as compat from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { assert, describe, it } from "vitest"
import { everybody, vocabulary } from "./vocabulary.ts"

const docs = new URL("../../", import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, docs), "utf8")

/** The words of code in the rows of a page's tables. */
const wordsOf = (page: string): ReadonlySet<string> =>
  new Set(
    read(page)
      .split("\n")
      .filter((line) => line.startsWith("| "))
      .flatMap((row) => Array.from(row.matchAll(/`([^`]+)`/g), ([, code]) => code!.match(/\w+/g) ?? []).flat())
  )

const withoutTables = (page: string): string => page.replaceAll(/^\|.*$/gm, "")

/** What is written by hand, and no list. */
const pages = ["", "concepts/", "recipes/", "tutorial/"].flatMap((folder) =>
  readdirSync(new URL(`./${folder}`, docs))
    .filter((name) => name.endsWith(".md") && !["errors.md", "versions.md"].includes(name))
    .map((name) => withoutTables(read(folder + name)))
)

// Python's errors that are no names of asyncio, and what says what something is.
const elsewhere = ["RuntimeError", "ValueError", "isTask", "CurrentTask", "RunningLoop"]

const exported = [...Object.keys(core), ...Object.keys(compat)].filter((name) => !elsewhere.includes(name))

const ofAsyncio = new Set(
  Array.from(wordsOf("coming-from-asyncio.md"), (word) =>
    word.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
  )
)

describe("the vocabulary beyond asyncio", () => {
  for (const origin of everybody) {
    it(`has a row for those who come from ${origin}`, () => {
      const words = wordsOf(`coming-from-${origin}.md`)
      const due = Object.keys(vocabulary).filter((name) => vocabulary[name]!.includes(origin))

      assert.deepStrictEqual(
        due.filter((name) => !words.has(name)),
        []
      )
    })
  }

  it("is on a page that is no list", () => {
    assert.deepStrictEqual(
      Object.keys(vocabulary).filter((name) => !pages.some((page) => new RegExp(`\\b${name}\\b`).test(page))),
      []
    )
  })

  it("has every exported name that is not in the tables for asyncio", () => {
    const known = (name: string) => ofAsyncio.has(name) || name in vocabulary

    assert.deepStrictEqual(
      exported.filter((name) => !known(name)),
      []
    )
  })
})

/** What the sources of a package say, and the tests of its types. */
const packageOf = (name: "core" | "compat") => {
  const root = new URL(`../../../packages/${name}/`, import.meta.url)
  const textOf = (pattern: string) =>
    globSync(pattern, { cwd: root })
      .map((path) => readFileSync(new URL(path, root), "utf8"))
      .join("\n")
  const source = textOf("src/**/*.ts")
  return {
    source,
    // examples.test.ts runs them.
    examples: Array.from(source.matchAll(/```ts import\.meta\.vitest\n([^]*?)```/g), ([, code]) => code).join("\n"),
    types: textOf("test/api/*.ts")
  }
}

const sources = { core: packageOf("core"), compat: packageOf("compat") }

// Core's methods for callers outside of Effect, of which some have no other form.
const wordOf = (name: string): RegExp => new RegExp(`\\b${name}(?:Unsafe)?\\b`)

/** What compat has from core as it is. */
const isOfCore = (name: string): boolean =>
  ["requests", "kind", "leaves", "split"].includes(name) ||
  (name in core && (compat as Record<string, unknown>)[name] === (core as Record<string, unknown>)[name])

/** What a task and a cancellation have, beside what they are made with. */
const fields = [
  "id",
  "createdAt",
  "reason",
  "deadline",
  "requestedBy",
  "promotable",
  "maxThreads",
  "grace",
  "concurrency"
]

describe("each name of the vocabulary, in each package that has it", () => {
  for (const name of ["core", "compat"] as const) {
    const { examples, source, types } = sources[name]
    // By a declaration with a docstring: a value, a method, a field or an option.
    const declared = [...Object.keys(vocabulary), ...fields].filter((word) =>
      new RegExp(
        `\\*/\n(?: *//.*\n)* *(?:export (?:const|class|interface) |static |readonly |get |override )*${wordOf(word).source}`
      ).test(source)
    )

    it(`is declared with a docstring in ${name}`, () => {
      const exportedHere = Object.keys(name === "core" ? core : compat)

      assert.deepStrictEqual(
        Object.keys(vocabulary).filter(
          (word) => exportedHere.includes(word) && !declared.includes(word) && !(name === "compat" && isOfCore(word))
        ),
        []
      )
      assert.isAtLeast(declared.length, 40)
    })

    it(`is in an example that runs in ${name}`, () => {
      assert.deepStrictEqual(
        declared.filter((word) => !wordOf(word).test(examples)),
        []
      )
    })

    it(`has a test of its types in ${name}`, () => {
      assert.deepStrictEqual(
        declared.filter((word) => !wordOf(word).test(types)),
        []
      )
    })
  }
})
