/**
 * What belongs to one run of a program under test: its loop, what it has made, what was reported, what is decided for it.
 *
 * Several runs may be under way at once, in tests that run in parallel. Which one the code belongs to is in an `AsyncLocalStorage`,
 * whose store the loop of the run keeps for all that runs on it.
 */
import { AsyncLocalStorage } from "node:async_hooks"
import type { VirtualTimeLoop } from "@effect-asyncio/core/testing"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import type { Decisions } from "../schedules/decisions.ts"
import { freePermits } from "./sync.ts"

/** A lock, semaphore or queue, and how many permits it was made with. */
export type Made = lowlevel.Making & { readonly permits: number }

/** Looks at its own end whether all is as it has to be: what is not, in words. */
export interface Oracle {
  readonly check: string
  verdict(): ReadonlyArray<string>
}

/** Something that code under test has asked that no schedule decides. */
export interface Leak {
  readonly what: string
  readonly place: string | undefined
}

export class World {
  loop: VirtualTimeLoop | undefined = undefined
  readonly made: Array<Made> = []
  readonly reports: Array<string> = []
  readonly oracles: Array<Oracle> = []
  readonly leaks: Array<Leak> = []
  readonly decisions: Decisions
  /** Whether the timers and clocks of the host are the loop's. */
  readonly hostTime: boolean
  /** Whether to note who asks for what no schedule decides. */
  readonly watchesLeaks: boolean

  constructor(decisions: Decisions, hostTime: boolean, watchesLeaks: boolean) {
    this.decisions = decisions
    this.hostTime = hostTime
    this.watchesLeaks = watchesLeaks
  }
}

const storage = new AsyncLocalStorage<World>()

/** The run that the code which is running belongs to. */
export const currentWorld = (): World | undefined => storage.getStore()

/** Calls `f` outside of any run. */
export const outsideOfWorlds = <A>(f: () => A): A => storage.exit(f)

let worlds = 0
let deafen: (() => void) | undefined

/** Runs `f` in a world: what it makes is noted there. */
export const inWorld = async <A>(world: World, f: () => Promise<A>): Promise<A> => {
  if (worlds++ === 0) {
    deafen = lowlevel.onMadeUnsafe((making) => {
      const permits = making.kind === "semaphore" ? freePermits(making.object) : 0
      currentWorld()?.made.push({ ...making, permits })
    })
  }
  try {
    return await storage.run(world, f)
  } finally {
    if (--worlds === 0) deafen?.()
  }
}
