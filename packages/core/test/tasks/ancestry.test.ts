import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { Effect, Exit, Fiber } from "effect"
import { collectGarbage } from "../collectGarbage.ts"
import { macrotask, run } from "../support.ts"

/** A task that tells who has created it. */
const creatorOf = Effect.map(asyncio.currentTask, (task) => task.createdBy?.name)

const awaited = <A, E>(task: Effect.Effect<asyncio.Task<A, E>>): Effect.Effect<A, E | asyncio.CancelledError> =>
  Effect.flatten(task)

describe("createdBy", () => {
  it("is the number and the name of the task whose code has made it, and nobody's for the main task", () =>
    run(
      Effect.gen(function* () {
        const main = yield* asyncio.currentTask
        const child = yield* asyncio.createTask(Effect.map(asyncio.createTask(Effect.void), (task) => task))
        const grandchild = yield* child

        assert.strictEqual(main.createdBy, undefined)
        assert.deepStrictEqual(child.createdBy?.toJSON(), { id: main.id, name: "Task-1" })
        assert.deepStrictEqual(grandchild.createdBy?.toJSON(), { id: child.id, name: "Task-2" })
      })
    ))

  it("is the same in every way to make one", () =>
    run(
      Effect.gen(function* () {
        const group = asyncio.taskGroup((group: asyncio.TaskGroup) =>
          Effect.gen(function* () {
            const task = yield* group.createTask(creatorOf)
            const told = yield* group.start((started: asyncio.Started<string | undefined>) =>
              Effect.flatMap(creatorOf, started)
            )
            return [yield* task, told]
          })
        )
        const coroutine: lowlevel.Coroutine<string | undefined, never> = {
          begin: (control) => control.end(Exit.succeed(control.task.createdBy?.name)),
          cancelRequested: () => {},
          describe: () => ({ name: "coroutine", definedAt: undefined, calledAt: undefined })
        }
        const loop = yield* asyncio.getRunningLoop

        const names = [
          yield* awaited(asyncio.createTask(creatorOf)),
          yield* awaited(asyncio.createTask(creatorOf, { eagerStart: true })),
          yield* Effect.scoped(Effect.flatMap(asyncio.createTaskScoped(creatorOf), (task) => task)),
          ...(yield* asyncio.gather([creatorOf])),
          ...(yield* group),
          ...(yield* asyncio.mapTasks([1], () => creatorOf, { concurrency: 1 })),
          yield* asyncio.race([creatorOf]),
          yield* lowlevel.createCoroutineTaskUnsafe(loop, coroutine),
          ...(yield* Effect.all([Effect.flatten(asyncio.createTask(creatorOf))], { concurrency: "unbounded" }))
        ]

        assert.deepStrictEqual(
          names,
          names.map(() => "main")
        )
      }),
      { name: "main" }
    ))

  it("is nobody in a callback, and for a fiber that was adopted", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const done = yield* loop.createFuture<asyncio.Task<string | undefined>>()
        yield* loop.callSoon(() => {
          Effect.runForkWith(loop.context)(
            Effect.flatMap(asyncio.createTask(creatorOf), (task) => done.setResult(task))
          )
        })
        const made = yield* done
        const adopted = yield* Effect.promise(() => Effect.runPromiseWith(loop.context)(asyncio.currentTask))

        assert.deepStrictEqual([yield* made, made.createdBy, adopted.createdBy], [undefined, undefined, undefined])
      })
    ))

  it("is a task that is over, where a fiber that it has left behind makes one", () =>
    run(
      Effect.gen(function* () {
        const later = Effect.andThen(Effect.sleep(10), asyncio.createTask(Effect.void))
        const creator = yield* asyncio.createTask(Effect.forkDetach(later), { name: "creator" })
        const fiber = yield* creator

        const task = yield* Fiber.join(fiber)

        assert.deepStrictEqual([creator.done(), task.createdBy?.name], [true, "creator"])
      })
    ))

  it("has the name that the creator was given last", () =>
    run(
      Effect.gen(function* () {
        const main = yield* asyncio.currentTask
        const first = yield* asyncio.createTask(Effect.void)
        yield* main.setName("renamed")
        const second = yield* asyncio.createTask(Effect.void)

        assert.deepStrictEqual([first.createdBy?.name, second.createdBy?.name], ["renamed", "renamed"])
      })
    ))
})

describe("createdAt", () => {
  it("is the time on the loop's clock", () =>
    run(
      Effect.gen(function* () {
        const times: Array<number> = []
        const note = Effect.map(asyncio.createTask(Effect.void), (task) => times.push(task.createdAt))

        yield* note
        yield* asyncio.sleep(5)
        yield* Effect.andThen(note, note)
        yield* Effect.sleep(0.5)
        yield* note

        assert.deepStrictEqual(times, [0, 5, 5, 5.5])
      })
    ))

  it("is not from before a loop that had nothing to do was woken", () =>
    asyncio.run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const made = yield* loop.createFuture<asyncio.Task<void>>()
        const woken: Array<number> = []
        // A timer of the host, of which the loop knows nothing.
        setTimeout(() => {
          woken.push(loop.time())
          Effect.runForkWith(loop.context)(
            Effect.flatMap(asyncio.createTask(Effect.void), (task) => made.setResult(task))
          )
        }, 20)

        const task = yield* made

        assert.isAtLeast(task.createdAt, woken[0]!)
      })
    ))
})

