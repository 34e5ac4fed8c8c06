/**
 * The recorded scripts on core, without Python.
 */
import { describe, it } from "vitest"
import { divergenceOf } from "../src/comparison.ts"
import { readCorpus } from "../src/corpus.ts"
import { runScript } from "../src/interpreter/core/machine.ts"
import { renderScript, sideBySide } from "../src/render.ts"
import type { RecordedScript } from "../src/script.ts"

const grouped = (
  scripts: ReadonlyArray<RecordedScript>,
  groupOf: (script: RecordedScript) => string
): ReadonlyArray<readonly [string, ReadonlyArray<RecordedScript>]> => {
  const groups = new Map<string, Array<RecordedScript>>()
  for (const script of scripts) {
    const name = groupOf(script)
    groups.set(name, [...(groups.get(name) ?? []), script])
  }
  return [...groups].sort(([left], [right]) => left.localeCompare(right))
}

/** Fails with the first script whose trace is not CPython's, as a program and with both traces. */
const expectNoDivergence = async (scripts: ReadonlyArray<RecordedScript>): Promise<void> => {
  const traces = await Promise.all(scripts.map((script) => runScript(script)))
  const divergences = scripts.flatMap((script, index) => divergenceOf(script, { trace: traces[index]! }) ?? [])
  const [first] = divergences
  if (first === undefined) return
  const { script, actual, kind } = first
  const traced = sideBySide(script.expect, actual, { titles: ["CPython 3.14", "core"] })
  throw new Error(`${divergences.length} of ${scripts.length} diverge\n${kind}\n\n${renderScript(script)}\n\n${traced}`)
}

describe("core agrees with CPython on generated scripts about", () => {
  it.each(grouped(readCorpus("generated"), ({ focus }) => focus!))("%s", (_, scripts) => expectNoDivergence(scripts))
})

describe("core agrees with CPython on handwritten scripts about", () => {
  // Their ids are `hw-SUBJECT-...`.
  it.each(grouped(readCorpus("handwritten"), ({ id }) => id.split("-")[1]!))("%s", (_, scripts) =>
    expectNoDivergence(scripts)
  )
})
