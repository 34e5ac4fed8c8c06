// Stands for `vitest` and `@effect/vitest` in a bundle of test files: of the two, what our tests use. A name that is
// missing here fails the bundling.
import { restoreAllMocks, spyOn } from "@vitest/spy"
import { Effect, Layer } from "effect"
import type { Scope } from "effect"
import { TestClock, TestConsole } from "effect/testing"
import { describe as describeAlone, test } from "./runner.ts"

export { assert } from "chai"
export { afterEach, beforeEach } from "./runner.ts"

// Only of files that are left out here, see skips.ts: they are bundled like the others.
const leftOut = (): never => {
  throw new Error("beforeAll and afterAll are vitest's")
}
export { leftOut as afterAll, leftOut as beforeAll }

type TestServices = Scope.Scope | TestClock.TestClock | TestConsole.TestConsole

const testServices = Layer.mergeAll(TestConsole.layer, TestClock.layer())

const effect = <A, E>(name: string, body: () => Effect.Effect<A, E, TestServices>): void =>
  test(name, () => Effect.runPromise(Effect.suspend(body).pipe(Effect.scoped, Effect.provide(testServices))))

const textOf = (value: unknown): string => {
  try {
    return String(value)
  } catch {
    return "(no text)"
  }
}

/** The name of a row: `%s` stands for the next of its values, `$name` for a property of the first. */
const nameOf = (name: string, values: ReadonlyArray<unknown>): string => {
  let next = 0
  return name
    .replaceAll("%s", () => textOf(values[next++]))
    .replaceAll(/\$(\w+)/g, (_, key: string) => textOf((values[0] as Record<string, unknown> | undefined)?.[key]))
}

const rowsOf = (rows: ReadonlyArray<unknown>): ReadonlyArray<ReadonlyArray<unknown>> =>
  rows.map((row): ReadonlyArray<unknown> => (Array.isArray(row) ? row : [row]))

/** A test for each row. */
const each =
  (rows: ReadonlyArray<unknown>) =>
  (name: string, body: (...values: ReadonlyArray<unknown>) => unknown): void => {
    for (const values of rowsOf(rows)) test(nameOf(name, values), async () => void (await body(...values)))
  }

/** A `describe` for each row. */
const describeEach =
  (rows: ReadonlyArray<unknown>) =>
  (name: string, body: (...values: ReadonlyArray<unknown>) => void): void => {
    for (const values of rowsOf(rows)) describeAlone(nameOf(name, values), () => body(...values))
  }

export const describe = Object.assign(describeAlone, {
  each: describeEach,
  for: describeEach,
  skipIf: (condition: boolean): typeof describeAlone => (condition ? () => {} : describeAlone)
})

export const it = Object.assign(test, {
  effect,
  each,
  skipIf: (condition: boolean): typeof test => (condition ? () => {} : test)
})

// There are no timers here but the real ones.
export const vi = { restoreAllMocks, spyOn, useRealTimers: () => {} }

// Types are checked by the compiler, when the tests are compiled; nothing is left to do at run time.
const expected: object = new Proxy(() => expected, { get: () => expected })

export const expectTypeOf = (): object => expected
