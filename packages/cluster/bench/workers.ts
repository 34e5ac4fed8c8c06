/**
 * The worker processes of a side: they tell when an endless task begins, and what they use.
 */
import { type ChildProcess, fork } from "node:child_process"
import { type Resource, used } from "./side.ts"

/** Counts tasks that have begun, here or in a worker process. */
export class Begun {
  #count = 0
  #waiting: { readonly count: number; readonly resolve: () => void } | undefined = undefined

  /** Called by a task when it begins. */
  readonly add = (): void => {
    this.#count++
    if (this.#waiting !== undefined && this.#count >= this.#waiting.count) this.#waiting.resolve()
  }

  /** Settles when so many more have begun; one waits at a time. */
  more(count: number): Promise<void> {
    const wanted = this.#count + count
    return new Promise((resolve) => (this.#waiting = { count: wanted, resolve }))
  }
}

type Told = "ready" | "begun" | number

export class Workers {
  readonly #children: ReadonlyArray<ChildProcess>

  private constructor(children: ReadonlyArray<ChildProcess>) {
    this.#children = children
  }

  /** Starts a process for each list of arguments, and waits until all are ready. */
  static async start(file: string, each: ReadonlyArray<ReadonlyArray<string>>, begun: Begun): Promise<Workers> {
    const children = each.map((args) => fork(file, args, { execArgv: process.execArgv }))
    await Promise.all(children.map((child) => told(child, (message) => message === "ready")))
    for (const child of children) child.on("message", (message) => message === "begun" && begun.add())
    return new Workers(children)
  }

  /** What all of them use of something. */
  async used(what: Resource): Promise<number> {
    const answers = this.#children.map(async (child) => {
      const answer = told(child, (message) => typeof message === "number")
      child.send(what)
      return (await answer) as number
    })
    const all = await Promise.all(answers)
    return all.reduce((sum, one) => sum + one, 0)
  }
}

const told = (child: ChildProcess, isIt: (message: Told) => boolean): Promise<Told> =>
  new Promise((resolve, reject) => {
    const onMessage = (message: Told) => {
      if (!isIt(message)) return
      child.off("message", onMessage)
      resolve(message)
    }
    child.on("message", onMessage)
    child.once("exit", (code) => reject(new Error(`a worker ended with ${code}`)))
  })

/** In a worker process: it is ready. */
export const ready = (): void => {
  process.on("message", (what: Resource) => void used(what).then((value) => process.send!(value)))
  process.on("disconnect", () => process.exit(0))
  process.send!("ready")
}

/** In a worker process: a task has begun. */
export const tellBegun = (): void => void process.send!("begun")
