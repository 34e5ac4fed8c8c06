import * as asyncio from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { Effect } from "effect"
import { getEventListeners } from "node:events"
import { assert, describe, it } from "vitest"
import { macrotask, rejection, run, self, text, thrown } from "../support.ts"

const hour = () => asyncio.sleep("1 hour")

describe("the signal given to createTask", () => {
  it("that is aborted already cancels an eager task before its first step", () =>
    run(async () => {
      const lines: Array<string> = []
      const signal = AbortSignal.abort("too late")
      const started = () => void lines.push("started")
      const tasks = await asyncio.taskGroup((group) => [
        group.createTask(started, { signal, eagerStart: true }),
        group.createTask(Effect.sync(started), { signal, eagerStart: true }),
        asyncio.createTask(started, { signal, eagerStart: true })
      ])

      for (const task of tasks) lines.push(await text(task))

      assert.deepStrictEqual(lines, [
        "CancelledError: too late",
        "CancelledError: too late",
        "CancelledError: too late"
      ])
    }))

  it("cancels its task whatever its reason is, also one that has no string", () =>
    run(async () => {
      const throwing = new Error()
      Object.defineProperty(throwing, "message", {
        get() {
          throw new Error("not to be read")
        }
      })
      const { proxy, revoke } = Proxy.revocable({}, {})
      revoke()
      const reasons = [Object.create(null), throwing, proxy, Symbol("why"), Object.assign(new Error(), { message: {} })]
      const seen: Array<unknown> = []
      for (const reason of reasons as ReadonlyArray<unknown>) {
        const controller = new AbortController()
        const running = asyncio.createTask(hour, { signal: controller.signal })
        await asyncio.sleep(0)
        controller.abort(reason)
        const late = asyncio.createTask(hour, { signal: controller.signal })
        seen.push([await text(running), await text(late)])
      }

      const unnamed = "CancelledError: a reason without a text"
      assert.deepStrictEqual(seen, [
        [unnamed, unnamed],
        [unnamed, unnamed],
        [unnamed, unnamed],
        ["CancelledError: Symbol(why)", "CancelledError: Symbol(why)"],
        ["CancelledError: [object Object]", "CancelledError: [object Object]"]
      ])
    }))

  it("gets one listener for any number of tasks, and the tasks are cancelled in the order they were made", () =>
    run(async () => {
      const warnings: Array<string> = []
      const listener = (warning: Error) => void warnings.push(String(warning))
      process.on("warning", listener)
      const controller = new AbortController()
      const { signal } = controller
      const order: Array<number> = []
      const tasks = Array.from({ length: 100 }, (_, n) =>
        asyncio.createTask(
          async () => {
            try {
              await hour()
            } finally {
              order.push(n)
            }
          },
          { signal }
        )
      )
      await asyncio.sleep(0)
      const listening = getEventListeners(signal, "abort").length

      controller.abort()

      await asyncio.wait(tasks)
      await macrotask()
      process.off("warning", listener)
      assert.deepStrictEqual([listening, getEventListeners(signal, "abort").length, warnings], [1, 0, []])
      assert.deepStrictEqual(order, Array.from(order.keys()))
    }))

  it("cancels the task when it aborts, with the message of its reason, in the name of nobody", () =>
    run(async () => {
      const controller = new AbortController()
      const task = asyncio.createTask(hour, { signal: controller.signal })
      asyncio.getRunningLoop().callLater(1, () => controller.abort(new Error("page closed")))

      const error = await rejection(task)

      assert.instanceOf(error, asyncio.CancelledError)
      assert.deepStrictEqual(
        { reason: error.reason, requestedBy: error.requestedBy, cancelled: task.cancelled() },
        { reason: "page closed", requestedBy: undefined, cancelled: true }
      )
    }))

  it("takes the message of any reason", () =>
    run(async () => {
      const messages: Array<string> = []
      for (const reason of ["text", 1, undefined]) {
        const controller = new AbortController()
        const task = asyncio.createTask(hour, { signal: controller.signal })
        await asyncio.sleep(0)
        controller.abort(reason)
        messages.push(await text(task))
      }

      assert.deepStrictEqual(messages, [
        "CancelledError: text",
        "CancelledError: 1",
        "CancelledError: This operation was aborted"
      ])
    }))

  it("that is aborted already cancels the task before it starts", () =>
    run(async () => {
      const lines: Array<string> = []
      const task = asyncio.createTask(() => lines.push("started"), { signal: AbortSignal.abort("too late") })

      lines.push(await text(task))

      assert.deepStrictEqual(lines, ["CancelledError: too late"])
    }))

  it("lets the task clean up, and refuse", () =>
    run(async () => {
      const controller = new AbortController()
      const task = asyncio.createTask(() => hour().catch(() => asyncio.sleep(1, "refused")), {
        signal: controller.signal
      })
      await asyncio.sleep(0)

      controller.abort()

      assert.strictEqual(await task, "refused")
    }))

  it("has no listener left when the task is done, in any way", () =>
    run(async () => {
      const { signal } = new AbortController()
      const bodies = [() => 1, () => Promise.reject(new Error("no")), hour]
      const tasks = bodies.map((body) => asyncio.createTask<unknown>(body, { signal }))
      const before = getEventListeners(signal, "abort").length
      await asyncio.sleep(1)
      tasks[2]!.cancel()

      await asyncio.wait(tasks)

      await asyncio.sleep(0)
      assert.deepStrictEqual([before, getEventListeners(signal, "abort").length], [1, 0])
      tasks[1]!.exception()
    }))

  it("cancels a task that runs an Effect as well, and one of a group", () =>
    run(async () => {
      const controller = new AbortController()
      const { signal } = controller
      asyncio.getRunningLoop().callLater(1, () => controller.abort("all"))

      const [effect, grouped] = await asyncio.taskGroup((group) => [
        asyncio.createTask(Effect.never, { signal }),
        group.createTask(hour, { signal })
      ])

      assert.deepStrictEqual([await text(effect), await text(grouped)], ["CancelledError: all", "CancelledError: all"])
    }))

  it("has to be an AbortSignal", () =>
    run(async () => {
      const signal = {} as AbortSignal

      assert.strictEqual(
        thrown(() => asyncio.createTask(hour, { signal })),
        "TypeError: an AbortSignal was expected, got {}"
      )
      assert.strictEqual(asyncio.allTasks().size, 1)
    }))
})

