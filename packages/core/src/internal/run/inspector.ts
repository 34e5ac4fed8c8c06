/**
 * The inspector of this process, which another package sets.
 */

/** Lets this process be looked into. */
export type Inspector = (options: object) => Promise<unknown>

// All copies of the package share it.
const key = Symbol.for("@effect-asyncio/core/inspector")
const known = globalThis as { [key]?: Inspector | undefined }

export const setInspector = (inspector: Inspector | undefined): void => {
  known[key] = inspector
}

export const knownInspector = (): Inspector | undefined => known[key]
