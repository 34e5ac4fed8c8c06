/**
 * The same agent in Effect: its registry, its session, and what a person sees of it.
 */
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { type Action, scripted } from "./model.ts"
import { listed, over } from "./show.ts"

type Task = asyncio.Task<unknown, unknown>

interface StartOptions {
  readonly background?: boolean
  readonly limit?: number
  readonly group?: asyncio.TaskGroup<asyncio.TimeoutError> | undefined
}

class Agents {
  readonly #limits = new WeakMap<Task, asyncio.Timeout>()

  start<A>(name: string, work: Effect.Effect<A>, { background = false, group, limit }: StartOptions = {}) {
    const body = (timeout: asyncio.Timeout) =>
      Effect.andThen(
        Effect.map(asyncio.currentTask, (task) => this.#limits.set(task, timeout)),
        work
      )
    const limited = asyncio.timeout(limit, body)
    const given = { name, labels: { agent: name } }
    if (group !== undefined && !background) return group.createTask(limited, given)
    return asyncio.createTask(limited, { ...given, detached: background })
  }

  readonly list = asyncio.findTasks((task) => "agent" in task.labels)

  readonly ended = Effect.map(asyncio.getRunningLoop, ({ endedTasks }) =>
    endedTasks.filter(({ labels }) => "agent" in labels)
  )

  readonly get = (id: number) => Effect.map(this.list, (tasks) => tasks.find((task) => task.id === id))

  readonly wait = (task: Task, time: number) =>
    Effect.map(asyncio.wait([task], { timeout: time }), ({ pending }) => pending.size === 0)

  extend(task: Task, milliseconds: number): Effect.Effect<void> {
    const limit = this.#limits.get(task)
    const when = limit?.when()
    return limit === undefined || when === undefined ? Effect.void : limit.reschedule(when + milliseconds)
  }

  readonly promote = asyncio.promote

  readonly cancel = (task: Task, reason: string, kind?: asyncio.CancellationKind) => task.cancel(reason, { kind })

  readonly stop = (task: Task, reason: string, kind?: asyncio.CancellationKind) =>
    asyncio.cancelAndWait([task], { tree: true, message: reason, kind, timeout: "10 seconds" })
}

class Session {
  readonly agents = new Agents()
  readonly #done = new Map<string, number>()

  start(prompt: string, options?: StartOptions) {
    return this.agents.start(prompt, this.#work(prompt), options)
  }

  #work(prompt: string): Effect.Effect<string> {
    // A helper that fails, by its limit for one, is a defect of the agent that has given it none.
    return Effect.orDie(
      asyncio.taskGroup((group: asyncio.TaskGroup<asyncio.TimeoutError>) => this.#converse(prompt, group), {
        promotable: true
      })
    )
  }

  readonly #converse = Effect.fn("converse")(
    { self: this },
    function* (this: Session, prompt: string, group: asyncio.TaskGroup<asyncio.TimeoutError>) {
      for (;;) {
        const done = this.#done.get(prompt) ?? 0
        const action: Action = yield* asyncio.sleep("1 second", scripted(prompt, done))
        if (action.do === "tool") yield* asyncio.sleep(`${action.seconds} seconds`)
        if (action.do === "delegate") yield* this.start(action.to, { ...action, group })
        this.#done.set(prompt, done + 1)
        if (action.do === "answer") return action.text
      }
    }
  )
}

export const main = Effect.fn("main")(function* () {
  yield* asyncio.keepEndedTasks(100)
  const session = new Session()
  const { agents } = session

  const report = yield* session.start("report")
  yield* asyncio.sleep("10 seconds")
  console.log(`> list\n${listed(yield* agents.list)}`)

  const research = (yield* agents.list).find((task) => task.getName() === "research")!
  const { cancelled } = yield* agents.stop(research, "the wrong sources")
  console.log(`> stop ${research.id} the wrong sources`)
  console.log(`stopped: ${cancelled.map((task) => task.getName()).join(", ")}`)
  console.log(`the answer: ${yield* report}`)
  console.log(`> list\n${listed(yield* agents.list)}`)

  yield* asyncio.sleep("1 minute")
  yield* session.start("research")
  yield* asyncio.sleep("5 seconds")
  const mine = (yield* agents.list).filter(({ detached }) => !detached)
  for (const task of mine) yield* agents.stop(task, "everything but the background")
  console.log(`> stop all\n${mine.length} stopped`)
  console.log(`> ended\n${over(yield* agents.ended)}`)
})
