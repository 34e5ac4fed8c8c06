/**
 * A session: an agent that works in turns, its subagents, and what is left of each when it was stopped.
 */
import * as asyncio from "@effect-asyncio/compat"
import { Agents, type StartOptions } from "./agents.ts"
import { nextAction } from "./model.ts"

export class Session {
  readonly agents = new Agents()
  // How far each conversation is. It is not part of the task: an agent that was stopped goes on from there.
  readonly #done = new Map<string, number>()
  #spent = 0
  readonly #budget: number

  constructor(budget: number) {
    this.#budget = budget
  }

  start(prompt: string, options?: StartOptions): asyncio.Task<string> {
    return this.agents.start(prompt, () => this.#work(prompt), options)
  }

  /** Goes on with a conversation where it was stopped. */
  resume = (prompt: string): asyncio.Task<string> => this.start(prompt)

  /** The group waits for the helpers of the agent: not for those that are in the background, or are sent there while it waits. */
  async #work(prompt: string): Promise<string> {
    return asyncio.taskGroup((group) => this.#converse(prompt, group), { promotable: true })
  }

  async #converse(prompt: string, group: asyncio.TaskGroup): Promise<string> {
    for (;;) {
      const done = this.#done.get(prompt) ?? 0
      this.#spend(1)
      const action = await nextAction(prompt, done)
      if (action.do === "tool") await asyncio.sleep(`${action.seconds} seconds`)
      if (action.do === "delegate") this.start(action.to, { ...action, group })
      // What was cut short is done again.
      this.#done.set(prompt, done + 1)
      if (action.do === "answer") return action.text
    }
  }

  /** Ends the agent that spends too much, with a kind of its own. */
  #spend(turns: number): void {
    this.#spent += turns
    if (this.#spent > this.#budget) {
      const task = asyncio.currentTask()!
      this.agents.cancel(task, `${this.#budget} turns are spent`, "budget")
    }
  }
}
