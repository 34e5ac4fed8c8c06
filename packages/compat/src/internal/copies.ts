/**
 * Two copies of the package in one process: each knows the tasks of its own functions only, but the faces of tasks and futures, which
 * are one for each future of core, are the same to both.
 */

const loaded = ((globalThis as { [key: symbol]: unknown })[Symbol.for("@effect-asyncio/compat/copies")] ??=
  new Set<string>()) as Set<string>
// Without what a development server puts behind it.
loaded.add((import.meta as { readonly url?: string }).url?.replace(/\?.*$/, "") ?? "a bundle")

/** What to do about it where there are two; undefined where there is one. */
export const hintOfCopies = (): string | undefined => {
  if (loaded.size < 2) return undefined
  const places = Array.from(loaded, (url) => url.replace(/\/(?:src|dist)\/.*$/, ""))
  return `Two copies of @effect-asyncio/compat are loaded, ${places.join(" and ")}, and this may be the other one's run. Have one: \`npm dedupe\`.`
}

type Class = abstract new (...args: never) => object

/** Has `instanceof` know what any copy has made of a class. */
export const knownToAll = (type: Class, name: string): void => {
  const kind = `~@effect-asyncio/compat/${name}`
  Object.defineProperty(type.prototype, kind, { value: kind })
  const hasInstance = function (this: unknown, value: unknown): boolean {
    if (this !== type) return Function.prototype[Symbol.hasInstance].call(this as Class, value)
    return typeof value === "object" && value !== null && (value as { readonly [kind: string]: unknown })[kind] === kind
  }
  Object.defineProperty(type, Symbol.hasInstance, { value: hasInstance })
}
