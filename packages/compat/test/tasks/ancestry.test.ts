import { assert, describe, it } from "vitest"
import * as asyncio from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { Effect } from "effect"
import { deferred, run, runningLoop, self, thrown } from "../support.ts"

/** Who has created the task that calls it. */
const creator = async () => self().createdBy?.name
const labels = { job: 17, kind: "import", urgent: true }
const ownLabels = async () => self().labels

describe("createdBy", () => {
  it("is the task whose code has made it, in every way to make one", () =>
    run(
      async () => {
        const handler = deferred<string | undefined>()
        const names = [
          await asyncio.createTask(creator),
          await asyncio.createTask(creator, { eagerStart: true }),
          await asyncio.getRunningLoop().createTask(creator),
          await asyncio.ensureFuture(creator),
          ...(await asyncio.gather([creator])),
          ...(await asyncio.mapTasks([1, 2, 3], creator, { concurrency: 2 })),
          await asyncio.race([creator]),
          await new asyncio.BackgroundTasks().createTask(creator),
          await asyncio.run(creator),
          ...(await asyncio.taskGroup(
            async (group) => {
              const started = await group.start<string | undefined>(async (tell) => tell(await creator()))
              group.createTask(() => Promise.reject(new Error("boom")))
              return [await group.createTask(creator), started]
            },
            { onFailure: async () => handler.resolve(await creator()) }
          )),
          await handler.promise
        ]

        assert.deepStrictEqual(
          names,
          names.map(() => "main")
        )
        assert.strictEqual(self().createdBy, undefined)
      },
      { name: "main" }
    ))

  it("crosses both borders", () =>
    run(
      async () => {
        const ofEffect = Effect.map(core.currentTask, (task) => task.createdBy?.name)

        const names = [
          // A task of core by promise code, and by an Effect of it.
          await asyncio.createTask(ofEffect),
          await asyncio.runEffect(Effect.flatMap(core.createTask(ofEffect), (task) => task)),
          // One of promise code in a task of core.
          await asyncio.runEffect(asyncio.toEffect(async () => await asyncio.createTask(creator)))
        ]
        const inEffect = asyncio.createTask(
          asyncio.toEffect(async () => await asyncio.createTask(creator)),
          { name: "effect" }
        )

        assert.deepStrictEqual([names, await inEffect], [["main", "main", "main"], "effect"])
      },
      { name: "main" }
    ))

  it("is nobody in a callback of the loop", () =>
    run(async () => {
      const loop = asyncio.getRunningLoop()
      const made = loop.createFuture<{ readonly task: asyncio.Task<string | undefined> }>()
      loop.callSoon(() => made.setResult({ task: asyncio.createTask(creator) }))

      const { task } = await made

      assert.deepStrictEqual([await task, task.createdBy], [undefined, undefined])
    }))
})

describe("createdAt", () => {
  it("is the time on the loop's clock, in promise code too", () =>
    run(async () => {
      const times: Array<number> = []
      const note = () => times.push(asyncio.createTask(() => {}).createdAt)

      note()
      await asyncio.sleep(5)
      note()
      await Promise.resolve()
      note()

      assert.deepStrictEqual(times, [0, 5, 5])
    }))

  it("is not from before a loop that had nothing to do was woken", () =>
    asyncio.run(async () => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      const before = runningLoop().time()

      const task = asyncio.createTask(() => {})

      assert.isAtLeast(task.createdAt, before)
    }))
})

describe("labels", () => {
  it("are what the task was made with, wherever that is, and no other task's", () =>
    run(async () => {
      const seen = [
        await asyncio.createTask(ownLabels, { labels }),
        await asyncio.createTask(ownLabels, { labels, eagerStart: true }),
        await asyncio.createTask(
          Effect.map(core.currentTask, (task) => task.labels),
          { labels }
        ),
        await asyncio.getRunningLoop().createTask(ownLabels, { labels }),
        await new asyncio.BackgroundTasks().createTask(ownLabels, { labels }),
        ...(await asyncio.taskGroup(async (group) => [
          await group.createTask(ownLabels, { labels }),
          await group.start<asyncio.Labels>(async (started) => started(self().labels), { labels })
        ]))
      ]

      assert.deepStrictEqual(
        seen,
        seen.map(() => labels)
      )
      assert.deepStrictEqual(await asyncio.createTask(() => asyncio.createTask(ownLabels), { labels }), {})
    }))

  it("of a main task are given to the run, or to the runner", async () => {
    await using runner = new asyncio.Runner({ handleSigint: false })

    const seen = [
      await run(ownLabels, { labels }),
      await run(() => asyncio.run(ownLabels, { labels })),
      await run(ownLabels),
      await runner.run(ownLabels, { labels })
    ]

    assert.deepStrictEqual(seen, [labels, labels, {}, labels])
  })

  it("are in the snapshot, with who created the task and when", () =>
    run(async () => {
      await asyncio.sleep(5)
      const task = asyncio.createTask(() => {}, { labels, name: "worker", detached: true })

      const { createdAt, createdBy, detached, id, labels: shown, name } = task.snapshot()

      assert.deepStrictEqual(
        { createdAt, createdBy, detached, id, shown, name },
        {
          createdAt: 5,
          createdBy: { id: self().id, name: "Task-1" },
          detached: true,
          id: task.id,
          shown: labels,
          name: "worker"
        }
      )
      assert.strictEqual(String(task).includes("job"), false)
    }))

  it("are looked at before the task is made", () =>
    run(async () => {
      const make = (bad: unknown) => () => asyncio.createTask(creator, { labels: bad as never })

      assert.deepStrictEqual(
        [thrown(make("import")), thrown(make({ job: undefined })), asyncio.allTasks().size],
        [
          "TypeError: labels were expected by createTask(), got 'import'",
          "TypeError: a string, a number or a boolean was expected for the label 'job', got undefined",
          1
        ]
      )
    }))
})
