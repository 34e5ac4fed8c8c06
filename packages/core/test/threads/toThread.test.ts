// oxlint-disable unicorn/consistent-function-scoping -- what runs on a thread is written beside what it is for
import { assert, describe, it, vi } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Cause, Data, Effect, Exit } from "effect"
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"

// Threads take real time: these programs run on the host's clock. They wait for what a thread says, never for a while.
const run = <A, E>(main: Effect.Effect<A, E>): Promise<A> => asyncio.run(main, { handleSigint: false })

// The end of every thread, by its id.
const ends = new Map<number, Promise<void>>()
process.on("worker", (worker) => {
  ends.set(worker.threadId, new Promise((resolve) => void worker.once("exit", () => resolve())))
})

/** Memory that a thread shares with the test; a thread sets cells of it, and says so. */
const shared = (): Int32Array<SharedArrayBuffer> => new Int32Array(new SharedArrayBuffer(8))

const until = (cells: Int32Array, value: number): Effect.Effect<void> =>
  Effect.suspend(() =>
    Atomics.load(cells, 0) >= value ? Effect.void : Effect.andThen(asyncio.sleep(1), until(cells, value))
  )

/** Counts for ever, and says that it has begun. */
const endless = (cells: Int32Array): void => {
  for (;;) Atomics.add(cells, 0, 1)
}

const dataUrl = (code: string): string => `data:text/javascript,${encodeURIComponent(code)}`

/** What the error is and says; of an UnknownError, what its cause is. */
const told = (error: unknown): string =>
  Cause.isUnknownError(error)
    ? told(error.cause)
    : error instanceof Error
      ? `${error.name}: ${error.message}`
      : `not an error: ${String(error)}`

