/**
 * Errors and values that cannot be read: getters that throw, proxies that were revoked. Whoever fails with one of them ends all
 * the same, the one who waits is given that very value, and the report says what can be said.
 */
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Cause, Effect, Exit, Logger } from "effect"
import { run } from "../support.ts"

const refuse = (): never => {
  throw new Error("do not look")
}

const errorWith = (key: PropertyKey): Error => Object.defineProperty(new Error("secret"), key, { get: refuse })

const revoked = (target: object): object => {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

const traps = [
  "get",
  "has",
  "getPrototypeOf",
  "ownKeys",
  "getOwnPropertyDescriptor",
  "set",
  "defineProperty",
  "isExtensible"
] as const

const refusing = (): object => new Proxy(new Error("x"), Object.fromEntries(traps.map((trap) => [trap, refuse])))

/** What cannot be read, and how it prints as an exception. */
const unreadable: ReadonlyArray<readonly [string, unknown, string]> = [
  ...(["stack", "cause", "hint", "toString", Symbol.toPrimitive, "constructor"] as const).map(
    (key) => [`an error whose ${String(key)} throws`, errorWith(key), "Error('secret')"] as const
  ),
  ["an error whose name throws", errorWith("name"), "Error('secret')"],
  [
    "an error whose name is a symbol",
    Object.assign(new TypeError("secret"), { name: Symbol("n") }),
    "TypeError('secret')"
  ],
  ["an error whose message throws", errorWith("message"), "Error(<exception str() failed>)"],
  ["a revoked proxy", revoked({}), "<unprintable object>"],
  ["a revoked proxy of an error", revoked(new Error("x")), "<unprintable object>"],
  ["a proxy that refuses everything", refusing(), "<unprintable object>"],
  ["an object whose toString throws", { toString: refuse }, "<unprintable object>"],
  ["an object whose toString gives no string", { toString: () => Symbol("s") }, "Symbol(s)"]
]

/** How a program fails with a value, and what it sees of it. */
const ways: ReadonlyArray<readonly [string, (error: unknown) => Effect.Effect<unknown, unknown>]> = [
  ["a task", (error) => Effect.flatMap(asyncio.createTask(Effect.fail(error)), (task) => task)],
  ["a task that dies", (error) => Effect.flatMap(asyncio.createTask(Effect.die(error)), (task) => task)],
  [
    "a task that is awaited after its end",
    (error) =>
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(Effect.fail(error))
        yield* asyncio.sleep(0)
        return yield* task
      })
  ],
  [
    "a task that starts eagerly",
    (error) => Effect.flatMap(asyncio.createTask(Effect.fail(error), { eagerStart: true }), (task) => task)
  ],
  ["gather", (error) => asyncio.gather([Effect.fail(error), asyncio.sleep(1)])],
  ["a timeout", (error) => asyncio.timeout(10, Effect.fail(error))],
  ["waitFor", (error) => asyncio.waitFor(Effect.fail(error), 10)],
  ["shield", (error) => asyncio.shield(Effect.fail(error))],
  ["a boundary", (error) => asyncio.catchCancelled(Effect.fail(error), () => Effect.void)],
  [
    "a future",
    (error) =>
      Effect.gen(function* () {
        const future = yield* (yield* asyncio.getRunningLoop).createFuture<void, unknown>()
        yield* future.setException(error)
        return yield* future
      })
  ],
  [
    "asCompleted",
    (error) =>
      Effect.gen(function* () {
        for (const next of yield* asyncio.asCompleted([Effect.fail(error)])) yield* next
      })
  ],
  [
    "a task group",
    (error) =>
      Effect.mapError(
        asyncio.taskGroup((group: asyncio.TaskGroup) =>
          Effect.andThen(group.createTask(Effect.fail(error)), asyncio.sleep(1000))
        ),
        (group) => group.errors[0]
      )
  ]
]

