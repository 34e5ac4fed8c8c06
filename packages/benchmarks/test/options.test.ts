import { assert, describe, it } from "vitest"
import { parseOptions, UsageError } from "../src/options.ts"
import { workloads } from "../src/workloads.ts"

describe("the command line", () => {
  it("asks for everything by default", () => {
    const options = parseOptions([])

    assert.deepStrictEqual(options?.workloads, workloads)
    assert.deepStrictEqual([options?.mode, options?.peers, options?.rounds], ["comparison", undefined, 7])
  })

  it("chooses workloads by a part of their name, in any case", () => {
    const names = parseOptions(["--only", "LOCK handoff"])?.workloads.map(({ name }) => name)

    assert.deepStrictEqual(names, ["lock handoff"])
  })

  it("keeps the order of the peers, whatever the order they were asked for in", () => {
    assert.deepStrictEqual(parseOptions(["--peer", "floor", "--peer", "core"])?.peers, ["core", "floor"])
  })

  const refused = {
    "an unknown peer": [["--peer", "coroutines"], /--peer coroutines: there is core, compat/],
    "a part of no name": [["--only", "nothing"], /no workload's name contains that/],
    "a number of rounds that is none": [["--rounds", "few"], /--rounds takes a whole number from 1, not "few"/],
    "sizes too small to tell anything": [["--scaling", "--largest", "10"], /--largest takes a whole number from 1000/],
    "two modes": [["--goals", "--scaling"], /--goals and --scaling exclude each other/],
    "the goals of some workloads": [["--goals", "--only", "queue"], /takes no --only/],
    "keeping a part": [["--save", "--quick"], /--save keeps what a whole run measured/],
    "a second run that is to replace the first": [
      ["--goals", "--again", "--save"],
      /--again is for one more whole run/
    ],
    "an unknown option": [["--fast"], /--fast/]
  } as const
  for (const [what, [args, message]] of Object.entries(refused)) {
    it(`refuses ${what}`, () => {
      assert.throws(() => parseOptions(args), UsageError, message)
    })
  }
})
