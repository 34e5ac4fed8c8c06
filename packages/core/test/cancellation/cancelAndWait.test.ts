import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"

/** A task that takes `millis` to clean up after a cancellation. */
const cleaning = (millis: number, name: string) =>
  asyncio.createTask(
    asyncio.catchCancelled(asyncio.sleep("1 hour"), () => asyncio.sleep(millis)),
    { name }
  )

const namesOf = (tasks: ReadonlyArray<asyncio.Task<unknown, unknown>>) => tasks.map((task) => task.getName())

describe("cancelAndWait", () => {
  it("waits until every task is done, however long the cleaning up takes", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const tasks = [yield* cleaning(100, "one"), yield* cleaning(300, "two"), yield* cleaning(200, "three")]
        yield* asyncio.sleep(0)

        const { cancelled, ignoring } = yield* asyncio.cancelAndWait(tasks)

        assert.deepStrictEqual([ignoring, loop.time()], [[], 300])
        assert.deepStrictEqual(cancelled, [])
        assert.isTrue(tasks.every((task) => task.done()))
      })
    ))

  it("gives the tasks that are not done when the time is up, in the order they were given", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const tasks = [yield* cleaning(300, "slow"), yield* cleaning(50, "quick"), yield* cleaning(200, "slower")]
        yield* asyncio.sleep(0)

        const { finished, ignoring } = yield* asyncio.cancelAndWait(tasks, { timeout: 100 })

        assert.deepStrictEqual(namesOf(finished), ["quick"])
        assert.deepStrictEqual([ignoring.map(({ name }) => name), loop.time()], [["slow", "slower"], 100])
        assert.deepStrictEqual([tasks[0]!.cancelling(), tasks[0]!.done()], [1, false])
      })
    ))

  it("gives its message to every task", () =>
    run(
      Effect.gen(function* () {
        const reasons: Array<string | undefined> = []
        const body = asyncio.catchCancelled(asyncio.sleep("1 hour"), ({ reason }) =>
          Effect.sync(() => void reasons.push(reason))
        )
        const tasks = [yield* asyncio.createTask(body), yield* asyncio.createTask(body)]
        yield* asyncio.sleep(0)

        yield* asyncio.cancelAndWait(tasks, { message: "closing" })

        assert.deepStrictEqual(reasons, ["closing", "closing"])
      })
    ))

  it("says in whose name it asks", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(asyncio.sleep("1 hour"))

        yield* asyncio.cancelAndWait([task])

        const error = yield* Effect.flip(task)
        assert.deepStrictEqual([error._tag, error.requestedBy?.name], ["CancelledError", "Task-1"])
      })
    ))

  it("does not fail when the tasks do, and leaves what is done alone", () =>
    run(
      Effect.gen(function* () {
        const done = yield* asyncio.createTask(Effect.succeed("done"))
        yield* done
        const failing = yield* asyncio.createTask(Effect.ensuring(asyncio.sleep("1 hour"), Effect.die("in cleanup")))
        yield* asyncio.sleep(0)

        const report = yield* asyncio.cancelAndWait<asyncio.Task<unknown, unknown>>([done, failing])

        assert.deepStrictEqual(report, {
          cancelled: [],
          finished: [done],
          failed: [failing],
          ignoring: [],
          notFound: []
        })
        assert.deepStrictEqual([done.cancelled(), yield* done], [false, "done"])
        assert.deepStrictEqual([failing.cancelled(), yield* failing.exception()], [false, "in cleanup"])
      })
    ))

  it("asks nothing of nobody when there are no tasks", () =>
    run(
      Effect.gen(function* () {
        const nothing = { cancelled: [], finished: [], failed: [], ignoring: [], notFound: [] }
        assert.deepStrictEqual(yield* asyncio.cancelAndWait([]), nothing)
      })
    ))

  it("takes any iterable once, and the same task twice as one request", () =>
    run(
      Effect.gen(function* () {
        const task = yield* cleaning(10, "twice")
        yield* asyncio.sleep(0)
        const tasks = (function* () {
          yield task
          yield task
        })()

        const { ignoring } = yield* asyncio.cancelAndWait(tasks, { timeout: 5 })

        assert.deepStrictEqual([ignoring.map(({ name }) => name), task.cancelling()], [["twice"], 1])
      })
    ))

  it("can be repeated, and asks each time it runs", () =>
    run(
      Effect.gen(function* () {
        const task = yield* cleaning(30, "slow")
        yield* asyncio.sleep(0)
        const attempt = asyncio.cancelAndWait([task], { timeout: 10 })

        const attempts = [yield* attempt, yield* attempt]

        assert.deepStrictEqual(
          attempts.map(({ cancelled, ignoring }) => [namesOf(cancelled), ignoring.length]),
          [
            [[], 1],
            [["slow"], 0]
          ]
        )
      })
    ))

  it("that is cancelled itself ends at once; the tasks stay asked", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const task = yield* cleaning(100, "slow")
        yield* asyncio.sleep(0)
        const closing = yield* asyncio.createTask(asyncio.cancelAndWait([task]))
        yield* asyncio.sleep(0)

        yield* closing.cancel()
        yield* Effect.flip(closing)

        assert.deepStrictEqual(
          { time: loop.time(), done: task.done(), cancelling: task.cancelling() },
          { time: 0, done: false, cancelling: 1 }
        )
        yield* asyncio.wait([task])
        assert.strictEqual(loop.time(), 100)
      })
    ))

  it("keeps the type of the tasks", () => {
    const tasks: Array<asyncio.Task<number, string>> = []

    type Report = Effect.Effect<asyncio.CancelReport<asyncio.Task<number, string>>>
    expectTypeOf(asyncio.cancelAndWait(tasks)).toEqualTypeOf<Report>()
    expectTypeOf(() => asyncio.cancelAndWait(tasks[0]!)).returns.toEqualTypeOf<Report>()
    expectTypeOf(asyncio.cancelAndWait(tasks, { tree: true })).toEqualTypeOf<Effect.Effect<asyncio.CancelReport>>()
    expectTypeOf(asyncio.cancelAndWait(["a", 1, { job: 1 }, (task) => task.done()])).toEqualTypeOf<
      Effect.Effect<asyncio.CancelReport>
    >()
  })
})

