/**
 * The loops of this thread, for whoever looks into it: all copies of the package share one list, which keeps none of them.
 */

interface Reference {
  deref(): object | undefined
}

interface Known {
  readonly loops: Set<Reference>
  /** Those who want to know of each loop that is made. */
  readonly listeners: Set<(loop: object) => void>
}

const key = Symbol.for("@effect-asyncio/core/loops")

export const known = (): Known =>
  ((globalThis as { [key]?: Known })[key] ??= { loops: new Set(), listeners: new Set() })

// After so many more the list is looked through for loops that are gone: those of tests, which nobody closes.
const betweenSweeps = 64

/** Adds a loop. Where the host has no weak references it is known to nobody. Gives what takes it off again. */
export const noteLoop = (loop: object): (() => void) => {
  if (typeof WeakRef !== "function") return () => {}
  const { listeners, loops } = known()
  if (loops.size % betweenSweeps === betweenSweeps - 1) sweep(loops)
  const reference = new WeakRef(loop)
  loops.add(reference)
  for (const listener of listeners) listener(loop)
  return () => void loops.delete(reference)
}

const sweep = (loops: Set<Reference>): void => {
  for (const reference of loops) if (reference.deref() === undefined) loops.delete(reference)
}

/** The loops that are not closed, of all copies, in the order they were made. */
export const knownLoops = (): ReadonlyArray<object> =>
  Array.from(known().loops, (reference) => reference.deref()).filter((loop) => loop !== undefined)