describe("what is known of who created whom", () => {
  /** Runs the loop for so many milliseconds, and lets go of what is over now and then. */
  const live = (millis: number) =>
    Effect.gen(function* () {
      for (let n = 0; n < millis; n += 500) {
        yield* asyncio.sleep(500)
        yield* Effect.promise(macrotask)
        collectGarbage()
      }
    })
  /** Each task creates the next one after a millisecond, and ends. */
  const generations = (options?: (n: number) => asyncio.CreateTaskOptions, n = 0): Effect.Effect<void> =>
    Effect.gen(function* () {
      yield* asyncio.sleep(1)
      yield* asyncio.createTask(generations(options, n + 1), options?.(n))
    })

  it("does not grow with the generations, where each task creates the next one and ends", () => {
    const known: Array<WeakRef<asyncio.TaskRef>> = []
    return run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        yield* loop.setTaskFactory((make, options) => {
          const task = make(options)
          if (task.createdBy !== undefined) known.push(new WeakRef(task.createdBy))
          return task
        })
        yield* asyncio.createTask(generations())

        yield* live(10_000)

        const kept = known.filter((ref) => ref.deref() !== undefined).length
        assert.isAbove(known.length, 9000)
        assert.isBelow(kept, 2000)
      })
    )
  })

  it("leads from the last of thousands of generations to the first", () =>
    run(
      Effect.gen(function* () {
        const first = yield* asyncio.createTask(generations())
        const other = yield* asyncio.createTask(Effect.void)
        yield* live(3000)

        const ofOther = yield* asyncio.cancelTree(other)
        const asked = yield* asyncio.cancelTree(first)
        yield* asyncio.sleep(1)

        assert.deepStrictEqual([ofOther.length, asked.length, (yield* asyncio.allTasks).size], [0, 1, 1])
      })
    ))

  it("ends at one that was detached, also when that is long gone", () =>
    run(
      Effect.gen(function* () {
        const first = yield* asyncio.createTask(generations((n) => ({ detached: n === 100 })))
        yield* live(3000)

        const asked = yield* asyncio.cancelTree(first)

        assert.deepStrictEqual([asked.length, (yield* asyncio.allTasks).size], [0, 2])
      })
    ))
})

describe("labels", () => {
  it("are what the task was made with, and nobody's else", () =>
    run(
      Effect.gen(function* () {
        const given = { job: 17, kind: "import", urgent: true }
        const child = Effect.flatMap(asyncio.createTask(Effect.void), (task) => Effect.succeed(task.labels))
        const task = yield* asyncio.createTask(child, { labels: given })
        given.job = 18

        assert.deepStrictEqual(task.labels, { job: 17, kind: "import", urgent: true })
        assert.deepStrictEqual(yield* task, {})
        assert.isTrue(Object.isFrozen(task.labels))
      })
    ))

  it("can be given wherever a task is made, and are known in its first step", () =>
    run(
      Effect.gen(function* () {
        const labels = { job: 17 }
        const own = Effect.map(asyncio.currentTask, (task) => task.labels)
        const group = asyncio.taskGroup((group: asyncio.TaskGroup) =>
          Effect.gen(function* () {
            const task = yield* group.createTask(own, { labels })
            const started = yield* group.start(
              (started: asyncio.Started<asyncio.Labels>) => Effect.flatMap(own, started),
              { labels }
            )
            return [yield* task, started]
          })
        )

        const seen = [
          yield* awaited(asyncio.createTask(own, { labels })),
          yield* awaited(asyncio.createTask(own, { labels, eagerStart: true })),
          yield* Effect.scoped(Effect.flatMap(asyncio.createTaskScoped(own, { labels }), (task) => task)),
          ...(yield* group)
        ]

        assert.deepStrictEqual(
          seen,
          seen.map(() => labels)
        )
      })
    ))

  it("of a main task are given to the run", async () => {
    const own = Effect.map(asyncio.currentTask, (task) => task.labels)

    assert.deepStrictEqual([await run(own, { labels: { job: 17 } }), await run(own)], [{ job: 17 }, {}])
  })

  it("pass through a task factory, which may change them", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        yield* loop.setTaskFactory((make, options) => make({ ...options, labels: { ...options?.labels, seen: true } }))

        const task = yield* asyncio.createTask(Effect.void, { labels: { job: 17 }, name: "worker" })

        assert.deepStrictEqual([task.labels, task.getName()], [{ job: 17, seen: true }, "worker"])
      })
    ))

  const bad: ReadonlyArray<readonly [labels: unknown, message: string]> = [
    ["import", "labels were expected by createTask(), got 'import'"],
    [null, "labels were expected by createTask(), got null"],
    [["a"], 'labels were expected by createTask(), got ["a"]'],
    [new Map([["job", 17]]), 'labels were expected by createTask(), got Map([["job",17]])'],
    [{ job: undefined }, "a string, a number or a boolean was expected for the label 'job', got undefined"],
    [{ job: { id: 17 } }, "a string, a number or a boolean was expected for the label 'job', got {\"id\":17}"],
    [{ job: 17n }, "a string, a number or a boolean was expected for the label 'job', got 17n"]
  ]
  for (const [labels, message] of bad) {
    it(`are refused at the call: ${message}`, () =>
      run(
        Effect.gen(function* () {
          const error = yield* Effect.flip(
            Effect.catchDefect(asyncio.createTask(Effect.void, { labels: labels as never }), Effect.fail)
          )

          assert.deepStrictEqual([String(error), (yield* asyncio.allTasks).size], [`TypeError: ${message}`, 1])
        })
      ))
  }
})
