import * as asyncio from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { Effect } from "effect"
import { assert, describe, it } from "vitest"
import { rejection, run, runningLoop, text, thrown } from "../support.ts"

const after =
  <A>(millis: number, value: A) =>
  () =>
    asyncio.sleep(millis, value)

const failAfter = (millis: number, message: string) => async (): Promise<never> => {
  await asyncio.sleep(millis)
  throw new Error(message)
}

describe("gather", () => {
  it("gives the results in the order of the awaitables, whatever the order they end in", () =>
    run(async () => {
      const results = await asyncio.gather([after(3, "slow"), after(1, 1), after(2, true)])

      assert.deepStrictEqual([results, runningLoop().time()], [["slow", 1, true], 3])
    }))

  it("takes any iterable, and gives an array", () =>
    run(async () => {
      const jobs = [after(2, 1), after(1, 2)]
      const generated = function* () {
        yield* jobs
      }

      const results = [await asyncio.gather(new Set(jobs)), await asyncio.gather(generated())]

      assert.deepStrictEqual(results, [
        [1, 2],
        [1, 2]
      ])
    }))

  it("gives a record for a record, with the keys in their order", () =>
    run(async () => {
      const results = await asyncio.gather({ slow: after(2, 1), quick: after(1, "two") })

      assert.deepStrictEqual(Object.entries(results), [
        ["slow", 1],
        ["quick", "two"]
      ])
    }))

  it("takes functions, tasks, futures, promises and Effects", () =>
    run(async () => {
      const future = runningFuture<string>()
      asyncio.getRunningLoop().callSoon(() => future.setResult("future"))

      const results = await asyncio.gather([
        () => "function",
        asyncio.createTask(() => "task"),
        future,
        Promise.resolve("promise"),
        Effect.succeed("effect")
      ])

      assert.deepStrictEqual(results, ["function", "task", "future", "promise", "effect"])
    }))

  it("gives what it was given when that was nothing, and is done at once", () =>
    run(async () => {
      const list = asyncio.gather([])

      assert.deepStrictEqual(
        {
          doneAtOnce: list.done(),
          list: await list,
          record: await asyncio.gather({}),
          exits: await asyncio.gather([], { returnExceptions: true })
        },
        { doneAtOnce: true, list: [], record: {}, exits: [] }
      )
    }))

  it("awaits a task that is given twice once, and runs a function that is given twice twice", () =>
    run(async () => {
      let calls = 0
      const count = async () => ++calls
      const task = asyncio.createTask(count)

      assert.deepStrictEqual(await asyncio.gather([task, task]), [1, 1])
      assert.deepStrictEqual(await asyncio.gather([count, count]), [2, 3])
    }))

  it("starts its functions at the call, as tasks that are named in their order", () =>
    run(async () => {
      const name = async () => asyncio.currentTask()?.getName()

      const future = asyncio.gather([name, name])

      assert.deepStrictEqual(
        Array.from(asyncio.allTasks(), (task) => task.getName()),
        ["Task-1", "Task-2", "Task-3"]
      )
      assert.deepStrictEqual(await future, ["Task-2", "Task-3"])
    }))
})

const runningFuture = <A>() => asyncio.getRunningLoop().createFuture<A>()

describe("a failure in a gather", () => {
  it("fails it at once, while the others go on", () =>
    run(async () => {
      const lines: Array<string> = []
      const slow = asyncio.createTask(async () => lines.push(await asyncio.sleep(5, "slow is done")))

      lines.push(await text(asyncio.gather([failAfter(1, "first"), slow, failAfter(2, "second")])))
      lines.push(`at ${runningLoop().time()}`)

      await slow
      assert.deepStrictEqual(lines, ["Error: first", "at 1", "slow is done"])
    }))

  it("is the very error of the awaitable", () =>
    run(async () => {
      const error = new Error("mine")

      assert.strictEqual(await rejection(asyncio.gather([() => Promise.reject(error)])), error)
    }))

  it("is told of every awaitable with returnExceptions, as Promise.allSettled does", () =>
    run(async () => {
      const error = new Error("no")
      const cancelled = asyncio.createTask(after(10, "never"))
      asyncio.getRunningLoop().callLater(1, () => cancelled.cancel("stop"))

      const list = await asyncio.gather([after(2, 1), () => Promise.reject(error), cancelled], {
        returnExceptions: true
      })
      const record = await asyncio.gather(
        { good: after(1, 1), bad: () => Promise.reject(error) },
        {
          returnExceptions: true
        }
      )

      const [first, second, third] = list
      assert.deepStrictEqual(
        [first, second],
        [
          { status: "fulfilled", value: 1 },
          { status: "rejected", reason: error }
        ]
      )
      assert.isTrue(third.status === "rejected" && third.reason instanceof asyncio.CancelledError)
      assert.deepStrictEqual(record, {
        good: { status: "fulfilled", value: 1 },
        bad: { status: "rejected", reason: error }
      })
    }))

  it("of a task that was cancelled by somebody else is a CancelledError, and does not cancel who awaits", () =>
    run(async () => {
      const task = asyncio.createTask(after(10, "never"))
      asyncio.getRunningLoop().callLater(1, () => task.cancel("stop"))
      const gathered = asyncio.gather([task, after(2, "other")])

      assert.strictEqual(await text(gathered), "CancelledError: stop")
      assert.deepStrictEqual([asyncio.currentTask()?.cancelling(), await asyncio.sleep(1, "goes on")], [0, "goes on"])
    }))

  it("has the settled results in result() and in then as well", () =>
    run(async () => {
      const future = asyncio.gather([async () => 1], { returnExceptions: true })
      const settled: [PromiseSettledResult<number>] = [{ status: "fulfilled", value: 1 }]

      const seen = [
        await future.then((results) => results),
        await Promise.all([future, Promise.resolve(1)]),
        future.result()
      ]

      assert.deepStrictEqual<unknown>(seen, [settled, [settled, 1], settled])
    }))
})

