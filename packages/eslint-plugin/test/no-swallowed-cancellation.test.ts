import { type InvalidCase, inTask, testRule } from "./support.ts"

const rethrow = "if (error instanceof asyncio.CancelledError) throw error"

/** A handler, which begins in line 6, that has to be flagged, and the same one as the suggestion leaves it. */
const handler = (before: string, after: string, messageId = "swallowed"): InvalidCase => ({
  code: around(before),
  errors: [{ messageId, line: 5, suggestions: { rethrow: around(after) } }]
})

const around = (clause: string): string => inTask("  try {", "    await step()", `  } ${clause}`)

// What follows the handler's condition when it is met, and when it is not.
const rest = "return undefined; throw error"

/** Bodies of handlers that let a cancellation pass. */
const passing = [
  "const failure = error instanceof Error ? error : new Error('odd'); throw failure",
  "throw error ?? new Error('odd')",
  "throw ready && error",
  "throw this.failure",
  "return ready ? Promise.reject(error) : reject(error)",
  "await rethrow(error)",
  "void rethrow(error)",
  "log(), rethrow(error)",
  "if (error) throw error",
  "if (true) throw error",
  "if (typeof error === 'object') throw error",
  "if (Error.isError(error)) throw error",
  "if ('name' in error) throw error",
  "if (error.name) throw error",
  "if (!('code' in error)) throw error",
  `if (!error) ${rest}`,
  `if (error.code) ${rest}`,
  `if (error.name === 'NotFoundError') ${rest}`,
  `if (HttpError === error.constructor) ${rest}`,
  `if (error === null) ${rest}`,
  `if (error === 'stop') ${rest}`,
  `if (error.cause?.code === 'ECONNREFUSED') ${rest}`,
  `if (error.cause instanceof HttpError) ${rest}`,
  `if (error.code ?? error.errno) ${rest}`,
  `if (error.code === 'ENOENT' ? true : false) ${rest}`,
  `if (error.status < 500 || 500 <= error.status) ${rest}`,
  `if (quiet && error.code === 'ENOENT') ${rest}`,
  `if (codes.has(error.code)) ${rest}`,
  `if (error.code != null) ${rest}`,
  "for (;;) throw error",
  "do { throw error } while (busy())",
  "try { throw error } finally { log() }"
]

/** Bodies of handlers that swallow it. */
const swallowing = [
  "if (error.message) throw error",
  "if (error[key]) throw error",
  "if (choose()(error)) throw error",
  `if (error.message === 'stop') ${rest}`,
  `if (error instanceof Object) ${rest}`,
  `if (mode instanceof Fast) ${rest}`,
  `if (typeof mode === 'string') ${rest}`,
  `if ('reason' in error) ${rest}`,
  `if ('fast' in mode) ${rest}`,
  `if (error.code === undefined ?? mode) ${rest}`,
  `if (mode ?? error.code) ${rest}`,
  `if (quiet ? error.code : mode) ${rest}`,
  `if (error === last) ${rest}`,
  `if (mode > 3) ${rest}`,
  `if (-mode) ${rest}`,
  `if (Boolean(mode)) ${rest}`,
  `if (mode.fast) ${rest}`,
  `if (await mode()) ${rest}`,
  `if (quiet || mode === error.message) ${rest}`,
  "reject(other)",
  "if (isCancelled(other)) throw error",
  "switch (mode) { case 1: return; default: throw error }",
  "exit(1)",
  "log(), close()",
  "last = other",
  "while (busy()) { if (ready()) continue; throw error }",
  "do { if (ready()) continue; throw error } while (busy())",
  "do { if (ready()) break; throw error } while (busy())"
]

