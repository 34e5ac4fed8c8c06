/**
 * How async functions are run.
 */
import * as asyncio from "@effect-asyncio/compat"
import { watchYields } from "./flavours.ts"
import type { Flavour } from "./subject.ts"
import { currentWorld, shared } from "./world.ts"

/** `await task` reads `then` while the function stands at that line. */
const watchThens = shared(() => {
  const { prototype } = asyncio.Future
  const then = Object.getOwnPropertyDescriptor(prototype, "then")!
  Object.defineProperty(prototype, "then", {
    ...then,
    get(this: asyncio.Future<unknown>) {
      currentWorld()?.noteLine?.()
      return then.get!.call(this) as unknown
    }
  })
  return () => Object.defineProperty(prototype, "then", then)
})

const watchAwaits = (): (() => void) => {
  const ends = [watchThens(), watchYields()]
  return () => {
    for (const end of ends) end()
  }
}

export const asyncFunctions: Flavour = {
  asyncFunctions: true,
  module: "@effect-asyncio/testing",
  run: (program, state, options) => {
    const main = program as (state: unknown) => Promise<unknown>
    // Its name is that of the coroutine.
    const named = Object.defineProperty(() => main(state), "name", { value: main.name })
    return asyncio.run(named, options)
  },
  setup: (setup) => (typeof setup === "function" ? (setup as () => unknown)() : setup),
  check: async (verdict) => void (await verdict),
  watchAwaits
}
