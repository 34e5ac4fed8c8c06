// oxlint-disable unicorn/consistent-function-scoping -- what runs on a thread is written beside what it is for
// oxlint-disable typescript/no-implied-eval -- functions as they come to a thread
import { assert, describe, it, vi } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { Cause, Effect } from "effect"
import { spawn, spawnSync } from "node:child_process"
import { availableParallelism } from "node:os"
import { fileURLToPath } from "node:url"
import { collectGarbage } from "../collectGarbage.ts"
import { macrotask } from "../support.ts"

// Threads take real time: these programs run on the host's clock. They wait for what a thread says, never for a while.
const run = <A, E>(main: Effect.Effect<A, E>, options?: asyncio.RunOptions): Promise<A> =>
  asyncio.run(main, { handleSigint: false, ...options })

// The end of every thread, by its id, and how many were made.
const ends = new Map<number, Promise<void>>()
process.on("worker", (worker) => {
  ends.set(worker.threadId, new Promise((resolve) => void worker.once("exit", () => resolve())))
})

const threadId = () => process.getBuiltinModule("node:worker_threads").threadId

/** Cells that threads share with the test: how many are inside now, how many may leave, how many were inside at a time. */
const gate = (): Int32Array<SharedArrayBuffer> => new Int32Array(new SharedArrayBuffer(12))

/** Goes in, waits to be let out, and gives its number. */
const pass = (cells: Int32Array, n: number) => {
  const inside = Atomics.add(cells, 0, 1) + 1
  if (inside > Atomics.load(cells, 2)) Atomics.store(cells, 2, inside)
  Atomics.wait(cells, 1, 0)
  Atomics.sub(cells, 0, 1)
  return n
}

const open = (cells: Int32Array) => {
  Atomics.store(cells, 1, 1)
  Atomics.notify(cells, 1)
}

const until = (isSo: () => boolean): Effect.Effect<void> =>
  Effect.suspend(() => (isSo() ? Effect.void : Effect.andThen(asyncio.sleep(1), until(isSo))))

const inside = (cells: Int32Array, count: number) => until(() => Atomics.load(cells, 0) >= count)

const told = (error: unknown): string =>
  Cause.isUnknownError(error)
    ? told(error.cause)
    : error instanceof Error
      ? `${error.name}: ${error.message}`
      : String(error)

/** Calls while all of `count` threads are taken, in order, each as a task. */
const crowd = (cells: Int32Array, count: number) =>
  Effect.forEach(
    Array.from({ length: count }, (_, n) => n),
    (n) => asyncio.createTask(asyncio.toThread(pass, cells, n), { name: `call ${n}` })
  )

