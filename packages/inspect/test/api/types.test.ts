import { describe, expectTypeOf, it } from "vitest"
import * as compat from "@effect-asyncio/compat"
import * as inspect from "@effect-asyncio/inspect"

// What is written down here is checked, and never run.
const unrun = (calls: () => void): void => void calls

describe("types of inspect", () => {
  it("a process answers on a path, with kinds that core knows", () =>
    unrun(() => {
      expectTypeOf(inspect.serve({ name: "api", kinds: ["shutdown"] })).toEqualTypeOf<Promise<inspect.Serving>>()
      expectTypeOf<inspect.Serving["thread"]>().toEqualTypeOf<"worker" | "main">()
      // @ts-expect-error no such kind: a program adds its own to CancellationKinds
      void inspect.serve({ kinds: ["whim"] })
      // @ts-expect-error no such signal
      void inspect.serve({ write: { signal: "SIGWHIM" } })
    }))

  it("a run of compat takes the options of serve", () =>
    unrun(() => {
      const options: inspect.ServeOptions = { name: "api", record: { events: 1024 } }
      expectTypeOf(compat.run(async () => 1, { inspect: options })).toEqualTypeOf<Promise<number>>()
      expectTypeOf(compat.run(async () => 1, { inspect: true })).toEqualTypeOf<Promise<number>>()
    }))

  it("a process is dumped by its number or its name, and the dump is text or data", () =>
    unrun(() => {
      expectTypeOf(inspect.dumpOf).toEqualTypeOf<(process: number | string) => Promise<inspect.Dump>>()
      const dump = {} as inspect.Dump
      expectTypeOf(inspect.psTable(dump)).toEqualTypeOf<ReadonlyArray<string>>()
      expectTypeOf(inspect.psRows(dump)).toEqualTypeOf<ReadonlyArray<inspect.PsRow>>()
      expectTypeOf(inspect.pstree(dump)).toEqualTypeOf<ReadonlyArray<string>>()
      expectTypeOf(inspect.trees(dump)).toEqualTypeOf<ReadonlyArray<inspect.TreeNode>>()
    }))

  it("a recorder gives a trace", () =>
    unrun(() => {
      expectTypeOf(inspect.record({ events: 1024 })).toEqualTypeOf<inspect.Recorder>()
      expectTypeOf(inspect.record().trace()).toEqualTypeOf<inspect.Trace>()
    }))

  it("an error knows its exit code", () => {
    expectTypeOf<inspect.InspectError["exitCode"]>().toEqualTypeOf<1 | 2 | 3>()
  })
})
