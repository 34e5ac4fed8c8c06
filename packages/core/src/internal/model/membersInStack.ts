/**
 * The members of a group in its stack. What prints an error by its stack alone, as Effect's `Cause.pretty` and its loggers do, would
 * not name them.
 */
import { abridged, plain, safely } from "../data/text.ts"
import { programFrameOf } from "../host/stack.ts"
import { valueRepr } from "./repr.ts"

interface Group extends Error {
  leaves(): ReadonlyArray<unknown>
}

// So many members say enough of a group.
const mostShown = 10

/** Has the stack of a group say, behind its message, what has failed and where. Whatever sets the stack sets what is behind that. */
export const showMembersInStack = (group: Group): void => {
  let own = group.stack
  Object.defineProperty(group, "stack", {
    configurable: true,
    get: () => (typeof own === "string" ? withMembers(group, own) : own),
    set: (stack: unknown) => {
      own = typeof stack === "string" ? stack.replaceAll(/\n {2}\|.*/g, "") : undefined
    }
  })
}

const withMembers = (group: Group, stack: string): string => {
  const title = `${group.name}: ${group.message}`
  const frames = stack.startsWith(title) ? stack.slice(title.length) : `\n${stack}`
  const leaves = safely(() => group.leaves(), [])
  // Before the frames: Effect leaves out those behind the first that is its own.
  return [title, ...abridged(leaves, mostShown, memberText)].join("\n  | ") + frames
}

const memberText = (error: unknown): string => {
  const cause = safely<unknown, undefined>(() => (error as Partial<Error> | undefined)?.cause, undefined)
  const frame = programFrameOf(cause) ?? programFrameOf(error)
  return (
    valueRepr(error) +
    (cause === undefined ? "" : ` from ${valueRepr(cause)}`) +
    (frame === undefined ? "" : ` ${plain(frame)}`)
  )
}
