import { deflateRawSync } from "node:zlib"
import { assert, describe, it } from "vitest"
import { readSaved, save, type Store } from "../../playground/saved.ts"
import { decodeShared, encodeShared, fragmentOf, sharedText } from "../../playground/share.ts"

const fragmentOfText = (text: string) => fragmentOf(deflateRawSync(text))

describe("a program in an address", () => {
  it("comes back as it was", async () => {
    for (const shared of [
      { core: "const π = `ü`\n", compat: undefined, show: undefined },
      { core: "a".repeat(10_000), compat: "b", show: "compat" as const }
    ]) {
      assert.deepStrictEqual(await decodeShared(await encodeShared(shared)), { shared })
    }
  })

  it("is in letters that no chat breaks", async () => {
    const fragment = await encodeShared({ compat: Array.from({ length: 500 }, (_, n) => n * 7919).join() })

    assert.match(fragment, /^#program=[\w-]+$/)
  })

  it("is the same where a page is built and in a browser", async () => {
    const shared = { core: "1", compat: "2" }

    assert.deepStrictEqual(await decodeShared(fragmentOfText(sharedText(shared))), {
      shared: { ...shared, show: undefined }
    })
  })

  it("is none in other fragments", async () => {
    assert.deepStrictEqual(await decodeShared(""), {})
    assert.deepStrictEqual(await decodeShared("#what-runs-here"), {})
  })

  const problemOf = async (fragment: string) => (await decodeShared(fragment)).problem ?? ""

  it("is refused with a reason where it is damaged", async () => {
    const whole = await encodeShared({ compat: "console.log('a program that is long enough to be cut')" })

    for (const fragment of [
      "#program=",
      "#program=%3Cscript%3E",
      "#program=AAAA",
      whole.slice(0, -10),
      whole.replace("=", "=x"),
      fragmentOfText("no JSON"),
      fragmentOfText("null"),
      fragmentOfText("{}"),
      fragmentOfText(`{"core":1}`)
    ]) {
      assert.match(await problemOf(fragment), /the link is not whole/, fragment)
    }
  })

  it("is refused where a few letters stand for a text without end", async () => {
    const fragment = fragmentOfText(JSON.stringify({ core: "a".repeat(50_000_000) }))

    assert.match(await problemOf(fragment), /too long/)
  })
})

describe("a program that was changed", () => {
  const storeOf = (items: Map<string, string>): Store => ({
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value)
  })

  it("is there the next time, with the one of the other kind", () => {
    const store = storeOf(new Map())
    const programs = { core: "1", compat: "2", show: "core" as const }
    save(programs, () => store)

    assert.deepStrictEqual(
      readSaved(() => store),
      programs
    )
  })

  it("is none where nothing is stored, or something else, or nothing may be", () => {
    const damaged = storeOf(new Map([["effect-asyncio:playground", "{"]]))
    const forbidden = () => {
      throw new Error("SecurityError")
    }
    save({ core: "1" }, forbidden)

    assert.deepStrictEqual(
      [readSaved(() => storeOf(new Map())), readSaved(() => damaged), readSaved(forbidden)],
      [undefined, undefined, undefined]
    )
  })
})