describe("toThread", () => {
  it("runs a function on a thread of its own, while the loop goes on", () =>
    run(
      Effect.gen(function* () {
        const cells = shared()
        const waitForMain = (cells: Int32Array) => {
          Atomics.store(cells, 0, 1)
          Atomics.wait(cells, 1, 0)
          return "woken"
        }
        const task = yield* asyncio.createTask(asyncio.toThread(waitForMain, cells))

        yield* until(cells, 1)
        Atomics.store(cells, 1, 1)
        Atomics.notify(cells, 1)

        assert.strictEqual(yield* task, "woken")
      })
    ))

  it("waits for what an async function promises", async () => {
    const later = async (n: number) => {
      await new Promise((resolve) => setImmediate(resolve))
      return n + 1
    }

    assert.strictEqual(await run(asyncio.toThread(later, 41)), 42)
  })

  it("fails with what an async function rejects with", async () => {
    const rejects = () => Promise.reject(new RangeError("rejected"))

    assert.strictEqual(await run(Effect.map(Effect.flip(asyncio.toThread(rejects)), told)), "RangeError: rejected")
  })

  it("copies what it is given and what it gives back", async () => {
    const original = { list: [1, 2], map: new Map([["key", new Date(0)]]) }
    const add = (value: typeof original) => {
      value.list.push(3)
      return value
    }

    const result = await run(asyncio.toThread(add, original))

    assert.deepStrictEqual([result, original.list], [{ ...original, list: [1, 2, 3] }, [1, 2]])
  })

  it("gives nothing for a function without a result, and undefined for an undefined error", async () => {
    const nothing = () => {}
    const throwsNothing = () => {
      // oxlint-disable-next-line typescript/only-throw-error
      throw undefined
    }

    assert.isUndefined(await run(asyncio.toThread(nothing)))
    assert.isUndefined((await run(Effect.flip(asyncio.toThread(throwsNothing)))).cause)
  })

  it("fails for an argument that cannot be copied, and keeps the thread", async () => {
    const identity = (value: unknown) => value

    const [error, next] = await run(
      Effect.all([Effect.flip(asyncio.toThread(identity, () => {})), asyncio.toThread(identity, "next")])
    )

    assert.match(told(error), /^DataCloneError: .*could not be cloned/)
    assert.strictEqual(next, "next")
  })

  it("fails for a result that cannot be copied", async () => {
    const makesFunction = () => () => 1

    const error = await run(Effect.flip(asyncio.toThread(makesFunction)))

    assert.match(told(error), /could not be cloned/)
  })

  it("fails with an error's text when the error cannot be copied", async () => {
    const throwsFunction = () => {
      // oxlint-disable-next-line typescript/only-throw-error
      throw Object.assign(() => {}, { toString: () => "not to be copied" })
    }

    const error = await run(Effect.flip(asyncio.toThread(throwsFunction)))

    assert.strictEqual(told(error), "Error: not to be copied")
  })

  it("fails with the error itself when only its hint cannot be copied", async () => {
    const fails = () => {
      throw Object.assign(new TypeError("wrong"), { hint: () => "look" })
    }

    const error = await run(Effect.flip(asyncio.toThread(fails)))

    assert.instanceOf(error.cause, TypeError)
  })

  it("fails with an UnknownError with a tag, or with what catch makes of the error", () =>
    run(
      Effect.gen(function* () {
        class Unreadable extends Data.TaggedError("Unreadable")<{ readonly cause: unknown }> {}
        const parse = (text: string): unknown => JSON.parse(text)
        const toUnreadable = (cause: unknown) => new Unreadable({ cause })
        const module = dataUrl("export default () => { throw new RangeError('from a module') }")

        const errors = [
          yield* asyncio.toThread(parse, "{").pipe(Effect.catchTag("UnknownError", Effect.succeed)),
          yield* Effect.flip(asyncio.toThread({ try: parse, catch: toUnreadable }, "{")),
          yield* Effect.flip(asyncio.toThread({ module, catch: toUnreadable }))
        ] as ReadonlyArray<{ readonly _tag: string; readonly cause: unknown }>

        assert.deepStrictEqual(
          errors.map(({ _tag }) => _tag),
          ["UnknownError", "Unreadable", "Unreadable"]
        )
        assert.deepStrictEqual(
          errors.map(({ cause }) => (cause as Error).name),
          ["SyntaxError", "SyntaxError", "RangeError"]
        )
        assert.deepStrictEqual(yield* asyncio.toThread({ try: parse, catch: toUnreadable }, "[1]"), [1])
        const refused = asyncio.toThread({ try: parse, catch: 5 as never }, "[1]")
        const defect = yield* Effect.catchDefect(refused, (defect) => Effect.succeed(String(defect)))
        assert.match(String(defect), /^TypeError: a function was expected by catch of toThread\(\), got 5/)
      })
    ))

  it("fails for a function that needs the variables around it", async () => {
    const outside = 1
    const needsOutside = () => outside

    const error = await run(Effect.flip(asyncio.toThread(needsOutside)))

    assert.strictEqual(told(error), "ReferenceError: outside is not defined")
  })

  it("calls the function that a module exports, by name or by default", async () => {
    const module = dataUrl("export default (n) => 2 * n; export const named = async (a, b) => a + b")
    const calls = Effect.all([
      asyncio.toThread<number>({ module }, 21),
      asyncio.toThread<string>({ module, name: "named" }, "a", "b"),
      asyncio.toThread<number>({ module: new URL(module) }, 4)
    ])

    assert.deepStrictEqual(await run(calls), [42, "ab", 8])
  })

  it("fails for a module that is not there, or does not export the function", async () => {
    const missing = asyncio.toThread({ module: "./not-there.js" })
    const wrongName = asyncio.toThread({ module: dataUrl("export const value = 1"), name: "value" })

    const errors = await run(
      Effect.map(Effect.all([Effect.flip(missing), Effect.flip(wrongName)]), (all) => all.map(told))
    )

    assert.match(errors[0]!, /not-there\.js/)
    assert.match(errors[1]!, /^TypeError: data:.* exports no function value$/)
  })

  it("is a defect for anything else", async () => {
    const defectOf = (run: unknown) =>
      Effect.map(Effect.exit(asyncio.toThread(run as () => void)), (exit) =>
        Exit.isFailure(exit) && Cause.hasDies(exit.cause) ? told(Cause.squash(exit.cause)) : "no defect"
      )

    const defects = await run(Effect.forEach([42, undefined, {}, { module: 1 }], defectOf))

    const expected = "TypeError: a function or { module, name } was expected by toThread(), got"
    assert.deepStrictEqual(defects, [
      `${expected} 42`,
      `${expected} undefined`,
      `${expected} {}`,
      `${expected} {"module":1}`
    ])
  })

  it("tells the thread the task's name and its context variables, as far as they can be copied", async () => {
    const user = asyncio.ContextVar.make("user", { defaultValue: "nobody" })
    const callback = asyncio.ContextVar.make("callback", { defaultValue: () => {} })
    const look = () => (globalThis as unknown as { readonly asyncio: unknown }).asyncio
    const main = Effect.gen(function* () {
      yield* user.set("ada")
      yield* callback.set(() => {})
      const task = yield* asyncio.createTask(asyncio.toThread(look), { name: "worker" })
      yield* user.set("grace")
      return yield* task
    })

    assert.deepStrictEqual(await run(main), { taskName: "worker", variables: { user: "ada" } })
  })

  it("works in a fiber that is in no task", async () => {
    const look = () => (globalThis as unknown as { readonly asyncio: { taskName: string } }).asyncio.taskName

    assert.isUndefined(await Effect.runPromise(asyncio.toThread(look)))
  })
})

