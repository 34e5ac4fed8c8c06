/**
 * The loops of this thread, for tools that look into it: all copies of the package share one list, which keeps none of them.
 */

/** What is to be known of a loop of any copy. */
interface Loop {
  isClosed(): boolean
}

interface Known {
  /** `knownLoops` takes off those that are closed, or gone. */
  readonly loops: Set<{ deref(): Loop | undefined }>
  /** They hear of each loop that is made. */
  readonly listeners: Set<(loop: object) => void>
}

const key = Symbol.for("@effect-asyncio/core/loops")

export const known = (): Known =>
  ((globalThis as { [key]?: Known })[key] ??= { loops: new Set(), listeners: new Set() })

// After so many more the list is looked through.
const betweenSweeps = 64

/**
 * Adds a loop, when it is whole: a tool that looks by way of the inspector may do so in the middle of its constructor. Where the host has no
 * weak references, the list stays empty.
 */
export const noteLoop = <L extends Loop>(loop: L): L => {
  if (typeof WeakRef !== "function") return loop
  const { listeners, loops } = known()
  if (loops.size % betweenSweeps === betweenSweeps - 1) knownLoops()
  loops.add(new WeakRef(loop))
  for (const listener of listeners) listener(loop)
  return loop
}

/** The loops that are not closed, of all copies, in the order they were made. */
export const knownLoops = (): ReadonlyArray<object> => {
  const { loops } = known()
  const found: Array<object> = []
  for (const reference of loops) {
    const loop = reference.deref()
    if (loop === undefined || loop.isClosed()) loops.delete(reference)
    else found.push(loop)
  }
  return found
}