describe.each(unreadable)("%s", (_, error, printed) => {
  it.each(ways)("is what %s fails with", async (_way, way) => {
    const exit = await run(Effect.exit(way(error)))

    assert.isTrue(Exit.isFailure(exit) && Object.is(Cause.squash(exit.cause), error))
  })

  it("is what run rejects with", async () => {
    const rejected = await run(Effect.fail(error)).then(
      () => false,
      (reason: unknown) => Object.is(reason, error)
    )

    assert.isTrue(rejected)
  })

  it("ends a task whose finalizer fails with it while it is cancelled", async () => {
    const main = Effect.gen(function* () {
      const task = yield* asyncio.createTask(Effect.onExit(asyncio.sleep(1000), () => Effect.fail(error)))
      yield* asyncio.sleep(0)
      yield* task.cancel()
      return yield* Effect.exit(task)
    })

    assert.isTrue(Exit.isFailure(await run(main)))
  })

  it("is the cause of how a task fails that waits for a promise", async () => {
    const main = Effect.suspend(() => Effect.flatMap(asyncio.ensureFuture(Promise.reject(error)), (future) => future))

    const failure = await run(Effect.flip(main))

    assert.isTrue(Cause.isUnknownError(failure) && Object.is(failure.cause, error))
  })

  it("is a member of a group that is taken apart", () => {
    const group = new asyncio.ExceptionGroup("two", [error, new asyncio.QueueEmpty()])

    const [empty, rest] = group.split(asyncio.QueueEmpty)

    assert.deepStrictEqual([empty?.errors.length, Object.is(rest?.errors[0], error)], [1, true])
    assert.strictEqual(String(group), "ExceptionGroup: two (2 sub-exceptions)")
  })

  it("prints in the repr of the task that failed with it", async () => {
    const main = Effect.gen(function* () {
      const task = yield* asyncio.createTask(Effect.fail(error))
      yield* Effect.exit(task)
      return String(task)
    })

    assert.include(await run(main), ` exception=${printed}>`)
  })

  it("is reported when nobody looks, and so is the next one", async () => {
    const reports: Array<unknown> = []
    const main = Effect.gen(function* () {
      const loop = yield* asyncio.getRunningLoop
      loop.setExceptionHandlerUnsafe((_loop, context) => {
        reports.push([context.message, Object.is(context.exception, error)])
      })
      yield* asyncio.createTask(Effect.fail(error))
      yield* asyncio.createTask(Effect.fail("next"))
      loop.callSoonUnsafe(() => {
        throw error
      })
      yield* asyncio.sleep(0)
    })

    await run(main)

    assert.deepStrictEqual(reports, [
      ["Exception in callback <anonymous>()", true],
      ["Task exception was never retrieved", true],
      ["Task exception was never retrieved", false]
    ])
  })

  it("goes to the log by name where it cannot be logged itself", async () => {
    const lines: Array<string> = []
    const logger = Logger.map(Logger.formatSimple, (line) => void lines.push(line))
    const context = await Effect.runPromise(Effect.provide(Effect.context(), Logger.layer([logger])))

    await run(Effect.andThen(asyncio.createTask(Effect.fail(error)), asyncio.sleep(0)), { context })

    assert.lengthOf(lines, 1)
    assert.include(lines[0], "Task exception was never retrieved")
    assert.include(lines[0], `exception=${printed}>`)
  })
})

describe("values that cannot be read", () => {
  it("are results, which print in the repr and in the call graph", async () => {
    const printed: Array<string> = []
    for (const value of [revoked({}), revoked([]), refusing(), { a: revoked({}) }, [revoked({})]]) {
      const main = Effect.gen(function* () {
        const task = yield* asyncio.createTask(Effect.succeed(value))
        yield* asyncio.wait([task])
        yield* asyncio.formatCallGraph(task)
        return [task.exitUnsafe(), String(task).replace(/.*result=/, "result=")] as const
      })
      const [exit, text] = await run(main)
      assert.isTrue(exit !== undefined && Exit.isSuccess(exit) && Object.is(exit.value, value))
      printed.push(text)
    }

    assert.deepStrictEqual(printed, [
      "result=<unprintable object>>",
      "result=<unprintable object>>",
      "result=<unprintable object>>",
      'result={"a":<unprintable object>}>',
      "result=[<unprintable object>]>"
    ])
  })

  it("are items of a queue, which prints", async () => {
    const main = Effect.gen(function* () {
      const queue = yield* asyncio.Queue.make<unknown>()
      yield* queue.put(revoked({}))
      yield* queue.put(errorWith("message"))
      return String(queue)
    })

    assert.strictEqual(
      await run(main),
      "<Queue maxsize=0 _queue=[<unprintable object>, Error(<exception str() failed>)] tasks=2>"
    )
  })

  it("are values of context variables", async () => {
    const variable = asyncio.ContextVar.make<object>("v", { defaultValue: {} })
    const value = revoked({})
    const main = Effect.gen(function* () {
      yield* variable.set(value)
      const task = yield* asyncio.createTask(variable.get())
      return Object.is(yield* task, value) && String(task).includes("<unprintable object>")
    })

    assert.isTrue(await run(main))
  })

  it("are refused as names at the call, and no task is left", async () => {
    const main = Effect.gen(function* () {
      const exits = [
        yield* Effect.exit(asyncio.createTask(Effect.void, { name: revoked({}) as unknown as string })),
        yield* Effect.exit((yield* asyncio.currentTask).setName({ toString: refuse }))
      ]
      return [(yield* asyncio.allTasks).size, ...exits.map((exit) => String(exit))] as const
    })

    const [left, ...exits] = await run(main)

    assert.strictEqual(left, 1)
    for (const exit of exits) {
      assert.include(exit, "TypeError: a name was expected, got <unprintable object>")
    }
  })
})

