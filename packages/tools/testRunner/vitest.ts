// Stands for `vitest` and `@effect/vitest` in a bundle of test files: of the two, what our tests use. A name that is
// missing here fails the bundling.
import { restoreAllMocks, spyOn } from "@vitest/spy"
import { Effect, Layer } from "effect"
import type { Scope } from "effect"
import { TestClock, TestConsole } from "effect/testing"
import { test } from "./runner.ts"

export { assert } from "chai"
export { afterEach, beforeEach, describe } from "./runner.ts"

type TestServices = Scope.Scope | TestClock.TestClock | TestConsole.TestConsole

const testServices = Layer.mergeAll(TestConsole.layer, TestClock.layer())

const effect = <A, E>(name: string, body: () => Effect.Effect<A, E, TestServices>): void =>
  test(name, () => Effect.runPromise(Effect.suspend(body).pipe(Effect.scoped, Effect.provide(testServices))))

/** A test for each row: `%s` in the name stands for the next of the row's values. */
const each =
  (rows: ReadonlyArray<unknown>) =>
  (name: string, body: (...values: ReadonlyArray<unknown>) => unknown): void => {
    for (const row of rows) {
      const values: ReadonlyArray<unknown> = Array.isArray(row) ? row : [row]
      let next = 0
      test(
        name.replaceAll("%s", () => String(values[next++])),
        async () => void (await body(...values))
      )
    }
  }

export const it = Object.assign(test, { effect, each })

// There are no timers here but the real ones.
export const vi = { restoreAllMocks, spyOn, useRealTimers: () => {} }

// Types are checked by the compiler, when the tests are compiled; nothing is left to do at run time.
const expected: object = new Proxy(() => expected, { get: () => expected })

export const expectTypeOf = (): object => expected
