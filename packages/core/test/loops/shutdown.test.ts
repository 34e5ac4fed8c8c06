import { afterEach, assert, describe, it, vi } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect, Fiber, ManagedRuntime } from "effect"
import { collectReports, macrotask, run } from "../support.ts"

afterEach(() => {
  vi.useRealTimers()
})

/** The ways in which the loop of a program ends. */
const ends: Record<string, (main: Effect.Effect<unknown>) => Promise<unknown>> = {
  "a run": (main) => run(main),
  "a Runner": async (main) => {
    const runner = new asyncio.Runner({ loopFactory: makeVirtualTimeLoop, handleSigint: false })
    await runner.run(main)
    await runner.close()
  },
  withLoop: (main) => Effect.runPromise(asyncio.withLoop(main)),
  layer: async (main) => {
    const runtime = ManagedRuntime.make(asyncio.layer())
    await runtime.runPromise(main)
    await runtime.dispose()
  }
}

const eachEnd = (name: string, test: (end: (main: Effect.Effect<unknown>) => Promise<unknown>) => Promise<void>) => {
  for (const [kind, end] of Object.entries(ends)) it(`${name} (${kind})`, () => test(end))
}

/** Waits until it is stopped, and then does `cleanup`. */
const until = (cleanup: Effect.Effect<unknown, unknown>) =>
  Effect.ensuring(asyncio.sleep(Infinity), Effect.orDie(cleanup))

describe("the end of a loop", () => {
  it("leaves a detached fiber alone that has waited for something of it, and waits for something else by now", async () => {
    const lines: Array<string> = []
    let goOn = () => {}
    const outside = new Promise<void>((resolve) => (goOn = resolve))
    const detached = asyncio.sleep(1).pipe(
      Effect.andThen(Effect.promise(() => outside)),
      Effect.andThen(Effect.sync(() => void lines.push("to its end"))),
      Effect.onInterrupt(() => Effect.sync(() => void lines.push("interrupted")))
    )
    let fiber: Fiber.Fiber<unknown, unknown> | undefined

    await run(
      Effect.gen(function* () {
        fiber = yield* Effect.forkDetach(detached)
        yield* asyncio.sleep(5)
      })
    )

    goOn()
    await Effect.runPromise(Fiber.await(fiber!))
    assert.deepStrictEqual(lines, ["to its end"])
  })

  eachEnd("cancels and awaits the tasks that are made while others clean up", async (end) => {
    const lines: Array<string> = []
    const say = (line: string) => Effect.sync(() => void lines.push(line))
    const flush = (depth: number): Effect.Effect<void> =>
      Effect.andThen(
        say(`flush ${depth}`),
        until(
          Effect.andThen(
            asyncio.sleep(0),
            Effect.andThen(say(`flushed ${depth}`), depth === 3 ? Effect.void : asyncio.createTask(flush(depth + 1)))
          )
        )
      )

    await end(
      Effect.gen(function* () {
        yield* asyncio.createTask(flush(1))
        yield* asyncio.sleep(0)
        lines.push("main ends")
      })
    )

    assert.deepStrictEqual(lines, ["flush 1", "main ends", "flushed 1", "flush 2", "flushed 2", "flush 3", "flushed 3"])
  })

  eachEnd("interrupts and awaits the detached fibers that wait for something of it, after the tasks", async (end) => {
    const lines: Array<string> = []
    const say = (line: string) => Effect.sync(() => void lines.push(line))
    await end(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const [lock, queue, event] = [
          yield* asyncio.Lock.make(),
          yield* asyncio.Queue.make(),
          yield* asyncio.Event.make()
        ]
        yield* lock.acquire
        const waits = {
          sleep: asyncio.sleep(Infinity),
          future: Effect.flatten(loop.createFuture<void>()),
          lock: lock.acquire,
          queue: queue.get,
          event: event.wait,
          group: asyncio.taskGroup(() => asyncio.sleep(Infinity)),
          spinning: Effect.forever(asyncio.sleep(0), { disableYield: true })
        }
        for (const [name, wait] of Object.entries(waits)) {
          yield* Effect.forkDetach(
            Effect.ensuring(
              wait as Effect.Effect<unknown, unknown>,
              Effect.andThen(asyncio.sleep(0), say(`${name} released`))
            )
          )
        }
        yield* asyncio.createTask(until(Effect.andThen(asyncio.sleep(0), say("task"))))
        yield* asyncio.sleep(0)
        yield* asyncio.sleep(0)
      })
    )

    assert.strictEqual(lines[0], "task")
    assert.deepStrictEqual(
      lines.slice(1).toSorted(),
      ["event", "future", "group", "lock", "queue", "sleep", "spinning"].map((name) => `${name} released`)
    )
  })

  eachEnd("gives a fiber that was only just forked its step", async (end) => {
    const lines: Array<string> = []
    const begin = Effect.sync(() => void lines.push("begun"))

    await end(Effect.forkDetach(Effect.andThen(begin, until(Effect.sync(() => void lines.push("released"))))))

    assert.deepStrictEqual(lines, ["begun", "released"])
  })

  it("leaves to its iteration what the last step has put on the loop", async () => {
    const lines: Array<string> = []

    await run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        yield* loop.callSoon(() => {
          lines.push("first")
          loop.callSoonUnsafe(() => lines.push("second"))
        })
      })
    )

    assert.deepStrictEqual(lines, ["first", "second"])
  })

  it("names the tasks that come to no end because each makes another", async () => {
    const loop = makeVirtualTimeLoop()
    const reports = collectReports(loop)
    let made = 0
    const again: Effect.Effect<void> = Effect.suspend(() => {
      made++
      return until(asyncio.createTask(again, { name: `again ${made}` }))
    })

    await run(Effect.andThen(asyncio.createTask(again), asyncio.sleep(0)), { loopFactory: () => loop })

    assert.deepStrictEqual(
      reports.map(({ message, task }) => [message, task?.replace(/ coro=.*/, "")]),
      [["Task was destroyed but it is pending!", `<Task pending name='again ${made - 1}'`]]
    )
    assert.isTrue(loop.isClosed())
  })

  it("names after ten seconds the task that does not end", async () => {
    const reports = await reportsAfter(9999, 1, (slow) =>
      Effect.gen(function* () {
        yield* asyncio.createTask(Effect.ensuring(asyncio.sleep(Infinity), slow), { name: "slow" })
        yield* asyncio.createTask(asyncio.sleep(Infinity), { name: "quick" })
        yield* asyncio.sleep(0)
      })
    )

    assert.deepStrictEqual(
      reports.map(({ message, task }) => [message, task?.replace(/ coro=.*/, "")]),
      [["Task has not ended since it was cancelled at the end of the run", "<Task cancelling name='slow'"]]
    )
  })

  it("leaves no timer of the host behind that would name tasks", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    await run(Effect.andThen(asyncio.createTask(asyncio.sleep(Infinity)), asyncio.sleep(0)))
    assert.strictEqual(vi.getTimerCount(), 0)
  })

  it("names after ten seconds the fiber that does not end", async () => {
    const reports = await reportsAfter(9999, 1, (slow) =>
      Effect.forkDetach(Effect.ensuring(asyncio.sleep(Infinity), slow))
    )

    assert.deepStrictEqual(
      reports.map(({ message }) => message.replace(/\d+/, "N")),
      ["Fiber #N has not ended since it was interrupted at the end of the run"]
    )
  })
})

