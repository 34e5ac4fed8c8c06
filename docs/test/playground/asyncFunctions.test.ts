import { assert, beforeAll, describe, it } from "vitest"
import { asyncRuntime } from "../../playground/asyncRuntime.ts"
import { compile, compiledText } from "../../playground/compile.ts"
import { buildPlayground, runInPlayground } from "../../../packages/tools/docs/playground.ts"

const AsyncFunction = (async () => {}).constructor as new (
  ...args: ReadonlyArray<string>
) => (...given: ReadonlyArray<unknown>) => Promise<unknown>

/** What a program says by `say(...)`, as it is and rewritten. Each is given a list to say things to. */
const both = async (program: string) => {
  const run = async (begin: (say: (...values: ReadonlyArray<unknown>) => void) => Promise<unknown>) => {
    const said: Array<string> = []
    const say = (...values: ReadonlyArray<unknown>) => void said.push(values.map(String).join(" "))
    try {
      await begin(say)
    } catch (error) {
      say("thrown:", error)
    }
    return said
  }
  const native = await run((say) => new AsyncFunction("say", `"use strict";${program}`)(say))
  const rewritten = await run((say) => {
    Object.assign(globalThis, { say })
    return compile(program)(
      asyncRuntime,
      () => ({}),
      async () => ({})
    )
  })
  return { native, rewritten }
}

/** Another chain of microtasks beside the program: what it says shows how many microtasks an await takes. */
const ticking = (program: string) => `
  const ticks = (async () => { for (let n = 0; n < 30; n++) { await undefined; say("tick", n) } })()
  ${program}
  await ticks`

const programs: Readonly<Record<string, string>> = {
  "awaits values, promises and thenables in as many microtasks": ticking(`
    const thenable = { then: (resolve) => { say("asked"); resolve("thenable") } }
    say(await 1); say(await Promise.resolve(2)); say(await thenable)
    const f = async () => Promise.resolve("returned"); say(await f())
    const g = async () => thenable; say(await g())
    const h = async () => 3; say(await h())`),
  "catches and rethrows, with finally": ticking(`
    const f = async () => { try { await Promise.reject(new Error("a")) } catch (error) { say(error.message); throw new Error("b") } finally { await 1; say("finally") } }
    try { await f() } catch (error) { say(error.message) }
    const g = async () => { try { return await 1 } finally { say("left") } }
    say(await g())`),
  "has this, arguments, names and lengths": `
    const object = { name: "o", async method(a, b) { await 1; return [this.name, arguments.length, a, b].join() } }
    say(await object.method(1, 2, 3))
    async function plain(a, { b } = { b: 2 }, ...rest) { await 1; return [this, a, b, rest].join() }
    say(await plain(1), await plain(1, { b: 3 }, 4, 5), plain.name, plain.length)
    const arrow = async (x, y = x, ...z) => [x, y, z].join()
    say(await arrow(1), await arrow(1, 2, 3), arrow.name, arrow.length)
    const bare = async x => x; const literal = async () => ({ a: await 1 })
    say(await bare(5), (await literal()).a, bare.length)
    class A { static async s() { return await this.name } field = async () => { await 1; return this.value }; value = 7; async "quoted name"() { return await 8 } async [("com" + "puted")]() { return await 9 } }
    say(await A.s(), await new A().field(), await new A()["quoted name"](), await new A().computed())
    await (async function () { say(await this?.x) }).call({ x: 10 })`,
  "rejects where a parameter cannot be taken apart": `
    async function f({ a }) { return a }
    const promise = f(); say("called")
    await promise.catch((error) => say(error.constructor.name))`,
  "begins a line with await": `
    let x = 1
    await x
    say("a")
    await (async () => say("b"))()
    if (x) await x; else await 2
    for (const y of [1, 2]) await y
    do await x; while (x-- > 0)
    x = await 5 + await 6
    say(x)`,
  "calls methods of super": `
    class A { async m() { await 1; return "a" } }
    class B extends A { async m() { const inner = async () => await super.m(); return (await inner()) + "b" } }
    say(await new B().m())`,
  "loops by for await, over what is sync and async": ticking(`
    const closing = (n) => ({ [Symbol.asyncIterator]: () => ({ next: async () => ({ done: n <= 0, value: n-- }), return: async () => { say("closed"); return {} } }) })
    for await (const x of closing(2)) say(x)
    for await (const x of closing(3)) { if (x === 2) break; say(x) }
    outer: for await (const x of closing(2)) { for (const y of [1, 2]) { if (y === 2) continue outer; say(x, y) } }
    try { for await (const x of closing(2)) throw new Error("body") } catch (error) { say(error.message) }
    const f = async () => { for await (const x of closing(2)) return x }
    say(await f())
    for await (const x of [Promise.resolve(1), 2]) say(x)
    let given; for await (given of [3]) say(given)
    for await (const { a, b = 2 } of [{ a: 1 }]) say(a, b)
    try { for await (const x of 5) say(x) } catch (error) { say(error.constructor.name) }`),
  "makes async generators": `
    async function* count(n) { try { for (let i = 0; i < n; i++) { const got = yield i; if (got) say("got", got) } return "end" } finally { await 1; say("closed") } }
    for await (const x of count(3)) say(x)
    for await (const x of count(3)) { say(x); break }
    const g = count(2); say(JSON.stringify(await g.next()), JSON.stringify(await g.next("in")), JSON.stringify(await g.next()), JSON.stringify(await g.next()))
    const h = count(5); const all = await Promise.all([h.next(), h.next(), h.return("r"), h.next()]); say(JSON.stringify(all))
    const t = count(5); await t.next(); await t.throw(new Error("in")).catch((error) => say(error.message))
    async function* outer() { const r = yield* count(2); say("delegated", r); yield await Promise.resolve("last"); yield Promise.resolve("awaited") }
    for await (const x of outer()) say(x)
    for await (const x of outer()) { say(x); break }
    async function* failing() { yield 1; throw new Error("f") }
    try { for await (const x of failing()) say(x) } catch (error) { say(error.message) }
    const object = { async *[Symbol.asyncIterator]() { yield 1 } }
    for await (const x of object) say(x)`,
  "disposes of what it uses, in turn, and of errors": `
    const resource = (name, error) => ({ [Symbol.asyncDispose]: async () => { await 1; say("async", name); if (error) throw error }, [Symbol.dispose]: () => say("sync", name) })
    { await using a = resource("a"), b = resource("b"); using c = resource("c"); say("in") }
    const f = async () => { await using a = resource("f"); return "value" }
    say(await f())
    try { await using a = resource("g", new Error("disposal")); throw new Error("body") } catch (error) { say(error.name, error.error.message, error.suppressed.message) }
    { await using nothing = null; using none = undefined }
    for (const n of [1, 2]) { using each = resource(n); if (n === 1) continue; say("second") }
    try { await using wrong = {} } catch (error) { say(error.constructor.name) }`
}