describe("cancelling toThread", () => {
  it("ends the task while the function would run for ever, and the thread with it", () =>
    run(
      Effect.gen(function* () {
        const cells = shared()
        const task = yield* asyncio.createTask(asyncio.toThread(endless, cells))
        yield* until(cells, 1)

        yield* task.cancel("enough")

        const error = yield* Effect.flip(task)
        assert.deepStrictEqual([told(error), task.cancelled()], ["CancelledError: enough", true])
        // The count stands still as soon as the thread is gone; a thread that lives would keep this turning for ever.
        for (let last = -1; last !== Atomics.load(cells, 0); yield* Effect.promise(nextMacrotask)) {
          last = Atomics.load(cells, 0)
        }
      })
    ))

  it("works by a timeout and by a native interrupt, too", async () => {
    const cells = shared()
    const main = Effect.gen(function* () {
      const timedOut = yield* Effect.flip(asyncio.timeout(1, asyncio.toThread(endless, cells)))
      const raced = yield* Effect.race(asyncio.toThread(endless, cells), asyncio.sleep(1, "raced"))
      return [timedOut, raced] as const
    })

    const [timedOut, raced] = await run(main)

    assert.instanceOf(timedOut, asyncio.TimeoutError)
    assert.strictEqual(raced, "raced")
  })

  it("before there is a thread leaves none behind", () =>
    run(
      Effect.gen(function* () {
        const cells = shared()
        const task = yield* asyncio.createTask(asyncio.toThread(endless, cells), { eagerStart: true })

        yield* task.cancel()

        yield* Effect.flip(task)
        yield* asyncio.toThread((n: number) => n, 1)
        assert.strictEqual(cells[0], 0)
      })
    ))

  // The thread has answered, and the answer waits for the host's next macrotask, when the thread is ended.
  it("after the function has returned does not use the ended thread again", () =>
    run(
      Effect.gen(function* () {
        const cells = shared()
        const answered = (cells: Int32Array) => {
          setImmediate(() => {
            Atomics.store(cells, 0, 1)
            Atomics.notify(cells, 0)
          })
          return "answered"
        }
        yield* asyncio.toThread(answered, shared())
        const task = yield* asyncio.createTask(asyncio.toThread(answered, cells), { eagerStart: true })
        // The job is handed to the idle thread in a microtask, and the host gets no macrotask until the cancellation.
        yield* Effect.promise(microtasks)

        Atomics.wait(cells, 0, 0)
        const accepted = yield* task.cancel()

        yield* Effect.exit(task)
        assert.deepStrictEqual({ accepted, cancelled: task.cancelled() }, { accepted: true, cancelled: true })
        // Enough calls at a time to need every thread there is.
        const calls = Effect.forEach([1, 2, 3, 4], (n) => asyncio.toThread((n: number) => n, n), {
          concurrency: "unbounded"
        })
        assert.deepStrictEqual(
          [yield* calls, yield* calls],
          [
            [1, 2, 3, 4],
            [1, 2, 3, 4]
          ]
        )
      })
    ))
})