/** Runs a program whose end waits for `slow`, which ends after two spans of time; gives what was reported in the second. */
const reportsAfter = async (
  before: number,
  after: number,
  main: (slow: Effect.Effect<void>) => Effect.Effect<unknown>
): Promise<ReadonlyArray<asyncio.ExceptionContext>> => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
  const loop = makeVirtualTimeLoop()
  const reports = collectReports(loop)
  let release = () => {}
  const slow = Effect.promise<void>(() => new Promise((resolve) => void (release = resolve)))
  const over = run(main(slow), { loopFactory: () => loop })
  for (let n = 0; n < 10; n++) await macrotask()
  vi.advanceTimersByTime(before)
  assert.deepStrictEqual(reports, [])
  vi.advanceTimersByTime(after)
  release()
  await over
  return reports
}

describe("closing a loop", () => {
  it("names the tasks that are pending", () => {
    const loop = makeVirtualTimeLoop()
    const reports = collectReports(loop)
    Effect.runForkWith(loop.context)(asyncio.createTask(asyncio.sleep(1), { name: "forgotten" }))

    loop.closeUnsafe()

    assert.deepStrictEqual(
      reports.map(({ message, task }) => [message, task?.replace(/ coro=.*/, "")]),
      [["Task was destroyed but it is pending!", "<Task pending name='forgotten'"]]
    )
  })

  // Timers: what goes on elsewhere may be on those of the host, which come late in a page.
  const soon = async (lines: ReadonlyArray<string>) => {
    for (let n = 0; n < 1000 && lines.length === 0; n++) await new Promise((resolve) => setTimeout(resolve))
    return lines
  }

  it("has a fiber go on elsewhere that was about to go on", async () => {
    const lines: Array<string> = []
    const spinning = Effect.andThen(
      Effect.replicateEffect(Effect.yieldNow, 100, { discard: true }),
      Effect.sync(() => lines.push("went on"))
    )
    await run(Effect.forkDetach(spinning))
    assert.deepStrictEqual([lines.length, await soon(lines)], [0, ["went on"]])
  })

  it("has a task go on elsewhere that has given way in a long computation", async () => {
    const lines: Array<string> = []
    const loop = asyncio.newEventLoop()
    collectReports(loop)
    const taskOf = <A>(effect: Effect.Effect<A>) =>
      Effect.runSync(lowlevel.runAtOnceUnsafe(loop, loop.context, asyncio.createTask(effect)))
    taskOf(
      Effect.gen(function* () {
        for (let n = 0; n < 1_000_000; n++) yield* Effect.sync(() => n)
        lines.push("computed")
      })
    )
    await loop.runUntilComplete(taskOf(Effect.void))

    loop.closeUnsafe()

    assert.deepStrictEqual([lines.length, await soon(lines)], [0, ["computed"]])
  })

  it("ends the wait of a fiber from outside with an error", async () => {
    const loop = makeVirtualTimeLoop()
    const future = loop.createFutureUnsafe<void>()
    const fiber = Effect.runFork(Effect.catchDefect(future, (defect) => Effect.succeed(String(defect))))

    await run(asyncio.sleep(1), { loopFactory: () => loop })

    assert.strictEqual(await Effect.runPromise(Fiber.join(fiber)), "RuntimeError: Event loop is closed")
  })
})
