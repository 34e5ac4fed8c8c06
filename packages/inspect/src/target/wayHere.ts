/**
 * The way to an agent on the thread that answers: the program's own.
 */
import type { Agent } from "./agent.ts"
import { profileWith, type Way } from "./answers.ts"

/** `takeProfile` rejects where the host has no profiler. */
export const wayHere = (agent: Agent, takeProfile: (until: () => Promise<void>) => Promise<unknown>): Way => {
  const way: Way = {
    read: async (method: keyof Agent, ...args: ReadonlyArray<unknown>) =>
      (agent[method] as (...args: ReadonlyArray<unknown>) => unknown).call(agent, ...args) ?? null,
    look: async (watch) => agent.look(watch),
    order: async (method, select, reason, kind) => agent[method](select as never, reason, kind),
    profile: (until) => profileWith(way, () => takeProfile(until))
  }
  return way
}