describe("an Effect given to createTask", () => {
  it("becomes a task of core, with the options", () =>
    run(async () => {
      const task = asyncio.createTask(Effect.as(core.sleep(1), "slept"), { name: "effect" })
      const eager = asyncio.createTask(Effect.succeed("at once"), { eagerStart: true })

      assert.deepStrictEqual(
        {
          name: task.getName(),
          doneAtOnce: eager.done(),
          result: await task,
          eagerResult: await eager,
          isTask: asyncio.isTask(task)
        },
        { name: "effect", doneAtOnce: true, result: "slept", eagerResult: "at once", isTask: true }
      )
    }))

  it("rejects with its error, and with yield* in an Effect fails with an error that has it as its cause", () =>
    run(async () => {
      const error = { _tag: "Typed" }
      const task = asyncio.createTask(Effect.delay(Effect.fail(error), 1))

      const seen = await asyncio.runEffect(
        Effect.flip(
          Effect.gen(function* () {
            return yield* task
          })
        )
      )

      assert.deepStrictEqual([seen._tag, seen.cause], ["UnknownError", error])
      assert.strictEqual(await rejection(task), error)
    }))
})

describe("run of a task", () => {
  it("calls a function in the task, whoever calls", () =>
    run(async () => {
      const worker = asyncio.createTask(hour, { name: "worker" })
      await asyncio.sleep(0)

      const name = worker.run(() => self().getName())
      const sleeping = worker.run(() => asyncio.sleep("2 hours"))
      worker.cancel("both")

      assert.deepStrictEqual(
        [name, await text(sleeping), await text(worker)],
        ["worker", "CancelledError: both", "CancelledError: both"]
      )
    }))

  it("throws for a task that has not begun, is done, or is no async function", () =>
    run(async () => {
      const task = asyncio.createTask(() => {}, { name: "task" })
      const effect = asyncio.createTask(Effect.never, { name: "effect" })
      const early = thrown(() => task.run(() => {}))
      await task

      const errors = [early, thrown(() => task.run(() => {})), thrown(() => effect.run(() => {}))]

      for (const message of errors) {
        assert.match(message, /^RuntimeError: nothing can run in <Task .*>: it is not an async function under way$/)
      }
    }))
})

describe("a task", () => {
  it("tells its stack, its snapshot, its context and its coroutine", () =>
    run(async () => {
      const task = asyncio.createTask(async function work() {
        await asyncio.sleep("1 hour")
      })
      await asyncio.sleep(0)
      const lines: Array<string> = []
      const { error } = console
      console.error = (line: string) => void lines.push(line)
      try {
        task.printStack()
      } finally {
        console.error = error
      }

      const { name, state, waitingFor } = task.snapshot()
      assert.deepStrictEqual(
        { name, state, waitsForFuture: waitingFor?.startsWith("<Future pending") },
        { name: "Task-2", state: "pending", waitsForFuture: true }
      )
      assert.deepStrictEqual(
        task.getStack().map((frame) => frame.name),
        ["work"]
      )
      assert.deepStrictEqual(task.getStack({ limit: 0 }), [])
      assert.match(task.formatStack(), /^Stack for <Task pending .*> \(most recent call last\):\n {2}.*work/)
      assert.deepStrictEqual(lines, [task.formatStack()])
      assert.strictEqual(task.getContext(), task.core.getContext())
      assert.strictEqual(task.getCoro(), task.core.getCoro())
    }))
})

describe("a signal that several tasks were made with", () => {
  it("cancels those that are left when some have ended", () =>
    run(async () => {
      const controller = new AbortController()
      const { signal } = controller
      const first = asyncio.createTask(() => asyncio.sleep(1), { signal })
      const second = asyncio.createTask(() => asyncio.sleep("1 hour"), { signal })
      await first

      controller.abort()
      await asyncio.wait([second])

      assert.deepStrictEqual({ first: first.cancelled(), second: second.cancelled() }, { first: false, second: true })
    }))
})