describe("callbacks whose name cannot be read", () => {
  const named = (name: unknown): (() => void) => Object.defineProperty(() => {}, "name", { value: name })
  const callbacks = [named(Symbol("n")), named(5), Object.defineProperty(() => {}, "name", { get: refuse })]

  it("are called when the future is done, and print as anonymous", async () => {
    const main = Effect.gen(function* () {
      const loop = yield* asyncio.getRunningLoop
      const future = loop.createFutureUnsafe<void>()
      let calls = 0
      for (const callback of callbacks) {
        const counted = new Proxy(callback, { apply: () => void calls++ })
        future.addDoneCallbackUnsafe(counted)
        loop.callSoonUnsafe(counted)
        loop.callLaterUnsafe(0, counted)
      }
      const printed = String(future)
      future.setResultUnsafe()
      yield* asyncio.sleep(1)
      return [printed, calls]
    })

    assert.deepStrictEqual(await run(main), ["<Future pending cb=[<anonymous>(), <1 more>, <anonymous>()]>", 9])
  })

  it("are reported when they are a revoked proxy", async () => {
    const reports: Array<string> = []
    const main = Effect.gen(function* () {
      const loop = yield* asyncio.getRunningLoop
      loop.setExceptionHandlerUnsafe((_loop, context) => void reports.push(context.message))
      const future = loop.createFutureUnsafe<void>()
      future.addDoneCallbackUnsafe(revoked(() => {}) as () => void)
      loop.callSoonUnsafe(revoked(() => {}) as () => void)
      future.setResultUnsafe()
      yield* asyncio.sleep(0)
      yield* asyncio.sleep(0)
    })

    await run(main)

    assert.deepStrictEqual(reports, ["Exception in callback <anonymous>()", "Exception in callback <anonymous>()"])
  })
})

describe("an Error.prepareStackTrace", () => {
  const withPrepare = async <A>(prepare: () => unknown, f: () => Promise<A>): Promise<A> => {
    const before = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace")
    Error.prepareStackTrace = prepare
    try {
      return await f()
    } finally {
      if (before === undefined) delete (Error as { prepareStackTrace?: unknown }).prepareStackTrace
      else Object.defineProperty(Error, "prepareStackTrace", before)
    }
  }

  const main = Effect.gen(function* () {
    const named = Effect.fn("named")(function* () {
      yield* asyncio.sleep(1)
      return yield* Effect.fail(new Error("broken"))
    })
    const task = yield* asyncio.createTask(named(), { name: "t" })
    const future = (yield* asyncio.getRunningLoop).createFutureUnsafe<void>()
    yield* asyncio.sleep(0)
    const graph = yield* asyncio.formatCallGraph(task)
    task.formatStack()
    future.cancelUnsafe()
    const exit = yield* Effect.exit(task)
    return [Exit.isFailure(exit), String(task).endsWith(" exception=Error('broken')>"), graph.includes("async named()")]
  })

  it.each([
    ["throws", refuse],
    ["gives call sites", () => []],
    ["gives nothing", () => undefined]
  ])("that %s keeps no task from ending", async (_, prepare) => {
    const outcomes = await withPrepare(prepare, () => run(main, { debug: true }))

    assert.deepStrictEqual(outcomes, [true, true, true])
  })
})
