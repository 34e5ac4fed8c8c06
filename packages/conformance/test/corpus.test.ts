/**
 * The recorded scripts on core and on compat, without Python; as they are, and with parts of them behind a border.
 */
import { describe, expect, it } from "vitest"
import { withBorders } from "../src/borders.ts"
import type { CandidateAnswer } from "../src/candidate.ts"
import { divergenceOf } from "../src/comparison.ts"
import { readCorpus } from "../src/corpus.ts"
import { runScript as onCompat } from "../src/interpreter/compat/machine.ts"
import { runScript as onCore } from "../src/interpreter/core/machine.ts"
import { Unsupported } from "../src/interpreter/session.ts"
import { renderScript, sideBySide } from "../src/render.ts"
import type { RecordedScript, Script } from "../src/script.ts"
import type { Trace } from "../src/trace.ts"

/** Eager starts that go on behind an await where nobody can wait for the rest: no async function can have them. */
const beyondCompat = ["barriers-900004", "busy-900052", "gather-900242"]

/** Eager starts that go on behind a border, which is an await on core too. */
const beyondBorders = [
  "busy-900052",
  "eagerfactory-900056",
  "gather-900242",
  "hw-eager-await-in-gather",
  "hw-eager-self-cancel-block",
  "locks-900149",
  "timeouts-900004"
]

type RunScript = (script: Script) => Promise<Trace>

const implementations: ReadonlyArray<
  readonly [name: string, runScript: RunScript, unsupported: ReadonlyArray<string>]
> = [
  ["core", onCore, []],
  ["compat", onCompat, beyondCompat],
  ["core with borders", (script) => onCore(withBorders(script)), beyondBorders],
  ["compat with borders", (script) => onCompat(withBorders(script)), beyondCompat]
]

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

const answerOf = async (script: Script, runScript: RunScript): Promise<CandidateAnswer> => {
  try {
    return { trace: await runScript(script) }
  } catch (error) {
    if (error instanceof Unsupported) return { unsupported: error.message }
    throw error
  }
}

describe.each(implementations)("%s agrees with CPython", (name, runScript, unsupported) => {
  /** Fails with the first script whose trace is not CPython's, as a program and with both traces. */
  const expectNoDivergence = async (scripts: ReadonlyArray<RecordedScript>): Promise<void> => {
    const answers = await Promise.all(scripts.map((script) => answerOf(script, runScript)))
    const divergences = scripts.flatMap((script, index) => divergenceOf(script, answers[index]!) ?? [])
    const [first] = divergences
    if (first !== undefined) {
      const { script, actual, kind } = first
      const traced = sideBySide(script.expect, actual, { titles: ["CPython 3.14", name] })
      const program = renderScript(script)
      throw new Error(`${divergences.length} of ${scripts.length} diverge\n${kind}\n\n${program}\n\n${traced}`)
    }
    const ids = scripts.filter((_, index) => "unsupported" in answers[index]!).map(({ id }) => id)
    expect(ids).toStrictEqual(scripts.map(({ id }) => id).filter((id) => unsupported.includes(id)))
  }

  const generated = grouped(readCorpus("generated"), ({ focus }) => focus!)
  // Their ids are `hw-SUBJECT-...`.
  const handwritten = grouped(readCorpus("handwritten"), ({ id }) => id.split("-")[1]!)

  it.each(generated)("on generated scripts about %s", (_, scripts) => expectNoDivergence(scripts))

  it.each(handwritten)("on handwritten scripts about %s", (_, scripts) => expectNoDivergence(scripts))
})
