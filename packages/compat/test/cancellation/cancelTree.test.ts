import { assert, describe, it } from "vitest"
import * as asyncio from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { Effect } from "effect"
import { rejection, run, runningLoop, self, thrown } from "../support.ts"

const hour = () => asyncio.sleep("1 hour")
const namesOf = (tasks: ReadonlyArray<asyncio.Task<unknown>>) => tasks.map((task) => task.getName())

describe("cancelTree", () => {
  it("asks the task and all that it has created, the oldest first, and spares what is detached", () =>
    run(async () => {
      const root = asyncio.createTask(
        async () => {
          asyncio.createTask(
            async () => {
              asyncio.createTask(hour, { name: "leaf" })
            },
            { name: "middle" }
          )
          asyncio.createTask(
            async () => {
              asyncio.createTask(hour, { name: "of the background" })
              await hour()
            },
            { name: "background", detached: true }
          )
          await hour()
        },
        { name: "root" }
      )
      asyncio.createTask(hour, { name: "other" })
      await asyncio.sleep(1)

      const asked = asyncio.cancelTree(root, "stop", { kind: "disconnect" })

      assert.deepStrictEqual(namesOf(asked), ["root", "leaf"])
      const error = (await rejection(root)) as asyncio.CancelledError
      assert.deepStrictEqual([error.reason, error.kind, String(error.requestedBy)], ["stop", "disconnect", "Task-1"])
      assert.deepStrictEqual(namesOf([...asyncio.allTasks()]), ["Task-1", "other", "background", "of the background"])
    }))

  it("crosses both borders", () =>
    run(async () => {
      const effect = (name: string, body: Effect.Effect<unknown, unknown>) =>
        Effect.andThen(core.createTask(body, { name }), core.sleep("1 hour"))
      const root = asyncio.createTask(
        async () => {
          await asyncio.runEffect(
            effect(
              "effect",
              asyncio.toEffect(async () => {
                asyncio.createTask(effect("in an Effect", Effect.andThen(core.sleep("1 hour"), Effect.void)), {
                  name: "made of an Effect"
                })
                await hour()
              })
            )
          )
        },
        { name: "root" }
      )
      await asyncio.sleep(1)

      const asked = asyncio.cancelTree(root, "stop")
      await asyncio.sleep(1)

      assert.deepStrictEqual(namesOf(asked), ["root", "effect", "made of an Effect", "in an Effect"])
      assert.deepStrictEqual(namesOf([...asyncio.allTasks()]), ["Task-1"])
      assert.deepStrictEqual(
        asked.map((task) => task.cancelled()),
        [true, true, true, true]
      )
    }))

  it("asks each once, and lets a cleanup come to its end, where a group passes on what it was asked", () =>
    run(async () => {
      const lines: Array<string> = []
      const careful = (name: string, millis: number) => async () => {
        try {
          await hour()
        } finally {
          await asyncio.sleep(millis)
          lines.push(name)
        }
      }
      const root = asyncio.createTask(() =>
        asyncio.taskGroup(async (group) => {
          group.createTask(careful("member", 20))
          await careful("body", 10)()
        })
      )
      await asyncio.sleep(1)

      const asked = asyncio.cancelTree(root, "stop")
      await asyncio.wait(asked)

      assert.deepStrictEqual(lines, ["body", "member"])
      assert.deepStrictEqual(
        asked.map((task) => task.cancelling()),
        [1, 1]
      )
    }))

  it("says what it was given that is no task", () =>
    run(async () => {
      const call = (task: unknown) => thrown(() => asyncio.cancelTree(task as never))

      assert.deepStrictEqual(
        [call(undefined), call("worker"), call(Promise.resolve())],
        [
          "TypeError: a task was expected by cancelTree(), got undefined",
          "TypeError: a task was expected by cancelTree(), got 'worker'",
          "TypeError: a task was expected by cancelTree(), got a Promise"
        ]
      )
    }))
})

