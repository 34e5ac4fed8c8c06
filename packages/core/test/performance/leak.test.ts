import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Context, Effect } from "effect"
import { collectGarbage } from "../collectGarbage.ts"
import { type UnretrievedFailure, UnretrievedFailures } from "../../src/internal/loop/failures.ts"
import type { TaskImpl } from "../../src/internal/task/task.ts"
import { collectReports, macrotask, run } from "../support.ts"
import { iterations } from "../sync/syncSubjects.ts"

/** How many of the references lead to something yet. */
const count = (references: ReadonlyArray<WeakRef<object>>): number =>
  references.filter((each) => each.deref() !== undefined).length

const day = 24 * 60 * 60 * 1000
const taskCount = 10_000
const timersPerTask = 10

/** Numbers that look random and are the same in every run: Park and Miller's generator. */
const makeRandom = (seed: number) => {
  let state = seed
  return {
    below(limit: number): number {
      state = (state * 48_271) % 2_147_483_647
      return state % limit
    },
    pick<A>(items: ReadonlyArray<A>): A {
      return items[this.below(items.length)]!
    }
  }
}

const makeObjects = Effect.all({
  lock: asyncio.Lock.make(),
  event: asyncio.Event.make(),
  condition: asyncio.Condition.make(),
  semaphore: asyncio.Semaphore.make(3),
  bounded: asyncio.BoundedSemaphore.make(2),
  barrier: asyncio.Barrier.make(4),
  queue: asyncio.Queue.make<number>(),
  full: asyncio.Queue.make<number>({ maxsize: 2 }),
  stack: asyncio.LifoQueue.make<number>({ maxsize: 1 }),
  priorities: asyncio.PriorityQueue.make<number>({ maxsize: 1 })
})

type Objects = Effect.Success<typeof makeObjects>
type Random = ReturnType<typeof makeRandom>

/** Everything a task can wait in. Most of it takes longer than the task is let live. */
const waits = (objects: Objects, random: Random): ReadonlyArray<() => Effect.Effect<unknown, unknown>> => {
  const { barrier, bounded, condition, event, full, lock, priorities, queue, semaphore, stack } = objects
  const delay = () => random.below(600_000)
  const nap = () => asyncio.sleep(delay())
  const moment = () => asyncio.sleep(random.below(10))
  const several = () => [nap(), lock.use(moment()), event.wait, Effect.sleep(delay()), queue.get]
  const child = () => random.pick(several())
  return [
    nap,
    () => Effect.sleep(delay()),
    () => asyncio.sleep(0),
    () => lock.use(moment()),
    () => event.wait,
    () => condition.use(condition.wait),
    () => condition.use(condition.waitFor(() => random.below(3) === 0)),
    () => semaphore.use(moment()),
    () => bounded.use(moment()),
    () => barrier.wait,
    () => queue.get,
    () => queue.join,
    () => full.put(1),
    () => Effect.andThen(full.get, full.taskDone),
    () => stack.put(1),
    () => stack.get,
    () => priorities.put(random.below(10)),
    () => priorities.get,
    () => asyncio.gather(several()),
    () => asyncio.gather(several(), { returnExceptions: true }),
    () => asyncio.timeout(delay(), child()),
    () => asyncio.waitFor(child(), delay()),
    () => asyncio.shield(child()),
    () => asyncio.taskGroup((group) => Effect.forEach(several(), (body) => group.createTask(Effect.ignore(body)))),
    () =>
      Effect.flatMap(
        Effect.forEach([nap(), nap()], (body) => asyncio.createTask(body)),
        (tasks) => asyncio.wait(tasks, { timeout: delay(), returnWhen: "FIRST_COMPLETED" })
      ),
    () => Effect.all(several(), { concurrency: "unbounded" }),
    () => Effect.race(child(), nap()),
    () => Effect.timeout(child(), delay())
  ]
}

/** What keeps some of those who wait going: somebody who wakes, puts and gets. */
const helps = ({ barrier, condition, event, full, priorities, queue, stack }: Objects, random: Random) => [
  () => Effect.andThen(event.set, event.clear),
  () => condition.use(condition.notify(random.below(4))),
  () => condition.use(condition.notifyAll),
  () => Effect.andThen(queue.put(1), queue.put(2)),
  () => queue.taskDone,
  () => full.getNowait,
  () => stack.getNowait,
  () => priorities.putNowait(1),
  () => (random.below(4) === 0 ? barrier.reset : Effect.void)
]

/** Takes out what is left in the queues. */
const drain = ({ full, priorities, queue, stack }: Objects) =>
  Effect.forEach([full, priorities, queue, stack], (each: asyncio.Queue<number>) =>
    Effect.gen(function* () {
      while (!each.empty()) yield* each.getNowait
      while (String(each).includes("tasks=")) yield* each.taskDone
    })
  )

