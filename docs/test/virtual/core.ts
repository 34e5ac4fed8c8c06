// What the programs of the pages get as "@effect-asyncio/core" when they are tested: the same, on virtual time.
import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"

export * from "@effect-asyncio/core"

export const run = ((main: Parameters<typeof asyncio.run>[0], options?: asyncio.RunOptions) =>
  asyncio.run(main, { loopFactory: makeVirtualTimeLoop, ...options })) as typeof asyncio.run

export class Runner extends asyncio.Runner {
  constructor(options?: asyncio.RunnerOptions) {
    super({ loopFactory: makeVirtualTimeLoop, ...options })
  }
}
