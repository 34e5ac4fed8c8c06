/**
 * The script format: an asyncio program as JSON. SPEC.md says what every part means.
 */

/** A program, and what is known of it. */
export interface Script {
  readonly id: string
  readonly v: number
  coros: Record<string, Block>
  objects?: Record<string, ObjectDeclaration>
  callbacks?: Record<string, Block>
  unretrieved?: boolean
  eager_factory?: boolean
  limits?: { deadline?: number; steps?: number; lines?: number }
  // What follows describes the script and does not change what it does.
  size?: Size
  features?: ReadonlyArray<string>
  focus?: string
  note?: string
  /** On which of the orders that Python leaves open the trace depends. */
  deps?: ReadonlyArray<string>
  /** The trace of CPython, where it was recorded. */
  expect?: ReadonlyArray<string>
}

/** A script with the trace that CPython gives for it. */
export interface RecordedScript extends Script {
  expect: ReadonlyArray<string>
}

export type Size = "small" | "medium" | "large"

export type Block = Array<Statement>

export type Literal = number | string | boolean | null

/** A question to an object of the script or to the loop. */
export interface Query {
  q: QueryName
  v?: string
  n?: number
}

export type QueryName =
  | "done"
  | "cancelled"
  | "result"
  | "exc"
  | "cancelling"
  | "name"
  | "time"
  | "i"
  | "tasks"
  | "current"
  | "caught"
  | "cause"
  | "locked"
  | "is_set"
  | "qsize"
  | "empty"
  | "full"
  | "n_waiting"
  | "broken"
  | "expired"
  | "when"
  | "hcancelled"
  | "ctx"
  | "count"
  | "ge"

export type Expression = Literal | Query

/** A slot by its name, or a fresh coroutine. */
export type Awaitable = string | { coro: string }

export type ObjectDeclaration =
  | { kind: "lock" | "event" | "future" | "counter" }
  | { kind: "condition"; lock?: string }
  | { kind: "semaphore" | "bounded"; value?: number }
  | { kind: "barrier"; parties: number }
  | { kind: "queue" | "lifo" | "priority"; maxsize?: number }
  | { kind: "ctxvar"; default?: Literal }

export interface ExceptClause {
  on: Array<string>
  body: Block
}

/** A statement with the fields of its `op`. */
export type StatementOf<Op extends Statement["op"]> = Extract<Statement, { op: Op }>

export type Statement =
  | { op: "trace"; msg?: string; x?: Array<Expression> }
  | { op: "sleep"; t: number }
  | { op: "busy"; t: number }
  | { op: "spawn"; to: string; coro: string; name?: string; eager?: boolean; group?: string }
  | { op: "await"; v: string }
  | { op: "call"; coro: string }
  | { op: "cancel"; v: string; msg?: string }
  | { op: "uncancel"; v: string }
  | { op: "try"; body: Block; except?: Array<ExceptClause>; else?: Block; finally?: Block }
  | { op: "raise"; exc: string; msg?: string | null }
  | { op: "reraise" }
  | { op: "return"; value?: Expression }
  | { op: "loop"; n: number; body: Block }
  | { op: "if"; cond: Expression; then?: Block; else?: Block }
  | { op: "border"; body: Block }
  | { op: "result"; v: string }
  | { op: "exception"; v: string }
  | { op: "inc"; v: string; by?: number }
  | { op: "set_name"; v: string; name: string }
  | { op: "future"; to: string }
  | { op: "set_result"; v: string; value?: Expression }
  | { op: "set_exception"; v: string; exc: string; msg?: string | null }
  | { op: "add_cb"; v: string; cb: string }
  | { op: "remove_cb"; v: string; cb: string }
  | { op: "call_soon"; cb: string; to?: string }
  | { op: "call_later"; t: number; cb: string; to?: string }
  | { op: "call_at"; t: number; cb: string; to?: string }
  | { op: "gather"; args: Array<Awaitable>; re?: boolean; to?: string }
  | { op: "wait"; args: Array<Awaitable>; timeout?: number | null; when?: ReturnWhen }
  | { op: "wait_for"; arg: Awaitable; t: number | null }
  | { op: "shield"; arg: Awaitable; to?: string }
  | {
      op: "as_completed"
      args: Array<Awaitable>
      timeout?: number | null
      catch?: Array<string>
      mode?: "plain" | "async"
    }
  | { op: "timeout"; to: string; t: number | null; body: Block }
  | { op: "timeout_at"; to: string; t: number | null; body: Block }
  | { op: "reschedule"; v: string; t: number | null }
  | { op: "group"; to: string; body: Block }
  | { op: "with"; v: string; body: Block }
  | { op: "ev_set"; v: string }
  | { op: "ev_clear"; v: string }
  | { op: "ev_wait"; v: string }
  | { op: "acquire"; v: string }
  | { op: "release"; v: string }
  | { op: "cond_wait"; v: string }
  | { op: "cond_wait_for"; v: string; pred: Expression }
  | { op: "notify"; v: string; n?: number }
  | { op: "notify_all"; v: string }
  | { op: "bar_wait"; v: string }
  | { op: "bar_reset"; v: string }
  | { op: "bar_abort"; v: string }
  | { op: "q_put"; v: string; value?: Expression }
  | { op: "q_put_nowait"; v: string; value?: Expression }
  | { op: "q_get"; v: string }
  | { op: "q_get_nowait"; v: string }
  | { op: "q_task_done"; v: string }
  | { op: "q_join"; v: string }
  | { op: "q_shutdown"; v: string; immediate?: boolean }
  | { op: "ctx_set"; v: string; value?: Expression }

