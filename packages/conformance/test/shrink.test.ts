import { describe, expect, it } from "vitest"
import { generate } from "../src/generator/generate.ts"
import { allStatements, prune, type Script, type Statement } from "../src/script.ts"
import { type Oracle, shrink } from "../src/shrink.ts"

const diverging =
  (diverges: (script: Script) => boolean): Oracle =>
  (variants) =>
    Promise.resolve(variants.map(diverges))

const has = (script: Script, test: (statement: Statement) => boolean) => allStatements(script).some(test)

const programs = Array.from({ length: 300 }, (_, seed) => generate(seed, { size: "large" }))
const withQueues = programs.find(
  (script) => has(script, ({ op }) => op === "q_get") && has(script, ({ op }) => op === "try")
)!

describe("shrink", () => {
  it("leaves only what the divergence needs", async () => {
    const needs = diverging((script) => has(prune(script), ({ op }) => op === "q_get"))

    const shrunk = await shrink(withQueues, needs)

    expect(shrunk!.script.coros).toStrictEqual({
      main: [{ op: "spawn", to: "t1", coro: "c1" }],
      c1: [{ op: "q_get", v: "Q1" }]
    })
    expect(Object.keys(shrunk!.script.objects ?? {})).toStrictEqual(["Q1"])
    expect(shrunk!.script.features).toStrictEqual(["core", "queues"])
  })

  it("takes compound statements apart", async () => {
    const script: Script = {
      id: "nested",
      v: 1,
      coros: {
        main: [
          {
            op: "try",
            body: [{ op: "loop", n: 3, body: [{ op: "if", cond: true, then: [{ op: "sleep", t: 2.5 }] }] }],
            except: [{ on: ["ValueError", "MyError"], body: [{ op: "reraise" }] }],
            finally: [{ op: "trace", msg: "m1" }]
          }
        ]
      }
    }

    const shrunk = await shrink(
      script,
      diverging((variant) => has(variant, ({ op }) => op === "sleep"))
    )

    expect(shrunk!.script.coros).toStrictEqual({ main: [{ op: "sleep", t: 0 }] })
  })

  it("takes the tasks out of a group that it removes", async () => {
    const script: Script = {
      id: "group",
      v: 1,
      coros: {
        main: [{ op: "group", to: "G1", body: [{ op: "spawn", to: "t1", coro: "c1", group: "G1" }] }],
        c1: []
      }
    }

    const shrunk = await shrink(
      script,
      diverging((variant) => has(variant, ({ op }) => op === "spawn"))
    )

    expect(shrunk!.script.coros).toStrictEqual({ main: [{ op: "spawn", to: "t1", coro: "c1" }], c1: [] })
  })

  it("does not lose a divergence that needs several parts", async () => {
    const needs = diverging(
      (script) =>
        has(script, ({ op }) => op === "cancel") &&
        Object.keys(script.coros).length > 2 &&
        has(script, (statement) => statement.op === "try" && statement.finally !== undefined)
    )
    const candidates = programs.filter((script) => script.coros.c2 !== undefined)
    const verdicts = await needs(candidates)
    const script = candidates.find((_, index) => verdicts[index])!

    const shrunk = await shrink(script, needs)

    expect(await needs([shrunk!.script])).toStrictEqual([true])
    expect(allStatements(shrunk!.script).length).toBeLessThan(8)
  })

  it("says so when the script does not diverge by itself", async () => {
    expect(
      await shrink(
        withQueues,
        diverging(() => false)
      )
    ).toBeUndefined()
  })

  it("stops with what there is when the time is up", async () => {
    const shrunk = await shrink(
      withQueues,
      diverging(() => true),
      { patience: 0 }
    )

    expect(shrunk!.script.coros).toStrictEqual(withQueues.coros)
  })
})
