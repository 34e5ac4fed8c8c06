import { type InvalidCase, inTask, type Report, testRule } from "./support.ts"

/** Lines of an async function that have to be flagged. */
const lines = (code: ReadonlyArray<string>, ...errors: ReadonlyArray<Report>): InvalidCase => ({
  code: inTask(...code.map((line) => `  ${line}`)),
  errors
})

const handed = (...code: ReadonlyArray<string>): { readonly handOver: string } => ({
  handOver: inTask(...code.map((line) => `  ${line}`))
})

testRule("no-closure-in-thread", {
  valid: {
    "a function that needs nothing from outside": inTask(
      "  await asyncio.toThread((n, step) => { const twice = (m) => m * step; return twice(n) }, 7, 2)",
      "  await asyncio.toThread(function sum(n) { return n === 0 ? 0 : n + sum(n - 1) }, 7)",
      "  await asyncio.toThread(() => JSON.parse(process.env.CONFIG ?? globalThis.fallback))",
      "  await asyncio.toThread(async (text) => (await import('marked')).parse(text), text)"
    ),
    "a function of a module": inTask(
      "  await asyncio.toThread({ module: new URL('./work.js', import.meta.url), name: 'work' }, input)"
    ),
    "a declared function, which goes with its name": `
      import { toThread } from "@effect-asyncio/compat"
      function sum(n) { return n === 0 ? 0 : n + sum(n - 1) }
      await toThread(sum, 7)`,
    "an imported function, of which the file says nothing": `
      import { toThread } from "@effect-asyncio/compat"
      import { hash } from "./hash.js"
      await toThread(hash, "secret")`,
    "a toThread of somebody else": `
      import { toThread } from "elsewhere"
      const step = 2
      await toThread((n) => n * step, 7)`,
    "functions that may be something else": inTask(
      "  let work = () => outer",
      "  await asyncio.toThread(work)",
      "  await asyncio.toThread(this.work)",
      "  await asyncio.toThread(other.work)",
      "  await asyncio.toThread()",
      "  await asyncio.createTask(() => work)"
    ),
    "its own this": inTask("  await asyncio.toThread(() => { class A { a = this } return new A() })"),
    "types, which are gone when it is sent": {
      typescript: true,
      code: `
        import { toThread } from "@effect-asyncio/compat"
        import type { Job } from "./job.ts"
        interface Result { readonly ok: boolean }
        const sample = { ok: true }
        await toThread((job: Job): Result => { const r: typeof sample = { ok: job.ok }; return r as Result }, job)`
    }
  },
  invalid: {
    "a variable around it": lines(["const step = 2", "await asyncio.toThread((n) => n * step, 7)"], {
      messageId: "closure",
      data: { name: "step" },
      line: 4,
      suggestions: handed("const step = 2", "await asyncio.toThread((n, step) => n * step, 7, step)")
    }),
    "a variable around a function without parameters": lines(
      ["const step = 2", "await asyncio.toThread(async () => step)"],
      {
        messageId: "closure",
        suggestions: handed("const step = 2", "await asyncio.toThread(async (step) => step, step)")
      }
    ),
    "a parameter that has no parentheses": lines(["const step = 2", "await asyncio.toThread(n => n * step, 7)"], {
      messageId: "closure",
      suggestions: handed("const step = 2", "await asyncio.toThread((n, step) => n * step, 7, step)")
    }),
    "such a one that is async": lines(["const step = 2", "await asyncio.toThread(async n => n * step, 7)"], {
      messageId: "closure",
      suggestions: handed("const step = 2", "await asyncio.toThread(async (n, step) => n * step, 7, step)")
    }),
    "an import": {
      code: `
        import { toThread } from "@effect-asyncio/compat"
        import { parse } from "marked"
        await toThread((text) => parse(text), text)`,
      errors: [{ messageId: "closure", data: { name: "parse" }, line: 4 }]
    },
    "compat itself": lines(["await asyncio.toThread(async () => { await asyncio.sleep(1) })"], {
      messageId: "closure",
      data: { name: "asyncio" }
    }),
    "each name once, in functions inside too": lines(
      ["const a = 1", "const b = () => 2", "await asyncio.toThread(() => [1].map(() => a + a + b()))"],
      {
        messageId: "closure",
        data: { name: "a" },
        suggestions: handed(
          "const a = 1",
          "const b = () => 2",
          "await asyncio.toThread((a) => [1].map(() => a + a + b()), a)"
        )
      },
      { messageId: "closure", data: { name: "b" } }
    ),
    "a variable that is set": lines(["let count = 0", "await asyncio.toThread(() => { count = 1 })"], {
      messageId: "closure",
      data: { name: "count" }
    }),
    "a constant function that calls itself, which has no name there": {
      code: `
        import { toThread } from "@effect-asyncio/compat"
        const sum = (n) => n === 0 ? 0 : n + sum(n - 1)
        await toThread(sum, 7)
        await toThread(sum, 8)`,
      errors: [{ messageId: "closure", data: { name: "sum" }, line: 3 }]
    },
    "a declared function that calls another one": {
      code: `
        import { toThread } from "@effect-asyncio/compat"
        const square = (n) => n * n
        function sum(n) { return square(n) }
        await toThread(sum, 7)`,
      errors: [{ messageId: "closure", data: { name: "square" }, line: 4 }]
    },
    "a pool of threads, and core": {
      code: `
        import { threadPool } from "@effect-asyncio/compat"
        import * as core from "@effect-asyncio/core"
        const toSlowThread = threadPool({ maxThreads: 2 })
        const step = 2
        const use = (...values) => values
        use(toSlowThread((...all) => all.map((n) => n * step), 7), core.toThread((n = 1) => n * step))`,
      errors: [
        { messageId: "closure", line: 7 },
        { messageId: "closure", line: 7 }
      ]
    },
    "the this of a method, and a method": {
      code: `
        import { toThread } from "@effect-asyncio/compat"
        class Counter {
          count = 1
          next() { return this.count }
          run() { return [toThread(() => this.count), toThread(this.next), toThread(this.next.bind(this))] }
        }`,
      errors: [
        { messageId: "closure", data: { name: "this" }, line: 6 },
        { messageId: "method", data: { name: "this.next" }, line: 6 },
        { messageId: "bound", data: { name: "this.next.bind(this)" }, line: 6 }
      ]
    },
    "a function as an argument": lines(["await asyncio.toThread((f, n) => f(n), (n) => 2 * n, 7)"], {
      messageId: "argument",
      line: 3
    }),
    "a variable in TypeScript": {
      typescript: true,
      code: `
        import { toThread } from "@effect-asyncio/compat"
        const step: number = 2
        await toThread((n: number) => n * (step as number), 7)`,
      errors: [
        {
          messageId: "closure",
          data: { name: "step" },
          suggestions: {
            handOver: `
        import { toThread } from "@effect-asyncio/compat"
        const step: number = 2
        await toThread((n: number, step) => n * (step as number), 7, step)`
          }
        }
      ]
    }
  }
})