describe("cancelling a gather", () => {
  it("cancels everything in it and waits for the cleanup", () =>
    run(async () => {
      const lines: Array<string> = []
      const worker = (name: string) => async () => {
        try {
          await asyncio.sleep("1 hour")
        } finally {
          await asyncio.sleep(5)
          lines.push(`${name} cleaned up`)
        }
      }
      const future = asyncio.gather([worker("a"), worker("b")])
      await asyncio.sleep(1)

      assert.isTrue(future.cancel("enough"))

      lines.push(await text(future), `at ${runningLoop().time()}`)
      assert.deepStrictEqual(lines, ["a cleaned up", "b cleaned up", "CancelledError: enough", "at 6"])
    }))

  it("happens by cancelling the task that awaits it", () =>
    run(async () => {
      const tasks = [after(10, 1), after(10, 2)].map((body) => asyncio.createTask(body))
      const waiter = asyncio.createTask(async () => await asyncio.gather(tasks))
      await asyncio.sleep(1)

      waiter.cancel("from outside")

      assert.strictEqual(await text(waiter), "CancelledError: from outside")
      assert.deepStrictEqual(
        [waiter, ...tasks].map((task) => task.cancelled()),
        [true, true, true]
      )
    }))

  it("fails it with returnExceptions, too", () =>
    run(async () => {
      const task = asyncio.createTask(after(10, 1))
      const future = asyncio.gather([task], { returnExceptions: true })
      await asyncio.sleep(1)

      future.cancel("enough")

      assert.deepStrictEqual([await text(future), task.cancelled()], ["CancelledError: enough", true])
    }))

  // CPython words the error by the last cancellation that its last task has kept for a step, whatever became of that one.
  describe("has no message when its last task was cancelled since by", () => {
    const failing = () => {
      throw new Error("failed")
    }

    it.each<[string, (cancel: () => void) => Promise<unknown>]>([
      [
        "a timeout",
        (cancel) => {
          cancel()
          return asyncio.timeout(0, () => asyncio.sleep(0))
        }
      ],
      [
        "a timeout of core",
        (cancel) => {
          cancel()
          return asyncio.runEffect(core.timeout(0, () => core.sleep(0)))
        }
      ],
      // A group asks once more when it ends, because its failure hides the cancellation from outside.
      [
        "a group that ends",
        (cancel) =>
          asyncio.taskGroup(async (group) => {
            group.createTask(failing, { eagerStart: true })
            await asyncio.sleep(0).catch(cancel)
          })
      ],
      [
        "a group of core that ends",
        (cancel) =>
          asyncio.runEffect(
            core.taskGroup((group: core.TaskGroup<string>) =>
              Effect.gen(function* () {
                yield* group.createTask(Effect.fail("failed"), { eagerStart: true })
                yield* core.catchCancelled(core.sleep(0), () => Effect.sync(cancel))
              })
            )
          )
      ]
    ])("%s", async (_, scope) => {
      const error = await run(async () => {
        const task: asyncio.Task<void> = asyncio.createTask(async () => {
          await rejection(scope(() => future.cancel("from outside")))
          await asyncio.sleep(0).catch(() => {})
        })
        const future = asyncio.gather([task])
        return rejection(future)
      })

      assert.strictEqual(String(error), "CancelledError")
    })
  })

  it("does nothing when it is done", () =>
    run(async () => {
      const future = asyncio.gather([async () => 1])
      await future

      assert.isFalse(future.cancel())
    }))
})

describe("a gather of something else", () => {
  it("throws a TypeError at the call", () =>
    run(async () => {
      const gather = asyncio.gather as (awaitables: unknown) => unknown
      const task = asyncio.createTask(async () => {})
      const wrong = [1, undefined, null, task, Promise.resolve(), async () => {}, Effect.void]

      assert.deepStrictEqual(
        wrong.map((each) => thrown(() => gather(each))),
        [
          "TypeError: gather() expects a list or a record of awaitables, not number",
          "TypeError: gather() expects a list or a record of awaitables, not undefined",
          "TypeError: gather() expects a list or a record of awaitables, not null",
          "TypeError: gather() expects a list or a record of awaitables, not Task",
          "TypeError: gather() expects a list or a record of awaitables, not object",
          "TypeError: gather() expects a list or a record of awaitables, not function",
          "TypeError: gather() expects a list or a record of awaitables, not coroutine"
        ]
      )
    }))

  it("throws for a member that cannot be awaited", () =>
    run(async () => {
      const gather = asyncio.gather as (awaitables: unknown) => unknown
      const expected = "TypeError: An asyncio.Future, a coroutine or an awaitable is required"

      const errors = [[1], { a: {} }, "ab"].map((each) => thrown(() => gather(each)))

      assert.deepStrictEqual(errors, [expected, expected, expected])
    }))
})
