/**
 * A script in the making, and the small parts that statements are made of.
 */
import type { Feature } from "../features.ts"
import { Random, type Weighted } from "../random.ts"
import type { Block, Expression, ObjectDeclaration, Query, Statement } from "../script.ts"
import { enabledFeatures, type FutureSlot, makePlan, type Plan, type PlanOptions, type TaskSlot } from "./plan.ts"

/** Where a statement will stand, which decides what may stand there. */
export interface Place {
  /** The coroutine's rank: it waits only for those of higher rank, so that no tasks wait in a circle. `main` has 0. */
  readonly rank: number
  readonly depth: number
  /** How many more statements the coroutine may get; shared by all places in it. */
  readonly budget: { left: number }
  readonly themes: ReadonlyArray<Feature>
  /** The task groups and timeouts around, innermost last. */
  readonly groups: ReadonlyArray<string>
  readonly timeouts: ReadonlyArray<string>
  readonly inLoop?: boolean
  readonly inHandler?: boolean
  /** Where `main` acts between two sleeps. */
  readonly acting?: boolean
  /**
   * The index of the callback it is in. Nothing there may wait, and a callback schedules later ones only, so that none
   * goes on for ever.
   */
  readonly callback?: number
  readonly withoutCallbacks?: boolean
}

export const deeper = (place: Place, change: Partial<Place> = {}): Place => ({
  ...place,
  depth: place.depth + 1,
  ...change
})

export type ObjectKind = ObjectDeclaration["kind"]

export const queueKinds: ReadonlyArray<ObjectKind> = ["queue", "lifo", "priority"]
export const semaphoreKinds: ReadonlyArray<ObjectKind> = ["semaphore", "bounded"]

/** Statements without those that could not be made. */
export const present = (...statements: ReadonlyArray<Statement | null>): Block =>
  statements.filter((statement) => statement !== null)

/**
 * What stands in blocks. Statements have blocks in them, and these have statements: a draft carries what leads back from the parts to
 * the whole.
 */
export interface Grammar {
  /** A statement of any kind, or an idiom of several. */
  readonly anything: (draft: Draft, place: Place) => Block
  /** One statement, which waits. */
  readonly waitingOnce: (draft: Draft, place: Place) => Statement
}

export class Draft {
  readonly #grammar: Grammar
  readonly random: Random
  readonly plan: Plan
  readonly coroutines: Record<string, Block> = {}
  readonly callbacks: Record<string, Block> = {}
  #messages = 0
  #names = 0
  #futures = 0
  #handles = 0
  #timeouts = 0
  #groups = 0

  constructor(
    seed: number,
    options: Omit<PlanOptions, "enabled"> & { readonly features: ReadonlyArray<Feature> | undefined },
    grammar: Grammar
  ) {
    this.#grammar = grammar
    const enabled = enabledFeatures(options.features)
    const { size, focus } = options
    this.random = new Random(`${seed}|${size}|${focus ?? ""}|${[...enabled].sort().join()}`)
    this.plan = makePlan(this.random, { size, focus, enabled })
  }

  has(feature: Feature): boolean {
    return this.plan.has(feature)
  }

  anything(place: Place): Block {
    return this.#grammar.anything(this, place)
  }

  waitingOnce(place: Place): Statement {
    return this.#grammar.waitingOnce(this, place)
  }

  // ---- names ---------------------------------------------------------------------------------------------------------

  objectsOf(...kinds: ReadonlyArray<ObjectKind>): Array<string> {
    const { objects } = this.plan
    return Object.keys(objects).filter((name) => kinds.includes(objects[name]!.kind))
  }

  pickObject(...kinds: ReadonlyArray<ObjectKind>): string {
    return this.random.pick(this.objectsOf(...kinds))
  }

  kindOf(name: string): ObjectKind {
    return this.plan.objects[name]!.kind
  }

  newMessage(): string {
    return `m${++this.#messages}`
  }

  newTimeout(): string {
    return `to${++this.#timeouts}`
  }

