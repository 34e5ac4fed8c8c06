/** What prints is one line, of bounded length, made in bounded time, and holds nothing that a terminal or a log would obey. */
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect, Redactable, Redacted } from "effect"
import { collectReports, run } from "../support.ts"

/** What comes after `result=` or `exception=` in the repr of a task that ended so. */
const outcomeOf = (body: Effect.Effect<unknown, unknown>): Promise<string> =>
  run(
    Effect.gen(function* () {
      const task = yield* asyncio.createTask(body)
      yield* Effect.exit(task)
      return String(task)
        .replace(/^.*?(result|exception)=/s, "")
        .slice(0, -1)
    })
  )
const shown = (value: unknown) => outcomeOf(Effect.succeed(value))

const evil = "\u001b[31mred\r\n\u0007\u0000\u202e\u009b\u2028\u00a0\ud800\u{e0001}\u200d"
const escaped = "\\x1b[31mred\\r\\n\\x07\\x00\\u202e\\x9b\\u2028\\xa0\\ud800\\U000e0001\\u200d"
// oxlint-disable-next-line no-control-regex -- that is the point
const dangerous = /(?![\n ])[\p{C}\p{Z}]/u

describe("what cannot be seen", () => {
  it("is escaped in a string as Python's repr escapes it, and what can be seen is kept", async () => {
    assert.strictEqual(await shown(evil), `'${escaped}'`)
    assert.strictEqual(await shown("żółw 日本 🐢 é \t"), "'żółw 日本 🐢 é \\t'")
  })

  it("is escaped in the message and the name of an error", async () => {
    const error = Object.assign(new Error(evil), { name: "E\u001b" })

    assert.strictEqual(await outcomeOf(Effect.fail(error)), `E\\x1b('${escaped}')`)
  })

  it("is escaped inside of objects, keys, symbols, and what prints itself", async () => {
    class Own {
      toString() {
        return "own\u001b\n"
      }
    }
    const values = [
      ["\u009b"],
      { "\u202e": "\u202e" },
      Symbol("\u001b"),
      new Own(),
      new Map([["\u009b", 1]]),
      new (class {
        static get name() {
          return "C\u001b"
        }
        a = 1
      })()
    ]

    assert.deepStrictEqual(await Promise.all(values.map(shown)), [
      '["\\x9b"]',
      '{"\\u202e":"\\u202e"}',
      "Symbol(\\x1b)",
      "own\\x1b\\n",
      'Map([["\\x9b",1]])',
      'C\\x1b({"a":1})'
    ])
  })

  it("is escaped in names: of tasks, coroutines and callbacks", async () => {
    const main = Effect.gen(function* () {
      const nap = Effect.fn("nap\u001b")(function* () {
        yield* asyncio.sleep(1)
      })
      const task = yield* asyncio.createTask(nap(), { name: evil })
      task.addDoneCallbackUnsafe(Object.defineProperty(() => {}, "name", { value: "call\u001b" }))
      yield* asyncio.sleep(0)
      return [String(task), task.formatStack(), yield* asyncio.formatCallGraph(task), task.getName()]
    })

    const [repr, stack, graph, name] = (await run(main)) as [string, string, string, string]

    assert.include(repr, `name='${escaped}' coro=<nap\\x1b() running`)
    assert.include(repr, "call\\x1b()]")
    assert.include(stack, "async nap\\x1b()")
    assert.include(graph, `* Task(name='${escaped}', id=`)
    for (const text of [repr, stack, graph]) assert.notMatch(text, dangerous)
    assert.strictEqual(name, evil, "the name itself is what it was set to")
  })

  it("is escaped in queues and in what a loop reports", async () => {
    const reports: Array<asyncio.ExceptionContext> = []
    const main = Effect.gen(function* () {
      const loop = yield* asyncio.getRunningLoop
      loop.setExceptionHandlerUnsafe((_, context) => reports.push(context))
      const queue = yield* asyncio.Queue.make<string>()
      yield* queue.put("\u001b")
      yield* asyncio.createTask(Effect.fail(new Error("\u001b")), { name: "\u001b" })
      loop.callSoonUnsafe(
        Object.defineProperty(
          () => {
            throw new Error("\u001b")
          },
          "name",
          { value: "\u001b" }
        )
      )
      yield* asyncio.sleep(0)
      return String(queue)
    })

    assert.strictEqual(await run(main), "<Queue maxsize=0 _queue=['\\x1b'] tasks=1>")
    assert.deepStrictEqual(
      reports.map(({ handle, message, task }) => [message, handle ?? task]),
      [
        ["Exception in callback \\x1b()", "<Handle \\x1b()>"],
        [
          "Task exception was never retrieved",
          "<Task finished name='\\x1b' coro=<coroutine() done> exception=Error('\\x1b')>"
        ]
      ]
    )
  })

  it("is escaped in the messages and hints of our own errors", async () => {
    const name = "w\u001b"
    const group = await run(
      Effect.flip(
        asyncio.taskGroup((group) => group.createTask(Effect.fail(new Error("no")), { name }))
      ) as Effect.Effect<asyncio.ExceptionGroup>
    )
    const deadlock = await asyncio
      .run(
        Effect.gen(function* () {
          const future = yield* (yield* asyncio.getRunningLoop).createFuture<void>()
          yield* asyncio.createTask(future, { name })
          yield* future
        }),
        { loopFactory: makeVirtualTimeLoop }
      )
      .catch((error: unknown) => error as Error)

    assert.include(group.hint, "What failed: w\\x1b.")
    assert.include((deadlock as Error).message, "\n  w\\x1b (coroutine() running) waits for")
  })
})

