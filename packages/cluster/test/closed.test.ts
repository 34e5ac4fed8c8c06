// A cluster whose layer is closed, for Effects and for async functions: who asks it for something is told so, and nobody waits for ever.
import * as cluster from "@effect-asyncio/cluster"
import * as promises from "@effect-asyncio/cluster/compat"
import * as compat from "@effect-asyncio/compat"
import * as asyncio from "@effect-asyncio/core"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"

const echo = promises.task("echo", { payload: Schema.Number, success: Schema.Number })
const workers = [echo.worker(async (n) => n)]
const closed = "RuntimeError: the cluster is closed, so that nobody can be asked any more"

let folder: string
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "cluster-closed-"))))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(["in memory", "in a file"])("a cluster %s that is closed", (where) => {
  const layer = () =>
    cluster.embedded({ workers, drain: 0, file: where === "in memory" ? undefined : join(folder, "tasks.sqlite") })

  it("tells an async function that has outlived it", async () => {
    const questions: ReadonlyArray<() => PromiseLike<unknown>> = [
      () => promises.createTask(echo, 1),
      () => promises.submit(echo, 1),
      () => promises.joinTask(echo, "a"),
      () => promises.findTask("a"),
      () => promises.allTasks(),
      () => promises.counts(),
      () => promises.troubles(),
      () => promises.cancel("a")
    ]
    const main = async () => {
      const isClosed = new compat.Event()
      const late = await promises.open(layer(), async () => [
        compat.createTask(async () => {
          await isClosed.wait()
          const answers: Array<string> = []
          for (const question of questions) {
            try {
              answers.push(`gave ${String(await question())}`)
            } catch (error) {
              answers.push(String(error))
            }
          }
          return answers
        })
      ])
      isClosed.set()
      return await late[0]
    }

    assert.deepStrictEqual(
      await compat.run(main),
      questions.map(() => closed)
    )
  })

  it("tells an Effect that has kept it", async () => {
    const questions: ReadonlyArray<Effect.Effect<unknown, unknown, cluster.Cluster>> = [
      Effect.flatten(cluster.createTask(echo, 1)),
      cluster.submit(echo, 1),
      Effect.flatten(cluster.joinTask(echo, "a")),
      cluster.findTask("a"),
      cluster.allTasks(),
      cluster.counts,
      cluster.troubles,
      cluster.cancel("a")
    ]
    const main = Effect.gen(function* () {
      const kept = yield* Effect.provide(cluster.Cluster, layer())
      const asked = (question: (typeof questions)[number]) =>
        question.pipe(
          Effect.map((value) => `gave ${String(value)}`),
          Effect.catchDefect((defect) => Effect.succeed(String(defect))),
          Effect.provideService(cluster.Cluster, kept)
        )
      return yield* Effect.forEach(questions, asked)
    })

    assert.deepStrictEqual(
      await asyncio.run(main),
      questions.map(() => closed)
    )
  })

  it("lets go of who has begun to create a task", async () => {
    const main = async () => {
      const tasks = await promises.open(layer(), async () => {
        const made = Array.from({ length: 20 }, (_, n) => promises.createTask(echo, n, { detached: true }))
        return { made, submitted: compat.createTask(() => promises.submit(echo, 1)) }
      })
      const submitted = await Promise.allSettled(tasks.made.map(({ submitted }) => submitted))
      return [...submitted, ...(await Promise.allSettled([tasks.submitted]))]
    }

    const ends = await compat.run(() => compat.timeout("5 seconds", main, { grace: 0 }))

    const reasons = ends.map((end) => (end.status === "rejected" ? String(end.reason) : "written down"))
    for (const reason of reasons)
      assert.oneOf(reason, ["written down", "CancelledError: the cluster is closed", closed])
  })
})