export type ReturnWhen = "FIRST_COMPLETED" | "FIRST_EXCEPTION" | "ALL_COMPLETED"

// ---- walking ---------------------------------------------------------------------------------------------------------

/** A statement by its fields, for code that treats all of them alike. */
export type AnyStatement = { op: string } & Record<string, unknown>

/** The blocks inside a statement, in order of execution. */
export const innerBlocks = (statement: Statement): Array<Block> => {
  const { body, then, else: otherwise, finally: last } = statement as unknown as Record<string, Block | undefined>
  const handlers = statement.op === "try" ? (statement.except ?? []).map((clause) => clause.body) : []
  return [body, then, otherwise, last, ...handlers].filter((block) => block !== undefined)
}

/** Every block of a script, outer before inner. */
export const allBlocks = (script: Script): Array<Block> => {
  const found: Array<Block> = []
  const visit = (block: Block) => {
    found.push(block)
    for (const statement of block) for (const inner of innerBlocks(statement)) visit(inner)
  }
  for (const block of Object.values(script.coros)) visit(block)
  for (const block of Object.values(script.callbacks ?? {})) visit(block)
  return found
}

/** Every statement of a script, a compound one before those inside it. */
export const allStatements = (script: Script): Array<Statement> => {
  const found: Array<Statement> = []
  const visit = (statement: Statement) => {
    found.push(statement)
    for (const block of innerBlocks(statement)) block.forEach(visit)
  }
  for (const block of Object.values(script.coros)) block.forEach(visit)
  for (const block of Object.values(script.callbacks ?? {})) block.forEach(visit)
  return found
}

/** Whether a script crosses the border between Effects and async functions. */
export const hasBorders = (script: Script): boolean => allStatements(script).some(({ op }) => op === "border")

/** Whether a statement starts a task eagerly. */
export const startsEagerly = (statement: Statement, script: Script): boolean =>
  statement.op === "spawn" && (statement.eager ?? script.eager_factory ?? false)

/** Whether a script may start tasks eagerly. */
export const hasEagerStarts = (script: Script): boolean =>
  script.eager_factory === true || allStatements(script).some((statement) => startsEagerly(statement, script))

/** The queries in a statement's own fields. */
export const queriesOf = (statement: Statement): Array<Query> => {
  const { x, value, cond, pred } = statement as unknown as Record<string, unknown>
  return [...((x as Array<Expression> | undefined) ?? []), value, cond, pred].filter(isQuery)
}

export const isQuery = (value: unknown): value is Query => typeof value === "object" && value !== null && "q" in value

// ---- declarations ----------------------------------------------------------------------------------------------------

// The fields that name a coroutine, a callback or an object.
const naming = new Set(["v", "to", "coro", "cb", "group", "arg", "args", "lock"])

const namesIn = (value: unknown, field: string, found: Set<string>): void => {
  if (Array.isArray(value)) for (const item of value) namesIn(item, field, found)
  else if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) namesIn(inner, key, found)
  } else if (typeof value === "string" && naming.has(field)) found.add(value)
}

/** A copy without the declarations that nothing refers to; the others keep their order. */
export const prune = <S extends Script>(script: S): S => {
  const pruned = structuredClone(script)
  const sections = [pruned.coros, pruned.callbacks, pruned.objects]
  for (let changed = true; changed;) {
    changed = false
    const used = new Set(["main"])
    for (const section of sections) for (const part of Object.values(section ?? {})) namesIn(part, "", used)
    for (const section of sections) {
      for (const name of Object.keys(section ?? {})) {
        if (used.has(name)) continue
        delete section![name]
        changed = true
      }
    }
  }
  for (const key of ["callbacks", "objects"] as const) {
    if (pruned[key] !== undefined && Object.keys(pruned[key]).length === 0) delete pruned[key]
  }
  return pruned
}
