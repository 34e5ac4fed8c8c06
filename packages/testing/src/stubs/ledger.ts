/**
 * Accounts of what a program takes and gives back.
 */
import { currentWorld } from "../run/world.ts"

/**
 * An account of things that are taken and given back: connections, files, items of a queue.
 *
 * @category models
 * @since 0.1.0
 */
export interface Ledger<in T> {
  /** Notes that `thing` is taken. Throws where it is taken already: two have it. */
  readonly take: (thing: T) => void
  /** Notes that `thing` is given back. Throws where it is not taken: it was given back twice. */
  readonly giveBack: (thing: T) => void
  /** Whether nothing is taken. */
  readonly isEmpty: () => boolean
}

/**
 * Makes an account of what is taken and given back, which is looked at when the run is over: what was not given back, or twice, is a
 * failure of the check `ledgers`, also where the program has caught what `take` and `giveBack` throw.
 *
 * **Details**
 *
 * Made in the program, or in its `setup`, it belongs to that run.
 *
 * @category constructors
 * @since 0.1.0
 */
export const ledger = <T>(name: string): Ledger<T> => {
  const taken = new Set<T>()
  const wrong: Array<string> = []
  const refuse = (text: string): never => {
    wrong.push(text)
    throw new Error(text)
  }
  currentWorld()?.oracles.push({
    check: "ledgers",
    verdict: () => [...wrong, ...Array.from(taken, (thing) => `${name}: ${String(thing)} was not given back`)]
  })
  return {
    take: (thing) => {
      if (taken.has(thing)) refuse(`${name}: ${String(thing)} was taken twice`)
      taken.add(thing)
    },
    giveBack: (thing) => {
      if (!taken.delete(thing)) refuse(`${name}: ${String(thing)} was given back, and is not taken`)
    },
    isEmpty: () => taken.size === 0
  }
}
