/**
 * The kit over our own code: locks, queues, groups and what is made of them hold wherever they are cancelled, and whatever the outside does.
 *
 * Each program is made so that its parts meet: more tasks than permits, producers and consumers that wait for each other.
 */
import * as asyncio from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { fakeIo, ledger } from "@effect-asyncio/testing"
import { describe, it } from "@effect-asyncio/testing/vitest"
import { Effect } from "effect"
import { assert } from "vitest"

const names = ["a", "b", "c"]
const pairs = 300

/** Each of them once, in a group. */
const inGroup = (body: (name: string) => Promise<unknown>) =>
  asyncio.taskGroup(async (group) => {
    for (const name of names) group.createTask(() => body(name), { name })
  })

const coreGroup = (body: (name: string) => Effect.Effect<unknown, unknown>) =>
  core.taskGroup((group: core.TaskGroup) =>
    Effect.forEach(names, (name) => group.createTask(body(name), { name }), { discard: true })
  )

/** Nobody is in it but who has come by the lock. */
const alone = () => {
  const inside = ledger<string>("the section")
  return {
    enter: () => inside.take("place"),
    leave: () => inside.giveBack("place")
  }
}

describe("a lock", () => {
  it.sweep(
    "lets one in at a time, and the next one when that is cancelled",
    async () => {
      const lock = new asyncio.Lock()
      const { enter, leave } = alone()
      await inGroup(() =>
        lock.use(async () => {
          enter()
          try {
            await asyncio.sleep(1)
          } finally {
            leave()
          }
        })
      )
      assert.isFalse(lock.locked())
    },
    { pairs }
  )

  it.sweep.core(
    "of core too",
    Effect.gen(function* () {
      const lock = yield* core.Lock.make()
      const { enter, leave } = alone()
      const section = Effect.acquireUseRelease(
        Effect.sync(enter),
        () => core.sleep(1),
        () => Effect.sync(leave)
      )
      yield* coreGroup(() => lock.use(section))
    }),
    { pairs }
  )

  it.sweep.core(
    "goes to the next one where who was given it is cancelled, and gets it later",
    Effect.gen(function* () {
      const lock = yield* core.Lock.make()
      yield* coreGroup(() =>
        Effect.gen(function* () {
          const again = Effect.map(core.currentTask, (task) => {
            while (task.cancelling() > 0) task.uncancelUnsafe()
          })
          yield* core.catchCancelled(lock.use(core.sleep(1)), () => again)
          yield* lock.use(core.sleep(1))
        })
      )
    }),
    { pairs }
  )
})

describe("a semaphore", () => {
  it.sweep(
    "goes on to the next one where who was given a permit is cancelled",
    async () => {
      const permits = new asyncio.Semaphore(1)
      await asyncio.taskGroup(async (group) => {
        for (const name of ["a", "b", "c", "d"]) {
          group.createTask(
            async () => {
              await permits.acquire()
              try {
                await asyncio.sleep(1)
              } finally {
                permits.release()
              }
            },
            { name }
          )
        }
      })
    },
    { pairs }
  )

  it.sweep(
    "has its permits back",
    async () => {
      const permits = new asyncio.Semaphore(2)
      await inGroup(() => permits.use(() => asyncio.sleep(1)))
    },
    { pairs }
  )

  it.sweep.core(
    "has its permits back after acquire and release",
    Effect.gen(function* () {
      const permits = yield* core.BoundedSemaphore.make(1)
      yield* coreGroup(() =>
        Effect.acquireUseRelease(
          permits.acquire,
          () => core.sleep(1),
          () => permits.release
        )
      )
    }),
    { pairs }
  )
})

