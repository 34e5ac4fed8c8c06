import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { Effect } from "effect"
import { reportsOf, run } from "../support.ts"

const hour = asyncio.sleep("1 hour")
const promotable = { promotable: true }

/** How `promote` ends. */
const refusal = (task: asyncio.Task<unknown, unknown>) =>
  Effect.match(Effect.catchDefect(asyncio.promote(task), Effect.fail), {
    onFailure: String,
    onSuccess: () => "promoted"
  })

describe("promote", () => {
  it("has the group end without the task, which goes on", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const task = yield* asyncio.taskGroup(
          (group) =>
            Effect.gen(function* () {
              yield* group.createTask(asyncio.sleep(5))
              const task = yield* group.createTask(asyncio.sleep(20), { name: "build" })
              yield* asyncio.promote(task)
              assert.deepStrictEqual(
                [...group].map((each) => each === task),
                [false]
              )
              return task
            }),
          promotable
        )

        assert.deepStrictEqual(
          { time: loop.time(), done: task.done(), detached: task.detached },
          { time: 5, done: false, detached: true }
        )
        yield* task
        assert.strictEqual(loop.time(), 20)
      })
    ))

  it("wakes a group that waits for this task only", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        yield* asyncio.taskGroup(
          (group) =>
            Effect.gen(function* () {
              const task = yield* group.createTask(hour)
              yield* loop.callLater(7, () => lowlevel.promoteUnsafe(task))
            }),
          promotable
        )

        assert.deepStrictEqual([loop.time(), (yield* asyncio.allTasks).size], [7, 2])
      })
    ))

  it("takes the task out of what the group cancels, and of the tree", () =>
    run(
      Effect.gen(function* () {
        const tasks: Array<asyncio.Task<unknown, unknown>> = []
        const body = (group: asyncio.TaskGroup) =>
          Effect.gen(function* () {
            for (let n = 0; n < 2; n++)
              tasks.push(yield* group.createTask(Effect.andThen(asyncio.createTask(hour), hour)))
            yield* asyncio.sleep(0)
            yield* asyncio.promote(tasks[1]!)
            yield* hour
          })
        const owner = yield* asyncio.createTask(asyncio.taskGroup(body, promotable), { name: "owner" })
        yield* asyncio.sleep(1)

        const asked = yield* asyncio.cancelTree(owner)
        yield* asyncio.wait([owner])

        assert.deepStrictEqual(
          asked.map((task) => task.getName()),
          ["owner", "Task-2", "Task-4"]
        )
        assert.deepStrictEqual(
          { isFirstCancelled: tasks[0]!.cancelled(), isPromotedDone: tasks[1]!.done() },
          { isFirstCancelled: true, isPromotedDone: false }
        )
      })
    ))

  it("leaves a failure to who retrieves it, or to the report", async () => {
    const fails = Effect.andThen(asyncio.sleep(5), Effect.fail("boom"))
    const main = asyncio.taskGroup(
      (group: asyncio.TaskGroup<string>) => Effect.tap(group.createTask(fails), asyncio.promote),
      promotable
    )

    const reports = [
      await reportsOf(Effect.andThen(main, asyncio.sleep(10))),
      await reportsOf(Effect.flatMap(main, (task) => Effect.ignore(task)))
    ]

    assert.deepStrictEqual(reports, [["Task exception was never retrieved"], []])
  })

  it("works for a task that has told that it is ready, and in a group whose tasks may fail", () =>
    run(
      Effect.gen(function* () {
        const started = yield* asyncio.taskGroup(
          (group) =>
            Effect.gen(function* () {
              const own = yield* group.start((started: asyncio.Started<asyncio.Task<unknown, unknown>>) =>
                Effect.gen(function* () {
                  const task = yield* asyncio.currentTask
                  const early = yield* refusal(task)
                  assert.strictEqual(
                    early,
                    "RuntimeError: Task-2 cannot leave its task group: it has not called started() yet"
                  )
                  yield* started(task)
                  yield* hour
                })
              )
              return [yield* refusal(own), own.done()]
            }),
          { promotable: true, onFailure: "collect" }
        )

        assert.deepStrictEqual(started, ["promoted", false])
      })
    ))

  it("is refused where the group has not consented, and where there is none", () =>
    run(
      Effect.gen(function* () {
        const plain = yield* asyncio.createTask(hour, { name: "plain", detached: true })
        const done = yield* asyncio.createTask(Effect.void, { name: "over" })
        yield* done
        const { member, refused } = yield* asyncio.taskGroup(
          (group) =>
            Effect.gen(function* () {
              const member = yield* group.createTask(hour, { name: "member" })
              yield* asyncio.promote(member)
              return { member, refused: yield* refusal(member) }
            }),
          promotable
        )
        const kept = yield* asyncio.taskGroup((group) =>
          Effect.gen(function* () {
            const task = yield* group.createTask(hour, { name: "kept" })
            const refused = yield* refusal(task)
            yield* group.cancel
            return [refused, task.detached]
          }).pipe(Effect.uninterruptible)
        )

        assert.deepStrictEqual(
          [yield* refusal(plain), yield* refusal(done), refused, yield* refusal(member), kept],
          [
            "RuntimeError: plain cannot be promoted: it is in no task group",
            "RuntimeError: over cannot be promoted: it is done",
            "RuntimeError: member was promoted already",
            "RuntimeError: member was promoted already",
            ["RuntimeError: kept cannot leave its task group", false]
          ]
        )
      })
    ))

  it("is refused while the group is being cancelled, and for who deals with a failure", () =>
    run(
      Effect.gen(function* () {
        const refusals: Array<string> = []
        const note = (task: asyncio.Task<unknown, unknown>) =>
          Effect.map(refusal(task), (text) => void refusals.push(text))
        yield* asyncio.taskGroup(
          (group) =>
            Effect.gen(function* () {
              const slow = yield* group.createTask(Effect.ensuring(hour, asyncio.sleep(10)), { name: "slow" })
              yield* asyncio.sleep(0)
              yield* group.cancel
              yield* note(slow)
            }).pipe(Effect.uninterruptible),
          promotable
        )
        yield* asyncio.taskGroup(
          (group: asyncio.TaskGroup<string>) => Effect.asVoid(group.createTask(Effect.fail("boom"))),
          { promotable: true, onFailure: () => Effect.flatMap(asyncio.currentTask, note) }
        )

        assert.deepStrictEqual(refusals, [
          "RuntimeError: TaskGroup <TaskGroup tasks=1 cancelling> is shutting down",
          "RuntimeError: Task-3 cannot leave its task group: it deals with a failure of the group"
        ])
      })
    ))
})
