/**
 * Stands for `@effect-asyncio/testing/vitest` where the programs of a test file are wanted and not its tests.
 */
import * as compat from "@effect-asyncio/testing"
import * as core from "@effect-asyncio/testing/core"

export interface Search {
  /** What its `describe` and itself are called. */
  readonly name: string
  /** Searches, with so many cancellations in a run at most; without any it runs as it is. */
  readonly begin: (cancellations: 0 | 1 | 2) => Promise<{ readonly runs: number }>
}

export const searches: Array<Search> = []
let suite = ""

export const describe = (name: string, body: () => void): void => {
  suite = name
  body()
}

type Make = (program: never, options: never) => Promise<{ readonly runs: number }>

const bounds = [{ limit: 0, pairs: false, schedules: 1 }, { pairs: false }, {}] as const

const collecting =
  (make: Make) =>
  (name: string, program: unknown, options: object = {}): void =>
    void searches.push({
      name: `${suite} ${name}`,
      begin: (cancellations) =>
        make(program as never, { ...options, ...bounds[cancellations], picture: false } as never)
    })

export const it = {
  sweep: Object.assign(collecting(compat.sweep), { core: collecting(core.sweep) }),
  explore: Object.assign(collecting(compat.explore), { core: collecting(core.explore) })
}
