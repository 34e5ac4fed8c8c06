/**
 * Blocks of statements.
 */
import type { Block } from "../script.ts"
import { deeper, type Draft, type Place } from "./draft.ts"

/** Up to `count` statements, or idioms of several. */
export const block = (draft: Draft, place: Place, count: number): Block => {
  const statements: Block = []
  for (let left = count; left > 0 && place.budget.left > 0; left--) statements.push(...draft.anything(place))
  return statements
}

/** What stands in a compound statement; often it waits at the end. */
export const body = (
  draft: Draft,
  place: Place,
  change: Partial<Place> = {},
  count = draft.random.int(1, 3)
): Block => {
  const inner = deeper(place, change)
  const statements = place.depth < 3 ? block(draft, inner, count) : []
  if (statements.length === 0 || draft.random.chance(0.45)) statements.push(draft.waitingOnce(inner))
  return statements
}
