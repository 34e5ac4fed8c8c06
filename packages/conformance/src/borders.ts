/**
 * Borders for scripts: at random places, the same for the same script, a part of a block is to run behind the border between Effects
 * and async functions, and back. It does what it did before.
 */
import { Random } from "./random.ts"
import {
  allStatements,
  type Awaitable,
  type Block,
  hasBorders,
  innerBlocks,
  type Script,
  startsEagerly
} from "./script.ts"

// How likely a border is around a block, and around a part of it. An eager start seldom gets over one, which no port can help.
const often = { whole: 0.3, part: 0.2 }
const seldom = { whole: 0.04, part: 0.04 }

/** The script with borders; all of them have one, but for those that have it already. */
export const withBorders = (script: Script): Script => {
  if (hasBorders(script)) return script
  const random = new Random(`${script.id}|borders`)
  const crossing = structuredClone(script)
  const early = startedEarly(script)
  for (const [name, body] of Object.entries(crossing.coros)) addTo(body, early.has(name) ? seldom : often, random)
  if (!hasBorders(crossing)) cross(crossing.coros["main"]!, 0, Infinity)
  return crossing
}

const addTo = (block: Block, chances: typeof often, random: Random): void => {
  for (const statement of block) for (const inner of innerBlocks(statement)) addTo(inner, chances, random)
  if (block.length > 1 && random.chance(chances.part)) {
    const from = random.int(0, block.length - 1)
    cross(block, from, random.int(1, block.length - from))
  }
  if (block.length > 0 && random.chance(chances.whole)) cross(block, 0, Infinity)
}

const cross = (block: Block, from: number, count: number): void => {
  const body = block.splice(from, count)
  block.splice(from, 0, { op: "border", body })
}

/** The coroutines of which an eager start may run something. */
const startedEarly = (script: Script): ReadonlySet<string> => {
  const early = new Set<string>()
  const add = (name: string): void => {
    if (early.has(name)) return
    early.add(name)
    for (const statement of allStatements({ ...script, coros: { [name]: script.coros[name] ?? [] }, callbacks: {} })) {
      if (statement.op === "call") add(statement.coro)
    }
  }
  for (const statement of allStatements(script)) {
    if (statement.op === "spawn" && startsEagerly(statement, script)) add(statement.coro)
    if (script.eager_factory !== true) continue
    const awaitables: ReadonlyArray<Awaitable> =
      "args" in statement ? statement.args : "arg" in statement ? [statement.arg] : []
    for (const awaitable of awaitables) if (typeof awaitable !== "string") add(awaitable.coro)
  }
  return early
}