describe("the threads of a loop", () => {
  it("are as many as it may have at a time", () =>
    run(
      Effect.gen(function* () {
        const cells = gate()
        const tasks = yield* crowd(cells, 5)
        yield* inside(cells, 2)

        open(cells)
        const results = yield* asyncio.gather(tasks)

        assert.deepStrictEqual([results, Atomics.load(cells, 2)], [[0, 1, 2, 3, 4], 2])
      }),
      { maxThreads: 2 }
    ))

  it("take further calls in the order in which they came", () =>
    run(
      Effect.gen(function* () {
        const cells = gate()
        const done: Array<string> = []
        const tasks = yield* crowd(cells, 4)
        for (const task of tasks) task.addDoneCallbackUnsafe(() => done.push(task.getName()))
        yield* inside(cells, 1)

        open(cells)
        yield* asyncio.gather(tasks)

        assert.deepStrictEqual(done, ["call 0", "call 1", "call 2", "call 3"])
      }),
      { maxThreads: 1 }
    ))

  it("are at most min(32, processors + 4) by default", () =>
    run(
      Effect.gen(function* () {
        const cells = gate()
        const before = ends.size
        const most = Math.min(32, availableParallelism() + 4)
        const tasks = yield* crowd(cells, most + 3)
        yield* inside(cells, most)

        open(cells)
        yield* asyncio.gather(tasks)

        assert.deepStrictEqual([Atomics.load(cells, 2), ends.size - before], [most, most])
      })
    ))

  it("are one after the other where there may be one, and the thread is the same", () =>
    run(
      Effect.gen(function* () {
        const ids = yield* asyncio.gather([asyncio.toThread(threadId), asyncio.toThread(threadId)])

        assert.strictEqual(ids[0], ids[1])
      }),
      { maxThreads: 1 }
    ))

  /** How many of two calls work at a time, at most, where one does. */
  const most = Effect.gen(function* () {
    const cells = gate()
    const tasks = yield* crowd(cells, 2)
    yield* inside(cells, 1)
    open(cells)
    yield* asyncio.gather(tasks)
    return Atomics.load(cells, 2)
  })

  it("are counted for each loop: `withLoop` and a Runner have the option too", async () => {
    await using runner = new asyncio.Runner({ maxThreads: 1, handleSigint: false })

    const counts = [await Effect.runPromise(asyncio.withLoop(most, { maxThreads: 1 })), await runner.run(most)]

    assert.deepStrictEqual(counts, [1, 1])
  })

  it("are as many as the run says, also on a loop that another has made", async () => {
    assert.strictEqual(await run(most, { maxThreads: 1, loopFactory: () => asyncio.newEventLoop() }), 1)
  })

  it("are beside those of a pool, which has its own number and its own order", () =>
    run(
      Effect.gen(function* () {
        const toPool = asyncio.threadPool({ maxThreads: 2 })
        const cells = gate()
        const ofPool = gate()
        const before = ends.size
        const tasks = yield* crowd(cells, 2)
        const inPool = yield* Effect.forEach([0, 1, 2, 3], (n) => asyncio.createTask(toPool(pass, ofPool, n)))
        yield* inside(cells, 1)
        yield* inside(ofPool, 2)

        open(ofPool)
        const first = yield* asyncio.gather(inPool)
        open(cells)
        const results = [first, yield* asyncio.gather(tasks)]

        assert.deepStrictEqual(
          [results, Atomics.load(cells, 2), Atomics.load(ofPool, 2), ends.size - before],
          [
            [
              [0, 1, 2, 3],
              [0, 1]
            ],
            1,
            2,
            3
          ]
        )
      }),
      { maxThreads: 1 }
    ))

  it("of a pool end with the loop, and are others in another loop", async () => {
    const toPool = asyncio.threadPool({ maxThreads: 1 })
    const both = Effect.all([toPool(threadId), asyncio.toThread(threadId)])

    const ids = [...(await run(both)), ...(await run(both))]

    assert.strictEqual(new Set(ids).size, 4)
    await Promise.all(ids.map((id) => ends.get(id)!))
  })

  it("of a pool let a call that waits for one be cancelled, and end the thread of one that runs", () =>
    run(
      Effect.gen(function* () {
        const toPool = asyncio.threadPool({ maxThreads: 1 })
        const cells = gate()
        const tasks = yield* Effect.forEach([0, 1, 2], (n) => asyncio.createTask(toPool(pass, cells, n)))
        yield* inside(cells, 1)

        yield* tasks[1]!.cancel()
        yield* tasks[0]!.cancel()
        yield* inside(cells, 2)
        open(cells)

        assert.deepStrictEqual([yield* tasks[2]!, tasks.map((task) => task.cancelled())], [2, [true, true, false]])
      })
    ))

  it.each([
    [{ maxThreads: 0 }, "ValueError: max_workers must be greater than 0"],
    [{ maxThreads: -1 }, "ValueError: max_workers must be greater than 0"],
    [{ maxThreads: 1.5 }, "TypeError: a whole number was expected for maxThreads, got 1.5"],
    [{}, "TypeError: a whole number was expected for maxThreads, got null"],
    [2, "TypeError: an object of options was expected by threadPool(), got 2"],
    [undefined, "TypeError: an object of options was expected by threadPool(), got null"]
  ])("of a pool cannot be %o", (options, message) => {
    assert.throws(() => asyncio.threadPool(options as never), message.slice(message.indexOf(": ") + 2))
  })

  it("let a call that waits for one be cancelled, which leaves the wait queue", () =>
    run(
      Effect.gen(function* () {
        const cells = gate()
        const tasks = yield* crowd(cells, 4)
        yield* inside(cells, 1)

        yield* tasks[1]!.cancel()
        yield* tasks[2]!.cancel()
        yield* asyncio.wait(tasks.slice(1, 3))
        open(cells)
        const last = yield* tasks[3]!

        assert.deepStrictEqual([last, tasks.map((task) => task.cancelled())], [3, [false, true, true, false]])
      }),
      { maxThreads: 1 }
    ))

  it("keep nothing of a call that was cancelled while it waited for one", () => {
    return run(
      Effect.gen(function* () {
        const cells = gate()
        const [working] = yield* crowd(cells, 1)
        yield* inside(cells, 1)
        const cancelled = Effect.suspend(() => {
          const argument = { of: "the call" }
          const call = asyncio.createTask(asyncio.toThread((given: object) => given, argument))
          return Effect.flatMap(call, (task) =>
            asyncio
              .sleep(0)
              .pipe(Effect.andThen(task.cancel()), Effect.andThen(Effect.exit(task)), Effect.as(new WeakRef(argument)))
          )
        })
        const given = yield* cancelled

        for (let n = 0; n < 50 && given.deref() !== undefined; n++) {
          yield* Effect.promise(macrotask)
          collectGarbage()
        }

        assert.deepStrictEqual([given.deref(), working!.done()], [undefined, false])
        open(cells)
        yield* working!
      }),
      { maxThreads: 1 }
    )
  })

  it("give the place of a call that is cancelled to the next, when its thread has ended", () =>
    run(
      Effect.gen(function* () {
        const cells = gate()
        const tasks = yield* crowd(cells, 2)
        yield* inside(cells, 1)

        yield* tasks[0]!.cancel()
        yield* inside(cells, 2)
        open(cells)

        assert.strictEqual(yield* tasks[1]!, 1)
      }),
      { maxThreads: 1 }
    ))

  it("end with the loop, also one that works for a fiber which outlives it", async () => {
    const cells = gate()
    const before = new Set(ends.keys())
    const main = Effect.gen(function* () {
      yield* asyncio.toThread(threadId)
      yield* Effect.forkDetach(asyncio.toThread(pass, cells, 0))
      yield* inside(cells, 1)
    })

    await run(main)

    const mine = [...ends.keys()].filter((id) => !before.has(id))
    assert.strictEqual(mine.length, 1)
    await ends.get(mine[0]!)
  })

  it("end with the loop, those of it and of each pool, and are not waited for ten seconds", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    const toPool = asyncio.threadPool({ maxThreads: 1 })

    await run(Effect.all([asyncio.toThread(threadId), toPool(threadId)]))

    const timers = vi.getTimerCount()
    vi.useRealTimers()
    assert.strictEqual(timers, 0)
  })

  it("end with a loop that is closed while one works", async () => {
    const cells = gate()
    const before = new Set(ends.keys())
    const loop = asyncio.newEventLoop()
    const taskOf = <A, E>(effect: Effect.Effect<A, E>) =>
      Effect.runSync(lowlevel.runAtOnceUnsafe(loop, loop.context, asyncio.createTask(effect)))
    taskOf(asyncio.toThread(pass, cells, 0))
    await loop.runUntilComplete(taskOf(inside(cells, 1)))

    loop.closeUnsafe()

    await Promise.all([...ends].filter(([id]) => !before.has(id)).map(([, end]) => end))
  })

  it("end when they had nothing to do for ten seconds", () =>
    run(
      Effect.gen(function* () {
        vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
        const id = yield* asyncio.toThread(threadId)
        vi.advanceTimersByTime(9_999)
        const again = yield* asyncio.toThread(threadId)
        vi.advanceTimersByTime(10_000)
        vi.useRealTimers()

        yield* Effect.promise(() => ends.get(id)!)
        const next = yield* asyncio.toThread(threadId)

        assert.deepStrictEqual({ againIsId: again === id, nextIsId: next === id }, { againIsId: true, nextIsId: false })
      })
    ))

  it("are free again after calls that could not be made", () =>
    run(
      Effect.gen(function* () {
        const identity = (value: unknown) => value
        const calls = Effect.forEach([() => {}, 1, () => {}, 2], (value) =>
          Effect.match(asyncio.toThread(identity, value), { onFailure: () => "failed", onSuccess: (result) => result })
        )

        assert.deepStrictEqual(yield* calls, ["failed", 1, "failed", 2])
      }),
      { maxThreads: 1 }
    ))

  it("are free again after one that ended", () =>
    run(
      Effect.gen(function* () {
        const exits = () => process.exit(3)
        const throwsLater = () =>
          new Promise(
            () =>
              void setTimeout(() => {
                throw new RangeError("uncaught")
              }, 0)
          )

        const outcomes = yield* Effect.forEach([exits, throwsLater], (f) =>
          Effect.map(Effect.exit(asyncio.toThread(f as () => void)), (exit) => exit._tag)
        )

        assert.deepStrictEqual([outcomes, yield* asyncio.toThread((n: number) => n, 7)], [["Failure", "Failure"], 7])
      }),
      { maxThreads: 1 }
    ))

  it.each([0, -1, NaN])("cannot be %s", async (maxThreads) => {
    const error: unknown = await run(Effect.void, { maxThreads }).catch((error: unknown) => error)

    assert.strictEqual(told(error), "ValueError: max_workers must be greater than 0")
  })
})

