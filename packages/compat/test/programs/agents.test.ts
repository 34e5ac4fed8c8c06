/**
 * What programs that start work of their own accord, agents for one, have asked for: first what AbortControllers give, then the same
 * with tasks.
 */
import { setTimeout as delay } from "node:timers/promises"
import { assert, describe, it } from "vitest"
import * as asyncio from "@effect-asyncio/compat"
import { run } from "../support.ts"

/** A piece of work that listens to a signal. */
const listening = (signal: AbortSignal) =>
  new Promise<string>((resolve) => signal.addEventListener("abort", () => resolve("stopped")))

const settled = async (promise: Promise<string>) => await Promise.race([promise, Promise.resolve("goes on")])

const hour = () => asyncio.sleep("1 hour")

describe("stopping the main agent stops those that it has started, and one can be stopped by its id (anomalyco/opencode#28738)", () => {
  it("not where each has a controller of its own, which nobody keeps", async () => {
    const sub = () => listening(new AbortController().signal)
    const agent = async (signal: AbortSignal, started: Array<Promise<string>>) => {
      started.push(sub())
      return await listening(signal)
    }
    const controller = new AbortController()
    const started: Array<Promise<string>> = []
    const main = agent(controller.signal, started)

    controller.abort()

    assert.deepStrictEqual([await main, await settled(started[0]!)], ["stopped", "goes on"])
  })

  it("with tasks", () =>
    run(async () => {
      const agent = async () => {
        asyncio.createTask(
          async () => {
            asyncio.createTask(hour, { name: "search" })
            await hour()
          },
          { name: "researcher" }
        )
        asyncio.createTask(hour, { name: "writer" })
        await hour()
      }
      const main = asyncio.createTask(agent, { name: "agent" })
      await asyncio.sleep(1)

      const one = await asyncio.cancelAndWait(asyncio.findTask("writer")!.id, { timeout: 100 })
      const all = await asyncio.cancelAndWait(main, { tree: true, timeout: 100 })

      const names = ({ cancelled }: asyncio.CancelReport<asyncio.Task<unknown>>) =>
        cancelled.map((task) => task.getName())
      assert.deepStrictEqual([names(one), names(all)], [["writer"], ["agent", "researcher", "search"]])
      assert.strictEqual(asyncio.allTasks().size, 1)
    }))
})

describe("a stop that has not stopped the run does not answer with success (langchain-ai/langgraphjs#2755)", () => {
  /** Catches what it does not know, and tries again. */
  const retries = async (attempt: () => Promise<void>) => {
    for (let n = 0; n < 100; n++) {
      try {
        return await attempt()
      } catch {
        // The next attempt may be lucky.
      }
    }
  }

  it("not where the answer is that abort() was called", async () => {
    const controllers = new Map<string, AbortController>()
    let attempts = 0
    const start = (id: string) => {
      const controller = new AbortController()
      controllers.set(id, controller)
      return retries(async () => {
        attempts++
        await new Promise((_, reject) => setTimeout(() => reject(new Error("not lucky")), 0))
        controller.signal.throwIfAborted()
      })
    }
    const cancel = (id: string) => {
      controllers.get(id)?.abort()
      return { status: "success" }
    }
    const run = start("run-1")

    const answer = cancel("run-1")
    await run

    assert.deepStrictEqual(
      [answer, cancel("no such run"), attempts],
      [{ status: "success" }, { status: "success" }, 100]
    )
  })

  it("with tasks: who ignores it is named, with what it waits for, and so is what there is not", () =>
    run(async () => {
      asyncio.createTask(() => retries(hour), { name: "run-1" })
      asyncio.createTask(hour, { name: "run-2" })
      await asyncio.sleep(1)

      const { cancelled, ignoring, notFound } = await asyncio.cancelAndWait(["run-1", "run-2", "run-3"], {
        timeout: "1 second"
      })

      assert.deepStrictEqual(
        [
          cancelled.map((task) => task.getName()),
          ignoring.map(({ coroutine, name, waitingFor }) => [name, coroutine.split(" ")[0], waitingFor]),
          notFound
        ],
        [["run-2"], [["run-1", "retries()", ["<Future pending cb=[Task.task_wakeup()]>"]]], ["run-3"]]
      )
    }))
})

describe("a stop spares those that are to live on (alvinunreal/oh-my-opencode-slim#1113)", () => {
  it("not where they have got the signal of the session", async () => {
    const controller = new AbortController()
    const subAgent = listening(controller.signal)
    const indexer = listening(controller.signal)

    controller.abort()

    assert.deepStrictEqual([await subAgent, await indexer], ["stopped", "stopped"])
  })

  it("with tasks", () =>
    run(async () => {
      const session = async () => {
        asyncio.createTask(hour, { name: "sub-agent" })
        asyncio.createTask(hour, { name: "indexer", detached: true })
        await hour()
      }
      const task = asyncio.createTask(session, { name: "session" })
      await asyncio.sleep(1)

      const { cancelled } = await asyncio.cancelAndWait(task, { tree: true, timeout: 100 })

      assert.deepStrictEqual(
        [cancelled, [...asyncio.allTasks()]].map((tasks) => tasks.map((task) => task.getName())),
        [
          ["session", "sub-agent"],
          ["Task-1", "indexer"]
        ]
      )
    }))
})

describe("a status says whether a user has stopped it, the time was up, or a deploy has interrupted it (dust-tt/dust#17027, n8n-io/n8n#34551)", () => {
  it("not where every stop is an abort", async () => {
    const statusOf = async (stop: (controller: AbortController) => unknown) => {
      const controller = new AbortController()
      const working = delay(3_600_000, "finished", { signal: controller.signal })
      stop(controller)
      return await working.catch((error: Error) => (error.name === "AbortError" ? "cancelled" : "failed"))
    }

    const statuses = [
      await statusOf((controller) => controller.abort("the user")),
      await statusOf((controller) => setTimeout(() => controller.abort("the time was up"), 0)),
      await statusOf((controller) => controller.abort("a deploy"))
    ]

    assert.deepStrictEqual(statuses, ["cancelled", "cancelled", "cancelled"])
  })

  it("with tasks, also where the tool knows nothing but the signal", () =>
    run(async () => {
      const tool = () => delay(3_600_000, "finished", { signal: asyncio.currentSignal() })
      const statusOf = async (stop: (task: asyncio.Task<string>) => unknown, limit = 86_400_000) => {
        const task = asyncio.createTask(() =>
          asyncio.catchCancelled(() => asyncio.timeout(limit, () => tool()), {
            requested: (error) => `cancelled by ${error.requestedBy}`,
            shutdown: () => "interrupted, to be resumed"
          })
        )
        await asyncio.sleep(0)
        stop(task)
        return await task.catch((error: unknown) =>
          error instanceof asyncio.TimeoutError
            ? `timed out: ${(error.cause as asyncio.CancelledError).kind}`
            : "failed"
        )
      }

      const statuses = [
        await statusOf((task) => task.cancel("the user")),
        await statusOf(() => {}, 5),
        await statusOf((task) => task.cancel("a deploy", { kind: "shutdown" }))
      ]

      assert.deepStrictEqual(statuses, ["cancelled by Task-1", "timed out: timeout", "interrupted, to be resumed"])
    }))
})
