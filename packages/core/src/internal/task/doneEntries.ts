/**
 * What is to be done when a future is done: the waits for it, and callbacks.
 */
import type * as Context from "effect/Context"
import { type AsyncContext, captureAsyncContext } from "../host/asyncContext.ts"
import type { TaskLoop } from "./taskLoop.ts"
import type { FutureImpl } from "./future.ts"
import { callWith, guarded, type ProgramCall } from "../loop/handle.ts"
import type { Runnable } from "../data/readyQueue.ts"
import type { TaskImpl } from "./task.ts"
import { callOf } from "../data/text.ts"
import { copyVariables, type ContextValues } from "../model/variables.ts"

/** Something to do when a future is done. */
export interface DoneEntry extends Runnable {
  /** Removed. A removed entry stays in the list until there are many of them. */
  dead: boolean
  /** How it prints in the future's repr. */
  readonly label: string
  /** The task that waits for the future by way of this entry, if one does. */
  readonly awaiter: TaskImpl | undefined
}

export class DoneCallback implements DoneEntry {
  dead = false
  readonly future: FutureImpl
  readonly callback: (future: never) => void
  readonly name: string
  readonly awaiter: TaskImpl | undefined
  readonly #variables: ContextValues | undefined

  constructor(future: FutureImpl, callback: (future: never) => void, name: string, awaiter: TaskImpl | undefined) {
    this.future = future
    this.callback = callback
    this.name = name
    this.awaiter = awaiter
    this.#variables = copyVariables(future.loop)
  }

  get label(): string {
    return callOf(this.name)
  }

  run(): void {
    this.call()
  }

  call(services?: Context.Context<never>): void {
    const { callback, future, name } = this
    guarded(future.loop, callback, future as never, name, this.#variables, services)
  }
}

/** A callback of the program, which sees the stores of the code that added it. */
export class ProgramCallback extends DoneCallback implements ProgramCall {
  readonly #stores: AsyncContext = captureAsyncContext()
  readonly services = this.loop.servicesHere()

  get loop(): TaskLoop {
    return this.future.loop
  }

  override call(): void {
    super.call(this.services)
  }

  override run(): void {
    callWith(this.#stores, this)
  }
}

/** What futures feed: a queue in which tasks wait for whichever is done first, as that of `asCompleted`. */
export interface Fed {
  completed(future: FutureImpl): void
  /** The tasks that are waiting right now. */
  waiting(): Iterable<TaskImpl>
}

/** A callback that hands the future on to what it feeds. */
class FeedingCallback extends DoneCallback {
  readonly feed: Feed

  constructor(future: FutureImpl, feed: Feed, name: string) {
    super(future, (future: FutureImpl) => feed.completed(future, this), name, undefined)
    this.feed = feed
  }
}

/**
 * What the futures know of what they feed. It keeps none of it alive: the loop keeps what a task waits in, and when the program has
 * let go of the rest, the entries are removed from the futures as well.
 */
export class Feed {
  readonly #fed: Weakly<Fed>
  readonly #entries = new Set<FeedingCallback>()

  constructor(fed: Fed, futures: Iterable<FutureImpl>, name: string) {
    this.#fed = weakly(fed)
    for (const future of futures) {
      const entry = new FeedingCallback(future, this, name)
      this.#entries.add(entry)
      future.addEntry(entry)
    }
    // Weakly as well: the registry must not keep what is under way on a loop that the program has let go of.
    collected?.register(fed, new WeakRef(this))
  }

  get fed(): Fed | undefined {
    return this.#fed.deref()
  }

  completed(future: FutureImpl, entry: FeedingCallback): void {
    this.#entries.delete(entry)
    this.fed?.completed(future)
  }

  /** Removes the entries: the futures feed nothing any more. */
  withdraw(): void {
    for (const entry of this.#entries) entry.future.removeEntry(entry)
    this.#entries.clear()
  }
}

/** A reference that does not keep what it leads to. */
export interface Weakly<T> {
  deref(): T | undefined
}

/** A weak reference to what its holder wakes: a search for wakers in a heap snapshot goes along this name. */
class WeakWaker<T extends WeakKey> implements Weakly<T> {
  readonly "@effect-asyncio/wakes": WeakRef<T>

  constructor(target: T) {
    this["@effect-asyncio/wakes"] = new WeakRef(target)
  }

  deref(): T | undefined {
    return this["@effect-asyncio/wakes"].deref()
  }
}

/** A reference to what its holder wakes: a weak one, where the host has those. */
export const weakly = <T extends WeakKey>(target: T): Weakly<T> =>
  typeof WeakRef === "function" ? new WeakWaker(target) : { deref: () => target }

const collected =
  typeof FinalizationRegistry === "function"
    ? new FinalizationRegistry<WeakRef<Feed>>((feed) => feed.deref()?.withdraw())
    : undefined

/** The tasks that wait for a future by way of an entry. */
export const awaitersBy = (entry: DoneEntry): Iterable<TaskImpl> => {
  if (entry instanceof FeedingCallback) return entry.feed.fed?.waiting() ?? []
  return entry.awaiter === undefined ? [] : [entry.awaiter]
}

export const isOf = (entry: DoneEntry, callback: unknown): entry is DoneCallback =>
  entry instanceof DoneCallback && entry.callback === callback

// To search through fewer entries is as fast as to keep an index.
const leastIndexed = 32

/** The entries of a future that has had several. */
export class EntryList {
  items: Array<DoneEntry>
  #dead = 0
  // The entries of each callback, once there are so many that to search through all of them would cost more.
  #byCallback: Map<unknown, Array<DoneCallback>> | undefined = undefined

  constructor(first: DoneEntry, second: DoneEntry) {
    this.items = [first, second]
  }

  add(entry: DoneEntry): void {
    this.items.push(entry)
    if (this.#byCallback !== undefined) this.#index(this.#byCallback, entry)
    else if (this.items.length === leastIndexed) this.#byCallback = this.#makeIndex()
  }

  /** An entry was removed. The list is swept when more than half of it is dead, so that this is O(1) on average. */
  noteDead(): void {
    if (++this.#dead * 2 <= this.items.length) return
    this.items = this.items.filter((entry) => !entry.dead)
    this.#dead = 0
  }

  /** Takes a callback out and says how often it was in. */
  removeCallback(callback: unknown): number {
    const index = this.#byCallback
    const found =
      index === undefined
        ? this.items.filter((entry) => !entry.dead && isOf(entry, callback))
        : (index.get(callback) ?? [])
    index?.delete(callback)
    for (const entry of found) {
      entry.dead = true
      this.noteDead()
    }
    return found.length
  }

  #makeIndex(): Map<unknown, Array<DoneCallback>> {
    const index = new Map<unknown, Array<DoneCallback>>()
    for (const entry of this.items) if (!entry.dead) this.#index(index, entry)
    return index
  }

  #index(index: Map<unknown, Array<DoneCallback>>, entry: DoneEntry): void {
    if (!(entry instanceof DoneCallback)) return
    const same = index.get(entry.callback)
    if (same === undefined) index.set(entry.callback, [entry])
    else same.push(entry)
  }
}