/** What a job leaves behind, and what would happen to the next one on the same thread. */
const leftovers: Record<string, () => unknown> = {
  "a timer that throws": () =>
    void setTimeout(() => {
      throw new Error("left behind")
    }, 5),
  "a timer that throws and does not keep the thread alive": () =>
    void setTimeout(() => {
      throw new Error("left behind")
    }, 5).unref(),
  "an interval that exits": () => void setInterval(() => process.exit(1), 5),
  "an abort signal with a time limit": () =>
    AbortSignal.timeout(5).addEventListener("abort", () => {
      throw new Error("left behind")
    }),
  "a message for its parent": () =>
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread has no origin
    process.getBuiltinModule("node:worker_threads").parentPort!.postMessage({ value: "left behind", quiet: true }),
  "a listener for messages": () =>
    void process.getBuiltinModule("node:worker_threads").parentPort!.on("message", () => {
      throw new Error("left behind")
    }),
  "a listener for errors": () => void process.on("uncaughtException", () => {}),
  "a server": () => void process.getBuiltinModule("node:net").createServer().listen(0),
  "a broadcast": () => void new BroadcastChannel("left behind")
}

describe("what a job left on its thread", () => {
  it.each(Object.entries(leftovers))("%s, does not meet the next one", async (_, leave) => {
    const wait = async () => {
      await new Promise((resolve) => void setTimeout(resolve, 20))
      return "next"
    }
    const main = Effect.gen(function* () {
      yield* asyncio.toThread(leave)
      return [yield* asyncio.toThread(wait), yield* asyncio.toThread(wait)]
    })

    assert.deepStrictEqual(await run(main, { maxThreads: 1 }), ["next", "next"])
  })

  it("ends with it", () =>
    run(
      Effect.gen(function* () {
        const cells = gate()
        const ticks = (cells: Int32Array) => {
          setInterval(() => Atomics.add(cells, 0, 1), 1)
          return process.getBuiltinModule("node:worker_threads").threadId
        }

        const id = yield* asyncio.toThread(ticks, cells)

        yield* Effect.promise(() => ends.get(id)!)
      })
    ))

  it("fails it where it throws at once", async () => {
    const rejects = () => {
      void Promise.reject(new RangeError("dropped"))
      return "answer"
    }

    assert.strictEqual(await run(Effect.map(Effect.flip(asyncio.toThread(rejects)), told)), "RangeError: dropped")
  })

  it("is no reason to end a thread where it is a module", () =>
    run(
      Effect.gen(function* () {
        // As text: the test's own transpiler would put a helper in the place of `import`.
        const imports = new Function(`
          return import("data:text/javascript,export default 1").then(threadId)
          function threadId() { return process.getBuiltinModule("node:worker_threads").threadId }
        `) as () => number

        assert.strictEqual(yield* asyncio.toThread(imports), yield* asyncio.toThread(imports))
      }),
      { maxThreads: 1 }
    ))
})

