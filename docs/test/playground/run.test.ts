import { assert, beforeAll, describe, it } from "vitest"
import { buildPlayground, runInPlayground } from "../../../packages/tools/docs/playground.ts"

const play = async (program: string) => {
  const [ran] = await runInPlayground([program])
  return { lines: ran!.lines.map(({ level, text }) => `${level}: ${text}`), end: ran!.trace.end }
}

describe("a program in the playground", () => {
  beforeAll(buildPlayground, 60_000)

  it("says which modules there are where it imports another", async () => {
    const { end, lines } = await play(`import { readFile } from "node:fs"\nconsole.log(readFile)`)

    assert.strictEqual(lines.length, 1)
    assert.match(lines[0]!, /uncaught: .*"node:fs" cannot be imported.*@effect-asyncio\/compat/)
    assert.strictEqual(end.kind, "failed")
  })

  it("says which name a module does not have", async () => {
    const { lines } = await play(`import { createTusk } from "@effect-asyncio/compat"\ncreateTusk()`)

    assert.deepStrictEqual(lines, [`uncaught: SyntaxError: "@effect-asyncio/compat" has no export named createTusk`])
  })

  it("says where it cannot be read", async () => {
    const { lines } = await play(`const a = 1\nconst b = (\n`)

    assert.match(lines[0]!, /^uncaught: SyntaxError: .* \(main\.ts:3\)$/)
  })

  it("says what the playground cannot rewrite", async () => {
    const { lines } = await play(`\nfor (await using a of []) console.log(a)`)

    assert.match(lines[0]!, /SyntaxError: the playground does not know `await using` in the head of a loop.*main\.ts:2/)
  })

  it("imports modules of Effect by name, and later", async () => {
    const { lines } = await play(
      `import * as Effect from "effect/Effect"\nconst { Option } = await import("effect")\nconsole.log(await Effect.runPromise(Effect.succeed(1)), Option.isSome(Option.some(1)))`
    )

    assert.deepStrictEqual(lines, ["log: 1 true"])
  })

  it("prints by every function of the console, and by Effect's", async () => {
    const { lines } = await play(
      `import { Console, Effect } from "effect"
       console.warn("careful"); console.error("wrong"); console.info("i"); console.debug("d")
       await Effect.runPromise(Console.log("from Effect").pipe(Effect.andThen(Effect.log("logged"))))`
    )

    assert.deepStrictEqual(lines.slice(0, 5), ["warn: careful", "error: wrong", "log: i", "log: d", "log: from Effect"])
    assert.match(lines[5]!, /logged/)
  })

  it("tells of an error that nobody catches, and of a promise that nobody handles", async () => {
    const { lines } = await play(
      `void Promise.reject(new Error("alone"))\nawait new Promise((resolve) => setTimeout(resolve, 10))\nthrow new TypeError("at the end")`
    )

    assert.deepStrictEqual(lines, ["uncaught: Error: alone", "uncaught: TypeError: at the end"])
  })

  it("is stopped when it takes too many steps", async () => {
    const { end } = await play(
      `import * as asyncio from "@effect-asyncio/compat"\nawait asyncio.run(async () => { for (;;) await asyncio.sleep(1) })`
    )

    assert.strictEqual(end.kind, "stopped")
    assert.match(end.text, /more than 1000 steps/)
  })

  it("is not shown for ever when it prints too much", async () => {
    const { lines } = await play(`for (let n = 0; n < 5000; n++) console.log(n)`)

    assert.strictEqual(lines.length, 1001)
    assert.match(lines.at(-1)!, /More than 1000 lines/)
  })

  it("has no network, no storage, and no way to speak for the page", async () => {
    const { lines } = await play(
      `console.log(["fetch", "WebSocket", "indexedDB", "caches", "postMessage", "Worker"].filter((name) => name in globalThis))`
    )

    assert.deepStrictEqual(lines, ["log: []"])
  })

  it("takes types out", async () => {
    const { lines } = await play(
      `interface A { readonly x: number }\nenum E { a = 1 }\nabstract class B { declare y: string; constructor(readonly z: number) {} }\nconst f = <T,>(x: T): T => x satisfies T\nconsole.log(f<A>({ x: E.a }).x!, new (class extends B {})(2).z as unknown)`
    )

    assert.deepStrictEqual(lines, ["log: 1 2"])
  })
})
