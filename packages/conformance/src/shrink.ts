/**
 * Makes a diverging script as small as it gets, and still diverging: a delta debugger.
 */
import { featuresOf } from "./features.ts"
import {
  allBlocks,
  allStatements,
  type AnyStatement,
  type Block,
  type ExceptClause,
  innerBlocks,
  prune,
  type Script,
  type Statement
} from "./script.ts"

/** Says of each variant whether it still diverges. Variants come in groups because asking costs a process. */
export type Oracle = (variants: ReadonlyArray<Script>) => Promise<ReadonlyArray<boolean>>

export interface Shrunk {
  readonly script: Script
  /** How many variants were tried. */
  readonly tried: number
}

export interface ShrinkOptions {
  /** Gives up after this many milliseconds, with what there is by then. */
  readonly patience?: number
  readonly onProgress?: (script: Script) => void
}

/** Shrinks `script`; `undefined` when it does not diverge when run alone. */
export const shrink = async (
  script: Script,
  stillDiverges: Oracle,
  { patience = 60_000, onProgress = () => {} }: ShrinkOptions = {}
): Promise<Shrunk | undefined> => {
  const end = Date.now() + patience
  const hasTime = () => Date.now() < end
  let tried = 0
  const ask: Oracle = (variants) => {
    tried += variants.length
    return variants.length === 0 ? Promise.resolve([]) : stillDiverges(variants)
  }
  const { expect: _expect, deps: _deps, ...alone } = structuredClone(script)
  let current: Script = alone
  if (!(await ask([current]))[0]) return undefined
  for (let changed = true; changed && hasTime();) {
    const before = JSON.stringify(current)
    for (const pass of [removeStatements, pruneDeclarations, simplify]) {
      current = await pass(current, ask, hasTime)
      onProgress(current)
    }
    changed = JSON.stringify(current) !== before
  }
  return { script: { ...current, features: featuresOf(current) }, tried }
}

type Pass = (script: Script, ask: Oracle, hasTime: () => boolean) => Promise<Script>

// ---- removing --------------------------------------------------------------------------------------------------------

const without = (script: Script, indices: ReadonlySet<number>): Script => {
  const copy = structuredClone(script)
  const removed = new Set(allStatements(copy).filter((_, index) => indices.has(index)))
  for (const block of allBlocks(copy)) {
    const kept = block.filter((statement) => !removed.has(statement))
    block.splice(0, block.length, ...kept)
  }
  return copy
}

/** Removes ever smaller groups of neighbouring statements. */
const removeStatements: Pass = async (script, ask, hasTime) => {
  let current = script
  for (let groups = 2; hasTime();) {
    const count = allStatements(current).length
    if (count === 0) break
    groups = Math.min(groups, count)
    const chunks = Array.from({ length: groups }, (_, group) => {
      const [from, to] = [group, group + 1].map((edge) => Math.floor((edge * count) / groups)) as [number, number]
      return Array.from({ length: to - from }, (_, offset) => from + offset)
    })
    const verdicts = await ask(chunks.map((chunk) => without(current, new Set(chunk))))
    const good = chunks.filter((_, index) => verdicts[index] === true)
    const smaller = await largestUnion(current, good, ask)
    if (smaller !== undefined) {
      current = smaller
      groups = Math.max(2, groups - 1)
    } else if (groups >= count) break
    else groups *= 2
  }
  return current
}

/** The script without all the chunks that can go one by one, or without as many of them as can go together. */
const largestUnion = async (
  script: Script,
  chunks: ReadonlyArray<ReadonlyArray<number>>,
  ask: Oracle
): Promise<Script | undefined> => {
  if (chunks.length === 0) return undefined
  const half = chunks.length >> 1
  const unions = [chunks, chunks.slice(0, half), chunks.slice(half), chunks.slice(0, 1)]
  const variants = unions.filter((union) => union.length > 0).map((union) => without(script, new Set(union.flat())))
  const verdicts = await ask(variants)
  return variants.find((_, index) => verdicts[index])
}