const microtasks = async () => {
  for (let n = 0; n < 20; n++) await Promise.resolve()
}

const nextMacrotask = () => new Promise<void>((resolve) => void setImmediate(resolve))

describe("a thread that comes to an end", () => {
  it("fails the call when the function exits its process", async () => {
    const exits = () => process.exit(3)

    const exit = await run(Effect.exit(asyncio.toThread(exits)))

    assert.strictEqual(
      Exit.isFailure(exit) && told(Cause.squash(exit.cause)),
      "RuntimeError: the thread ended with exit code 3"
    )
  })

  it("fails the call with an error that nobody caught on the thread", async () => {
    const throwsLater = () =>
      new Promise(() => {
        setTimeout(() => {
          throw new RangeError("uncaught")
        }, 0)
      })

    assert.strictEqual(await run(Effect.map(Effect.flip(asyncio.toThread(throwsLater)), told)), "RangeError: uncaught")
  })

  it("after its call was answered is not used again", () =>
    run(
      Effect.gen(function* () {
        const leavesBomb = () => {
          // Not at once: the answer and the error travel on channels of their own, in no order.
          setTimeout(() => {
            throw new RangeError("too late")
          }, 100)
          return process.getBuiltinModule("node:worker_threads").threadId
        }
        const id = yield* asyncio.toThread(leavesBomb)
        assert.isTrue(ends.has(id))
        yield* Effect.promise(() => ends.get(id)!)

        assert.strictEqual(yield* asyncio.toThread((n: number) => n, 1), 1)
      })
    ))
})

describe("a program that has used threads", () => {
  const programs = {
    "after a call": ["asyncio.toThread(() => 1)", "Success(1)"],
    "after a call that was cancelled in an endless loop": [
      "asyncio.timeout(50, asyncio.toThread(() => { for (;;); }))",
      "Failure(Cause([Fail(TimeoutError (cause: CancelledError))]))"
    ],
    "after a call that was cancelled at once": [
      "asyncio.timeout(0, asyncio.toThread(() => { for (;;); }))",
      "Failure(Cause([Fail(TimeoutError (cause: CancelledError))]))"
    ],
    "after a call that could not be made": [
      "asyncio.toThread((f) => f, () => {})",
      "Failure(Cause([Fail(UnknownError: An error occurred in toThread() (cause: DataCloneError: () => {} could not be cloned.))]))"
    ]
  } as const
  const core = fileURLToPath(new URL("../..", import.meta.url))
  for (const [i, [when, [program, outcome]]] of Object.entries(programs).entries()) {
    it(`ends by itself ${when}`, () => {
      const script = `
        import("@effect-asyncio/core").then(async (asyncio) => {
          const { Effect } = await import("effect")
          console.log(String(await asyncio.run(Effect.exit(${program}))))
        })
      `
      // A thread inherits these options: its own program must run as either.
      const type = `--input-type=${i % 2 === 0 ? "module" : "commonjs"}`

      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        ["--conditions=@effect-asyncio/source", type, "--eval", script],
        { cwd: core, encoding: "utf8", timeout: 50_000 }
      )

      assert.deepStrictEqual([status, stdout.trim(), stderr], [0, outcome, ""])
    })
  }
})

describe("a host without worker threads", () => {
  it("is told so by a defect", async () => {
    vi.doMock("node:worker_threads", () => {
      throw new Error("no such module")
    })
    vi.resetModules()
    const { toThread } = await import("../../src/toThread.ts")

    const exit = await Effect.runPromiseExit(toThread(() => 1))
    const again = await Effect.runPromiseExit(toThread(() => 1))
    const cancelled = await Effect.runPromise(
      Effect.timeoutOption(
        toThread(() => 1),
        0
      )
    )

    vi.doUnmock("node:worker_threads")
    assert.strictEqual(
      Exit.isFailure(exit) && told(Cause.squash(exit.cause)),
      "RuntimeError: toThread() needs worker threads, and this host has none"
    )
    assert.strictEqual(cancelled._tag, "None")
    // What each of them fails with is its own.
    const errors = [exit, again].map((each) => Exit.isFailure(each) && Cause.squash(each.cause))
    assert.notStrictEqual(errors[0], errors[1])
  })
})
