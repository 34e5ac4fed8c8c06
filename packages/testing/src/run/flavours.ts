/**
 * How Effects are run. What async functions need is in `compat.ts`: an Effect's user need not have compat.
 */
import * as asyncio from "@effect-asyncio/core"
import * as Effect from "effect/Effect"
import * as Utils from "effect/Utils"
import type { Flavour } from "./subject.ts"
import { currentWorld, shared } from "./world.ts"

/** Every `yield*` of an Effect calls this `next`, while the generator stands at that line. */
export const watchYields = shared(() => {
  const { prototype } = Utils.SingleShotGen
  // oxlint-disable-next-line typescript/unbound-method -- it is put back as it is
  const { next } = prototype
  prototype.next = function (this: Utils.SingleShotGen<unknown, unknown>, ...args) {
    currentWorld()?.noteLine?.()
    return next.apply(this, args)
  }
  return () => void (prototype.next = next)
})

export const effects: Flavour = {
  asyncFunctions: false,
  module: "@effect-asyncio/testing/core",
  run: (program, state, options) => {
    const main = Effect.isEffect(program)
      ? (program as Effect.Effect<unknown, unknown>)
      : Effect.suspend(() => (program as (state: unknown) => Effect.Effect<unknown, unknown>)(state))
    return asyncio.run(main, { ...options, loopFactory: () => options.loopFactory({}) })
  },
  setup: (setup) => {
    const made: unknown = typeof setup === "function" ? (setup as () => unknown)() : setup
    return Effect.isEffect(made) ? Effect.runSync(made as Effect.Effect<unknown>) : made
  },
  check: async (verdict) => {
    if (Effect.isEffect(verdict)) await Effect.runPromise(verdict as Effect.Effect<unknown>)
    else await verdict
  },
  watchAwaits: watchYields
}