testRule("no-swallowed-cancellation", {
  valid: {
    "what a library makes of a cancellation, let pass": inTask(
      "  try { await step() } catch (error) { if (isAbortError(error)) throw error; log(error) }",
      "  try { await step() } catch (error) { if (error.name === 'AbortError') throw error; log(error) }",
      "  try { await step() } catch (error) { if (asyncio.isCancelled(error)) throw error; log(error) }"
    ),
    "a handler that ends by a function of the type never": {
      typescript: true,
      code: inTask(
        "  function fail(error: unknown): never { process.exitCode = 1; throw error }",
        "  const stop: (error: unknown) => never = fail",
        "  const end = (error: unknown): never => fail(error)",
        "  try { await step() } catch (error) { fail(error) }",
        "  try { await step() } catch (error) { stop(error) }",
        "  try { await step() } catch (error) { return end(error) }"
      )
    },
    "a finally that ends": inTask(
      "  try { await step() } finally { for (const x of xs) { if (x) break } }",
      "  try { step() } finally { return 1 }",
      "  for (;;) { try { await step() } finally { if (asyncio.currentTask().cancelling() === 0) continue } }"
    ),
    "a chain that nobody takes": inTask("  save().catch(() => undefined)", "  void save().catch(log)"),
    "allSettled of what no cancellation reaches": `
      import * as asyncio from "@effect-asyncio/compat"
      import { readFile } from "node:fs/promises"
      const f = async () => { await Promise.allSettled([readFile("a"), readFile("b")]); await Promise.allSettled(...args) }`,
    "allSettled, and then a look at what came": inTask(
      "  const results = await Promise.allSettled([step()])",
      "  for (const { reason } of results) if (asyncio.isCancelled(reason)) throw reason"
    ),
    "allSettled that nobody waits for": inTask("  const all = Promise.allSettled([step()])", "  all.then(log)"),

    ...Object.fromEntries(passing.map((body) => [body, around(`catch (error) { ${body} }`)])),
    "a file that does not import compat": `
      const work = async () => {
        try { await step() } catch {}
      }`,
    "a file that imports core": `
      import * as asyncio from "@effect-asyncio/core"
      const work = async () => {
        try { await step() } catch {}
      }`,
    "a handler that rethrows": around("catch (error) { log(error); throw error }"),
    "a handler that rethrows under another name": around("catch (error) { const failure = error; throw failure }"),
    "a test for CancelledError": around(`catch (error) { ${rethrow}; log(error) }`),
    "a negated test": around("catch (error) { if (!(error instanceof asyncio.CancelledError)) log(error) }"),
    "a test that ends the cancellation on purpose": around(
      "catch (error) { if (error instanceof asyncio.CancelledError) return 'stopped'; throw error }"
    ),
    "a test by name": around("catch (error) { if (error.name === 'CancelledError') throw error }"),
    "a test in a switch": around("catch (error) { switch (error._tag) { case 'CancelledError': throw error } }"),
    "a test by a pattern": around("catch ({ name }) { if (name !== 'CancelledError') log(name) }"),
    "a named import": `
      import { CancelledError as Cancelled } from "@effect-asyncio/compat"
      const work = async () => {
        try { await step() } catch (error) { if (error instanceof Cancelled) throw error }
      }`,
    "an assertion about it": around("catch (error) { assert.instanceOf(error, asyncio.CancelledError) }"),
    uncancel: around("catch { asyncio.currentTask().uncancel() }"),
    "a look at the requests": around("catch (error) { if (asyncio.currentTask().cancelling() > 0) throw error }"),
    "a look at the signal": around("catch { asyncio.currentTask().signal.throwIfAborted(); log() }"),
    "a helper that asks": around("catch (error) { if (isCancelled(error)) throw error; log(error) }"),
    "a helper that rethrows": around("catch (error) { rethrowIfCancelled(error); log(error) }"),
    "only finally": inTask("  try { await step() } finally { close() }"),
    "a declaration in the block": inTask("  try { const x = step(); use(x) } catch {}"),
    "no await in the block": inTask("  try { step() } catch {}"),
    "an await in a function in the block": inTask("  try { start(async () => { await step() }) } catch {}"),
    "a function that is not async": `
      import * as asyncio from "@effect-asyncio/compat"
      const work = () => { try { step() } catch {} }`,
    "the top level of the module": `
      import * as asyncio from "@effect-asyncio/compat"
      try { await step() } catch (error) { console.error(error) }`,
    "a run in an async function": inTask("  try { await asyncio.run(main) } catch (error) { console.error(error) }"),
    "a runner": inTask(
      "  const runner = new asyncio.Runner()",
      "  try { await runner.run(main) } catch (error) { console.error(error) }"
    ),
    "the end of the process by a name": `
      import { exit } from "node:process"
      import { sleep } from "@effect-asyncio/compat"
      const work = async () => {
        try { await step() } catch { exit(1) }
      }`,
    "generators that do not wait for another one": `
      import * as asyncio from "@effect-asyncio/compat"
      async function* one() { try { yield 1 } catch {} }
      function* two() { try { yield* one() } catch {} }`,
    "a rejection handler of what is not awaited itself": inTask("  await list[step().catch(() => {})]"),
    "what is no promise": inTask("  try { await 0 } catch {}"),
    "Node's own promises without a signal": `
      import { sleep } from "@effect-asyncio/compat"
      import { readFile } from "node:fs/promises"
      import fs from "node:fs"
      const load = async () => {
        try { await readFile("a"); await fs.promises.stat("b") } catch { return undefined }
      }`,
    "one kind of error, the others rethrown": around(
      "catch (error) { if (error instanceof HttpError) return undefined; throw error }"
    ),
    "one kind of error by its code": around("catch (error) { if (error.code !== 'ENOENT') throw error }"),
    "one kind of error by a property of a property": around(
      "catch (error) { if (error?.response?.status >= 500) return undefined; throw error }"
    ),
    "one kind of error by a predicate": around(
      "catch (error) { if (isHttpError(error) && retries-- > 0) return undefined; throw error }"
    ),
    "a condition in a constant": around(
      "catch (error) { const missing = error.code === 'ENOENT'; if (missing) return undefined; throw error }"
    ),
    "errors told apart in a switch": around(
      "catch (error) { switch (error.code) { case 'ENOENT': return undefined; default: throw error } }"
    ),
    "everything but errors": around("catch (error) { if (error instanceof Error) throw error; log(error) }"),
    "what is no object": around("catch (error) { if (typeof error === 'string') return error; throw error }"),
    "a rethrow in both branches": around("catch (error) { if (verbose) { log(error); throw error } else throw error }"),
    "a conditional throw": around("catch (error) { throw error instanceof Error ? error : new Error('odd') }"),
    "a function that may give the error back": around("catch (error) { throw toAppError(error) }"),
    "cleanup with a handler of its own": around(
      "catch (error) { try { close() } catch (other) { log(other) } throw error }"
    ),
    "a rethrow in finally": around("catch (error) { try { close() } finally { throw error } }"),
    "a loop before the rethrow": around(
      "catch (error) { for (const file of files) { if (file) break; close(file) } throw error }"
    ),
    "an endless loop that rethrows": around("catch (error) { for (;;) { if (close()) throw error } }"),
    "a label": around("catch (error) { out: { if (quiet) break out; log(error) } throw error }"),
    "a rejected promise": around("catch (error) { return Promise.reject(error) }"),
    "the reject of a promise": around("catch (error) { reject(error) }"),
    "the end of the process": around("catch (error) { console.error(error); process.exit(1) }"),
    "an error that is thrown later": inTask(
      "  let failure",
      "  try { await step() } catch (error) { failure = error }",
      "  close()",
      "  if (failure) throw failure"
    ),
    "the first error that is thrown later": inTask(
      "  let failure",
      "  try { await step() } catch (error) { failure ??= error }",
      "  if (failure) throw failure"
    ),
    "an error that is thrown at the end of each round": inTask(
      "  for (const job of jobs) {",
      "    let failure",
      "    try { await step(job) } catch (error) { failure = error }",
      "    if (failure) throw failure",
      "  }"
    ),
    "a rejection handler that rethrows": inTask("  await step().catch((error) => { log(error); throw error })"),
    "a rejection handler that tests": inTask(
      "  await step().then(log, (error) => { if (error instanceof asyncio.CancelledError) throw error; return 0 })"
    ),
    "a rejection handler by an unknown name": inTask("  await step().catch(handle)"),
    "a rejection handler of a promise that is not awaited": inTask("  step().catch(() => {})"),
    "a rejection handler at the top level": `
      import * as asyncio from "@effect-asyncio/compat"
      await asyncio.run(main).catch((error) => { console.error(error) })
      await main().catch(console.error)`,
    "a rejection handler around Node": `
      import * as asyncio from "@effect-asyncio/compat"
      import { readFile } from "node:fs/promises"
      const load = async () => await readFile("a").catch(() => "")`,
    "catch without an argument": inTask("  await step().catch()"),
    TypeScript: {
      typescript: true,
      code: around(
        "catch (error: unknown) { if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error as Error }"
      )
    }
  },

  invalid: {
    ...Object.fromEntries(
      [
        "axios.isCancel(error)",
        "isAbortError(error)",
        "error.name === 'AbortError'",
        "'CanceledError' === error.name",
        "error.code === 'ERR_CANCELED'",
        "error.code === 20",
        "error instanceof DOMException",
        "error instanceof OpenAI.APIUserAbortError"
      ].map((test) => [
        `a library's word for a cancellation: ${test}`,
        handler(
          `catch (error) { if (${test}) return undefined; throw error }`,
          `catch (error) { ${rethrow}; if (${test}) return undefined; throw error }`,
          "aborted"
        )
      ])
    ),
    ...Object.fromEntries(
      ["return 1", "if (odd) return", "for (const x of xs) if (x) return x"].map((jump) => [
        `a finally with ${jump}`,
        { code: inTask(`  try { await step() } finally { ${jump} }`), errors: [{ messageId: "finally", line: 3 }] }
      ])
    ),
    "a finally that goes on with a loop": {
      code: inTask("  for (;;) {", "    try { await step() }", "    finally { continue }", "  }"),
      errors: [{ messageId: "finally", line: 5 }]
    },
    "a finally behind a handler that awaits": {
      code: inTask("  all: for (;;) { try { go() } catch { await step(); throw 1 } finally { break all } }"),
      errors: [{ messageId: "finally", line: 3 }]
    },
    "a handler of a promise in a function that is not async": {
      code: `import { sleep } from "@effect-asyncio/compat"\nfunction load() { return read().catch(() => undefined) }`,
      errors: [
        {
          messageId: "swallowed",
          suggestions: {
            rethrow: `import { sleep, CancelledError } from "@effect-asyncio/compat"\nfunction load() { return read().catch((error) => { if (error instanceof CancelledError) throw error; return undefined }) }`
          }
        }
      ]
    },
    "a handler for each of several": {
      code: inTask("  await Promise.all(names.map((name) => load(name).then(use, console.error)))"),
      errors: [{ messageId: "swallowed", line: 3 }]
    },
    "a file without compat, where all files run in tasks": {
      allFiles: true,
      code: `const f = async () => { try { await step() } catch {} }`,
      errors: [
        {
          messageId: "swallowed",
          suggestions: {
            rethrow: `import { CancelledError } from "@effect-asyncio/compat"\nconst f = async () => { try { await step() } catch (error) { if (error instanceof CancelledError) throw error } }`
          }
        }
      ]
    },
    allSettled: {
      code: inTask("  return await Promise.allSettled([step(), asyncio.sleep(1)])"),
      errors: [
        {
          messageId: "settled",
          suggestions: {
            gather: inTask("  return await asyncio.gather([step(), asyncio.sleep(1)], { returnExceptions: true })")
          }
        }
      ]
    },
    "allSettled of a list": {
      code: inTask("  const results = await Promise.allSettled(names.map(load))"),
      errors: [
        {
          messageId: "settled",
          suggestions: {
            gather: inTask("  const results = await asyncio.gather(names.map(load), { returnExceptions: true })")
          }
        }
      ]
    },

    ...Object.fromEntries(
      swallowing.map((body) => [body, handler(`catch (error) { ${body} }`, `catch (error) { ${rethrow}; ${body} }`)])
    ),
    "another error, depending on something else": handler(
      "catch (error) { throw quiet ? error : new Error('odd') }",
      `catch (error) { ${rethrow}; throw quiet ? error : new Error('odd') }`,
      "replaced"
    ),
    "an error that only a function throws later": {
      code: inTask(
        "  let failure",
        "  try { await step() } catch (error) { failure = error }",
        "  return () => { throw failure }"
      ),
      errors: [
        {
          messageId: "swallowed",
          suggestions: {
            rethrow: inTask(
              "  let failure",
              `  try { await step() } catch (error) { ${rethrow}; failure = error }`,
              "  return () => { throw failure }"
            )
          }
        }
      ]
    },
    "a rejection handler of a promise": {
      code: inTask("  await promise.catch(() => {})"),
      errors: [
        { messageId: "swallowed", suggestions: { rethrow: inTask(`  await promise.catch((error) => { ${rethrow} })`) } }
      ]
    },
    "an error that is only logged later": {
      code: inTask("  let failure", "  try { await step() } catch (error) { failure = error }", "  log(failure)"),
      errors: [
        {
          messageId: "swallowed",
          suggestions: {
            rethrow: inTask(
              "  let failure",
              `  try { await step() } catch (error) { ${rethrow}; failure = error }`,
              "  log(failure)"
            )
          }
        }
      ]
    },
    "a rejection handler with a default": {
      code: inTask(
        "  await step().catch((error = none) => { log(error) })",
        "  await step().catch((...all) => { log(all) })"
      ),
      errors: [{ messageId: "swallowed" }, { messageId: "swallowed", line: 4 }]
    },
    "a rejection handler that takes the error apart": {
      code: inTask("  await step().catch(({ message }) => message)"),
      errors: [{ messageId: "swallowed" }]
    },
    "an empty handler": handler("catch {}", `catch (error) { ${rethrow} }`),
    "an empty handler with a comment": handler(
      "catch (error) { /* never mind */ }",
      `catch (error) { ${rethrow}; /* never mind */ }`
    ),
    "an empty handler on several lines": handler(
      "catch {\n    // never mind\n  }",
      `catch (error) {\n    ${rethrow}\n    // never mind\n  }`
    ),
    "an empty block on two lines": handler("catch {\n  }", `catch (error) {\n    ${rethrow}\n  }`),
    "a handler that only logs": handler(
      "catch (failure) {\n    console.error(failure)\n  }",
      "catch (failure) {\n    if (failure instanceof asyncio.CancelledError) throw failure\n    console.error(failure)\n  }"
    ),
    "a line that would go on": handler(
      "catch (error) {\n    ;[1].map(log)\n  }",
      `catch (error) {\n    ${rethrow}\n    ;[1].map(log)\n  }`
    ),
    "a line that begins with a bracket": handler(
      "catch (error) {\n    [1].map(log)\n  }",
      `catch (error) {\n    ${rethrow};\n    [1].map(log)\n  }`
    ),
    "a binding that would hide a variable": handler(
      "catch { log(error) }",
      "catch (error2) { if (error2 instanceof asyncio.CancelledError) throw error2; log(error) }"
    ),
    "a pattern": handler(
      "catch ({ message }) { log(message) }",
      `catch (error) { ${rethrow}; const { message } = error; log(message) }`
    ),
    "a rethrow of the wrong half": handler(
      "catch (error) { if (error instanceof HttpError) throw error; return undefined }",
      `catch (error) { ${rethrow}; if (error instanceof HttpError) throw error; return undefined }`
    ),
    "a rethrow by a predicate": handler(
      "catch (error) { if (isFatal(error)) throw error }",
      `catch (error) { ${rethrow}; if (isFatal(error)) throw error }`
    ),
    "a rethrow that depends on something else": handler(
      "catch (error) { if (retries-- === 0) throw error }",
      `catch (error) { ${rethrow}; if (retries-- === 0) throw error }`
    ),
    "all errors": handler(
      "catch (error) { if (error instanceof Error) return undefined; throw error }",
      `catch (error) { ${rethrow}; if (error instanceof Error) return undefined; throw error }`
    ),
    "all errors, by their code": handler(
      "catch (error) { if (error.code === undefined || error.code == null) return undefined; throw error }",
      `catch (error) { ${rethrow}; if (error.code === undefined || error.code == null) return undefined; throw error }`
    ),
    "a switch without a default": handler(
      "catch (error) { switch (error.code) { case 'ENOENT': throw error } }",
      `catch (error) { ${rethrow}; switch (error.code) { case 'ENOENT': throw error } }`
    ),
    "a switch that breaks": handler(
      "catch (error) { switch (mode) { case 1: throw error; default: break } }",
      `catch (error) { ${rethrow}; switch (mode) { case 1: throw error; default: break } }`
    ),
    "a nested handler that catches the rethrow": handler(
      "catch (error) { try { throw error } catch {} }",
      `catch (error) { ${rethrow}; try { throw error } catch {} }`
    ),
    "a finally that returns": handler(
      "catch (error) { try { throw error } finally { return 1 } }",
      `catch (error) { ${rethrow}; try { throw error } finally { return 1 } }`
    ),
    "a rethrow in a loop that may have no round": handler(
      "catch (error) { while (busy()) throw error }",
      `catch (error) { ${rethrow}; while (busy()) throw error }`
    ),
    "a loop that is left": handler(
      "catch (error) { for (;;) { if (close()) break } }",
      `catch (error) { ${rethrow}; for (;;) { if (close()) break } }`
    ),
    "cancelling something else": handler(
      "catch (error) { other.cancel() }",
      `catch (error) { ${rethrow}; other.cancel() }`
    ),
    "another error": handler(
      "catch (error) { throw new ConfigError('unreadable', { cause: error }) }",
      `catch (error) { ${rethrow}; throw new ConfigError('unreadable', { cause: error }) }`,
      "replaced"
    ),
    "another error of a call": handler(
      "catch (error) { throw Error('unreadable', { cause: error }) }",
      `catch (error) { ${rethrow}; throw Error('unreadable', { cause: error }) }`,
      "replaced"
    ),
    "another error or none": handler(
      "catch (error) { if (quiet) return; throw new Error('unreadable') }",
      `catch (error) { ${rethrow}; if (quiet) return; throw new Error('unreadable') }`
    ),
    "an error that is thrown after further tries": {
      code: inTask(
        "  let failure",
        "  for (const host of hosts) {",
        "    try { return await step(host) } catch (error) { failure = error }",
        "  }",
        "  throw failure"
      ),
      errors: [
        {
          messageId: "swallowed",
          line: 5,
          suggestions: {
            rethrow: inTask(
              "  let failure",
              "  for (const host of hosts) {",
              `    try { return await step(host) } catch (error) { ${rethrow}; failure = error }`,
              "  }",
              "  throw failure"
            )
          }
        }
      ]
    },
    "a loop that goes on": {
      code: inTask("  for (;;) {", "    try { await step() } catch { continue }", "  }"),
      errors: [
        {
          messageId: "swallowed",
          suggestions: {
            rethrow: inTask("  for (;;) {", `    try { await step() } catch (error) { ${rethrow}; continue }`, "  }")
          }
        }
      ]
    },
    "for await": {
      code: inTask("  try { for await (const item of queue) use(item) } catch {}"),
      errors: [
        {
          messageId: "swallowed",
          suggestions: {
            rethrow: inTask(`  try { for await (const item of queue) use(item) } catch (error) { ${rethrow} }`)
          }
        }
      ]
    },
    "await using": {
      code: inTask("  try { await using scope = asyncio.timeout(10); step() } catch {}"),
      errors: [
        {
          messageId: "swallowed",
          suggestions: {
            rethrow: inTask(`  try { await using scope = asyncio.timeout(10); step() } catch (error) { ${rethrow} }`)
          }
        }
      ]
    },
    "yield* in an async generator": {
      code: `import * as asyncio from "@effect-asyncio/compat"\nasync function* work() { try { yield* step() } catch {} }`,
      errors: [
        {
          messageId: "swallowed",
          suggestions: {
            rethrow: `import * as asyncio from "@effect-asyncio/compat"\nasync function* work() { try { yield* step() } catch (error) { ${rethrow} } }`
          }
        }
      ]
    },
    "one of Node's promises with a signal": {
      code: `import { run } from "@effect-asyncio/compat"\nimport { once } from "node:events"\nconst work = async (signal) => {\n  try { await once(emitter, "x", { signal }) } catch {}\n}`,
      errors: [
        {
          messageId: "swallowed",
          suggestions: {
            rethrow: `import { run, CancelledError } from "@effect-asyncio/compat"\nimport { once } from "node:events"\nconst work = async (signal) => {\n  try { await once(emitter, "x", { signal }) } catch (error) { if (error instanceof CancelledError) throw error }\n}`
          }
        }
      ]
    },
    "compat under another name, with semicolons": {
      code: `import { CancelledError as Cancelled } from "@effect-asyncio/compat";\nconst work = async () => {\n  try {\n    await step();\n  } catch (error) {\n    log(error);\n  }\n};`,
      errors: [
        {
          messageId: "swallowed",
          suggestions: {
            rethrow: `import { CancelledError as Cancelled } from "@effect-asyncio/compat";\nconst work = async () => {\n  try {\n    await step();\n  } catch (error) {\n    if (error instanceof Cancelled) throw error;\n    log(error);\n  }\n};`
          }
        }
      ]
    },
    "a name that is taken": {
      code: `import { sleep } from "@effect-asyncio/compat"\nclass CancelledOrder {}\nclass Box { CancelledError() {} }\nconst work = async () => { try { await sleep(1) } catch {} }\nconst f = (CancelledError) => CancelledError`,
      errors: [
        {
          messageId: "swallowed",
          suggestions: {
            rethrow: `import { sleep, CancelledError as asyncioCancelledError } from "@effect-asyncio/compat"\nclass CancelledOrder {}\nclass Box { CancelledError() {} }\nconst work = async () => { try { await sleep(1) } catch (error) { if (error instanceof asyncioCancelledError) throw error } }\nconst f = (CancelledError) => CancelledError`
          }
        }
      ]
    },
    "compat in a variable": {
      code: `const work = async () => {\n  const { sleep } = await import("@effect-asyncio/compat")\n  try { await sleep(1) } catch {}\n}`,
      errors: [
        {
          messageId: "swallowed",
          suggestions: {
            rethrow: `import { CancelledError } from "@effect-asyncio/compat"\nconst work = async () => {\n  const { sleep } = await import("@effect-asyncio/compat")\n  try { await sleep(1) } catch (error) { if (error instanceof CancelledError) throw error }\n}`
          }
        }
      ]
    },
    "compat in a variable, whole": {
      code: `const work = async () => {\n  const asyncio = await import("@effect-asyncio/compat")\n  try { await step() } catch {}\n}`,
      errors: [
        {
          messageId: "swallowed",
          suggestions: {
            rethrow: `const work = async () => {\n  const asyncio = await import("@effect-asyncio/compat")\n  try { await step() } catch (error) { ${rethrow} }\n}`
          }
        }
      ]
    },
    "a script, where nothing can be imported": {
      sourceType: "script",
      code: `const work = async () => {\n  const { sleep } = await import("@effect-asyncio/compat")\n  try { await sleep(1) } catch {}\n}`,
      errors: [{ messageId: "swallowed" }]
    },
    "a name of compat that is hidden": {
      code: `import * as asyncio from "@effect-asyncio/compat"\nconst work = async (asyncio) => {\n  try { await asyncio.step() } catch {}\n}`,
      errors: [
        {
          messageId: "swallowed",
          suggestions: {
            rethrow: `import * as asyncio from "@effect-asyncio/compat"\nimport { CancelledError } from "@effect-asyncio/compat"\nconst work = async (asyncio) => {\n  try { await asyncio.step() } catch (error) { if (error instanceof CancelledError) throw error }\n}`
          }
        }
      ]
    },
    "types only": {
      typescript: true,
      code: `import type { Task } from "@effect-asyncio/compat"\nconst settle = async (task: Task<void>) => {\n  try { await task } catch (error: unknown) { log(error as Error) }\n}`,
      errors: [
        {
          messageId: "swallowed",
          suggestions: {
            rethrow: `import type { Task } from "@effect-asyncio/compat"\nimport { CancelledError } from "@effect-asyncio/compat"\nconst settle = async (task: Task<void>) => {\n  try { await task } catch (error: unknown) { if (error instanceof CancelledError) throw error; log(error as Error) }\n}`
          }
        }
      ]
    },
    "a rejection handler": {
      code: inTask("  await step().catch(() => {})"),
      errors: [
        {
          messageId: "swallowed",
          line: 3,
          suggestions: { rethrow: inTask(`  await step().catch((error) => { ${rethrow} })`) }
        }
      ]
    },
    "a rejection handler that gives a value": {
      code: inTask("  return (await step().catch(() => ({ ok: false }))).ok"),
      errors: [
        {
          messageId: "swallowed",
          suggestions: {
            rethrow: inTask(`  return (await step().catch((error) => { ${rethrow}; return ({ ok: false }) })).ok`)
          }
        }
      ]
    },
    "a rejection handler in a chain": {
      code: inTask("  await step().catch((reason) => log(reason)).finally(close)"),
      errors: [
        {
          messageId: "swallowed",
          suggestions: {
            rethrow: inTask(
              "  await step().catch((reason) => { if (reason instanceof asyncio.CancelledError) throw reason; return log(reason) }).finally(close)"
            )
          }
        }
      ]
    },
    "the second handler of then, on a wait of compat that is awaited elsewhere": {
      code: inTask("  return asyncio.sleep(1).then(log).then(log, function () { return 0 })"),
      errors: [
        {
          messageId: "swallowed",
          suggestions: {
            rethrow: inTask(`  return asyncio.sleep(1).then(log).then(log, function (error) { ${rethrow}; return 0 })`)
          }
        }
      ]
    },
    "a rejection handler with a pattern": {
      code: inTask("  await step().catch(({ message }) => { log(message) })"),
      errors: [
        {
          messageId: "swallowed",
          suggestions: {
            rethrow: inTask(`  await step().catch((error) => { ${rethrow}; const { message } = error; log(message) })`)
          }
        }
      ]
    },
    "a rejection handler of the file": {
      code: `import * as asyncio from "@effect-asyncio/compat"\nconst noop = () => {}\nfunction forget() {}\nconst work = async () => {\n  await step().catch(noop)\n  await step().then(log, forget)\n}`,
      errors: [
        { messageId: "swallowed", line: 5 },
        { messageId: "swallowed", line: 6 }
      ]
    },
    "the console as a rejection handler": {
      code: inTask("  await step().catch(console.error)"),
      errors: [{ messageId: "swallowed" }]
    },
    "a rejection handler that throws another error": {
      code: inTask("  await step().catch((error) => { throw new Error('no', { cause: error }) })"),
      errors: [
        {
          messageId: "replaced",
          suggestions: {
            rethrow: inTask(`  await step().catch((error) => { ${rethrow}; throw new Error('no', { cause: error }) })`)
          }
        }
      ]
    }
  }
})
