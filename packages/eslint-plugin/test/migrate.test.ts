/**
 * What `migrate` makes of a file, and what it leaves alone.
 */
import { assert, describe, it } from "vitest"
import { migrate } from "@effect-asyncio/eslint-plugin/migrate"

const head = `import * as asyncio from "@effect-asyncio/compat"\n`

/** The lines of an async function, moved; nothing may be left for a second run. */
const moved = (code: string, file = "a.ts"): string => {
  const { text } = migrate(file, code)
  assert.strictEqual(migrate(file, text).text, text, "a second run changes nothing")
  return text
}

const inside = (lines: string): string => `export const f = async () => {\n  ${lines}\n}\n`

const left = (code: string, file = "a.ts"): ReadonlyArray<string> => {
  const { left, text } = migrate(file, code)
  assert.strictEqual(text, code)
  return left.map(({ line, text }) => `${line} ${text}`)
}

const cases: Readonly<Record<string, readonly [before: string, after: string]>> = {
  "Promise.all of calls": [
    "return await Promise.all([a(), b(x)])",
    "return await asyncio.gather([() => a(), () => b(x)])"
  ],
  "Promise.all of promises that have begun": [
    "const one = a(); await Promise.all([one, new Promise(begin)])",
    "const one = a(); await asyncio.gather([one, new Promise(begin)])"
  ],
  "a call whose arguments change meanwhile": [
    "let n = 0; await Promise.all([a(n++), b(n), c(await d())])",
    "let n = 0; await asyncio.gather([a(n++), b(n), c(await d())])"
  ],
  "Promise.all of a map": ["await Promise.all(xs.map((x) => a(x)))", "await asyncio.gather(xs.map((x) => () => a(x)))"],
  "Promise.all of an async map": [
    "await Promise.all(xs.map(async x => { await a(x) }))",
    "await asyncio.gather(xs.map((x) => async () => { await a(x) }))"
  ],
  "Promise.all in one another": [
    "await Promise.all([a(), Promise.all([b(), c()])])",
    "await asyncio.gather([() => a(), asyncio.gather([() => b(), () => c()])])"
  ],
  "the type of the results": ["await Promise.all<[A, B]>([a(), b()])", "await asyncio.gather([() => a(), () => b()])"],
  "Promise.allSettled": [
    "const results = await Promise.allSettled([a(), b()])",
    "const results = await asyncio.gather([() => a(), () => b()], { returnExceptions: true })"
  ],
  "a race against time": [
    "await Promise.race([a(x), new Promise((_, reject) => setTimeout(() => reject(new Error('late')), 100))])",
    "await asyncio.timeout(100, () => a(x))"
  ],
  "a timer": ["await new Promise<void>((resolve) => setTimeout(resolve, 2 * ms))", "await asyncio.sleep(2 * ms)"],
  "a timer of Node's within what is moved": [
    "const { setTimeout } = await import('node:timers/promises'); await Promise.all([setTimeout(1), a()])",
    "const { setTimeout } = await import('node:timers/promises'); await asyncio.gather([() => asyncio.sleep(1), () => a()])"
  ],
  "a signal of the time": [
    "return (await fetch(url, { method: 'POST', signal: AbortSignal.timeout(5000) })).json()",
    "return (await fetch(url, { method: 'POST', signal: AbortSignal.any([asyncio.currentSignal(), AbortSignal.timeout(5000)]) })).json()"
  ],
  "a signal of the time that is a constant": [
    "const signal = AbortSignal.timeout(5000); await client.query(text, { signal })",
    "const signal = AbortSignal.timeout(5000); await client.query(text, { signal: AbortSignal.any([asyncio.currentSignal(), signal]) })"
  ],
  "a timer within what is moved": [
    "await Promise.all([a(), new Promise((r) => setTimeout(r, ms))])",
    "await asyncio.gather([() => a(), asyncio.sleep(ms)])"
  ]
}

