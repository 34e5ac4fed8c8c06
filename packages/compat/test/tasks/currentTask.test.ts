import * as asyncio from "@effect-asyncio/compat"
import { newEventLoop } from "@effect-asyncio/core"
import { AsyncResource } from "node:async_hooks"
import { EventEmitter, once } from "node:events"
import { assert, describe, it } from "vitest"
import { macrotask, run, runningLoop, self } from "../support.ts"

const name = () => asyncio.currentTask()?.getName()

const innermost = async () => {
  await asyncio.sleep(0)
  return name()
}

async function* generator() {
  yield name()
  await asyncio.sleep(1)
  yield name()
}

describe("currentTask", () => {
  // test_current_task_no_running_loop
  it("is undefined outside of a run, before and after one", async () => {
    const before = asyncio.currentTask()
    await run(async () => asyncio.sleep(0))

    assert.deepStrictEqual([before, asyncio.currentTask()], [undefined, undefined])
  })

  // test_current_task
  it("is the task that createTask returned", () =>
    run(async () => {
      const task: asyncio.Task<boolean> = asyncio.createTask(async () => {
        const before = asyncio.currentTask() === task
        await asyncio.sleep(0)
        return before && asyncio.currentTask() === task
      })

      assert.isTrue(await task)
    }))

  it("stays the same over any number of awaits of any kind", () =>
    run(async () => {
      const me = self()
      const other = asyncio.createTask(() => asyncio.sleep(1))
      const seen: Array<boolean> = []

      for (const awaited of [
        null,
        asyncio.sleep(0),
        macrotask(),
        other,
        Promise.all([asyncio.sleep(1), other]),
        null
      ]) {
        await awaited
        seen.push(self() === me)
      }

      assert.deepStrictEqual(seen, [true, true, true, true, true, true])
    }))

  it("stays the same after an await that failed", () =>
    run(async () => {
      const failing = asyncio.createTask(() => Promise.reject(new Error("no")))

      await failing.then(undefined, () => {})

      assert.strictEqual(name(), "Task-1")
    }))

  it("is the caller's in nested async functions and generators", () =>
    run(async () => {
      const names = [await innermost(), await (async () => innermost())()]

      for await (const inGenerator of generator()) names.push(inGenerator)

      assert.deepStrictEqual(names, ["Task-1", "Task-1", "Task-1", "Task-1"])
    }))

  // test_current_task_with_interleaving_tasks
  it("is each task's own where tasks interleave", () =>
    run(async () => {
      const lines: Array<string> = []
      const body = (given: string) => async () => {
        for (const iteration of [1, 2, 3]) {
          lines.push(`${given} is ${name()} at ${iteration}`)
          await asyncio.sleep(0)
          await Promise.resolve()
          await macrotask()
        }
        lines.push(`${given} is ${name()} in the end`)
      }

      await Promise.all([
        asyncio.createTask(body("a"), { name: "a" }),
        asyncio.createTask(body("b"), { name: "b" }),
        body("main")()
      ])

      const mismatches = lines.filter((line) => !/^(a is a|b is b|main is Task-1) /.test(line))
      assert.deepStrictEqual([lines.length, mismatches], [12, []])
    }))

  // On the host's clock: a loop on virtual time takes a wait for the host's timer for a deadlock.
  it("is the task that set up a timer, microtask or tick of the host", async () => {
    const names = await run(
      () =>
        asyncio.createTask(
          () =>
            Promise.all([
              new Promise((resolve) => void setImmediate(() => resolve(name()))),
              new Promise((resolve) => void setTimeout(() => resolve(name()), 0)),
              new Promise((resolve) => queueMicrotask(() => resolve(name()))),
              new Promise((resolve) => process.nextTick(() => resolve(name()))),
              once(setUpEmitter(), "ready").then(() => name())
            ]),
          { name: "child" }
        ),
      { loopFactory: newEventLoop }
    )

    assert.deepStrictEqual(names, ["child", "child", "child", "child", "child"])
  })

  it("is, in a listener, the task that emits, and with AsyncResource.bind the one that listens", () =>
    run(async () => {
      const emitter = new EventEmitter()
      const seen: Array<string | undefined> = []
      await asyncio.createTask(
        () => {
          emitter.on("event", () => seen.push(name()))
          emitter.on(
            "event",
            AsyncResource.bind(() => void seen.push(name()))
          )
        },
        { name: "listener" }
      )

      await asyncio.createTask(() => void emitter.emit("event"), { name: "emitter" })

      assert.deepStrictEqual(seen, ["emitter", "listener"])
    }))

  it("is undefined in the callbacks of the loop, whoever asked for them", () =>
    run(async () => {
      const loop = runningLoop()
      const seen: Array<unknown> = []
      const look = () => seen.push(asyncio.currentTask())
      const task = asyncio.createTask(() => {})

      loop.callSoonUnsafe(look)
      loop.callLaterUnsafe(1, look)
      task.addDoneCallback(look)

      await asyncio.sleep(2)
      assert.deepStrictEqual([seen, name()], [[undefined, undefined, undefined], "Task-1"])
    }))

  it("is undefined in a callback right after the step of a task that a host promise woke", () =>
    run(async () => {
      const seen: Array<unknown> = []
      const loop = runningLoop()
      const task = asyncio.createTask(async () => {
        await macrotask()
        loop.callSoonUnsafe(() => seen.push(asyncio.currentTask()))
      })

      await task
      await asyncio.sleep(0)

      assert.deepStrictEqual(seen, [undefined])
    }))

  it("is the task's still in work that outlives the task", () =>
    run(async () => {
      let late: Promise<string> | undefined
      const task = asyncio.createTask(
        () => {
          late = macrotask().then(() => `${name()} ${self().done()}`)
        },
        { name: "gone" }
      )
      await task

      assert.strictEqual(await late, "gone true")
    }))
})

const setUpEmitter = () => {
  const emitter = new EventEmitter()
  setImmediate(() => emitter.emit("ready"))
  return emitter
}

describe("allTasks", () => {
  it("has the tasks that are not done, in the order they were made, with their wrappers", () =>
    run(async () => {
      const quick = asyncio.createTask(() => {})
      const slow = asyncio.createTask(() => asyncio.sleep(1))
      const before = asyncio.allTasks()
      await quick

      const after = asyncio.allTasks()

      assert.deepStrictEqual([...before], [self(), quick, slow])
      assert.deepStrictEqual([...after], [self(), slow])
      await slow
    }))

  it("works in a callback of the loop", () =>
    run(async () => {
      const me = self()

      const inCallback = await new Promise<ReadonlyArray<unknown>>((resolve) => {
        runningLoop().callSoonUnsafe(() => resolve([...asyncio.allTasks()]))
      })

      assert.deepStrictEqual(inCallback, [me])
    }))

  it("is of the running loop only", async () => {
    const sizes = await Promise.all(
      ["one", "two"].map(() =>
        run(async () => {
          const task = asyncio.createTask(() => asyncio.sleep(1))
          await asyncio.sleep(0)
          const { size } = asyncio.allTasks()
          await task
          return size
        })
      )
    )

    assert.deepStrictEqual(sizes, [2, 2])
  })
})