const idle = {
  lock: "<Lock [unlocked]>",
  event: "<Event [unset]>",
  condition: "<Condition [unlocked]>",
  semaphore: "<Semaphore [unlocked, value:3]>",
  bounded: "<BoundedSemaphore [unlocked, value:2]>",
  barrier: "<Barrier [filling, waiters:0/4]>",
  queue: "<Queue maxsize=0>",
  full: "<Queue maxsize=2>",
  stack: "<LifoQueue maxsize=1>",
  priorities: "<PriorityQueue maxsize=1>"
}

describe("a loop that has run for a day", () => {
  it("keeps nothing of 10,000 tasks and 100,000 timers that have come and gone", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const reports = collectReports(loop)
        const random = makeRandom(20_260)
        const objects = yield* makeObjects
        const kinds = waits(objects, random)
        const helpers = helps(objects, random)
        const counts = { made: 0, ended: 0, cancelled: 0, timers: 0, rang: 0, removed: 0, toCancel: 0 }
        // Sees every task, also those that gather and the like make.
        yield* loop.setTaskFactory((make, options) => {
          counts.made++
          const task = make(options)
          task.addDoneCallbackUnsafe(() => {
            counts.ended++
            if (task.cancelled()) counts.cancelled++
          })
          return task
        })
        const cancelLater = (task: asyncio.Task<unknown, unknown>) => {
          counts.toCancel++
          loop.callLaterUnsafe(random.below(300_000), () => {
            counts.toCancel--
            task.cancelUnsafe()
          })
        }
        const handles = new Set<asyncio.TimerHandle>()
        const setTimer = () => {
          counts.timers++
          const handle = loop.callLaterUnsafe(random.below(1_200_000), () => {
            counts.rang++
            handles.delete(handle)
          })
          handles.add(handle)
        }
        const removeTimer = (handle: asyncio.TimerHandle) => {
          counts.removed++
          handles.delete(handle)
          handle.cancelUnsafe()
        }

        for (let n = 0; n < taskCount; n++) {
          const body = Effect.ignore(random.pick(kinds)())
          const task = yield* asyncio.createTask(body, { eagerStart: random.below(4) === 0 })
          // Some tasks are cancelled before they start, most while they wait, some twice, a few come to their end.
          if (random.below(10) === 0) task.cancelUnsafe()
          else if (random.below(10) > 0) cancelLater(task)
          if (random.below(10) === 0) cancelLater(task)
          for (let i = 0; i < timersPerTask; i++) setTimer()
          for (const handle of handles) if (random.below(100) === 0) removeTimer(handle)
          yield* Effect.ignoreCause(random.pick(helpers)())
          yield* asyncio.sleep(Math.floor((day - 3_600_000) / taskCount))
        }
        for (const handle of handles) removeTimer(handle)
        for (const task of yield* asyncio.allTasks) {
          if (task !== (yield* asyncio.currentTask)) yield* task.cancel()
        }
        yield* iterations(20)
        const leftBehind = loop.snapshot()
        // The timers of those who were cancelled are gone at once, not when they are due.
        const timersOfOurs = counts.toCancel
        yield* drain(objects)
        yield* asyncio.sleep(day - loop.time())

        const { ready, tasks, time, timers } = loop.snapshot()
        assert.deepStrictEqual(
          [leftBehind.ready, leftBehind.timers, leftBehind.tasks.map((task) => task.name)],
          [0, timersOfOurs, ["main"]]
        )
        assert.deepStrictEqual([time, ready, timers, tasks.map((task) => task.name)], [day, 0, 0, ["main"]])
        assert.deepStrictEqual(
          Object.fromEntries(Object.entries(objects).map(([name, object]) => [name, String(object)])),
          idle
        )
        assert.deepStrictEqual(reports, [])
        assert.isAbove(counts.made, taskCount)
        assert.isAbove(counts.cancelled, taskCount / 2)
        assert.strictEqual(counts.ended, counts.made)
        assert.strictEqual(counts.timers, taskCount * timersPerTask)
        assert.deepStrictEqual([counts.rang + counts.removed, handles.size], [counts.timers, 0])
      }),
      { name: "main" }
    ))
})

const Level = Context.Reference<number>("Level", { defaultValue: () => 0 })

