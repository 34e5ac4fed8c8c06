/**
 * What the corpus cannot show, because CPython's traces that run into a limit are not recorded.
 */
import { describe, expect, it } from "vitest"
import { runScript as onCompat } from "../src/interpreter/compat/machine.ts"
import { runScript as onCore } from "../src/interpreter/core/machine.ts"
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

const interpreters = [
  ["core", onCore],
  ["compat", onCompat]
] as const

describe.each(interpreters)("on %s, a script that runs into a limit", (_, runScript) => {
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

it.each(interpreters)("%s prints group exceptions by what Python would have made of them", async (_, runScript) => {
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

describe("an eager start on compat that goes on behind an await", () => {
  const start: Block = [{ op: "spawn", to: "t1", coro: "c1", eager: true }]
  const c1: Block = [
    { op: "call", coro: "c2" },
    { op: "trace", msg: "goes on" },
    { op: "sleep", t: 0 }
  ]
  const c2: Block = [{ op: "if", cond: false, then: [{ op: "sleep", t: 1 }] }]

  it("is over when the statement that made the task is", async () => {
    const trace = await onCompat(scriptOf({ main: [...start, { op: "await", v: "t1" }], c1, c2 }))

    expect(trace).toStrictEqual([
      "0 Task-2 call c2 -> None",
      "0 Task-2 goes on",
      "0 Task-1 spawn t1 -> Task-2",
      "0 Task-1 await t1 -> None",
      "0 - main -> None"
    ])
  })

  it("is given up in a callback, where nothing can wait for it", async () => {
    const main: Block = [
      { op: "call_soon", cb: "k0" },
      { op: "sleep", t: 1 }
    ]

    const trace = onCompat(scriptOf({ main, c1, c2 }, { callbacks: { k0: start } }))

    await expect(trace).rejects.toThrow("an eager start in a callback that goes on behind an await")
  })

  it("is given up in a gather, which makes the next task at once", async () => {
    const main: Block = [{ op: "gather", args: [{ coro: "c1" }, { coro: "c1" }] }]

    const trace = onCompat(scriptOf({ main, c1, c2 }, { eager_factory: true }))

    await expect(trace).rejects.toThrow("the eager start of a task that nobody can wait for")
  })
})
