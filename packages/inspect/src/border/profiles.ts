/**
 * Traces and profiles, as far as they may be trusted.
 */
import type { ProfilePiece, TracePiece } from "../protocol.ts"
import { count, eitherOf, flag, listOf, number, objectOf, oneOf, recordOf, refuse, type Shape, text } from "./shapes.ts"

const fact: Shape<string | number> = (value, at) => (typeof value === "number" ? number(value, at) : text(value, at))
const facts = recordOf(fact)

const traceEvent = objectOf(
  { ph: oneOf("M", "X", "i", "b", "e"), name: text, pid: count, tid: count },
  { cat: text, ts: number, dur: number, s: oneOf("t"), id: text, args: facts }
)

export const tracePiece: Shape<TracePiece> = eitherOf({
  trace: objectOf({ displayTimeUnit: oneOf("ms"), otherData: facts }),
  events: listOf(traceEvent)
})

const node = objectOf(
  {
    id: count,
    callFrame: objectOf({ functionName: text, scriptId: text, url: text, lineNumber: number, columnNumber: number })
  },
  { hitCount: count, children: listOf(count) }
)

const profileAlone = objectOf(
  { nodes: listOf(node), startTime: number, endTime: number },
  { samples: listOf(count), timeDeltas: listOf(number) }
)

/** V8 looks at no more than 255 functions of a stack. */
const deepest = 1000

/** A call tree, and samples that are in it. */
const profile: Shape<ProfilePiece["profile"]> = (value, at) => {
  const given = profileAlone(value, at)
  const ids = new Set(given.nodes.map(({ id }) => id))
  const parents = new Map<number, number>()
  for (const { children = [], id } of given.nodes) {
    for (const child of children) {
      if (!ids.has(child) || parents.has(child)) return refuse("children", "part of a tree")
      parents.set(child, id)
    }
  }
  for (const { id } of given.nodes) {
    let depth = 0
    for (let up = parents.get(id); up !== undefined; up = parents.get(up)) {
      if (++depth > deepest) return refuse("children", "part of a tree")
    }
  }
  return given.samples?.every((sample) => ids.has(sample)) === false ? refuse("samples", "list of nodes") : given
}

const stepsAlone = objectOf({
  from: listOf(number),
  to: listOf(number),
  name: listOf(count),
  names: listOf(text),
  cut: flag
})

const steps: Shape<ProfilePiece["steps"]> = (value, at) => {
  const given = stepsAlone(value, at)
  const { from, name, names, to } = given
  if (to.length !== from.length || name.length !== from.length) return refuse(at, "list of steps")
  return name.every((place) => place < names.length) ? given : refuse("name", "list of places in names")
}

export const profilePiece: Shape<ProfilePiece> = objectOf({ profile, steps })
