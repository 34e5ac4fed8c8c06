import { describe, expect, it } from "vitest"
import { withBorders } from "../src/borders.ts"
import { generate } from "../src/generator/generate.ts"
import { runScript as onCompat } from "../src/interpreter/compat/machine.ts"
import { runScript as onCore } from "../src/interpreter/core/machine.ts"
import { allBlocks, allStatements, type Block, hasBorders, type Script, type Statement } from "../src/script.ts"

const scripts = Array.from({ length: 200 }, (_, seed) =>
  generate(seed, { focus: seed % 2 === 0 ? "requests" : undefined })
)

/** The script with the bodies of its borders in their places. */
const withoutBorders = (script: Script): Script => {
  const copy = structuredClone(script)
  // From the innermost block out.
  for (const block of allBlocks(copy).toReversed()) {
    const inlined = block.flatMap((statement) => (statement.op === "border" ? statement.body : [statement]))
    block.splice(0, Infinity, ...inlined)
  }
  return copy
}

const bordersIn = (script: Script): number => allStatements(script).filter(({ op }) => op === "border").length

describe("withBorders", () => {
  it("gives the same script the same borders", () => {
    for (const script of scripts) expect(withBorders(script)).toStrictEqual(withBorders(structuredClone(script)))
  })

  it("gives every script borders, and changes nothing else", () => {
    for (const script of scripts) {
      const crossing = withBorders(script)

      expect(hasBorders(crossing)).toBe(true)
      expect(withoutBorders(crossing)).toStrictEqual(script)
    }
  })

  it("leaves a script alone that has borders", () => {
    const crossing = withBorders(scripts[0]!)

    expect(withBorders(crossing)).toBe(crossing)
  })

  it("puts them at other places in another script", () => {
    const main: Block = Array.from({ length: 20 }, () => ({ op: "if", cond: true, then: [{ op: "sleep", t: 0 }] }))
    const crossing = [1, 2, 3].map((id) => withBorders({ id: `s${id}`, v: 1, coros: { main } }).coros)

    expect(new Set(crossing.map((coros) => JSON.stringify(coros))).size).toBe(3)
  })

  it("puts none into callbacks, where nothing can wait", () => {
    for (const script of scripts) {
      const crossing = withBorders(script)

      expect(crossing.callbacks).toStrictEqual(script.callbacks)
    }
  })

  it("puts few where an eager start would have to get over them, also one by way of a call", () => {
    const body: Block = Array.from({ length: 200 }, () => ({ op: "if", cond: true, then: [{ op: "sleep", t: 0 }] }))
    const bordersOf = (eager: boolean) => {
      const main: Block = [{ op: "spawn", to: "t1", coro: "c1", eager }]
      return bordersIn(withBorders({ id: "s", v: 1, coros: { main, c1: [{ op: "call", coro: "c2" }], c2: body } }))
    }

    expect(bordersOf(true)).toBeLessThan(bordersOf(false) / 3)
  })
})

/** The files on the stack. */
const stackNow = (): string => {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = Infinity
  try {
    return new Error("looks at the stack").stack!
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

describe.each([
  ["core", onCore],
  ["compat", onCompat]
] as const)("a border on %s", (_, runScript) => {
  it("is crossed for what stands in it", async () => {
    const stacks: Array<string> = []
    const look: Statement = {
      op: "trace",
      get msg() {
        stacks.push(stackNow())
        return "m"
      }
    }
    const main: Block = [look, { op: "border", body: [look] }, { op: "sleep", t: 0 }, look]

    await runScript({ id: "test", v: 1, coros: { main } })

    // Where `runEffect` and `toEffect` are.
    expect(stacks.map((stack) => stack.includes("compat/src/effects.ts"))).toStrictEqual([false, true, false])
  })

  it("gives the value back that is returned in it", async () => {
    const inner: Block = [
      { op: "sleep", t: 1 },
      { op: "return", value: 2 }
    ]
    const main: Block = [
      { op: "border", body: [{ op: "border", body: inner }] },
      { op: "trace", msg: "never" }
    ]

    const trace = await runScript({ id: "test", v: 1, coros: { main } })

    expect(trace).toStrictEqual(["1 - main -> 2"])
  })

  it("gives the exception back that a handler around it knows", async () => {
    const body: Block = [{ op: "border", body: [{ op: "raise", exc: "MyError", msg: "e" }] }]
    const handler: Block = [{ op: "border", body: [{ op: "reraise" }] }]
    const main: Block = [{ op: "try", body, except: [{ on: ["MyError"], body: handler }] }]

    const trace = await runScript({ id: "test", v: 1, coros: { main } })

    expect(trace).toStrictEqual(["0 Task-1 except MyError('e')", "0 - main ! MyError('e')"])
  })
})

describe("an eager start that gets over a border", () => {
  const main: Block = [
    { op: "spawn", to: "t1", coro: "c1", eager: true },
    { op: "await", v: "t1" }
  ]
  const trace: Block = [{ op: "trace", msg: "goes on" }]

  it("is given up on core, where a call cannot wait", async () => {
    const c1: Block = [{ op: "border", body: [] }, ...trace]

    await expect(onCore({ id: "test", v: 1, coros: { main, c1 } })).rejects.toThrow(
      "an eager start that goes on behind a border"
    )
  })

  it("is none on core while the task waits behind the border", async () => {
    const c1: Block = [{ op: "border", body: [{ op: "sleep", t: 0 }] }, ...trace]

    expect(await onCore({ id: "test", v: 1, coros: { main, c1 } })).toStrictEqual([
      "0 Task-1 spawn t1 -> Task-2",
      "0 Task-2 goes on",
      "0 Task-1 await t1 -> None",
      "0 - main -> None"
    ])
  })

  it("is waited for on compat, as behind any await", async () => {
    const c1: Block = [{ op: "border", body: [] }, ...trace]

    expect(await onCompat({ id: "test", v: 1, coros: { main, c1 } })).toStrictEqual([
      "0 Task-2 goes on",
      "0 Task-1 spawn t1 -> Task-2",
      "0 Task-1 await t1 -> None",
      "0 - main -> None"
    ])
  })
})