const pruneDeclarations: Pass = async (script, ask) => {
  const pruned = prune(script)
  if (JSON.stringify(pruned) === JSON.stringify(script)) return script
  return (await ask([pruned]))[0] === true ? pruned : script
}

// ---- simplifying -----------------------------------------------------------------------------------------------------

/** Tries every simplification alone, then as many as possible together, until none helps. */
const simplify: Pass = async (script, ask, hasTime) => {
  let current = script
  while (hasTime()) {
    const numbered = new Numbered(current)
    const edits = scriptEdits(numbered)
    const variants = edits.map((edit) => numbered.edited(edit))
    const different = variants.map((variant) => JSON.stringify(variant.script) !== JSON.stringify(current))
    const candidates = edits.filter((_, index) => different[index])
    const verdicts = await ask(variants.filter((_, index) => different[index]).map((variant) => variant.script))
    const good = candidates.filter((_, index) => verdicts[index])
    if (good.length === 0) return current
    const together = [numbered.edited(good[0]!)]
    for (const edit of good.slice(1)) together.push(together.at(-1)!.edited(edit))
    const togetherVerdicts = await ask(together.map((variant) => variant.script))
    // The first alone is known to be good.
    current = together[Math.max(togetherVerdicts.lastIndexOf(true), 0)]!.script
  }
  return current
}

/** Changes a copy of a script. An edit whose statement is gone does nothing. */
type Edit = (copy: Numbered) => void

/** A script whose statements have numbers that survive copying, so that edits made for one copy fit another. */
class Numbered {
  readonly script: Script
  readonly #numbers: ReadonlyMap<Statement, number>

  constructor(script: Script, numbers?: ReadonlyArray<number>) {
    this.script = script
    const statements = allStatements(script)
    this.#numbers = new Map(statements.map((statement, index) => [statement, numbers?.[index] ?? index]))
  }

  numberOf(statement: Statement): number {
    return this.#numbers.get(statement)!
  }

