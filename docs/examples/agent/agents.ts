/**
 * The registry of an agent: everything that runs, found by its number, with its limit, its tree and how it has ended.
 */
import * as asyncio from "@effect-asyncio/compat"

declare module "@effect-asyncio/core" {
  interface CancellationKinds {
    /** The agent has spent what it may spend. */
    readonly budget: unknown
  }
}

export interface StartOptions {
  /** Goes on when the turn that has started it is stopped. */
  readonly background?: boolean
  /** How long it may take, in milliseconds. */
  readonly limit?: number
  /** Whose group it belongs to: that waits for it, unless it is promoted. */
  readonly group?: asyncio.TaskGroup | undefined
}

export class Agents {
  readonly #limits = new WeakMap<asyncio.Task<unknown>, asyncio.Timeout>()

  start<A>(name: string, work: () => Promise<A>, options: StartOptions = {}): asyncio.Task<A> {
    const { background = false, group, limit } = options
    const body = (timeout: asyncio.Timeout) => {
      this.#limits.set(asyncio.currentTask()!, timeout)
      return work()
    }
    const given = { name, labels: { agent: name } }
    const limited = () => asyncio.timeout(limit, body)
    if (group !== undefined && !background) return group.createTask(limited, given)
    return asyncio.createTask(limited, { ...given, detached: background })
  }

  list = (): ReadonlyArray<asyncio.Task<unknown>> => asyncio.findTasks((task) => "agent" in task.labels)

  ended = () => asyncio.getRunningLoop().endedTasks.filter(({ labels }) => "agent" in labels)

  get = (id: number): asyncio.Task<unknown> | undefined => this.list().find((task) => task.id === id)

  /** Whether it is done, which is waited for no longer than that. */
  async wait(task: asyncio.Task<unknown>, time: number): Promise<boolean> {
    return (await asyncio.wait([task], { timeout: time })).pending.size === 0
  }

  extend(task: asyncio.Task<unknown>, milliseconds: number): void {
    const limit = this.#limits.get(task)
    const when = limit?.when()
    if (when !== undefined) limit?.reschedule(when + milliseconds)
  }

  promote = (task: asyncio.Task<unknown>): void => asyncio.promote(task)

  cancel = (task: asyncio.Task<unknown>, reason: string, kind?: asyncio.CancellationKind): boolean =>
    task.cancel(reason, { kind })

  /** Stops it with all that it has started but for what is in the background, and waits until that is over. */
  stop = (task: asyncio.Task<unknown>, reason: string, kind?: asyncio.CancellationKind) =>
    asyncio.cancelAndWait([task], { tree: true, message: reason, kind, timeout: "10 seconds" })
}
