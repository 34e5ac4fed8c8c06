/**
 * A session in Effect: as session.ts of the folder above.
 */
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { scripted } from "../model.ts"
import { Agents, type Group, type StartOptions } from "./agents.ts"

export class Session {
  readonly agents = new Agents()
  readonly #done = new Map<string, number>()
  #spent = 0
  readonly #budget: number

  constructor(budget: number) {
    this.#budget = budget
  }

  start(prompt: string, options?: StartOptions) {
    return this.agents.start(prompt, this.#work(prompt), options)
  }

  readonly resume = (prompt: string) => this.start(prompt)

  #work(prompt: string): Effect.Effect<string> {
    // A helper that fails, by its limit for one, is a defect of the agent that has given it none.
    return Effect.orDie(asyncio.taskGroup((group: Group) => this.#converse(prompt, group), { promotable: true }))
  }

  readonly #converse = Effect.fn("converse")({ self: this }, function* (this: Session, prompt: string, group: Group) {
    for (;;) {
      const done = this.#done.get(prompt) ?? 0
      yield* this.#spend(1)
      const action = yield* asyncio.sleep("1 second", scripted(prompt, done))
      if (action.do === "tool") yield* asyncio.sleep(`${action.seconds} seconds`)
      if (action.do === "delegate") yield* this.start(action.to, { ...action, group })
      this.#done.set(prompt, done + 1)
      if (action.do === "answer") return action.text
    }
  })

  #spend(turns: number): Effect.Effect<void> {
    this.#spent += turns
    if (this.#spent <= this.#budget) return Effect.void
    return Effect.flatMap(asyncio.currentTask, (task) =>
      this.agents.cancel(task, `${this.#budget} turns are spent`, "budget")
    )
  }
}
