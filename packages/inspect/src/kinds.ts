/**
 * Which kinds of cancellation may be asked for from outside.
 */

/** The name of the client, as the program sees it. */
export const asker = "effect-asyncio-inspect"

/** What is asked for where the client does not say. */
export const defaultKind = "requested"

/** Those of ours that tell nothing but themselves. */
const plain = [defaultKind, "shutdown", "interrupt", "disconnect"] as const

/** Those of ours whose error tells more: when the time was up, which task has failed, what was aborted. A client outside of the process does not know that. */
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
