/**
 * Which names there can be. They are keys in the database, and definitions are groups of shards as well, so that they have a length.
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"

export const mostOfDefinition = 40
export const mostOfName = 200

/** The name of a definition; a ValueError where it cannot be one. */
export const checkDefinitionName = (name: string): string => {
  lengthOf("definition", name, mostOfDefinition)
  if (/^[\w.-]+$/.test(name) && name !== "default") return name
  // When: `task` got a name with spaces, slashes or letters beyond ASCII, or `default`, which the engine uses.
  throw lowlevel.withHint(
    new asyncio.ValueError(`"${name}" cannot be the name of a definition`),
    "Letters, digits, `.`, `-` and `_` can be in one; tasks may have any name."
  )
}

/** The name of a task; a ValueError where it cannot be one. */
export const checkTaskName = (name: string): string => {
  lengthOf("task", name, mostOfName)
  checkText(name, "the name of a task")
  return name
}

/** A text that every database keeps as it is. PostgreSQL has no character zero, and half a pair of surrogates becomes a question mark. */
export const checkText = (text: string, what: string): void => {
  if (!/[\0\p{Surrogate}]/u.test(text)) return
  // When: a name or a label of a task of a cluster has a NUL in it, or half of a character that was cut in two.
  throw lowlevel.withHint(
    new asyncio.ValueError(`${what} has a character that is no text: ${JSON.stringify(text)}`),
    "Take it out, or put it into the payload."
  )
}

const lengthOf = (what: string, name: string, most: number): string => {
  if (typeof name === "string" && name.length > 0 && name.length <= most) return name
  const has = typeof name === "string" ? `${name.length} characters` : `type ${typeof name}`
  // When: the name of a definition or a task of the cluster is empty, too long or no string.
  throw lowlevel.withHint(
    new asyncio.ValueError(`the name of a ${what} has 1 to ${most} characters, and this one has ${has}`),
    "What is long belongs into the payload or the labels."
  )
}
