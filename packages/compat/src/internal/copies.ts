/**
 * Two copies of the package in one process: each knows the tasks of its own functions only, but the faces of tasks and futures, which
 * are one for each future of core, are the same to both.
 */

const loaded = ((globalThis as { [key: symbol]: unknown })[Symbol.for("@effect-asyncio/compat/copies")] ??=
  new Set<string>()) as Set<string>
// Without what a development server puts behind it.
loaded.add((import.meta as { readonly url?: string }).url?.replace(/\?.*$/, "") ?? "a bundle")

/** Where they are. */
export const placesOfCopies = (): string =>
  Array.from(loaded, (url) => url.replace(/\/(?:src|dist)\/.*$/, "")).join(" and ")

// Who knows of each copy whether the code that is running is in a task of it.
const insides = ((globalThis as { [key: symbol]: unknown })[Symbol.for("@effect-asyncio/compat/inside")] ??= new Set<
  () => boolean
>()) as Set<() => boolean>
let ours: (() => boolean) | undefined

/** Sets how this copy knows whether the code that is running is in a task of it. */
export const tellInside = (inside: () => boolean): void => {
  ours = inside
  insides.add(inside)
}

/** Whether the code that is running is in a task of another copy. */
export const isInOtherCopy = (): boolean =>
  insides.size > 1 && Array.from(insides).some((inside) => inside !== ours && inside())

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