describe("values in a repr", () => {
  it("print as JavaScript", async () => {
    const ring: { self?: unknown } = {}
    ring.self = ring
    const values: ReadonlyArray<unknown> = [
      { a: 1, b: [true, null, undefined] },
      new Map<unknown, unknown>([["a", new Set([1])]]),
      new Uint8Array([1, 2]),
      new Date(0),
      new Date(NaN),
      /x/g,
      12n,
      Symbol.iterator,
      new (class Point {
        x = 1
      })(),
      [new Error("inner", { cause: "why" })],
      function named() {},
      () => {},
      ring,
      Object.create(null),
      Redacted.make("secret")
    ]

    assert.deepStrictEqual(await Promise.all(values.map(shown)), [
      '{"a":1,"b":[true,null,undefined]}',
      'Map([["a",Set([1])]])',
      "Uint8Array([1,2])",
      "1970-01-01T00:00:00.000Z",
      "Invalid Date",
      "/x/g",
      "12n",
      "Symbol(Symbol.iterator)",
      'Point({"x":1})',
      '[Error: inner (cause: "why")]',
      "<function named>",
      "<function <anonymous>>",
      '{"self":[Circular]}',
      "{}",
      "<redacted>"
    ])
  })

  it("are looked at without running getters, and without using up iterators", async () => {
    let ran = 0
    const endless = (function* () {
      for (;;) yield ran++
    })()
    const lazy = {
      get value() {
        return ran++
      },
      *[Symbol.iterator]() {
        yield ran++
      }
    }

    const printed = [await shown(endless), await shown(lazy)]

    assert.deepStrictEqual(printed, ["{}", '{"value":[Getter],Symbol(Symbol.iterator):<function [Symbol.iterator]>}'])
    assert.strictEqual(ran, 0)
  })

  it("are cut where they are long, whatever is long in them", async () => {
    const many = Array.from({ length: 100_000 }, (_, n) => n)
    let deep: unknown = "bottom"
    for (let n = 0; n < 100_000; n++) deep = [deep]
    let chain = new Error("root")
    for (let n = 0; n < 10_000; n++) chain = new Error("link", { cause: chain })
    const values: ReadonlyArray<unknown> = [
      "x".repeat(10_000_000),
      "\u001b".repeat(1_000_000),
      "🐢".repeat(1_000_000),
      many,
      new Map(many.map((n) => [n, n])),
      new Set(many),
      new Float64Array(1_000_000),
      Object.fromEntries(many.map((n) => [`k${n}`, n])),
      many.map(() => many),
      deep,
      Object.assign([], { length: 4_000_000_000 }),
      2n ** 1_000_000n,
      [chain],
      Object.defineProperty(() => {}, "name", { value: "n".repeat(1_000_000) }),
      new Error("x".repeat(1_000_000)),
      Object.assign(new Error("x"), { name: "n".repeat(1_000_000) })
    ]

    const lengths = (await Promise.all(values.map(shown))).map((text) => text.length)

    assert.isAtMost(Math.max(...lengths), 420, String(lengths))
  })

  it("show the first and the last of a long list, and how many more a map or an object has", async () => {
    const many = Array.from({ length: 1000 }, (_, n) => n)

    assert.match(await shown(many), /^\[0,1,2,.*\.\.\..*,998,999\]$/)
    assert.match(await shown(new Set(many)), /^Set\(\[0,1,2,.*\.\.\..*,98,99,<900 more>\]\)$/)
    assert.match(await shown(Object.fromEntries(many.map((n) => [`k${n}`, n]))), /^\{"k0":0,.*,<900 more>\}$/)
  })

  it("never end in half of a surrogate pair", async () => {
    for (const padding of ["", "x"]) {
      assert.match(await shown(`${padding}${"🐢".repeat(500)}`), /^'x?(🐢)+\.\.\.(🐢)+'$/u)
    }
  })
})

