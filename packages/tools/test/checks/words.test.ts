import { assert, describe, it } from "vitest"
import { needless, oldWords, sources } from "../../checks/words.ts"

const texts = sources()
const found = (text: string): number => oldWords(new Map([["file.ts", text]])).length

describe("a word that had several meanings", () => {
  it("stands nowhere in its old ones", () => {
    assert.deepStrictEqual(oldWords(texts), [])
  })

  it("is allowed only where it stands", () => {
    assert.deepStrictEqual(needless(texts), [])
  })

  it("is found as a noun, in a name, as a value, and over the end of a line", () => {
    const old = [
      "/** Runs on the next turn. */",
      "// A task that waits for its\n  // turn.",
      " * lets others have their\n * turn, in order",
      "the host's turns",
      "takes 3 turns",
      "step by step, and not turn by turn",
      "{ aroundTurn: f }",
      "nextTurn()",
      "const turns = 3",
      'kind: "turn"',
      "the strand of a task",
      "FiberStrand",
      "drivenLine",
      "makeScopeOwner()",
      "the face of a future",
      "faceOf(future)"
    ]
    assert.deepStrictEqual(
      old.filter((text) => found(text) !== 1),
      []
    )
  })

  it("is not found where it is ordinary English", () => {
    const english = [
      "each of them in turn, and the rest",
      "it turns out that the loop returns",
      "turns a failure into a value; the one whose time is up turns into it",
      "this turns them off",
      "stranded",
      "interface Surface",
      "faced with it"
    ]
    assert.deepStrictEqual(
      english.filter((text) => found(text) > 0),
      []
    )
  })
})