describe("a queue", () => {
  /** Every item that was put is got once, or is in the queue. */
  const check = ({ got, put, queue }: { got: Array<number>; put: Array<number>; queue: asyncio.Queue<number> }) => {
    const left: Array<number> = []
    while (!queue.empty()) left.push(queue.getNowait())
    assert.sameMembers([...got, ...left], put)
  }

  it.sweep(
    "loses no item, and doubles none",
    async ({ got, put, queue }) => {
      await asyncio.taskGroup(async (group) => {
        for (const name of ["producer 1", "producer 2"]) {
          group.createTask(
            async () => {
              for (let i = 0; i < 2; i++) {
                const item = put.length
                await queue.put(item)
                put.push(item)
                if (i === 0) await asyncio.sleep(1)
              }
            },
            { name }
          )
        }
        for (const name of ["consumer 1", "consumer 2"]) {
          group.createTask(
            async () => {
              for (let i = 0; i < 2; i++) got.push(await queue.get())
            },
            { name }
          )
        }
      })
    },
    {
      setup: () => ({
        queue: new asyncio.Queue<number>({ maxsize: 1 }),
        put: [] as Array<number>,
        got: [] as Array<number>
      }),
      // The two producers take their numbers from the same list.
      check: ({ got, put, queue }) => check({ got: [...new Set(got)], put: [...new Set(put)], queue }),
      // Who waits for an item that a cancelled producer would have put waits for ever: that is the program's.
      ignore: ["hangs"],
      pairs
    }
  )

  /** Nobody waits for what is there. */
  interface Standing {
    waiting: number
    left: number
  }

  const stand = async (
    state: Standing,
    left: () => number,
    tasks: ReadonlyArray<asyncio.Task<unknown>>
  ): Promise<void> => {
    await asyncio.sleep(1)
    state.left = left()
    state.waiting = tasks.filter((task) => !task.done()).length
    await asyncio.cancelAndWait(tasks)
  }

  const standing = {
    setup: (): Standing => ({ waiting: 0, left: 0 }),
    check: ({ left, waiting }: Standing) => assert.isFalse(left > 0 && waiting > 0, "somebody waits for what is there"),
    // The main task does not wait for its helpers where it is cancelled itself.
    ignore: ["tasks"] as const
  }

  it.sweep(
    "hands an item on where who was woken for it is cancelled",
    async (state: Standing) => {
      const queue = new asyncio.Queue<number>()
      const consumers = names.map((name) => asyncio.createTask(() => queue.get(), { name }))
      await asyncio.sleep(1)
      queue.putNowait(1)
      await stand(state, () => queue.qsize(), consumers)
    },
    standing
  )

  it.sweep(
    "hands a place on where who was woken for it is cancelled",
    async (state: Standing) => {
      const queue = new asyncio.Queue<number>({ maxsize: 1 })
      queue.putNowait(0)
      const producers = names.map((name) => asyncio.createTask(() => queue.put(1), { name }))
      await asyncio.sleep(1)
      queue.getNowait()
      await stand(state, () => 1 - queue.qsize(), producers)
    },
    standing
  )

  it.sweep(
    "passes over who is cancelled in the iteration in which an item comes",
    async (state: Standing) => {
      const queue = new asyncio.Queue<number>()
      const consumers = names.map((name) => asyncio.createTask(() => queue.get(), { name }))
      // Both go on in one iteration: a consumer cancelled behind the first has not left the wait queue when the second puts.
      await asyncio.taskGroup(async (group) => {
        group.createTask(() => asyncio.sleep(1).then(() => asyncio.sleep(1)), { name: "first" })
        group.createTask(() => asyncio.sleep(1).then(() => queue.putNowait(1)), { name: "second" })
      })
      await stand(state, () => queue.qsize(), consumers)
    },
    { ...standing, victims: ["others"] }
  )

  it.sweep(
    "is joined however its workers end",
    async () => {
      const queue = new asyncio.Queue<number>()
      for (const item of [1, 2, 3]) queue.putNowait(item)
      await asyncio.taskGroup(async (group) => {
        const worker = async (): Promise<void> => {
          while (!queue.empty()) {
            await queue.get()
            try {
              await asyncio.sleep(1)
            } finally {
              queue.taskDone()
            }
          }
        }
        group.createTask(worker, { name: "worker 1" })
        group.createTask(worker, { name: "worker 2" })
      })
    },
    { pairs }
  )
})