describe("names and lists of any length", () => {
  const long = "n".repeat(50_000)

  it("are cut in the repr, the stack and the call graph", async () => {
    const main = Effect.gen(function* () {
      const nap = Effect.fn(long)(function* () {
        yield* asyncio.sleep(1)
      })
      const task = yield* asyncio.createTask(nap(), { name: long })
      yield* asyncio.sleep(0)
      return [String(task), task.formatStack(), yield* asyncio.formatCallGraph(task)]
    })

    const lengths = (await run(main)).map((text) => text.length)

    assert.isAtMost(Math.max(...lengths), 2500, String(lengths))
  })

  it("are cut in a queue of many items and in the error of a group with many failures", async () => {
    const main = Effect.gen(function* () {
      const queue = yield* asyncio.Queue.make<number>()
      for (let n = 0; n < 10_000; n++) yield* queue.put(n)
      const failed = yield* Effect.flip(
        asyncio.taskGroup((group) =>
          Effect.forEach(Array.from({ length: 1000 }), (_, n) =>
            group.createTask(Effect.fail(new Error("no")), { name: `w${n}` })
          )
        ) as Effect.Effect<unknown, asyncio.ExceptionGroup>
      )
      return [String(queue), failed.hint ?? ""] as const
    })

    const [queue, hint] = await run(main)

    assert.match(queue, /^<Queue maxsize=0 _queue=\[0, 1, .*49, <9900 more>, 9950, .*9999\] tasks=10000>$/)
    assert.match(hint, /What failed: w0, w1, .*w4, <990 more>, w995, .*w999\.$/)
  })

  it("are cut in the stack of a coroutine that calls itself", async () => {
    const deep: (n: number) => Effect.Effect<void> = Effect.fn("deep")(function* (n: number) {
      if (n === 0) yield* asyncio.sleep(1)
      else yield* deep(n - 1)
    })
    const main = Effect.gen(function* () {
      const task = yield* asyncio.createTask(deep(1000))
      yield* asyncio.sleep(0)
      return [task.formatStack(), yield* asyncio.formatCallGraph(task)].map((text) => text.split("\n"))
    })

    const [stack, graph] = (await run(main)) as [Array<string>, Array<string>]

    assert.deepStrictEqual([stack.length, stack[51]], [102, "  <901 more>"])
    assert.deepStrictEqual([graph.length, graph[52]], [103, "  |   <901 more>"])
  })

  it("are cut in the error of a deadlock of many tasks", async () => {
    const error = await asyncio
      .run(
        Effect.gen(function* () {
          const future = yield* (yield* asyncio.getRunningLoop).createFuture<void>()
          for (let n = 0; n < 1000; n++) yield* asyncio.createTask(future)
          yield* future
        }),
        { loopFactory: makeVirtualTimeLoop }
      )
      .catch((error: unknown) => error as Error)

    const lines = (error as Error).message.split("\n")
    assert.deepStrictEqual([lines.length, lines[51]], [102, "  <901 more>"])
  })

  it("are cut in a report's hint", async () => {
    const main = Effect.gen(function* () {
      const reports = collectReports(yield* asyncio.getRunningLoop)
      yield* asyncio.createTask(Effect.fail(new Error("x".repeat(100_000))), { name: long })
      yield* asyncio.sleep(0)
      return reports
    })

    const reports = await run(main)

    assert.isAtMost(reports[0]!.task!.length, 700)
  })
})

describe("what an object says of itself", () => {
  it("prints in its place, for what is to be redacted", async () => {
    class Account {
      [Redactable.symbolRedactable]() {
        return { password: "***" }
      }
      readonly password = "secret"
    }

    assert.strictEqual(await shown([new Account()]), '[{"password":"***"}]')
  })

  it("is asked of a bounded number of values", async () => {
    let asked = 0
    const leaf = { toString: () => (asked++, "x") }
    await shown(Array.from({ length: 90 }, () => Array.from({ length: 90 }, () => leaf)))

    assert.isAtMost(asked, 1000)
  })
})
