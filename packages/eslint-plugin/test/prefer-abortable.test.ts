import { type InvalidCase, inTask, testRule } from "./support.ts"

/** A line that is flagged in a function that nothing says is a task: it gets a suggestion. */
const suggested = (
  before: string,
  messageId: string,
  suggestions: Readonly<Record<string, string>> = {}
): InvalidCase => ({
  code: inTask(`  ${before}`),
  errors: [
    {
      messageId,
      line: 3,
      suggestions: Object.fromEntries(Object.entries(suggestions).map(([id, text]) => [id, inTask(`  ${text}`)]))
    }
  ]
})

const inRun = (code: string): string =>
  `import * as asyncio from "@effect-asyncio/compat"\nasyncio.run(async () => {\n  ${code}\n})`

/** A line that is flagged in a function known to be a task: it is fixed. */
const fixed = (before: string, after: string, messageId = "timer"): InvalidCase => ({
  code: inRun(before),
  output: inRun(after),
  errors: [{ messageId, line: 3 }]
})

/** The same, with imports of Node's. */
const withImports = (imports: string, { code, errors, output }: InvalidCase): InvalidCase => {
  const add = (text: string): string => `${imports}\n${text}`
  return {
    code: add(code),
    ...(output === undefined ? {} : { output: add(output) }),
    errors: errors.map(({ suggestions, ...error }) => ({
      ...error,
      ...(error.line === undefined ? {} : { line: error.line + 1 }),
      suggestions: Object.fromEntries(Object.entries(suggestions ?? {}).map(([id, text]) => [id, add(text)]))
    }))
  }
}

// One of each that takes a signal.
const libraries = [
  `import * as asyncio from "@effect-asyncio/compat"`,
  `import axios from "axios"`,
  `import got from "got"`,
  `import { request, Pool } from "undici"`,
  `import { pipeline } from "node:stream/promises"`,
  `import { exec, execFile } from "node:child_process"`,
  `import { promisify } from "node:util"`,
  `import { createInterface } from "node:readline/promises"`,
  `import { setInterval } from "node:timers/promises"`,
  `import pRetry from "p-retry"`,
  `import asyncRetry from "async-retry"`,
  `import { retry, handleAll } from "cockatiel"`,
  `import delay from "delay"`,
  ``
].join("\n")

/** A line that waits for a library without a signal, and what it becomes in a task. */
const library = (before: string, after: string, messageId = "noSignal"): InvalidCase => ({
  code: `${libraries}asyncio.run(async () => {\n  ${before}\n})`,
  output: `${libraries}asyncio.run(async () => {\n  ${after}\n})`,
  errors: [{ messageId }]
})

const signal = "{ signal: asyncio.currentSignal() }"

const wait = "new Promise((resolve) => setTimeout(resolve, ms))"

