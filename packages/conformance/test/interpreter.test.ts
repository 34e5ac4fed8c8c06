/**
 * What the corpus cannot show, because CPython's traces that run into a limit are not recorded.
 */
import { describe, expect, it } from "vitest"
import { runScript } from "../src/interpreter/core/machine.ts"
import type { Block, Script } from "../src/script.ts"

const scriptOf = (coros: Script["coros"], rest: Partial<Script> = {}): Script => ({ id: "test", v: 1, coros, ...rest })

const forEver: Block = [{ op: "loop", n: 1_000_000, body: [{ op: "sleep", t: 0 }] }]
const stubborn: Block = [
  {
    op: "loop",
    n: 1_000_000,
    body: [{ op: "try", body: [{ op: "sleep", t: 1000 }], except: [{ on: ["CancelledError"], body: [] }] }]
  }
]

describe("a script that runs into a limit", () => {
  it("is abandoned after too many statements", async () => {
    expect(await runScript(scriptOf({ main: forEver }, { limits: { steps: 100 } }))).toStrictEqual(["!steps"])
  })

  it("is abandoned after too many lines", async () => {
    const main: Block = [{ op: "loop", n: 10, body: [{ op: "trace", msg: "a" }] }]

    expect(await runScript(scriptOf({ main }, { limits: { lines: 2 } }))).toStrictEqual([
      "0 Task-1 a",
      "0 Task-1 a",
      "!lines"
    ])
  })

  it("is cancelled at the deadline, and abandoned at twice the time", async () => {
    const trace = await runScript(scriptOf({ main: stubborn }, { limits: { deadline: 8 } }))

    expect(trace).toStrictEqual(["8 - deadline", "8 Task-1 except CancelledError('deadline')", "!deadline"])
  })

  it("does not disturb those that run beside it", async () => {
    const other = scriptOf({
      main: [
        { op: "spawn", to: "t1", coro: "c1" },
        { op: "await", v: "t1" }
      ],
      c1: [{ op: "sleep", t: 1 }]
    })

    const [, trace] = await Promise.all([
      runScript(scriptOf({ main: forEver }, { limits: { steps: 50 } })),
      runScript(other)
    ])

    expect(trace).toStrictEqual(["0 Task-1 spawn t1 -> Task-2", "1 Task-1 await t1 -> None", "1 - main -> None"])
  })
})

const raising = (exc: string): Block => [{ op: "raise", exc, msg: "e" }]

it("prints group exceptions by what Python would have made of them", async () => {
  const main: Block = [
    {
      op: "try",
      body: [
        {
          op: "group",
          to: "G1",
          body: [
            { op: "spawn", to: "t1", coro: "c1", group: "G1" },
            { op: "spawn", to: "t2", coro: "c2", group: "G1" }
          ]
        }
      ],
      except: [{ on: ["BaseExceptionGroup"], body: [] }]
    }
  ]

  const trace = await runScript(scriptOf({ main, c1: raising("MyBase"), c2: raising("ValueError") }))

  expect(trace).toContain("0 Task-1 except BaseExceptionGroup[MyBase('e'), ValueError('e')]")
})