describe("async functions written as generators", () => {
  for (const [name, program] of Object.entries(programs)) {
    it(name, async () => {
      const { native, rewritten } = await both(program)

      assert.isAbove(native.length, 0)
      assert.deepStrictEqual(rewritten, native)
    })
  }

  it("keep their lines", () => {
    const program = `const a = async (\n  x: number,\n  y?: string\n) => {\n  await x\n}\nfor await (\n  const b of\n  c\n) {\n  marked\n}\n`

    const lines = compiledText(program).split("\n")

    assert.match(lines[4]!, /yield x/)
    assert.match(lines[10]!, /marked/)
  })
})

describe("the current task in a browser", () => {
  beforeAll(buildPlayground, 60_000)

  const printed = async (program: string) => {
    const [ran] = await runInPlayground([
      `import * as asyncio from "@effect-asyncio/compat"\nconst name = () => asyncio.currentTask()?.getName()\n${program}`
    ])
    return ran!.lines.map(({ text }) => text)
  }

  it("is known behind every await, in functions that are called and in callbacks", async () => {
    const program = `
      const helper = async () => { await asyncio.sleep(5); await null; return name() }
      async function work() {
        await asyncio.sleep(1)
        console.log(name(), await helper(), await Promise.resolve().then(name), await Promise.all([helper(), helper()]))
        await new Promise((resolve) => setTimeout(resolve, 1))
        console.log(name())
        for await (const x of (async function* () { yield await helper() })()) console.log(x, name())
        try { await asyncio.sleep(1); throw new Error("x") } catch { await 1; console.log(name()) } finally { await 2; console.log(name()) }
        queueMicrotask(() => console.log("callback", name()))
      }
      await asyncio.run(async () => {
        const tasks = ["ada", "grace"].map((name) => asyncio.createTask(work, { name }))
        await tasks[0]
        await Promise.all(tasks)
        console.log(name())
      })
      console.log(name())`

    const lines = await printed(program)

    const of = (who: string) => [
      `${who} ${who} ${who} [ '${who}', '${who}' ]`,
      who,
      `${who} ${who}`,
      who,
      who,
      `callback ${who}`
    ]
    assert.sameMembers(lines, [...of("ada"), ...of("grace"), "Task-1", "undefined"])
  }, 60_000)

  it("is that of each of two tasks that alternate", async () => {
    const program = `
      const work = async () => { for (let n = 0; n < 2; n++) { await asyncio.sleep(1); console.log(name()) } }
      await asyncio.run(() => asyncio.gather([asyncio.createTask(work, { name: "a" }), asyncio.createTask(work, { name: "b" })]))`

    assert.deepStrictEqual(await printed(program), ["a", "b", "a", "b"])
  }, 60_000)
})