describe("migrate", () => {
  it.each(Object.entries(cases))("moves %s", (_, [before, after]) => {
    assert.strictEqual(moved(inside(before)), head + inside(after))
  })

  it("moves a helper, and with it the imports that nothing uses any more", () => {
    const before = [
      `import { promisify } from "node:util"`,
      `import { setTimeout as pause, setInterval } from "node:timers/promises"`,
      `import pLimit from "p-limit"`,
      ``,
      `const delay = (ms) => new Promise((resolve) => setTimeout(resolve, ms))`,
      `const limit = pLimit({ concurrency: 2 })`,
      `async function f() {`,
      `  await pause(10) // a while`,
      `  await limit(load, 1, 2)`,
      `  await limit(() => pause(1, "x"))`,
      `}`,
      ``
    ]
    const after = [
      `import { promisify } from "node:util"`,
      `import { setInterval } from "node:timers/promises"`,
      `import * as asyncio from "@effect-asyncio/compat"`,
      ``,
      `const delay = (ms) => asyncio.sleep(ms)`,
      `const limit = new asyncio.Semaphore(2)`,
      `async function f() {`,
      `  await asyncio.sleep(10) // a while`,
      `  await limit.use(() => load(1, 2))`,
      `  await limit.use(() => asyncio.sleep(1, "x"))`,
      `}`,
      ``
    ]
    assert.strictEqual(moved(before.join("\n"), "a.js"), after.join("\n"))
  })

  it("moves mutexes and queues whose uses it all knows, also in private fields", () => {
    const before = [
      `import { Mutex, Semaphore } from 'async-mutex';`,
      `import PQueue from 'p-queue';`,
      `class Store {`,
      `  #mutex = new Mutex(); // guards the file`,
      `  private readonly places = new Semaphore(3);`,
      `  private queue = new PQueue({ concurrency: 1 });`,
      `  async save() {`,
      `    if (this.#mutex.isLocked()) await this.places.runExclusive(async () => {});`,
      `    await this.queue.add(() => 1);`,
      `    return this.#mutex.runExclusive(async () => 1);`,
      `  }`,
      `}`,
      ``
    ]
    const after = [
      `import * as asyncio from '@effect-asyncio/compat';`,
      `class Store {`,
      `  #mutex = new asyncio.Lock(); // guards the file`,
      `  private readonly places = new asyncio.Semaphore(3);`,
      `  private queue = new asyncio.Semaphore(1);`,
      `  async save() {`,
      `    if (this.#mutex.locked()) await this.places.use(async () => {});`,
      `    await this.queue.use(() => 1);`,
      `    return this.#mutex.use(async () => 1);`,
      `  }`,
      `}`,
      ``
    ]
    assert.strictEqual(moved(before.join("\n")), after.join("\n"))
  })

  it("gives signals that are handed through a default, so that both worlds can call", () => {
    const before = [
      `export async function load(url: string, signal?: AbortSignal) { return fetch(url, { signal }) }`,
      `const get = signal => fetch("/", { signal })`,
      `const post = ({ signal, url }: Options = {}) => fetch(url, { signal })`,
      `class Client { get(url: string, stop: AbortSignal | undefined): void {} }`,
      `tasks.each((signal) => fetch("/", { signal }))`,
      ``
    ]
    const after = [
      `import * as asyncio from "@effect-asyncio/compat"`,
      `export async function load(url: string, signal: AbortSignal = asyncio.currentSignal()) { return fetch(url, { signal }) }`,
      `const get = (signal = asyncio.currentSignal()) => fetch("/", { signal })`,
      `const post = ({ signal = asyncio.currentSignal(), url }: Options = {}) => fetch(url, { signal })`,
      `class Client { get(url: string, stop: AbortSignal | undefined = asyncio.currentSignal()): void {} }`,
      `tasks.each((signal) => fetch("/", { signal }))`,
      ``
    ]
    assert.strictEqual(moved(before.join("\n")), after.join("\n"))
  })

  it("writes in the file's own style: its modules, its directives, its ends of lines, its mark at the beginning", () => {
    const timer = "await new Promise((r) => setTimeout(r, 5))"
    assert.strictEqual(
      moved(`\uFEFF"use strict";\r\nconst fs = require('fs');\r\nasync function f() { ${timer}; }\r\n`, "a.js"),
      `\uFEFF"use strict";\r\nconst fs = require('fs');\r\nconst asyncio = require('@effect-asyncio/compat');\r\nasync function f() { await asyncio.sleep(5); }\r\n`
    )
    assert.strictEqual(
      moved(`#!/usr/bin/env node\n"use client"\nexport const f = async () => <a>{${timer}}</a>\n`, "a.jsx"),
      `#!/usr/bin/env node\n"use client"\n${head}export const f = async () => <a>{await asyncio.sleep(5)}</a>\n`
    )
    assert.strictEqual(
      moved(`import * as aio from "@effect-asyncio/compat"\nexport const f = async () => { ${timer} }`),
      `import * as aio from "@effect-asyncio/compat"\nexport const f = async () => { await aio.sleep(5) }`
    )
    assert.strictEqual(
      moved(`const asyncio = 1\nexport const f = async () => { ${timer} }`),
      `import * as effectAsyncio from "@effect-asyncio/compat"\nconst asyncio = 1\nexport const f = async () => { await effectAsyncio.sleep(5) }`
    )
  })

  it("puts the import where the only one stood that is no more", () => {
    assert.strictEqual(
      moved(`// a\nimport pLimit from "p-limit"\n\nconst limit = pLimit(1)\n`),
      `// a\nimport * as asyncio from "@effect-asyncio/compat"\n\nconst limit = new asyncio.Semaphore(1)\n`
    )
  })

  it("says what stands here for a pool, a list of waiters, Promise.any and AbortSignal.any", () => {
    const code = [
      `import * as asyncio from "@effect-asyncio/compat"`,
      `const waiting = []`,
      `export const f = async (signal) => {`,
      `  await Promise.all(Array.from({ length: 5 }, () => worker()))`,
      `  await new Promise((resolve) => waiting.push(resolve))`,
      `  await new Promise((resolve) => { waiting.push({ resolve, at: 1 }) })`,
      `  await new Promise((resolve) => socket.once("close", resolve))`,
      `  await Promise.any([a(), b()])`,
      `  await get({ signal: AbortSignal.any([stopped, other]) })`,
      `  await get({ signal: AbortSignal.any([stopped, asyncio.currentSignal()]) })`,
      `}`,
      ``
    ]
    const found = migrate("a.ts", code.join("\n")).leftNow.map(({ line, text }) => `${line} ${text.split(/[:,]/)[0]}`)
    assert.deepStrictEqual(
      found.filter((each) => !each.endsWith(" Promise.all")),
      ["4 a pool of workers", "5 a list of waiters", "6 a list of waiters", "8 Promise.any", "9 AbortSignal.any"]
    )
  })

  it("says where it left something alone, and why", () => {
    const code = [
      `import pLimit from "p-limit"`,
      `import PQueue from "p-queue"`,
      `import { Mutex } from "async-mutex"`,
      `export const limit = pLimit(1)`,
      `const other = pLimit(1)`,
      `const queue = new PQueue({ interval: 1 })`,
      `const jobs = new PQueue({ concurrency: 1 })`,
      `const mutex = new Mutex()`,
      `const f = async (list) => {`,
      `  log(other.activeCount)`,
      `  jobs.add(() => 1)`,
      `  const release = await mutex.acquire()`,
      `  await Promise.all(list)`,
      `  await Promise.all([list, a()])`,
      `  await Promise.all([...list])`,
      `  await Promise.race([a(), b()])`,
      `  Promise.all([a()]).then(log)`,
      `  await new Promise((resolve) => { id = setTimeout(resolve, 10) })`,
      `  await new Promise((r) => setTimeout(r, /* a second */ 1000))`,
      `  const controller = new AbortController()`,
      `}`,
      `await Promise.all([a()])`,
      ``
    ]
    assert.deepStrictEqual(
      left(code.join("\n")).map((line) => line.split(/[:;,]/)[0] + (/: ([^;]*)/.exec(line)?.[1] ?? "")),
      [
        "4 p-limitit is exported, and other files use it as it is",
        "6 p-queueonly a concurrency has a counterpart",
        "10 p-limitit is used for more than calls",
        "11 p-queuenobody awaits what is added: use a `Queue` with workers in a task group",
        "12 async-mutex`acquire` has another shape here: write `using held = await lock.hold()`",
        "13 Promise.allnothing here says that each of the list is a promise",
        "14 Promise.allnothing here says that `list` is a promise",
        "15 Promise.allnot every element stands there",
        "16 Promise.racesomebody has to cancel who loses",
        "17 Promise.all is not awaited here`gather` gives a future, whose owner must be able to cancel it",
        "18 a promise that does more than wait for a timer`sleep`, `timeout` or `abortable`, as it is meant",
        "19 a timer in a promisea comment would be lost",
        "20 an AbortControllerwhere it stops work of this program, keep the task and `cancel()` it",
        "22 Promise.all stands outside of every function"
      ]
    )
  })
})
