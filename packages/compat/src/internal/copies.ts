/**
 * Two copies of the package in one process: each knows the tasks of its own functions only, but both have the same wrappers of tasks and
 * futures, one for each future of core.
 */

const loaded = ((globalThis as { [key: symbol]: unknown })[Symbol.for("@effect-asyncio/compat/copies")] ??=
  new Set<string>()) as Set<string>
// Without the query that a development server appends.
loaded.add((import.meta as { readonly url?: string }).url?.replace(/\?.*$/, "") ?? "a bundle")

/** The places of the copies, for an error's hint. */
export const placesOfCopies = (): string =>
  Array.from(loaded, (url) => url.replace(/\/(?:src|dist)\/.*$/, "")).join(" and ")

// One function for each copy: whether that copy knows a loop that the running code is in, be that in a task or in a callback.
const insides = ((globalThis as { [key: symbol]: unknown })[Symbol.for("@effect-asyncio/compat/inside")] ??= new Set<
  () => boolean
>()) as Set<() => boolean>

/** Sets this copy's function. */
export const tellInside = (inside: () => boolean): void => {
  insides.add(inside)
}

/** Whether the code that is running, which is in no loop of this copy, is in one of another copy. */
export const isInOtherCopy = (): boolean => insides.size > 1 && Array.from(insides).some((inside) => inside())

type Class = abstract new (...args: never) => object

/** Has `instanceof` accept the instances of a class from any copy. */
export const knownToAll = (type: Class, name: string): void => {
  const kind = `~@effect-asyncio/compat/${name}`
  Object.defineProperty(type.prototype, kind, { value: kind })
  const hasInstance = function (this: unknown, value: unknown): boolean {
    if (this !== type) return Function.prototype[Symbol.hasInstance].call(this as Class, value)
    return typeof value === "object" && value !== null && (value as { readonly [kind: string]: unknown })[kind] === kind
  }
  Object.defineProperty(type, Symbol.hasInstance, { value: hasInstance })
}