testRule("prefer-abortable", {
  valid: {
    "a file that does not import compat": `const f = async () => { await ${wait}; await fetch(url) }`,
    "types only": {
      typescript: true,
      code: `import type { Task } from "@effect-asyncio/compat"\nconst f = async () => { await fetch(url) }`
    },
    "the top level, which is no task": `import * as asyncio from "@effect-asyncio/compat"\nawait ${wait}\nawait fetch(url)`,
    sleep: inTask("  await asyncio.sleep(ms)"),
    abortable: inTask("  await asyncio.abortable(new Promise((resolve) => emitter.on('x', resolve)))"),
    "a promise that is not awaited here": inTask(
      "  return { promise: new Promise((resolve) => emitter.on('x', resolve)) }"
    ),
    "a promise that looks at a signal": inTask(
      "  await new Promise((resolve) => signal.addEventListener('abort', resolve))"
    ),
    "another Promise": inTask(
      "  const Promise = Bluebird",
      "  await new Promise((resolve) => setTimeout(resolve, ms))"
    ),
    "fetch with a signal": inTask("  await fetch(url, { signal: asyncio.currentSignal() })"),
    "fetch with a signal of the time and of the task": inTask(
      "  await fetch(url, { signal: AbortSignal.any([asyncio.currentSignal(), AbortSignal.timeout(5)]) })"
    ),
    "a signal of another kind": inTask(
      "  await fetch(url, { signal: controller.signal })",
      "  await fetch(url, { signal: signals.timeout(5) })",
      "  listen(url, { signal: AbortSignal.timeout(5) })"
    ),
    "fetch with options from elsewhere": inTask(
      "  await fetch(url, options)",
      "  await fetch(url, { ...options })",
      "  await fetch(...args)",
      "  await fetch(new Request(url, { signal }))"
    ),
    "another fetch": inTask("  const { fetch } = client", "  await fetch(url)", "  await client.fetch(url)"),
    "a fetch that is given to compat": inTask("  await asyncio.waitFor(fetch(url), 1000)"),
    "a fetch whose promise is kept": inTask("  const answer = fetch(url)", "  answer.finally(log)"),
    "a fetch in a function that is not async": inTask("  return names.map(function (name) { return fetch(name) })"),
    "once with a signal": `
      import * as asyncio from "@effect-asyncio/compat"
      import { once } from "node:events"
      const f = async () => { await once(emitter, "x", { signal }) }`,
    "a loop that does not wait": `
      import * as asyncio from "@effect-asyncio/compat"
      import { on } from "node:events"
      const f = async () => { for (const x of on(emitter, "x")) log(x) }`,
    "once of another module": `
      import * as asyncio from "@effect-asyncio/compat"
      import { once } from "lodash"
      const f = async () => { await once(emitter, "x") }`,
    "a timer of Node's with options": `
      import * as asyncio from "@effect-asyncio/compat"
      import { setTimeout } from "node:timers/promises"
      const f = async () => { await setTimeout(1, undefined, { signal }); await setTimeout(...args) }`,
    "a timer with a callback": inTask("  setTimeout(() => log(), 10)"),
    "Promise.all": inTask("  await Promise.all([step(), asyncio.sleep(1)])"),
    "a race without a deadline": inTask(
      "  await Promise.race([one(), two()])",
      "  await Promise.race(all)",
      "  await Promise.race([step(), this.other, choose()()])"
    ),
    "promises that come at once": inTask(
      "  await new Promise(setImmediate)",
      "  await new Promise((resolve) => setImmediate(resolve))",
      "  await new Promise((resolve) => process.nextTick(resolve))",
      "  await new Promise((resolve) => server.listen(0, resolve))"
    ),
    "a server that begins to listen": `
      import * as asyncio from "@effect-asyncio/compat"
      import { once } from "node:events"
      const f = async () => { await once(server, "listening") }`,
    "calls that have a signal": `${libraries}
      const f = async () => {
        await axios.get(url, { signal })
        await axios({ url, signal })
        await axios(config)
        await axios.post(url, data, options)
        await got(url, { signal }).json()
        await request(url, { signal })
        await pipeline(source, sink, { signal })
        await pipeline(source, sink, options)
        await promisify(exec)("ls", { signal })
        await pRetry(step, { signal })
        await retry(step).execute(step, signal)
        await asyncRetry(async (bail) => step().catch((error) => { if (asyncio.isCancelled(error)) bail(error); throw error }))
        await axios.isAxiosError(error)
        await axios["interceptors"].use(step)
        for await (const line of createInterface({ input, signal })) log(line)
      }`,
    "calls that nobody waits for": `${libraries}
      const f = async () => { axios.get(url); const lines = createInterface({ input }); lines.on("line", log) }`,
    "a race of values that may be anything": inTask("  await Promise.race([one(), two()])"),
    "a function of another file, of which nothing is known": `
      import * as asyncio from "@effect-asyncio/compat"
      import { delay } from "./delay.js"
      const f = async () => { await delay(10) }`,
    "a helper that does more": inTask(
      "  const delay = async (ms) => { log(ms); await asyncio.sleep(ms) }",
      "  await delay(1)"
    )
  },

  invalid: {
    "a signal of the time": suggested("await fetch(url, { method, signal: AbortSignal.timeout(5) })", "timeSignal", {
      addSignal:
        "await fetch(url, { method, signal: AbortSignal.any([asyncio.currentSignal(), AbortSignal.timeout(5)]) })"
    }),
    "a signal of the time in a task": fixed(
      "const signal = AbortSignal.timeout(5); return (await client.query({ text, signal })).rows",
      "const signal = AbortSignal.timeout(5); return (await client.query({ text, signal: AbortSignal.any([asyncio.currentSignal(), signal]) })).rows",
      "timeSignal"
    ),
    "a timer": fixed(`await ${wait}`, "await asyncio.sleep(ms)"),
    "a timer in a block": fixed("await new Promise((r) => { setTimeout(r, 2 * ms) })", "await asyncio.sleep(2 * ms)"),
    "a timer that is returned": fixed(
      "return new Promise((r) => { return setTimeout(r, ms) })",
      "return asyncio.sleep(ms)"
    ),
    "a timer with void": fixed("await new Promise((r) => void setTimeout(r, ms))", "await asyncio.sleep(ms)"),
    "a timer with a function": fixed(
      "await new Promise(function (r) { globalThis.setTimeout(() => { r() }, ms) })",
      "await asyncio.sleep(ms)"
    ),
    "a timer without a time": fixed("await new Promise((r) => setTimeout(r))", "await asyncio.sleep(0)"),
    "a timer with a value and without a time": fixed(
      "const x = await new Promise((r) => setTimeout(() => r(1)))",
      "const x = await asyncio.sleep(0, 1)"
    ),
    "a timer with a time of the object": fixed(
      "await new Promise((r) => setTimeout(r, this.ms))",
      "await asyncio.sleep(this.ms)"
    ),
    "a timer with a value": fixed(
      'const x = await new Promise((r) => setTimeout(r, ms, "x"))',
      'const x = await asyncio.sleep(ms, "x")'
    ),
    "a timer that resolves with a value": fixed(
      'const x = await new Promise((r) => setTimeout(() => r("x"), ms))',
      'const x = await asyncio.sleep(ms, "x")'
    ),
    "a timer in a chain": fixed(`await ${wait}.then(log)`, "await asyncio.sleep(ms).then(log)"),
    "a timer among others": fixed(
      `await Promise.all([step(), ${wait}])`,
      "await Promise.all([step(), asyncio.sleep(ms)])"
    ),
    "a timer in a branch": fixed(`await (slow ? ${wait} : undefined)`, "await (slow ? asyncio.sleep(ms) : undefined)"),
    "a timer behind a condition": fixed(`await (slow && ${wait})`, "await (slow && asyncio.sleep(ms))"),
    "a timer with types": {
      ...fixed(
        "await (new Promise<void>((resolve: () => void) => setTimeout(resolve, ms)) as Promise<void>)",
        "await (asyncio.sleep(ms) as Promise<void>)"
      ),
      typescript: true
    },
    "a timer where nothing says that it is a task": suggested(`await ${wait}`, "timer", {
      replace: "await asyncio.sleep(ms)"
    }),
    "a timer with a comment": {
      code: inRun("await new Promise((r) => setTimeout(r /* later */, ms))"),
      errors: [{ messageId: "timer", suggestions: { replace: inRun("await asyncio.sleep(ms)") } }]
    },
    "a timer in a function that waits for compat": {
      code: inTask("  await asyncio.sleep(1)", `  await ${wait}`),
      output: inTask("  await asyncio.sleep(1)", "  await asyncio.sleep(ms)"),
      errors: [{ messageId: "timer", line: 4 }]
    },
    "a timer in a function that becomes a task": {
      code: `import { createTask } from "@effect-asyncio/compat"\nasync function work() { await ${wait} }\nexport const task = createTask(work)`,
      output: `import { createTask, sleep } from "@effect-asyncio/compat"\nasync function work() { await sleep(ms) }\nexport const task = createTask(work)`,
      errors: [{ messageId: "timer", line: 2 }]
    },
    "a timer in a constant that becomes a task of a group": {
      code: `import { sleep as nap } from "@effect-asyncio/compat"\nconst work = async () => { await ${wait} }\nexport const start = (tg) => tg.createTask(work)`,
      output: `import { sleep as nap } from "@effect-asyncio/compat"\nconst work = async () => { await nap(ms) }\nexport const start = (tg) => tg.createTask(work)`,
      errors: [{ messageId: "timer", line: 2 }]
    },
    "an arrow function that is a timer": {
      code: `import * as asyncio from "@effect-asyncio/compat"\nexport const tasks = names.map((ms) => asyncio.createTask(async () => ${wait}))`,
      output: `import * as asyncio from "@effect-asyncio/compat"\nexport const tasks = names.map((ms) => asyncio.createTask(async () => asyncio.sleep(ms)))`,
      errors: [{ messageId: "timer" }]
    },
    "two timers, with an import to add": {
      code: `import { run } from "@effect-asyncio/compat"\nrun(async () => {\n  await ${wait}\n  await ${wait}\n})`,
      output: `import { run, sleep } from "@effect-asyncio/compat"\nrun(async () => {\n  await sleep(ms)\n  await ${wait}\n})`,
      errors: [{ messageId: "timer" }, { messageId: "timer" }]
    },
    "a name that is taken": {
      code: `import { run } from "@effect-asyncio/compat"\nimport { setTimeout as sleep } from "node:timers/promises"\nrun(async () => { await sleep(5) })`,
      output: `import { run, sleep as asyncioSleep } from "@effect-asyncio/compat"\nimport { setTimeout as sleep } from "node:timers/promises"\nrun(async () => { await asyncioSleep(5) })`,
      errors: [{ messageId: "nodeTimer" }]
    },
    "a timer of Node's": withImports(
      `import { setTimeout } from "timers/promises"`,
      fixed("await setTimeout(ms, 'x')", "await asyncio.sleep(ms, 'x')", "nodeTimer")
    ),
    "a timer of Node's by a path": withImports(
      `import timers, { scheduler } from "node:timers/promises"`,
      fixed("await timers.setTimeout()", "await asyncio.sleep(0)", "nodeTimer")
    ),
    "the scheduler of Node's": withImports(
      `import { scheduler } from "node:timers/promises"`,
      fixed("await scheduler.wait(ms)", "await asyncio.sleep(ms)", "nodeTimer")
    ),
    "a helper": {
      code: inTask(`  const delay = (ms) => ${wait}`, "  await delay(10)", "  await delay(10, 'x')"),
      errors: [
        {
          messageId: "helper",
          line: 4,
          suggestions: {
            replace: inTask(`  const delay = (ms) => ${wait}`, "  await asyncio.sleep(10)", "  await delay(10, 'x')")
          }
        },
        { messageId: "helper", line: 5 }
      ]
    },
    "a helper that is a function": {
      code: inRun(`await delay(10)\n})\nasync function delay(ms) { await ${wait} }\nvoid ({`),
      output: inRun(`await asyncio.sleep(10)\n})\nasync function delay(ms) { await ${wait} }\nvoid ({`),
      errors: [
        { messageId: "helper", line: 3 },
        {
          messageId: "timer",
          line: 5,
          suggestions: {
            replace: inRun(`await delay(10)\n})\nasync function delay(ms) { await asyncio.sleep(ms) }\nvoid ({`)
          }
        }
      ]
    },
    "a helper whose time is not the only thing it is given": {
      code: inTask("  const delay = (label, ms) => new Promise((r) => setTimeout(r, ms))", "  await delay('x')"),
      errors: [{ messageId: "helper", line: 4 }]
    },
    "a helper of a fixed time": {
      code: inTask("  const pause = () => new Promise((r) => setTimeout(r, 100))", "  await pause()"),
      errors: [{ messageId: "helper", line: 4 }]
    },
    fetch: suggested("await fetch(url)", "fetch", {
      addSignal: "await fetch(url, { signal: asyncio.currentSignal() })"
    }),
    "fetch with options": suggested("await fetch(url, { method: 'POST' })", "fetch", {
      addSignal: "await fetch(url, { method: 'POST', signal: asyncio.currentSignal() })"
    }),
    "fetch with empty options": suggested("await fetch(url, {})", "fetch", {
      addSignal: "await fetch(url, { signal: asyncio.currentSignal() })"
    }),
    "fetch in a chain": suggested("await fetch(url).then((answer) => answer.json())", "fetch", {
      addSignal: "await fetch(url, { signal: asyncio.currentSignal() }).then((answer) => answer.json())"
    }),
    "fetch in parentheses": suggested("const data = await (await globalThis.fetch(url)).json()", "fetch", {
      addSignal: "const data = await (await globalThis.fetch(url, { signal: asyncio.currentSignal() })).json()"
    }),
    "fetch among others": suggested("await Promise.all([fetch(url), step()])", "fetch", {
      addSignal: "await Promise.all([fetch(url, { signal: asyncio.currentSignal() }), step()])"
    }),
    "fetch with currentSignal to import": {
      code: `import { sleep } from "@effect-asyncio/compat"\nconst load = async (url) => fetch(url)`,
      errors: [
        {
          messageId: "fetch",
          suggestions: {
            addSignal: `import { sleep, currentSignal } from "@effect-asyncio/compat"\nconst load = async (url) => fetch(url, { signal: currentSignal() })`
          }
        }
      ]
    },
    once: withImports(
      `import { once } from "node:events"`,
      suggested("const [x] = await once(emitter, 'x')", "once", {
        addSignal: "const [x] = await once(emitter, 'x', { signal: asyncio.currentSignal() })"
      })
    ),
    "once of the class": withImports(
      `import EventEmitter from "events"`,
      suggested("await EventEmitter.once(emitter, 'x', {})", "once", {
        addSignal: "await EventEmitter.once(emitter, 'x', { signal: asyncio.currentSignal() })"
      })
    ),
    on: withImports(
      `import * as events from "node:events"`,
      suggested("for await (const [x] of events.on(emitter, 'x')) log(x)", "on", {
        addSignal: "for await (const [x] of events.on(emitter, 'x', { signal: asyncio.currentSignal() })) log(x)"
      })
    ),
    "a timer in a script, where nothing can be imported": {
      sourceType: "script",
      code: `const f = async () => { const { run } = await import("@effect-asyncio/compat"); await ${wait}; await fetch(url) }`,
      errors: [{ messageId: "timer" }, { messageId: "fetch" }]
    },
    "a function without a name": {
      code: `import * as asyncio from "@effect-asyncio/compat"\nexport default async function () { await ${wait} }`,
      errors: [
        {
          messageId: "timer",
          suggestions: {
            replace: `import * as asyncio from "@effect-asyncio/compat"\nexport default async function () { await asyncio.sleep(ms) }`
          }
        }
      ]
    },
    "a timer of node:timers": withImports(
      `import { setTimeout } from "node:timers"`,
      fixed(`await ${wait}`, "await asyncio.sleep(ms)")
    ),
    ...Object.fromEntries(
      [
        "() => setTimeout(f, ms)",
        "(r) => setTimeout(...args)",
        "(r) => setTimeout()",
        "(r) => setTimeout(r, ms, one, two)",
        "(r) => setTimeout(r, ms, r)",
        "(r) => setTimeout(r, r)",
        "(r) => setTimeout(() => r(), ms, one)",
        "(r) => setTimeout(() => r(1, 2), ms)",
        "(r) => setTimeout((x) => r(), ms)",
        "(r) => setTimeout(f, ms)",
        "async (r) => setTimeout(r, ms)",
        "function (r) { setTimeout(r, this.ms) }",
        "function (r) { setTimeout(r, ms, arguments) }"
      ].map((executor) => [
        `no timer: ${executor}`,
        suggested(`await new Promise(${executor})`, "promise", {
          replace: `await asyncio.abortable(new Promise(${executor}))`
        })
      ])
    ),
    "another promise": suggested("await new Promise((resolve) => emitter.on('x', resolve))", "promise", {
      replace: "await asyncio.abortable(new Promise((resolve) => emitter.on('x', resolve)))"
    }),
    "a promise of a function": suggested("await new Promise(executor)", "promise", {
      replace: "await asyncio.abortable(new Promise(executor))"
    }),
    "a timer that fails": suggested("await new Promise((_, reject) => setTimeout(reject, ms))", "promise", {
      replace: "await asyncio.abortable(new Promise((_, reject) => setTimeout(reject, ms)))"
    }),
    "a timer that computes": suggested("await new Promise((r) => setTimeout(() => r(read()), ms))", "promise", {
      replace: "await asyncio.abortable(new Promise((r) => setTimeout(() => r(read()), ms)))"
    }),
    "a timer that does more": suggested("await new Promise((r) => { log(); setTimeout(r, ms) })", "promise", {
      replace: "await asyncio.abortable(new Promise((r) => { log(); setTimeout(r, ms) }))"
    }),
    "axios by a method": library("await axios.get(url)", `await axios.get(url, ${signal})`),
    "axios with data": library("await axios.post(url, data)", `await axios.post(url, data, ${signal})`),
    "axios with a configuration": library(
      "await axios({ url })",
      "await axios({ url, signal: asyncio.currentSignal() })"
    ),
    "axios with a url": library("await axios('/a')", `await axios('/a', ${signal})`),
    "a client of axios": library(
      "const client = axios.create({ baseURL }); await client.get(url)",
      `const client = axios.create({ baseURL }); await client.get(url, ${signal})`
    ),
    got: library("const text = await got('/a').text()", `const text = await got('/a', ${signal}).text()`),
    "got by a method": library("await got.post(url, {})", `await got.post(url, ${signal})`),
    "an extended got": library(
      "const http = got.extend({ prefixUrl }); await http('a').json()",
      `const http = got.extend({ prefixUrl }); await http('a').json()`.replace("'a')", `'a', ${signal})`)
    ),
    "request of undici": library("await request(url)", `await request(url, ${signal})`),
    "a pool of undici": library(
      "const pool = new Pool(url); await pool.request({ path: '/' })",
      "const pool = new Pool(url); await pool.request({ path: '/', signal: asyncio.currentSignal() })"
    ),
    pipeline: library("await pipeline(source, sink)", `await pipeline(source, sink, ${signal})`),
    "pipeline with options": library(
      "await pipeline(source, sink, { end: false })",
      "await pipeline(source, sink, { end: false, signal: asyncio.currentSignal() })"
    ),
    exec: library(
      "const run = promisify(exec); await run('ls')",
      `const run = promisify(exec); await run('ls', ${signal})`
    ),
    "execFile with arguments": library(
      "await promisify(execFile)('ls', ['-l'])",
      `await promisify(execFile)('ls', ['-l'], ${signal})`
    ),
    "a question": library(
      "const rl = createInterface({ input, signal }); await rl.question('?')",
      `const rl = createInterface({ input, signal }); await rl.question('?', ${signal})`
    ),
    "the lines of a stream": library(
      "const rl = createInterface({ input }); for await (const line of rl) log(line)",
      "const rl = createInterface({ input, signal: asyncio.currentSignal() }); for await (const line of rl) log(line)"
    ),
    "an interval": library(
      "for await (const _ of setInterval(10, 0)) log()",
      `for await (const _ of setInterval(10, 0, ${signal})) log()`
    ),
    "p-retry": library(
      "await pRetry(step, { retries: 2 })",
      "await pRetry(step, { retries: 2, signal: asyncio.currentSignal() })",
      "retry"
    ),
    "a policy of cockatiel": library(
      "const policy = retry(handleAll, {}); await policy.execute(step)",
      "const policy = retry(handleAll, {}); await policy.execute(step, asyncio.currentSignal())",
      "retry"
    ),
    "async-retry, which takes no signal": {
      code: `${libraries}asyncio.run(async () => {\n  await asyncRetry(step)\n})`,
      errors: [{ messageId: "retryBlind", data: { name: "asyncRetry" } }]
    },
    "setTimeout made a promise": library(
      "const nap = promisify(setTimeout); await nap(10)",
      "const nap = promisify(setTimeout); await asyncio.sleep(10)",
      "helper"
    ),
    "the package delay": library("await delay(10)", "await asyncio.sleep(10)", "helper"),
    "a request in a cleanup, where the signal may be over": {
      code: inRun("try { await step() } finally { await fetch(url) }"),
      errors: [
        {
          messageId: "fetch",
          suggestions: {
            addSignal: inRun(`try { await step() } finally { await fetch(url, ${signal}) }`)
          }
        }
      ]
    },
    "a file without compat, where all files run in tasks": {
      allFiles: true,
      code: `"use strict"\nconst load = (url) => fetch(url)\nconst f = async () => { await ${wait} }`,
      output: `"use strict"\nimport { currentSignal } from "@effect-asyncio/compat"\nconst load = (url) => fetch(url, { signal: currentSignal() })\nconst f = async () => { await ${wait} }`,
      errors: [{ messageId: "fetch" }, { messageId: "timer" }]
    },
    "a file with other imports, where all files run in tasks": {
      allFiles: true,
      code: `import a from "a"\nimport b from "b";\nconst f = async () => { await ${wait} }`,
      output: `import a from "a"\nimport b from "b";\nimport { sleep } from "@effect-asyncio/compat"\nconst f = async () => { await sleep(ms) }`,
      errors: [{ messageId: "timer" }]
    },
    "a race of tasks": suggested("await Promise.race([asyncio.createTask(one), two()])", "raceTasks"),
    "a race of variables": {
      code: inTask(
        "  const queue = new asyncio.Queue()",
        "  const task = asyncio.createTask(one)",
        "  await Promise.race([task, other])",
        "  await Promise.race([queue.get(), other])"
      ),
      errors: [
        { messageId: "raceTasks", line: 5 },
        { messageId: "raceTasks", line: 6 }
      ]
    },
    "a race with a timer that rejects": suggested(
      "await Promise.race([step(), new Promise((_, reject) => setTimeout(() => reject(new Error('late')), 1000))])",
      "race",
      { replace: "await asyncio.waitFor(step(), 1000)" }
    ),
    "a race with a timer that rejects at once": suggested(
      "await Promise.race([new Promise((_, reject) => setTimeout(reject, ms)), step()])",
      "race",
      { replace: "await asyncio.waitFor(step(), ms)" }
    ),
    "a race with a timer that does something else": suggested(
      "await Promise.race([step(), new Promise((_, reject) => setTimeout(() => log(), ms))])",
      "race"
    ),
    "a race of several": suggested(
      "await Promise.race([one(), two(), new Promise((_, reject) => setTimeout(reject, ms))])",
      "race"
    ),
    "a race with a sleep": suggested("await Promise.race([step(), asyncio.sleep(1000)])", "race"),
    "a race with a chained sleep": suggested("await Promise.race([step(), asyncio.sleep(1000).then(fail)])", "race"),
    "a race with a promise that uses a timer": suggested(
      "await Promise.race([step(), new Promise((resolve) => { id = setTimeout(resolve, 10) })])",
      "race"
    ),
    "a race with a function for it": suggested("await Promise.race([step(), rejectAfterTimeout(1000)])", "race"),
    "a race with a variable for it": {
      code: inTask(
        "  const limit = asyncio.sleep(1000)",
        "  await Promise.race([step(), limit])",
        "  await Promise.race([step(), timeout])"
      ),
      errors: [
        { messageId: "race", line: 4 },
        { messageId: "race", line: 5 }
      ]
    },
    "a race with a timer of Node's": withImports(
      `import { setTimeout as pause } from "node:timers/promises"`,
      suggested("await Promise.race([step(), pause(1000)])", "race")
    )
  }
})
