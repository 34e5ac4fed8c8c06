/**
 * What a value from another process has to be: each shape takes a value that JSON was read into, and gives what may be trusted of it, or throws.
 * Of objects only the fields are kept that are known.
 */

/** A value is not what it has to be. The message names the field. */
export class Misshapen extends Error {
  override readonly name = "Misshapen"
}

/** Reads a value; `at` is the name of the field that it is in. */
export type Shape<T> = (value: unknown, at: string) => T

/** What a shape gives. */
export type Shaped<S> = S extends Shape<infer T> ? T : never

/** What a program calls something is cut behind so many characters. */
const longestText = 10_000

/** Throws, with what a value is not. */
export const refuse = (at: string, what: string): never => {
  throw new Misshapen(`${at} is no ${what}`)
}

/** A finite number: what JSON writes as 1e999 is none. */
export const number: Shape<number> = (value, at) =>
  typeof value === "number" && Number.isFinite(value) ? value : refuse(at, "number")

/** A number that counts, or names something. */
export const count: Shape<number> = (value, at) =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : refuse(at, "whole number")

export const flag: Shape<boolean> = (value, at) => (typeof value === "boolean" ? value : refuse(at, "true or false"))

export const text: Shape<string> = (value, at) => {
  if (typeof value !== "string") return refuse(at, "text")
  return value.length > longestText ? `${value.slice(0, longestText)}...` : value
}

/** One of these values. */
export const oneOf =
  <const T extends string | number | boolean | null>(...values: ReadonlyArray<T>): Shape<T> =>
  (value, at) =>
    values.includes(value as T) ? (value as T) : refuse(at, values.map((each) => JSON.stringify(each)).join(" or "))

/** This, or null. */
export const orNull =
  <T>(shape: Shape<T>): Shape<T | null> =>
  (value, at) =>
    value === null ? null : shape(value, at)

/** A list of at most so many. */
export const listOf =
  <T>(shape: Shape<T>, most = Infinity): Shape<Array<T>> =>
  (value, at) => {
    if (!Array.isArray(value)) return refuse(at, "list")
    if (value.length > most) return refuse(at, `list of at most ${most}`)
    const list = value as Array<unknown>
    // In place, no other code has it: of a hundred thousand numbers none is copied.
    for (let i = 0; i < list.length; i++) {
      const given = list[i]
      const taken = shape(given, at)
      if (taken !== given) list[i] = taken
    }
    return list as Array<T>
  }

/** Any names, each with this. `__proto__` is a name like others. */
export const recordOf =
  <T>(shape: Shape<T>): Shape<{ readonly [name: string]: T }> =>
  (value, at) =>
    Object.fromEntries(Object.entries(plain(value, at)).map(([name, each]) => [name, shape(each, at)]))

type Fields = { readonly [name: string]: Shape<unknown> }

type Flat<T> = { [Name in keyof T]: T[Name] }

/** These fields, and of those that may be away the ones that are there. */
export const objectOf = <F extends Fields, O extends Fields = {}>(
  fields: F,
  optional?: O
): Shape<Flat<{ readonly [Name in keyof F]: Shaped<F[Name]> } & { readonly [Name in keyof O]?: Shaped<O[Name]> }>> => {
  const needed = Object.entries(fields)
  const others = Object.entries(optional ?? {})
  return (value, at) => {
    const given = plain(value, at)
    const taken: Record<string, unknown> = {}
    for (const [name, shape] of needed) taken[name] = shape(given[name], name)
    for (const [name, shape] of others) if (given[name] !== undefined) taken[name] = shape(given[name], name)
    return taken as never
  }
}

/** An object with one of these fields, by which it is known what it is. */
export const eitherOf = <F extends Fields>(
  fields: F
): Shape<{ readonly [Name in keyof F]: { readonly [N in Name]: Shaped<F[N]> } }[keyof F]> => {
  const names = Object.keys(fields)
  return (value, at) => {
    const given = plain(value, at)
    const name = names.find((each) => Object.hasOwn(given, each))
    if (name === undefined) return refuse(at, `object with ${names.join(" or ")}`)
    return { [name]: fields[name]!(given[name], name) } as never
  }
}

const plain = (value: unknown, at: string): { readonly [name: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as { readonly [name: string]: unknown })
    : refuse(at, "object")
