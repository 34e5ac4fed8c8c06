// What the programs of the pages get as "@effect-asyncio/compat" when they are tested: the same, on virtual time.
import * as asyncio from "@effect-asyncio/compat"
import { makeVirtualTimeLoop } from "@effect-asyncio/compat/testing"

export * from "@effect-asyncio/compat"

export const run: typeof asyncio.run = (main, options) =>
  asyncio.run(main, { loopFactory: makeVirtualTimeLoop, ...options })

export class Runner extends asyncio.Runner {
  constructor(options?: asyncio.RunnerOptions) {
    super({ loopFactory: makeVirtualTimeLoop, ...options })
  }
}