  newGroup(): string {
    return `G${++this.#groups}`
  }

  newHandle(): string {
    return `h${++this.#handles}`
  }

  /** A new name for a future, or now and then one that has a future already. */
  futureName(): string {
    return this.random.chance(0.6) || this.#futures === 0 ? `f${++this.#futures}` : this.pickObject("future")
  }

  get hasTimeouts(): boolean {
    return this.#timeouts > 0
  }

  anyTimeout(): string {
    return `to${this.random.int(1, this.#timeouts)}`
  }

  #anyHandle(): string {
    return `h${this.random.int(1, this.#handles)}`
  }

  /** The name of any task slot, one that `main` fills at the start more likely. */
  anySlot(): string {
    const { taskSlots, started } = this.plan
    return this.random.weighted(taskSlots.map(({ name }) => [started.has(name) ? 6 : 1, name] as const))
  }

  /** The slots that code at a place may wait for. */
  awaitable(place: Place): Array<TaskSlot | FutureSlot> {
    return [...this.plan.taskSlots, ...this.plan.futureSlots].filter((slot) => slot.rank > place.rank)
  }

  pickAwaitable(slots: ReadonlyArray<TaskSlot | FutureSlot>): TaskSlot | FutureSlot {
    return this.random.weighted(
      slots.map((slot) => [this.plan.started.has(slot.name) || "kind" in slot ? 4 : 1, slot] as const)
    )
  }

  /** The task slots whose coroutine uses an object. Coroutines are written from the highest rank down. */
  usersOf(object: string): Array<TaskSlot> {
    return this.plan.taskSlots.filter(({ rank }) => {
      const body = this.coroutines[`c${rank}`]
      return body !== undefined && JSON.stringify(body).includes(`"v":"${object}"`)
    })
  }

  // ---- values --------------------------------------------------------------------------------------------------------

  /** A delay that is not zero. */
  delay(): number {
    return this.random.weighted(this.plan.palette)
  }

  delayOrZero(): number {
    return this.random.chance(0.14) ? 0 : this.delay()
  }

  value(): Expression {
    const { random } = this
    return random.weighted<Expression>([
      [5, random.int(0, 9)],
      [2, `v${random.int(1, 9)}`],
      [1, null],
      [1, { q: "time" }]
    ])
  }

  condition(place: Place): Expression {
    const { random } = this
    return random.weighted<() => Expression>([
      [5, () => this.query({ ...place, inHandler: false })],
      [1, () => random.chance(0.5)]
    ])()
  }

  query(place: Place): Query {
    return this.random.weighted(this.#queries(place))()
  }

  #queries(place: Place): Weighted<() => Query> {
    const { random } = this
    const { modifiers, futureSlots } = this.plan
    const slot = () => this.anySlot()
    const list: Array<readonly [number, () => Query]> = [
      [4, () => ({ q: "done", v: slot() })],
      [3, () => ({ q: "cancelled", v: slot() })],
      [3, () => ({ q: "cancelling", v: random.chance(0.6) ? "self" : slot() })],
      [2, () => ({ q: "result", v: slot() })],
      [1, () => ({ q: "exc", v: slot() })],
      [2, () => ({ q: "time" })],
      [place.inLoop === true ? 3 : 0, () => ({ q: "i" })],
      [place.inHandler === true ? 2 : 0, () => ({ q: "caught" })]
    ]
    const ask = (weight: number, names: ReadonlyArray<Query["q"]>, v: () => string) =>
      list.push([weight, () => ({ q: random.pick(names), v: v() })])
    if (place.callback !== undefined) ask(6, ["result", "exc", "cancelled", "done"], () => "arg")
    if (place.inHandler === true && modifiers.has("cause")) list.push([8, () => ({ q: "cause" })])
    if (modifiers.has("names")) {
      list.push([4, () => ({ q: "tasks" })], [3, () => ({ q: "current" })], [3, () => ({ q: "name", v: slot() })])
    }
    if (modifiers.has("context")) list.push([10, () => ({ q: "ctx", v: this.pickObject("ctxvar") })])
    if (this.has("futures")) ask(4, ["done", "cancelled", "result", "exc"], () => this.pickObject("future"))
    if (futureSlots.length > 0) ask(2, ["done", "cancelled", "result", "exc"], () => random.pick(futureSlots).name)
    if (this.#handles > 0) list.push([3, () => ({ q: "hcancelled", v: this.#anyHandle() })])
    if (this.#timeouts > 0) ask(4, ["expired", "expired", "when"], () => this.anyTimeout())
    if (this.has("events")) list.push([4, () => ({ q: "is_set", v: this.pickObject("event") })])
    const lockable = this.objectsOf("lock", "condition", ...semaphoreKinds)
    if (lockable.length > 0) list.push([5, () => ({ q: "locked", v: random.pick(lockable) })])
    if (this.has("barriers")) ask(5, ["n_waiting", "broken"], () => "B0")
    if (this.has("queues")) ask(6, ["qsize", "empty", "full"], () => this.pickObject(...queueKinds))
    if (this.has("conditions")) list.push([3, () => ({ q: "count", v: "N0" })])
    return list
  }

  // ---- simple statements ---------------------------------------------------------------------------------------------

  trace(place: Place): Statement {
    const { random } = this
    const msg = this.newMessage()
    const count = random.weighted([
      [3, 0],
      [5, 1],
      [2, 2]
    ])
    if (count === 0) return { op: "trace", msg }
    return { op: "trace", msg, x: Array.from({ length: count }, () => this.query(place)) }
  }

  sleep(): Statement {
    return { op: "sleep", t: this.delayOrZero() }
  }

  raise(): Statement {
    const { random } = this
    const exc = random.weighted([
      [8, "ValueError"],
      [3, "RuntimeError"],
      [4, "MyError"],
      [2, "TimeoutError"],
      [3, "CancelledError"],
      [this.plan.modifiers.has("baseexc") ? 6 : 0, "MyBase"]
    ])
    return random.chance(0.6) ? { op: "raise", exc, msg: `e${random.int(1, 9)}` } : { op: "raise", exc }
  }

  /** Fills a task slot, any of those the place may wait for unless one is given; null when there is none. */
  spawn(place: Place, given?: TaskSlot): (Statement & { op: "spawn" }) | null {
    const { random } = this
    const slots = given === undefined ? this.plan.taskSlots.filter(({ rank }) => rank > place.rank) : [given]
    if (slots.length === 0) return null
    const slot = given ?? random.pick(slots)
    const statement: Statement & { op: "spawn" } = { op: "spawn", to: slot.name, coro: `c${slot.rank}` }
    if (random.chance(0.25)) statement.name = `N${++this.#names}`
    if (this.plan.modifiers.has("eager") && random.chance(0.5)) statement.eager = random.chance(0.85)
    if (place.groups.length > 0 && random.chance(place.callback !== undefined ? 0.5 : 0.8)) {
      statement.group = place.groups.at(-1)!
    }
    return statement
  }

  /** Cancels something; a task that uses `object`, rather, where one is given. */
  cancel(place: Place, object?: string): Statement {
    const { random } = this
    const users = object !== undefined && random.chance(0.7) ? this.usersOf(object) : []
    const v = users.length > 0 ? random.pick(users).name : this.#cancelTarget(place)
    return random.chance(0.45) ? { op: "cancel", v, msg: `x${random.int(1, 9)}` } : { op: "cancel", v }
  }

  #cancelTarget(place: Place): string {
    const { random } = this
    const { futureSlots } = this.plan
    return random.weighted<() => string>([
      [10, () => this.anySlot()],
      [place.callback === undefined ? 1.5 : 0, () => "self"],
      [this.has("futures") ? 3 : 0, () => this.pickObject("future")],
      [futureSlots.length > 0 ? 4 : 0, () => random.pick(futureSlots).name],
      [this.#handles > 0 ? 2 : 0, () => this.#anyHandle()]
    ])()
  }
}