  /** Where a statement stands. */
  find(number: number): { readonly block: Block; readonly index: number } | undefined {
    for (const block of allBlocks(this.script)) {
      const index = block.findIndex((statement) => this.#numbers.get(statement) === number)
      if (index >= 0) return { block, index }
    }
    return undefined
  }

  edited(edit: Edit): Numbered {
    const copy = new Numbered(structuredClone(this.script), [...this.#numbers.values()])
    edit(copy)
    // What an edit adds has no number: nothing more is done to it in this round.
    const numbers = allStatements(copy.script).map((statement) => copy.#numbers.get(statement) ?? -1)
    return new Numbered(copy.script, numbers)
  }
}

const scriptEdits = (numbered: Numbered): Array<Edit> => {
  const { script } = numbered
  const edits: Array<Edit> = []
  for (const name of Object.keys(script.coros)) {
    if (name !== "main") edits.push((copy) => void (copy.script.coros[name] = []))
  }
  for (const name of Object.keys(script.callbacks ?? {})) {
    edits.push((copy) => void (copy.script.callbacks![name] = []))
  }
  edits.push(
    (copy) => void delete copy.script.unretrieved,
    (copy) => void delete copy.script.eager_factory
  )
  for (const statement of allStatements(script)) {
    const number = numbered.numberOf(statement)
    for (const edit of [...structuralEdits(statement, script), ...fieldEdits(statement)]) {
      edits.push((copy) => {
        const found = copy.find(number)
        if (found !== undefined) edit(found.block[found.index]!, found.block, found.index)
      })
    }
  }
  return edits
}

type StatementEdit = (statement: AnyStatement, block: Block, index: number) => void

const replaceBy =
  (replacement: (statement: AnyStatement) => Block): StatementEdit =>
  (statement, block, index) =>
    void block.splice(index, 1, ...replacement(statement))

const replaceableBySleep: ReadonlySet<string> = new Set([
  "await",
  "gather",
  "wait",
  "shield",
  "wait_for",
  "as_completed",
  "ev_wait",
  "acquire",
  "q_get",
  "q_put",
  "cond_wait",
  "bar_wait"
])

const inner =
  (key: string) =>
  (statement: AnyStatement): Block =>
    (statement[key] as Block | undefined) ?? []

/** Edits that take a statement apart or put another in its place. */
const structuralEdits = (statement: Statement, script: Script): Array<StatementEdit> => {
  const edits: Array<StatementEdit> = []
  if (statement.op === "group") {
    const { to } = statement
    edits.push(
      replaceBy((copy) => {
        leaveGroup(copy.body as Block, to)
        return copy.body as Block
      })
    )
  } else for (const key of ["body", "then", "else"]) if (key in statement) edits.push(replaceBy(inner(key)))
  if (statement.op === "try") {
    if (statement.finally !== undefined) {
      edits.push(
        (copy) => void delete copy.finally,
        replaceBy((copy) => [...inner("body")(copy), ...inner("finally")(copy)])
      )
    }
    for (const index of statement.except?.keys() ?? []) edits.push(...clauseEdits(statement, index))
  }
  if ("else" in statement) edits.push((copy) => void delete copy.else)
  if (statement.op === "call") {
    const body = script.coros[statement.coro]
    if (body !== undefined) edits.push(replaceBy(() => structuredClone(body)))
  }
  if (replaceableBySleep.has(statement.op) && !("to" in statement)) edits.push(replaceBy(() => [{ op: "sleep", t: 1 }]))
  return edits
}

const leaveGroup = (block: Block, group: string): void => {
  for (const statement of block) {
    if (statement.op === "spawn" && statement.group === group) delete statement.group
    for (const inner of innerBlocks(statement)) leaveGroup(inner, group)
  }
}

const clauses = (statement: AnyStatement): Array<ExceptClause> =>
  (statement as unknown as Statement & { op: "try" }).except ?? []

const clauseEdits = (statement: Statement & { op: "try" }, index: number): Array<StatementEdit> => {
  const { on } = statement.except![index]!
  const edits: Array<StatementEdit> = [
    (copy) => void clauses(copy).splice(index, 1),
    (copy) => {
      const clause = clauses(copy)[index]
      if (clause !== undefined) clause.body = []
    }
  ]
  if (on.length === 1) return edits
  return edits.concat(
    on.map((className): StatementEdit => (copy) => {
      const clause = clauses(copy)[index]
      if (clause !== undefined) clause.on = [className]
    })
  )
}

const optionalFields = ["msg", "name", "eager", "timeout", "group", "re", "mode", "immediate", "by"]

/** Edits that make a statement's own fields simpler. */
const fieldEdits = (statement: Statement): Array<StatementEdit> => {
  const fields = statement as unknown as AnyStatement
  const edits: Array<StatementEdit> = []
  const set = (key: string, value: unknown) => edits.push((copy) => void (copy[key] = value))
  const remove = (key: string) => edits.push((copy) => void delete copy[key])
  for (const key of optionalFields) {
    if (fields[key] !== undefined && fields[key] !== false && !(key === "msg" && statement.op === "trace")) remove(key)
  }
  if (statement.op === "loop") for (const n of [1, 2]) if (n < statement.n) set("n", n)
  if (statement.op === "trace" && statement.x !== undefined) {
    remove("x")
    for (const index of statement.x.keys()) set("x", statement.x.toSpliced(index, 1))
  }
  if ("args" in statement && statement.args.length > 1) {
    for (const index of statement.args.keys()) set("args", statement.args.toSpliced(index, 1))
  }
  if (statement.op === "as_completed") set("catch", [])
  const { t, value } = fields
  if (typeof t === "number") for (const simple of [0, 1, 2]) if (t > simple || t % 1 !== 0) set("t", simple)
  if (value !== undefined && value !== null && value !== 1) {
    remove("value")
    set("value", 1)
  }
  if ("exc" in statement && statement.exc !== "ValueError") set("exc", "ValueError")
  return edits
}
