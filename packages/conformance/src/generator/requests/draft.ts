/**
 * A script in the making in which all requests are for one task, and the small parts that its statements are made of.
 */
import type { Feature } from "../../features.ts"
import type { Random, Weighted } from "../../random.ts"
import type { Block, ObjectDeclaration, Query, Statement, StatementOf } from "../../script.ts"

/** The task that all requests are for; it runs the coroutine `c1`. Only `main` and its callbacks wait for it. */
export const subject = "t1"

/** Alternatives with their weights, and the feature that each needs. */
export type Alternatives<T> = ReadonlyArray<readonly [weight: number, feature: Feature, make: () => T]>

// Most delays are none: then all that happens is in a few iterations.
const palettes: Weighted<ReadonlyArray<number>> = [
  [1, [0]],
  [1, [0, 0, 1]],
  [1, [0, 1]],
  [1, [0, 0.25, 0.5]],
  [1, [1, 1, 2]]
]

const prefixes: { readonly [K in ObjectDeclaration["kind"]]?: string } = {
  lock: "L",
  event: "E",
  condition: "C",
  queue: "Q",
  barrier: "B",
  future: "F"
}

/** How deep what takes a request may stand in others. */
export const deepest = 3

/** Makes what takes a request. That has handlers with others in them, which is why the draft carries it. */
export type MakeConsumer = (draft: RequestsDraft, depth: number) => Block

export class RequestsDraft {
  readonly random: Random
  readonly objects: Record<string, ObjectDeclaration> = {}
  readonly coroutines: Record<string, Block> = {}
  readonly callbacks: Record<string, Block> = {}
  readonly #consumer: MakeConsumer
  readonly #enabled: ReadonlySet<Feature>
  readonly #palette: ReadonlyArray<number>
  readonly #timeouts: Array<string> = []
  #coroutines = 1
  #callbacks = 0
  #slots = 1
  #futures = 0
  #groups = 0
  #messages = 0

  constructor(random: Random, enabled: ReadonlySet<Feature>, consumer: MakeConsumer) {
    this.#consumer = consumer
    this.random = random
    this.#enabled = enabled
    this.#palette = random.weighted(palettes)
  }

  has(feature: Feature): boolean {
    return this.#enabled.has(feature)
  }

  /** One of the alternatives that the script may use, of which there must be some. */
  choose<T>(alternatives: Alternatives<T>): T {
    const allowed = alternatives.filter(([, feature]) => this.has(feature))
    return this.random.weighted(allowed.map(([weight, , make]) => [weight, make] as const))()
  }

  consumer(depth: number): Block {
    return this.#consumer(this, depth)
  }

  // ---- names ---------------------------------------------------------------------------------------------------------

  coroutine(body: Block): string {
    const name = `c${++this.#coroutines}`
    this.coroutines[name] = body
    return name
  }

  callback(body: Block): string {
    const name = `k${this.#callbacks++}`
    this.callbacks[name] = body
    return name
  }

  /** The one object of a kind. */
  object(kind: keyof typeof prefixes, declaration: ObjectDeclaration): string {
    const name = `${prefixes[kind]}0`
    this.objects[name] ??= declaration
    return name
  }

  newTimeout(): string {
    const name = `to${this.#timeouts.length + 1}`
    this.#timeouts.push(name)
    return name
  }

  newGroup(): string {
    return `G${++this.#groups}`
  }

  newFuture(): string {
    return `f${++this.#futures}`
  }

  /** The tasks of the script beside `main` and the subject. */
  get slots(): ReadonlyArray<string> {
    return Array.from({ length: this.#slots - 1 }, (_, index) => `t${index + 2}`)
  }

  // ---- simple statements ---------------------------------------------------------------------------------------------

  delay(): number {
    return this.random.pick(this.#palette)
  }

  /** Some iterations of the loop. */
  iterations(low: number, high = low): Block {
    return Array.from({ length: this.random.int(low, high) }, (): Statement => ({ op: "sleep", t: 0 }))
  }

  sleep(): Statement {
    return { op: "sleep", t: this.delay() }
  }

  raise(...classes: ReadonlyArray<string>): Statement {
    return { op: "raise", exc: this.random.pick(classes.filter((name) => name !== "MyBase" || this.has("baseexc"))) }
  }

  cancel(v: string = subject): Statement {
    return this.random.chance(0.4) ? { op: "cancel", v, msg: `x${this.random.int(1, 9)}` } : { op: "cancel", v }
  }

  spawn(coro: string, fields: Partial<StatementOf<"spawn">> = {}): StatementOf<"spawn"> {
    const statement: StatementOf<"spawn"> = { op: "spawn", to: `t${++this.#slots}`, coro, ...fields }
    if (!this.has("eager")) delete statement.eager
    else if (statement.eager === undefined && this.random.chance(0.3)) statement.eager = this.random.chance(0.85)
    return statement
  }

  /** Looks at what is asked of the current task, and at one of the last timeouts. */
  look({ inHandler = false } = {}): Statement {
    const { random } = this
    const x: Array<Query> = [{ q: "cancelling", v: "self" }]
    if (this.#timeouts.length > 0) x.push({ q: "expired", v: random.pick(this.#timeouts.slice(-2)) })
    if (inHandler && random.chance(0.3)) x.push({ q: this.has("cause") ? random.pick(["caught", "cause"]) : "caught" })
    return { op: "trace", msg: `m${++this.#messages}`, x }
  }
}
