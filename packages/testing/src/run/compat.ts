/**
 * How async functions are run.
 */
import * as asyncio from "@effect-asyncio/compat"
import type { Flavour } from "./subject.ts"

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
  check: async (verdict) => void (await verdict)
}
