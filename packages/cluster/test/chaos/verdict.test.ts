import type { TaskInfo } from "@effect-asyncio/cluster"
import { assert, describe, it } from "vitest"
import type { Line } from "./log.ts"
import { judge, type Told } from "./verdict.ts"

const told: Told = { name: "a", outcome: "cancelled", at: 100, asked: true, refused: 0 }
const line = (what: Line["what"], at: number, attempt = 1, pid = 7): Line => ({ name: "a", what, at, attempt, pid })
const listed = (state: TaskInfo["state"], attempt: number) => [{ name: "a", state, attempt } as TaskInfo]

const problemsOf = (evidence: Partial<Parameters<typeof judge>[0]>) =>
  judge({ told: [told], lines: [], listed: listed("cancelled", 1), killed: new Map(), ...evidence }).problems.map(
    (problem) => problem.slice(problem.indexOf("): ") + 3)
  )

describe("the verdict on a run with killed workers", () => {
  it("has nothing to say of a task that says that it stops, and of one whose worker was killed", () => {
    const stopped = [line("begins", 10), line("stops", 90)]
    const killed = [line("begins", 10), line("ticks", 20), line("begins", 40, 2, 8), line("stops", 90, 2, 8)]

    assert.deepStrictEqual(problemsOf({ lines: stopped }), [])
    assert.deepStrictEqual(
      problemsOf({ lines: killed, killed: new Map([[7, 30]]), listed: listed("cancelled", 2) }),
      []
    )
  })

  it("finds a task that goes on after it was told to have stopped, and one that never stops", () => {
    const late = [line("begins", 10), line("ticks", 130), line("stops", 140)]

    assert.deepStrictEqual(problemsOf({ lines: late }), ["goes on 30 ms after it was told to have stopped"])
    assert.deepStrictEqual(problemsOf({ lines: [line("begins", 10)] }), ["attempt 1 never stopped"])
  })

  it("finds what is lost, listed wrongly, and run twice without a number", () => {
    const twice = [line("begins", 10), line("begins", 20, 1, 8), line("ends", 30, 1, 8)]

    assert.deepStrictEqual(problemsOf({ told: [{ ...told, outcome: "nothing" }] }), [
      "is lost: nobody says how it has ended",
      "is cancelled in the list"
    ])
    assert.deepStrictEqual(
      problemsOf({ told: [{ ...told, outcome: "succeeded" }], lines: twice, listed: listed("running", 1) }),
      ["is running in the list", "was begun twice as the same attempt"]
    )
  })

  it("counts what ran in two places at a time", () => {
    const after = [line("begins", 10), line("ticks", 20), line("begins", 40, 2, 8)]
    const count = (lines: ReadonlyArray<Line>) => {
      const { overlapping, runTwice } = judge({ told: [told], lines, listed: [], killed: new Map() })
      return [runTwice, overlapping]
    }

    assert.deepStrictEqual(count(after), [1, 0])
    assert.deepStrictEqual(count([...after, line("ticks", 50)]), [1, 1])
  })

  it("finds what ran twice for no reason, and a client that was refused", () => {
    const twice = [line("begins", 10), line("stops", 20), line("begins", 40, 2, 8), line("stops", 90, 2, 8)]
    const evidence = { lines: twice, listed: listed("cancelled", 2), told: [{ ...told, refused: 1 }] }

    assert.deepStrictEqual(problemsOf(evidence), [])
    assert.deepStrictEqual(problemsOf({ ...evidence, isHarmless: true }), [
      "was begun 2 times, for no reason",
      "was refused to its client"
    ])
  })
})
