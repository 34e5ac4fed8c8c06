/**
 * Which kinds of cancellation may be asked for from outside.
 */

/** Who asks, as the program sees it. */
export const asker = "effect-asyncio-inspect"

/** What is asked for where nobody says. */
export const defaultKind = "requested"

/** Those of ours that tell nothing but themselves. */
const plain = [defaultKind, "shutdown", "interrupt", "disconnect"] as const

/** Those of ours whose error tells more: when the time was up, who has failed, what was aborted. Nobody knows that who asks from outside. */
const telling = ["timeout", "sibling", "parent", "signal"]

/** All that may be asked for of a process that has these of its own. */
export const kindsWith = (own: ReadonlyArray<string> = []): ReadonlyArray<string> => [...new Set([...plain, ...own])]

/** Why a kind may not be asked for; undefined where it may. `kinds` are those that may be. */
export const whyNotKind = (kind: string, kinds: ReadonlyArray<string>): string | undefined => {
  if (kinds.includes(kind)) return undefined
  const others = `ask for one of ${kinds.join(", ")}`
  return telling.includes(kind)
    ? `a cancellation of the kind ${kind} tells what nobody knows who asks from outside: ${others}`
    : `this process has no kind of cancellation that is called ${kind}: ${others}, or have it name its own, serve({ kinds: [${JSON.stringify(kind)}] })`
}