describe("a condition, an event and a barrier", () => {
  it.sweep("give the lock back", async () => {
    const condition = new asyncio.Condition()
    let ready = false
    await asyncio.timeout(100, () =>
      asyncio.taskGroup(async (group) => {
        for (const name of names) {
          group.createTask(() => condition.use(() => condition.waitFor(() => ready)), { name })
        }
        await asyncio.sleep(1)
        await condition.use(async () => {
          ready = true
          condition.notifyAll()
        })
      })
    )
  })

  it.sweep(
    "hand a notification on where who was notified is cancelled",
    async (state: { notified: number; passed: number }) => {
      const condition = new asyncio.Condition()
      const waiters = names.map((name) =>
        asyncio.createTask(() => condition.use(() => condition.wait().then(() => state.passed++)), { name })
      )
      await asyncio.sleep(1)
      await condition.use(async () => {
        condition.notify()
        state.notified++
        // Who was notified waits for the lock.
        await asyncio.sleep(1)
      })
      await asyncio.sleep(1)
      await asyncio.cancelAndWait(waiters)
    },
    {
      setup: () => ({ notified: 0, passed: 0 }),
      check: ({ notified, passed }) => assert.isAtLeast(passed, notified, "who was notified"),
      // The main task does not wait for its helpers where it is cancelled itself, and they are not notified then.
      victims: ["task", "others"],
      ignore: ["tasks"]
    }
  )

  it.sweep("wake who waits", async () => {
    const event = new asyncio.Event()
    await inGroup(async (name) => {
      if (name === "c") event.set()
      else await asyncio.timeout(100, () => event.wait())
    })
  })

  it.sweep(
    "let nobody wait for who does not come",
    async () => {
      const barrier = new asyncio.Barrier(3)
      await inGroup((name) =>
        asyncio.timeout(100, () => (name === "c" ? asyncio.sleep(1).then(() => barrier.wait()) : barrier.wait()))
      )
    },
    { allowError: (error) => /BrokenBarrier/.test(String(error)) }
  )

  it.sweep("let nobody pass a barrier before all have come", async () => {
    const barrier = new asyncio.Barrier(3)
    let here = 0
    let most = 0
    await inGroup(async (name) => {
      await asyncio.sleep(name === "c" ? 2 : 1)
      most = Math.max(most, ++here)
      try {
        await asyncio.timeout(100, () => barrier.wait())
        assert.strictEqual(most, 3, "so many have come")
      } finally {
        here--
      }
    })
  })
})

describe("a group", () => {
  it.sweep("does not fail for a task that is cancelled", () => inGroup(() => asyncio.sleep(1)), {
    check: (_, { kind }) => assert.notStrictEqual(kind, "failed")
  })

  it.sweep("cancels its tasks where its body is cancelled", () => {
    const isThere = new asyncio.Event()
    return asyncio.taskGroup(async (group) => {
      group.createTask(() => isThere.wait(), { name: "member" })
      await asyncio.sleep(1)
      isThere.set()
    })
  })

  it.sweep(
    "cancels its tasks where it is cancelled at its end",
    async (late: Array<string>) => {
      const owner = asyncio.currentTask()!
      await inGroup(async (name) => {
        await asyncio.sleep(1)
        const isCancelled = owner.cancelling() > 0
        await asyncio.sleep(1)
        if (isCancelled) late.push(name)
      })
    },
    {
      setup: (): Array<string> => [],
      check: (late) => assert.deepStrictEqual(late, [], "who goes on in a group that is cancelled")
    }
  )

  it.sweep("in a group", () => inGroup(() => inGroup(() => asyncio.sleep(1))), { pairs: 100 })
})

describe("what waits for several", () => {
  const io = fakeIo([1, 5], () => "answer", { name: "io", fails: new Error("503") })
  const allowError = (error: unknown): boolean => /503|TaskGroup/.test(String(error))
  const work = async (): Promise<string> => asyncio.abortable(io())

  it.sweep("gather", () => asyncio.gather(names.map(() => asyncio.createTask(work))), { ignore: ["tasks"], pairs })
  it.sweep("a timeout in a timeout", async () => {
    try {
      await asyncio.timeout(20, () => asyncio.timeout(10, () => asyncio.sleep(5)))
    } finally {
      await asyncio.sleep(1)
    }
  })
  it.sweep("race", () => asyncio.race([work, () => asyncio.sleep(3)]), { pairs })
  it.sweep("anyOf", () => asyncio.anyOf([work, () => asyncio.sleep(3)]), { pairs })
  it.sweep("staggered", () => asyncio.staggered(1, [() => asyncio.sleep(5), work]), { pairs })
  it.sweep("mapTasks", () => asyncio.mapTasks([1, 2, 3], () => work(), { concurrency: 2 }), { pairs })

  it.explore("a group", () => inGroup(work), { allowError, schedules: 200 })
  it.explore("gather", () => asyncio.gather(names.map(() => work)), { allowError, ignore: ["tasks"], schedules: 200 })
  // A loser that fails in the moment in which another wins is reported, and meant to be.
  it.explore("race", () => asyncio.race([work, () => asyncio.sleep(3)]), {
    allowError,
    ignore: ["reports"],
    schedules: 200
  })
  it.explore(
    "a lock",
    async () => {
      const lock = new asyncio.Lock()
      await inGroup(() => lock.use(work))
    },
    { allowError, schedules: 200 }
  )
})
