import * as asyncio from "@effect-asyncio/compat"
import { makeVirtualTimeLoop } from "@effect-asyncio/compat/testing"
import {
  explore,
  fakeIo,
  ledger,
  makeVirtualTimeLoop as makeVirtualTimeLoopOfTheKit,
  type ProgramFailure,
  sweep,
  type SweepResult
} from "@effect-asyncio/testing"
import * as core from "@effect-asyncio/testing/core"
import { it as own } from "@effect-asyncio/testing/vitest"
import { Effect } from "effect"
import { describe, expectTypeOf, it } from "vitest"

describe("types", () => {
  it("what setup makes is what the program and the check are given", () => {
    const lock = (): Promise<SweepResult> =>
      sweep((lock) => lock.acquire(), {
        setup: () => new asyncio.Lock(),
        check: (lock) => expectTypeOf(lock).toEqualTypeOf<asyncio.Lock>()
      })
    const effect = (): Promise<core.SweepResult> =>
      core.sweep((n) => Effect.succeed(n + 1), {
        setup: Effect.succeed(1),
        check: (n) => expectTypeOf(n).toEqualTypeOf<number>()
      })
    expectTypeOf(lock).returns.resolves.toEqualTypeOf<SweepResult>()
    expectTypeOf(effect).returns.resolves.toEqualTypeOf<SweepResult>()
    // @ts-expect-error -- the program needs more than setup makes
    void (() => explore((state: { readonly n: number }) => Promise.resolve(state.n), { setup: () => ({}) }))
  })

  it("a search says whom it cancels, and a failure how many runs it took", () => {
    expectTypeOf(sweep).toBeCallableWith(() => Promise.resolve(1), { victims: ["task", "others"], at: "worker:1" })
    // @ts-expect-error -- nobody of that name is cancelled
    void (() => sweep(() => Promise.resolve(1), { victims: ["everybody"] }))
    expectTypeOf<ProgramFailure>().toHaveProperty("runs").toEqualTypeOf<number>()
    expectTypeOf(makeVirtualTimeLoopOfTheKit).toEqualTypeOf(makeVirtualTimeLoop)
  })

  it("a stub has the types of its function, and as an Effect fails with what it is said to", () => {
    const load = fakeIo(5, (id: number) => `user ${id}`, { fails: new RangeError("503") })

    expectTypeOf(load).parameters.toEqualTypeOf<[id: number]>()
    expectTypeOf(load).returns.resolves.toEqualTypeOf<string>()
    expectTypeOf(load.effect).returns.toEqualTypeOf<Effect.Effect<string, RangeError>>()
    expectTypeOf(ledger<number>("numbers").take).parameters.toEqualTypeOf<[thing: number]>()
  })

  it("it.task and it.sweep take async functions, and .core Effects", () => {
    expectTypeOf(own.task).parameter(1).toBeFunction()
    expectTypeOf(own.task.core).toBeCallableWith("name", Effect.succeed(1))
    expectTypeOf(own.sweep).toBeCallableWith("name", () => Promise.resolve(1))
    expectTypeOf(own.sweep.core).toBeCallableWith("name", Effect.succeed(1))
  })
})