describe("findTask and findTasks", () => {
  it("find what is not done, by name, id, labels or function", () =>
    run(async () => {
      const done = asyncio.createTask(() => {}, { name: "worker" })
      await done
      const first = asyncio.createTask(hour, { name: "worker", labels: { job: 17 } })
      const second = asyncio.createTask(hour, { name: "worker", labels: { job: 17, urgent: true } })

      assert.strictEqual(asyncio.findTask("worker"), first)
      assert.strictEqual(asyncio.findTask(second.id), second)
      assert.deepStrictEqual([asyncio.findTask("nobody"), asyncio.findTask(done.id)], [undefined, undefined])
      assert.deepStrictEqual(asyncio.findTasks("worker"), [first, second])
      assert.deepStrictEqual(asyncio.findTasks({ job: 17, urgent: true }), [second])
      assert.deepStrictEqual(asyncio.findTasks({ job: "17" }), [])
      assert.deepStrictEqual(
        asyncio.findTasks((task) => task === first || task === self()),
        [self(), first]
      )
    }))

  it("know the tasks of core as well", () =>
    run(async () => {
      const made = await asyncio.runEffect(core.createTask(core.sleep("1 hour"), { name: "worker" }))

      assert.deepStrictEqual(asyncio.findTasks("worker"), [asyncio.Task.of(made)])
    }))
})

describe("findTask", () => {
  it("takes a name or an id, and nothing else", () =>
    run(async () => {
      const call = (query: unknown) => thrown(() => asyncio.findTask(query as never))

      assert.deepStrictEqual(
        [call({ job: 17 }), call(() => true)],
        [
          'TypeError: a name or an id was expected by findTask(), got {"job":17}',
          "TypeError: a name or an id was expected by findTask(), got a function"
        ]
      )
    }))
})

describe("cancelAndWait", () => {
  it("takes a task, a name, an id, labels or a function, and tells what has become of each", () =>
    run(async () => {
      const stubborn = asyncio.createTask(() => hour().catch(hour), { name: "stubborn" })
      const catches = asyncio.createTask(() => hour().catch(() => "a result"), { labels: { job: 17 } })
      const fails = asyncio.createTask(
        () =>
          hour().catch(() => {
            throw new Error("boom")
          }),
        { labels: { job: 17 } }
      )
      const polite = asyncio.createTask(hour)
      await asyncio.sleep(0)

      const { ignoring, ...report } = await asyncio.cancelAndWait(
        ["stubborn", { job: 17 }, polite.id, (task) => task === polite, "nobody", 123_456_789],
        { timeout: 10, message: "stop" }
      )

      assert.deepStrictEqual(report, {
        cancelled: [polite],
        finished: [catches],
        failed: [fails],
        notFound: ["nobody", 123_456_789]
      })
      assert.deepStrictEqual(
        ignoring.map(({ id, name, task, waitingFor }) => [id, name, task, waitingFor]),
        [[stubborn.id, "stubborn", stubborn, ["<Future pending cb=[Task.task_wakeup()]>"]]]
      )
      assert.deepStrictEqual([String(fails.exception()), runningLoop().time()], ["Error: boom", 10])
    }))

  it("with tree, waits for what the tasks have created as well", () =>
    run(async () => {
      const slow = async () => {
        try {
          await hour()
        } finally {
          await asyncio.sleep(20)
        }
      }
      const root = asyncio.createTask(async () => void asyncio.createTask(slow, { name: "slow" }), { name: "root" })
      await asyncio.sleep(1)

      const early = await asyncio.cancelAndWait(root, { tree: true, timeout: 5 })
      const late = await asyncio.cancelAndWait("slow", { timeout: 100 })

      assert.deepStrictEqual([namesOf(early.finished), early.ignoring.map(({ name }) => name)], [["root"], ["slow"]])
      assert.deepStrictEqual(namesOf([...late.cancelled, ...late.finished]), ["slow"])
    }))
})
