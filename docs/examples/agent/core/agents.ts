/**
 * The registry of an agent in Effect: as agents.ts of the folder above.
 */
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"

export type Task = asyncio.Task<unknown, unknown>
export type Group = asyncio.TaskGroup<asyncio.TimeoutError>

export interface StartOptions {
  readonly background?: boolean
  readonly limit?: number
  readonly group?: Group | undefined
}

export class Agents {
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
