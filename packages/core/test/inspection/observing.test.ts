import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect } from "effect"
import { known } from "../../src/internal/loop/knownLoops.ts"
import { run } from "../support.ts"

type AnyTask = asyncio.Task<unknown, unknown>

/** An observer that writes down everything that happens. */
const writing = (lines: Array<string>): lowlevel.LoopObserver => {
  const add = (what: string) => (task: AnyTask) => void lines.push(`${task.getName()} ${what}`)
  return {
    created: (task, by) => void lines.push(`${by?.getName() ?? "nobody"} makes ${task.getName()}`),
    stepBegins: add("goes on"),
    stepEnds: add("is at the end of its step"),
    waits: (task) =>
      void lines.push(
        `${task.getName()} waits: ${lowlevel
          .awaitsUnsafe(task)
          .map(({ kind }) => kind)
          .join()}`
      ),
    woken: add("is woken"),
    cancelRequested: (task, error, by) =>
      void lines.push(`${by?.getName() ?? "nobody"} cancels ${task.getName()}: ${error.reason}`),
    ended: (task) => void lines.push(`${task.getName()} is ${task.cancelled() ? "cancelled" : "done"}`)
  }
}

const observing = <A, E>(observer: lowlevel.LoopObserver, body: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.gen(function* () {
    const stop = lowlevel.observeUnsafe(yield* asyncio.getRunningLoop, observer)
    const result = yield* body
    stop()
    return result
  })

describe("observeUnsafe", () => {
  it("leaves nobody on the loop when all have left, in any order", async () => {
    const body = Effect.gen(function* () {
      const loop = yield* asyncio.getRunningLoop
      const [first, second, third] = [{}, {}, {}].map((observer) => lowlevel.observeUnsafe(loop, observer))
      first?.()
      third?.()
      second?.()
      return (loop as unknown as { readonly observer: unknown }).observer
    })

    assert.isUndefined(await asyncio.run(body))
  })

  it("tells of a task from its beginning to its end, in order", async () => {
    const lines: Array<string> = []
    const body = Effect.flatMap(asyncio.createTask(asyncio.sleep(1), { name: "worker" }), (task) => task)

    await asyncio.run(observing(writing(lines), body))

    assert.deepStrictEqual(lines, [
      "Task-1 makes worker",
      "worker is woken",
      "worker goes on",
      "worker is at the end of its step",
      "worker waits: sleep",
      "worker is woken",
      "worker goes on",
      "Task-1 is woken",
      "worker is done",
      "worker is at the end of its step",
      "Task-1 goes on",
      "Task-1 is at the end of its step"
    ])
  })

  it("tells once of a task that begins eagerly, and not of one in whose first step it has begun", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const loop = yield* asyncio.getRunningLoop
        const begin = (name: string, first: () => void) =>
          asyncio.createTask(Effect.andThen(Effect.sync(first), asyncio.sleep(1)), { name, eagerStart: true })

        const before = yield* begin("before", () => lowlevel.observeUnsafe(loop, writing(lines)))
        const later = yield* begin("later", () => {})

        yield* asyncio.wait([before, later])
        assert.deepStrictEqual(
          lines.filter((line) => line.includes("makes")),
          ["Task-1 makes later"]
        )
      })
    ))

  it("tells who asks a task to cancel itself", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const { cancelRequested, ended } = writing(lines)
        const cancel = Effect.gen(function* () {
          const task = yield* asyncio.createTask(asyncio.sleep("1 hour"), { name: "worker" })
          yield* asyncio.sleep(0)
          yield* asyncio.cancelAndWait(task, { message: "enough" })
        })

        yield* observing({ cancelRequested, ended }, cancel)

        assert.deepStrictEqual(lines, ["Task-1 cancels worker: enough", "worker is cancelled"])
      })
    ))

  it("tells several observers, a watcher of virtual time among them, and none that has stopped", async () => {
    const seen: Array<string> = []
    const created = (who: string): lowlevel.LoopObserver => ({
      created: (task) => seen.push(`${who}: ${task.getName()}`)
    })
    const task = (name: string) => asyncio.createTask(Effect.void, { name })
    const loopFactory = () =>
      makeVirtualTimeLoop({
        onEvent: (event) => event.type === "created" && seen.push(`watcher: ${event.task.getName()}`)
      })

    await run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const stops = ["first", "second"].map((who) => lowlevel.observeUnsafe(loop, created(who)))
        yield* task("a")
        stops[0]?.()
        yield* task("b")
        stops[1]?.()
        stops[1]?.()
        yield* task("c")
      }),
      { loopFactory }
    )

    assert.deepStrictEqual(seen, [
      "watcher: Task-1",
      "watcher: a",
      "first: a",
      "second: a",
      "watcher: b",
      "second: b",
      "watcher: c"
    ])
  })

  it("tells the first one of a step around the others, and of its end only those who heard of its begin", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const loop = yield* asyncio.getRunningLoop
        const observe = (who: string) =>
          lowlevel.observeUnsafe(loop, {
            stepBegins: () => lines.push(`begin: ${who}`),
            stepEnds: () => lines.push(`end: ${who}`)
          })
        observe("first")
        observe("second")

        yield* asyncio.sleep(0)
        observe("third")
        yield* asyncio.sleep(0)

        assert.deepStrictEqual(lines.slice(0, 4), ["begin: first", "begin: second", "end: second", "end: first"])
        assert.deepStrictEqual(lines.slice(4), ["begin: first", "begin: second", "begin: third"])
      })
    ))

  it("calls an observer that throws no more, and has the exception handler told", () =>
    run(
      Effect.gen(function* () {
        const reports: Array<unknown> = []
        const loop = yield* asyncio.getRunningLoop
        yield* loop.setExceptionHandler((_, { exception, message }) => void reports.push([message, exception]))
        let calls = 0
        lowlevel.observeUnsafe(loop, {
          created: () => {
            calls++
            // oxlint-disable-next-line no-throw-literal
            throw "no"
          }
        })

        yield* asyncio.createTask(Effect.void)
        yield* asyncio.createTask(Effect.void)

        assert.strictEqual(calls, 1)
        assert.deepStrictEqual(reports, [["Exception in an observer of the loop", "no"]])
      })
    ))

  it("has a snapshot say since when a task waits, and when its cancellation was asked for", () =>
    run(
      Effect.gen(function* () {
        const stubborn = Effect.uninterruptible(asyncio.sleep(20))
        const before = yield* asyncio.createTask(asyncio.sleep(20))
        yield* asyncio.sleep(5)
        const shots = yield* observing(
          {},
          Effect.gen(function* () {
            const task = yield* asyncio.createTask(stubborn)
            yield* asyncio.sleep(3)
            yield* task.cancel("late")
            return [before.snapshot(), task.snapshot()]
          })
        )

        const main = yield* asyncio.currentTask
        const cancellation = { kind: "requested", reason: "late", requestedBy: main.toRef().toJSON(), askedAt: 8 }
        assert.deepStrictEqual(
          shots.map(({ cancellation, waitingSince }) => ({ waitingSince, cancellation })),
          [
            { waitingSince: undefined, cancellation: undefined },
            { waitingSince: 5, cancellation }
          ]
        )
      })
    ))

  it("has a snapshot say since when a task waits, whoever else watches the loop", () =>
    run(
      Effect.gen(function* () {
        const shot = yield* observing(
          {},
          Effect.gen(function* () {
            const task = yield* asyncio.createTask(asyncio.sleep(20))
            yield* asyncio.sleep(5)
            return task.snapshot()
          })
        )

        assert.strictEqual(shot.waitingSince, 0)
      }),
      { loopFactory: () => makeVirtualTimeLoop({ onEvent: () => {} }) }
    ))
})