const core = fileURLToPath(new URL("../..", import.meta.url))
const argumentsFor = (program: string) => [
  "--conditions=@effect-asyncio/source",
  "--input-type=module",
  "--eval",
  `import * as asyncio from "@effect-asyncio/core"; import { Effect } from "effect"; ${program}`
]

describe("a program with threads", () => {
  it("prints what a job printed, also where its thread is ended because of what it left", () => {
    const program = `
      const prints = () => {
        for (let n = 0; n < 500; n++) console.log(n)
        setInterval(() => {}, 1000)
      }
      await asyncio.run(asyncio.toThread(prints))
    `

    const { stderr, stdout } = spawnSync(process.execPath, argumentsFor(program), { cwd: core, encoding: "utf8" })

    assert.deepStrictEqual([stdout.trim().split("\n").length, stderr], [500, ""])
  })

  it("keeps a thread whose job printed something", () => {
    const program = `
      const prints = () => {
        console.log("printed")
        return process.getBuiltinModule("node:worker_threads").threadId
      }
      const [first, second] = await asyncio.run(Effect.all([asyncio.toThread(prints), asyncio.toThread(prints)]))
      console.log(first === second)
    `

    const { stdout } = spawnSync(process.execPath, argumentsFor(program), { cwd: core, encoding: "utf8" })

    assert.deepStrictEqual(stdout.trim().split("\n"), ["printed", "printed", "true"])
  })

  it("ends at Ctrl-C while a thread computes and another call waits for it", async () => {
    const program = `
      const endless = () => { console.log("begun"); for (;;); }
      const cleanup = Effect.sync(() => console.log("cleaned up"))
      const main = Effect.ensuring(asyncio.gather([asyncio.toThread(endless), asyncio.toThread(endless)]), cleanup)
      await asyncio.run(main, { maxThreads: 1 }).catch((error) => console.log(error.name))
    `
    const child = spawn(process.execPath, argumentsFor(program), { cwd: core, stdio: ["ignore", "pipe", "inherit"] })
    let printed = ""
    child.stdout.on("data", (data: Buffer) => {
      // A first Ctrl-C, when the thread says that it is at work.
      if (printed === "") child.kill("SIGINT")
      printed += String(data)
    })

    const status = await new Promise((resolve) => void child.once("exit", resolve))

    assert.deepStrictEqual([status, printed.trim().split("\n")], [0, ["begun", "cleaned up", "KeyboardInterrupt"]])
  })
})