describe("a task that outlives the one that made it", () => {
  const makeChild = Effect.asVoid(asyncio.createTask(asyncio.sleep("1 hour"), { name: "child" }))
  const named = Effect.fn("named")(function* () {
    yield* makeChild
  })
  const creators: Record<string, Effect.Effect<void>> = {
    "by itself": makeChild,
    "in a coroutine with a name": named(),
    "with a service provided": Effect.provideService(makeChild, Level, 1),
    "in a span": Effect.withSpan(makeChild, "span")
  }

  for (const [where, creator] of Object.entries(creators)) {
    it(`does not keep that one, which made it ${where}`, () => {
      const makeCreator = Effect.map(asyncio.createTask(creator), (task) => new WeakRef(task))
      return run(
        Effect.gen(function* () {
          const made = yield* makeCreator
          yield* asyncio.sleep(1)

          for (let n = 0; n < 50 && made.deref() !== undefined; n++) {
            yield* Effect.promise(macrotask)
            collectGarbage()
          }

          const child = [...(yield* asyncio.allTasks)].find((task) => task.getName() === "child")
          assert.deepStrictEqual([made.deref(), child?.done()], [undefined, false])
        })
      )
    })
  }
})

describe("a task that is made where nothing was provided", () => {
  it("has the services of the one that made it, and not a copy", () =>
    run(
      Effect.gen(function* () {
        const baseOf = (task: asyncio.Task<unknown, unknown>) => (task as unknown as TaskImpl).base
        const made = yield* asyncio.createTask(asyncio.sleep(1))
        assert.strictEqual(baseOf(made), baseOf(yield* asyncio.currentTask))
      })
    ))
})

describe("a queue", () => {
  it("does not keep what was taken out of it", () => {
    return run(
      Effect.gen(function* () {
        const queue = yield* asyncio.Queue.make<object>()
        const add = Effect.suspend(() => {
          const item = {}
          return Effect.as(queue.put(item), new WeakRef(item))
        })
        const added = yield* add
        yield* add
        yield* Effect.asVoid(queue.get)

        for (let n = 0; n < 50 && added.deref() !== undefined; n++) {
          yield* Effect.promise(macrotask)
          collectGarbage()
        }

        assert.deepStrictEqual([added.deref(), queue.qsize()], [undefined, 1])
      })
    )
  })
})

describe("fibers that begin inside of each other", () => {
  it("are not kept by the loop when they have ended", async () => {
    const fibers: Array<WeakRef<object>> = []
    const nest = (levels: number): Effect.Effect<void> =>
      Effect.withFiber((fiber) => {
        fibers.push(new WeakRef(fiber))
        return levels === 0 ? Effect.void : Effect.forEach([levels - 1], nest, { concurrency: 2, discard: true })
      })

    const left = await run(
      Effect.gen(function* () {
        yield* nest(100)
        yield* yield* asyncio.createTask(Effect.void)
        const most = 20
        for (let n = 0; n < 50 && count(fibers) > most; n++) {
          yield* Effect.promise(macrotask)
          collectGarbage()
        }
        return [fibers.length, count(fibers) <= most]
      })
    )

    assert.deepStrictEqual(left, [101, true])
  })
})

describe("what a loop has told of", () => {
  const collected = async (ref: WeakRef<object>): Promise<boolean> => {
    for (let n = 0; n < 50 && ref.deref() !== undefined; n++) {
      await macrotask()
      collectGarbage()
    }
    return ref.deref() === undefined
  }

  it("is not kept by it: the error that has stopped a run", async () => {
    // As virtual time stops it, with a DeadlockError.
    const loop = asyncio.newEventLoop() as asyncio.EventLoop & { stopUnsafe(error: Error): void }
    const stopped = async () => {
      const error = new Error("stop")
      loop.callSoonUnsafe(() => loop.stopUnsafe(error))
      await loop.runUntilComplete(loop.createFutureUnsafe()).catch(() => {})
      return new WeakRef(error)
    }

    assert.isTrue(await collected(await stopped()))
    loop.closeUnsafe()
  })

  it("is not kept until the process ends: a failure that was retrieved", async () => {
    const make = () => {
      const failures = new UnretrievedFailures(() => {})
      failures.untilExit = true
      const failure = { kind: "Task" } as UnretrievedFailure
      failures.add({}, failure)
      failures.delete(failure)
      return new WeakRef(failures)
    }

    assert.isTrue(await collected(make()))
  })
})

describe("asCompleted", () => {
  it("is not kept by what it was made of, when nobody has it any more", async () => {
    await run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const future = loop.createFutureUnsafe<void>()
        const made = yield* Effect.map(asyncio.asCompleted([future]), (completions) => new WeakRef(completions))

        for (let n = 0; n < 50 && made.deref() !== undefined; n++) {
          yield* Effect.promise(macrotask)
          collectGarbage()
        }

        assert.isUndefined(made.deref())
        future.setResultUnsafe()
      })
    )
  })
})
