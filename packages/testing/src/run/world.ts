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

/** Where something was made: by which task, and FILE:LINE, where that is known. */
export interface Origin {
  readonly by: object | undefined
  readonly place: string | undefined
}

/** A lock, semaphore, queue, group or timeout, and how many permits it was made with. */
export type Made = lowlevel.Making & { readonly permits: number } & Partial<Origin>

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
  /** Hears of the stub whose I/O a task begins. */
  noteIo: ((name: string) => void) | undefined = undefined
  /** These are given where places are wanted: notes where the program stands, and tells where something is being made. */
  noteLine: (() => void) | undefined = undefined
  origin: (() => Origin) | undefined = undefined
  readonly decisions: Decisions
  /** Whether the timers and clocks of the host are the loop's. */
  readonly hostTime: boolean
  /** Whether to note which code asks for what no schedule decides. */
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

/** What is put into the host, or into a library, for all runs that want it: with the first of them, until the last of them is over. */
export const shared = (install: () => () => void): (() => () => void) => {
  let users = 0
  let remove: (() => void) | undefined
  return () => {
    if (users++ === 0) remove = install()
    return () => {
      if (--users === 0) remove?.()
    }
  }
}

const hearOfMaking = shared(() =>
  lowlevel.onMadeUnsafe((making) => {
    const world = currentWorld()
    const permits = making.kind === "semaphore" ? freePermits(making.object) : 0
    world?.made.push({ ...making, permits, ...world.origin?.() })
  })
)

/** Runs `f` in a world: what it makes is noted there. */
export const inWorld = async <A>(world: World, f: () => Promise<A>): Promise<A> => {
  const deafen = hearOfMaking()
  try {
    return await storage.run(world, f)
  } finally {
    deafen()
  }
}
