/**
 * The vocabulary beyond asyncio's: each name is in the tables for those who look for it, by what they know it as, and on a page. What is
 * exported, and has neither, is missing here.
 */
import { readdirSync, readFileSync } from "node:fs"
import * as compat from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { assert, describe, it } from "vitest"

const docs = new URL("../", import.meta.url)
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

type Origin = "asyncio" | "promises" | "effect"

const everybody: ReadonlyArray<Origin> = ["asyncio", "promises", "effect"]
// A promise has no such thing, or Python's own name is kept.
const asyncioOnly: ReadonlyArray<Origin> = ["asyncio"]

/** Who has something of the kind, and looks for it by another name. */
const vocabulary: Record<string, ReadonlyArray<Origin>> = {
  abortable: ["asyncio", "promises"],
  addSignalHandler: asyncioOnly,
  anyOf: everybody,
  BackgroundTasks: ["promises"],
  callSoonThreadsafe: asyncioOnly,
  cancelAndWait: everybody,
  cancelTree: everybody,
  catchCancelled: everybody,
  catchGroup: everybody,
  ContextVar: everybody,
  copyContext: asyncioOnly,
  createdBy: everybody,
  createTaskScoped: ["effect"],
  currentSignal: ["promises"],
  defaultExceptionHandler: asyncioOnly,
  detached: everybody,
  discard: ["promises", "effect"],
  endedTasks: ["promises", "effect"],
  exceptionOf: ["effect"],
  findTask: everybody,
  findTasks: everybody,
  getExceptionHandler: asyncioOnly,
  isCancelled: ["promises"],
  keepEndedTasks: everybody,
  kind: everybody,
  labels: everybody,
  layer: ["effect"],
  leaves: ["asyncio", "promises"],
  Loop: ["effect"],
  mapTasks: everybody,
  moveOn: everybody,
  onFailure: everybody,
  promote: everybody,
  race: everybody,
  recognizeCancellation: ["promises"],
  requests: ["asyncio", "effect"],
  reset: asyncioOnly,
  restart: everybody,
  runEffect: ["promises"],
  scopedLoop: ["effect"],
  shielded: everybody,
  signals: everybody,
  split: asyncioOnly,
  taskLogger: ["effect"],
  staggered: everybody,
  start: everybody,
  threadPool: everybody,
  toEffect: ["promises", "effect"],
  Token: asyncioOnly,
  toThread: everybody,
  withLoop: ["effect"],
  withTaskSpan: ["effect"]
}

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