describe("what cancelAndWait takes", () => {
  const sleeper = (name: string, labels?: asyncio.Labels) =>
    asyncio.createTask(asyncio.sleep("1 hour"), { name, labels })

  it("is a task, a name, an id, labels or a function, or several of these", () =>
    run(
      Effect.gen(function* () {
        const tasks = [
          yield* sleeper("one"),
          yield* sleeper("two"),
          yield* sleeper("two"),
          yield* sleeper("three", { job: 17, kind: "import" }),
          yield* sleeper("four", { job: 18, kind: "import" }),
          yield* sleeper("five")
        ]
        const stop = (query: asyncio.Task<unknown, unknown> | asyncio.TaskQuery) =>
          Effect.map(asyncio.cancelAndWait(query), ({ cancelled }) => namesOf(cancelled))

        const seen = [
          yield* stop("two"),
          yield* stop(tasks[0]!),
          yield* stop({ job: 17, kind: "import" }),
          yield* stop((task) => task.labels["kind"] === "import"),
          yield* stop(tasks[5]!.id)
        ]
        const several = yield* asyncio.cancelAndWait([tasks[0]!, "two", tasks[5]!.id, { job: 18 }, () => true])

        assert.deepStrictEqual(seen, [["two", "two"], ["one"], ["three"], ["four"], ["five"]])
        assert.deepStrictEqual(
          [namesOf(several.cancelled), several.notFound],
          [["one"], ["two", tasks[5]!.id, { job: 18 }]]
        )
      })
    ))

  it("is asked with its tree in the order in which the tasks were made, and without the one that asks", () =>
    run(
      Effect.gen(function* () {
        const hour = asyncio.sleep("1 hour")
        let report: asyncio.CancelReport | undefined
        const roots: Array<asyncio.Task<unknown, unknown>> = []
        const asking = Effect.gen(function* () {
          yield* asyncio.sleep(1)
          report = yield* asyncio.cancelAndWait(roots.toReversed(), { tree: true })
        })
        const root = Effect.gen(function* () {
          yield* asyncio.createTask(asking)
          yield* asyncio.createTask(hour, { name: "helper" })
          yield* hour
        })
        roots.push(
          yield* asyncio.createTask(root, { name: "first" }),
          yield* asyncio.createTask(hour, { name: "last" })
        )
        yield* asyncio.sleep(5)

        assert.deepStrictEqual(namesOf(report!.cancelled), ["first", "last", "helper"])
        const own = Effect.flatMap(asyncio.currentTask, (me) => asyncio.cancelAndWait(me, { tree: true }))
        const me = yield* asyncio.createTask(own)
        yield* asyncio.wait([me])
        assert.isTrue(me.cancelled())
      })
    ))

  it("does not mean the one that asks, unless that gives itself", () =>
    run(
      Effect.gen(function* () {
        const task = yield* sleeper("sleeper")
        const stopAll = yield* asyncio.createTask(asyncio.cancelAndWait(({ labels }) => labels["main"] !== true))
        const main = yield* asyncio.currentTask
        const stopMain = asyncio.cancelAndWait(main, { timeout: 5 })

        const all = yield* asyncio.wait([task])
        const report = yield* Effect.exit(stopAll)
        const own = yield* Effect.exit(stopMain)

        assert.deepStrictEqual([all.done.size, task.cancelled()], [1, true])
        assert.deepStrictEqual([report._tag, own._tag], ["Failure", "Failure"])
      })
    ).catch(() => {}))

  it("tells what those wait for that ignore it, through the tasks that they wait for", () =>
    run(
      Effect.gen(function* () {
        const lock = yield* asyncio.Lock.make()
        yield* lock.acquire
        const uninterruptibly = <A, E>(effect: Effect.Effect<A, E>, name: string) =>
          asyncio.createTask(Effect.uninterruptible(effect), { name })
        const writer = yield* asyncio.createTask(Effect.uninterruptible(lock.acquire), { name: "writer" })
        const flush = yield* uninterruptibly(asyncio.wait([writer]), "flush")
        const close = yield* uninterruptibly(asyncio.wait([flush]), "close")
        const foreign = yield* uninterruptibly(Effect.sleep("1 hour"), "foreign")
        yield* asyncio.sleep(0)

        const { ignoring } = yield* asyncio.cancelAndWait([close, foreign], { timeout: 10 })
        yield* lock.release

        assert.deepStrictEqual(
          ignoring.map(({ id, name, task, waitingFor }) => [id === task.id, name, waitingFor]),
          [
            [true, "close", ["flush", "writer", "<Future pending cb=[Task.task_wakeup()]>"]],
            [true, "foreign", []]
          ]
        )
        assert.match(ignoring[0]!.coroutine, /^coroutine\(\) running/)
      })
    ))

  it("names no more than ten of a chain, and a ring once", () =>
    run(
      Effect.gen(function* () {
        let last: asyncio.Task<unknown, unknown> = yield* asyncio.createTask(Effect.uninterruptible(asyncio.sleep(50)))
        for (let n = 0; n < 20; n++) {
          last = yield* asyncio.createTask(Effect.uninterruptible(asyncio.wait([last])), { name: `chain-${n}` })
        }
        yield* asyncio.sleep(0)

        const { ignoring } = yield* asyncio.cancelAndWait("chain-19", { timeout: 5 })

        const { waitingFor } = ignoring[0]!
        assert.deepStrictEqual([waitingFor.length, waitingFor[0], waitingFor.at(-1)], [11, "chain-18", "..."])

        const inRing: asyncio.Task<unknown, unknown> = yield* asyncio.createTask(
          Effect.suspend(() => Effect.uninterruptible(asyncio.wait([other], { timeout: 50 })))
        )
        const other = yield* asyncio.createTask(Effect.uninterruptible(inRing), { name: "other" })
        yield* asyncio.sleep(0)

        const ring = yield* asyncio.cancelAndWait(inRing, { timeout: 5 })

        assert.deepStrictEqual(ring.ignoring[0]!.waitingFor, ["other"])
      })
    ))
})