describe("loopsUnsafe", () => {
  it("lists a loop until it is closed", async () => {
    const runner = new asyncio.Runner()
    const loop = runner.getLoop()
    const during = lowlevel.loopsUnsafe().includes(loop)

    await runner.close()

    assert.deepStrictEqual({ during, after: lowlevel.loopsUnsafe().includes(loop) }, { during: true, after: false })
  })

  it("tells of loops that are made, until that is stopped", () => {
    let made = 0
    const stop = lowlevel.onLoopUnsafe(() => made++)
    makeVirtualTimeLoop()
    stop()
    makeVirtualTimeLoop()

    assert.strictEqual(made, 1)
  })

  it("tells of a loop when it is whole", () => {
    const made: Array<string> = []
    const stop = lowlevel.onLoopUnsafe((loop) => made.push(String(loop)))
    makeVirtualTimeLoop()
    asyncio.newEventLoop()
    stop()

    assert.deepStrictEqual(made, ["<EventLoop stopped ready=0 timers=0>", "<EventLoop stopped ready=0 timers=0>"])
  })

  it("forgets loops that nobody has any more, sooner or later", () => {
    for (let i = 0; i < 200; i++) makeVirtualTimeLoop()

    assert.isAtLeast(lowlevel.loopsUnsafe().length, 1)
  })

  it("forgets loops that are closed, also where nobody asks for the list", () => {
    const before = lowlevel.loopsUnsafe().length
    for (let i = 0; i < 500; i++) makeVirtualTimeLoop().closeUnsafe()

    assert.isAtMost(known().loops.size, before + 64)
  })
})

describe("onMadeUnsafe", () => {
  it("tells each of several listeners what is made, until it stops", () =>
    run(
      Effect.gen(function* () {
        const made: Array<string> = []
        const [stopFirst, stopSecond] = ["first", "second"].map((who) =>
          lowlevel.onMadeUnsafe(({ kind }) => made.push(`${who}: ${kind}`))
        )

        yield* asyncio.Lock.make()
        stopFirst?.()
        yield* asyncio.Semaphore.make(1)
        stopSecond?.()
        stopSecond?.()
        yield* asyncio.Queue.make()

        assert.deepStrictEqual(made, ["first: lock", "second: lock", "second: semaphore"])
      })
    ))
})
