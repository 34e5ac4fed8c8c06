/**
 * Whether the ways may be taken that stand on what Effect or the host do not promise. Each is tried out before it is taken, and
 * has a slower twin that does without. `EFFECT_ASYNCIO_FAST_PATHS=off` in the environment takes the twins, so that all tests can
 * be run on them.
 */
const isOff = (): boolean => {
  const { process } = globalThis as { readonly process?: { readonly env?: Record<string, string | undefined> } }
  try {
    return process?.env?.["EFFECT_ASYNCIO_FAST_PATHS"] === "off"
  } catch {
    // Deno without the permission to read the environment.
    return false
  }
}

export const fastPaths: boolean = !isOff()
