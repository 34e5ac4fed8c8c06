/**
 * Bodies: an Effect, or a function that makes one or is a generator of one, as `Effect.gen` takes it.
 */
import * as Effect from "effect/Effect"
import { checkEffect, checkFunction } from "./arguments.ts"
import { generatorKind } from "./repr.ts"

/** What a generator yields: Effects, by `yield*`. */
export type Yielded<E = unknown, R = unknown> = Effect.Effect<unknown, E, R>

/** What the Effects that a generator yields may fail with. */
export type YieldedError<Eff> = [Eff] extends [never] ? never : [Eff] extends [Yielded<infer E>] ? E : never

/** The services that the Effects need which a generator yields. */
export type YieldedServices<Eff> = [Eff] extends [never] ? never : [Eff] extends [Yielded<unknown, infer R>] ? R : never

/** What a function of the program makes: an Effect, or a generator of one. */
export type Made = Effect.Effect<any, any, any> | Generator<Effect.Effect<any, any, any>, any, never>

/** What that gives. */
export type MadeSuccess<M> =
  M extends Effect.Effect<infer A, infer _E, infer _R> ? A : M extends Generator<infer _Eff, infer A, never> ? A : never

/** What that fails with. */
export type MadeError<M> =
  M extends Effect.Effect<infer _A, infer E, infer _R>
    ? E
    : M extends Generator<infer Eff, infer _A, never>
      ? YieldedError<Eff>
      : never

/** The services that it needs. */
export type MadeServices<M> =
  M extends Effect.Effect<infer _A, infer _E, infer R>
    ? R
    : M extends Generator<infer Eff, infer _A, never>
      ? YieldedServices<Eff>
      : never

/** A function that makes an Effect, or is a generator of one. */
export const checkMaker = (value: unknown, operation: string, example: string): void => {
  if (generatorKind(value) !== "generator function") checkFunction(value, operation, example)
}

/** The same answer as `Effect.isEffect`, which looks for the property with `in`: for V8 that is many times dearer than to read it. */
export const isEffect = (coroutine: { readonly [Effect.TypeId]?: unknown } | undefined | null): boolean =>
  coroutine?.[Effect.TypeId] !== undefined || Effect.isEffect(coroutine)

/** What a body has made, as an Effect. */
export const effectOf = <A, E, R>(
  made: Effect.Effect<A, E, R> | Generator<Yielded<E, R>, A, never>,
  operation: string
): Effect.Effect<A, E, R> => {
  if (isEffect(made as Effect.Effect<A, E, R>)) return made as Effect.Effect<A, E, R>
  return isGenerator<A, E, R>(made) ? Effect.gen<Yielded<E, R>, A>(() => made) : checkEffect(made, operation)
}

const isGenerator = <A, E, R>(made: unknown): made is Generator<Yielded<E, R>, A, never> =>
  Object.prototype.toString.call(made) === "[object Generator]"

/** A coroutine that is given as a generator function, as an Effect; anything else as it is. */
export const coroutineOf = (coroutine: unknown): unknown =>
  generatorKind(coroutine) === "generator function"
    ? Effect.gen(coroutine as () => Generator<Yielded, unknown, never>)
    : coroutine

/**
 * Lets `f` be called with its first argument alone, and then with the body: for `effect.pipe(...)`. A body in place of the first
 * argument is for `f` to refuse.
 */
export const bodyLast =
  (f: (first: never, body: never) => unknown) =>
  (first: unknown, body?: unknown): unknown =>
    body !== undefined || typeof first === "function" || Effect.isEffect(first)
      ? f(first as never, body as never)
      : withBodyLast(f, first)

// Apart: a closure in the function itself would have each of its calls allocate what the closure sees.
const withBodyLast =
  (f: (first: never, body: never) => unknown, first: unknown) =>
  (body: unknown): unknown =>
    f(first as never, body as never)

/** Whether a lone argument is options, and the body is to follow. */
export const areOptions = (value: unknown): boolean =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
