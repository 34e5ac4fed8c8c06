import { assert, describe, it } from "@effect/vitest"
import { abridged, cut, ends, escape, longest, plain, quote } from "../../src/internal/data/text.ts"

describe("text that is too long", () => {
  it("loses its middle, and no more of its ends than has room", () => {
    const text = `${"a".repeat(longest)}${"b".repeat(longest)}`

    assert.strictEqual(plain(text), `${"a".repeat(98)}...${"b".repeat(99)}`)
    assert.strictEqual(plain(text).length, longest)
  })

  it("is not cut in the middle of a character that is two", () => {
    const face = "\u{1f600}"

    const texts = [0, 1].flatMap((n) => [
      cut(`${"a".repeat(n)}${face.repeat(9)}`, 9),
      cut(`${face.repeat(9)}${"a".repeat(n)}`, 9)
    ])

    assert.deepStrictEqual(texts, [
      `${face}...${face}`,
      `${face}...${face}`,
      `a${face}...${face}`,
      `${face}...${face}a`
    ])
  })

  it("keeps for both ends as many whole characters as it needs", () => {
    const faces = "\u{1f600}".repeat(longest)

    assert.deepStrictEqual(
      [ends(`a${faces}b`), ends(faces)].map((text) => /\p{Surrogate}/u.test(text)),
      [false, false]
    )
  })

  it("is quoted as what is left of it asks for", () => {
    const middle = (text: string) => `${"a".repeat(longest)}${text}${"b".repeat(longest)}`

    assert.deepStrictEqual([quote("it's"), quote(middle("it's"))[0]], [`"it's"`, "'"])
  })
})

describe("text that cannot be seen", () => {
  it("is escaped as Python's repr escapes it", () => {
    assert.deepStrictEqual(["plain", "a\nb\t", "\u0007", "\u202e", "\u{e0001}", "ä"].map(escape), [
      "plain",
      "a\\nb\\t",
      "\\x07",
      "\\u202e",
      "\\U000e0001",
      "ä"
    ])
  })
})

describe("a list that is too long", () => {
  it("loses its middle, and says how much", () => {
    const lists = [4, 5, 9].map((length) => abridged([...Array(length).keys()], 4, String).join())

    assert.deepStrictEqual(lists, ["0,1,2,3", "0,1,<1 more>,3,4", "0,1,<5 more>,7,8"])
  })
})
