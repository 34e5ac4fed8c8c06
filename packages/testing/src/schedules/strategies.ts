/**
 * Which schedules are tried.
 *
 * The first is always the one without deviations. A strategy is asked for the next one, and told what was decided in the last.
 */
import { type Chooser, type Decision, type Deviations, scheduleText } from "./decisions.ts"
import { makeRandom } from "./random.ts"

export interface Search {
  /** Chooses in the next run; undefined when all has been tried. */
  next(): Chooser | undefined
  ran(decisions: ReadonlyArray<Decision>): void
  /** Whether there is nothing left that the strategy would try. */
  readonly isComplete: boolean
}

export const randomSearch = (seed: number): Search => {
  let run = 0
  return {
    next: () => {
      if (run++ === 0) return () => 0
      const random = makeRandom(seed + run * 7919)
      return (_, size) => (random(4) === 0 ? random(size) : 0)
    },
    ran: () => {},
    isComplete: false
  }
}

/** At most `depth` deviations, at places that are spread evenly over what the longest run has decided so far. */
export const pctSearch = (seed: number, depth: number): Search => {
  let run = 0
  let length = 1
  return {
    next: () => {
      if (run++ === 0) return () => 0
      const random = makeRandom(seed + run * 7919)
      // Fewer of them as well: what needs one only is broken by another as likely as not.
      const wanted = 1 + random(depth)
      const places = new Set(Array.from({ length: wanted }, () => random(length)))
      return (index, size) => (places.has(index) ? 1 + random(size - 1) : 0)
    },
    ran: (decisions) => {
      length = Math.max(length, decisions.length)
    },
    isComplete: false
  }
}

/** All schedules with at most `most` deviations, those with fewer first. */
export const exhaustiveSearch = (most: number): Search => {
  let current: Deviations = new Map()
  // Each is a schedule that was not tried; what it leads to is behind what was there before.
  const queue: Array<Deviations> = [current]
  const tried = new Set<string>()
  let isComplete = false
  return {
    get isComplete() {
      return isComplete
    },
    next: () => {
      const next = queue.shift()
      if (next === undefined) {
        isComplete = true
        return undefined
      }
      current = next
      return (index) => next.get(index) ?? 0
    },
    ran: (decisions) => {
      if (current.size >= most) return
      const last = Math.max(-1, ...current.keys())
      for (let index = last + 1; index < decisions.length; index++) {
        for (let chosen = 1; chosen < decisions[index]!.size; chosen++) {
          const next = new Map([...current, [index, chosen]])
          const text = scheduleText(next)
          if (!tried.has(text)) queue.push(next)
          tried.add(text)
        }
      }
    }
  }
}
