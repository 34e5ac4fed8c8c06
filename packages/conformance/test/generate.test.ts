import { createHash } from "node:crypto"
import { describe, expect, it } from "vitest"
import { features, featuresOf, parseFeatures } from "../src/features.ts"
import { generate, type GenerateOptions } from "../src/generator/generate.ts"
import { allStatements, prune, type Script } from "../src/script.ts"

const seeds = Array.from({ length: 200 }, (_, index) => index + 1)

const statementsOf = (size: "small" | "large") =>
  seeds.reduce((sum, seed) => sum + allStatements(generate(seed, { size })).length, 0)

describe("generate", () => {
  it("gives the same script for the same seed and options", () => {
    for (const seed of seeds) expect(generate(seed)).toStrictEqual(generate(seed))
  })

  it("gives other scripts for other seeds", () => {
    const scripts = seeds.map((seed) => JSON.stringify(generate(seed).coros))

    expect(new Set(scripts).size).toBe(seeds.length)
  })

  it("keeps the scripts of seeds that stand in old reports", () => {
    const hash = createHash("sha256")

    for (const seed of seeds) hash.update(JSON.stringify(generate(seed)))

    expect(hash.digest("hex")).toMatchInlineSnapshot(
      `"a4d5e7d374e02d38631189d67cd32c502dc093e69861b8a7c3e131b35e172834"`
    )
  })

  it("uses only the features it is given", () => {
    const allowed = parseFeatures("queues,futures")

    const used = new Set(seeds.flatMap((seed) => featuresOf(generate(seed, { features: allowed }))))

    expect([...used].sort()).toStrictEqual(["core", "futures", "queues"])
  })

  it.each(features.filter((feature) => feature !== "core"))("uses %s far more often when it is the focus", (focus) => {
    const using = (options: GenerateOptions) =>
      seeds.slice(0, 60).filter((seed) => featuresOf(generate(seed, options)).includes(focus)).length

    expect(using({ focus })).toBeGreaterThan(2 * using({}))
  })

  it("makes large scripts larger than small ones", () => {
    expect(statementsOf("large")).toBeGreaterThan(2 * statementsOf("small"))
  })

  it("declares nothing that the script does not use", () => {
    for (const seed of seeds) {
      const script = generate(seed)

      expect(prune(script)).toStrictEqual(script)
    }
  })
})

describe("scripts about requests", () => {
  const scripts = seeds.map((seed) => generate(seed, { focus: "requests" }))
  const share = (test: (script: Script) => boolean) => scripts.filter(test).length / scripts.length

  it("keep what their seeds stand for", () => {
    const hash = createHash("sha256")

    for (const script of scripts) hash.update(JSON.stringify(script))

    expect(hash.digest("hex")).toMatchInlineSnapshot(
      `"7dcccd1299dccaacecde8c0bc7d082095c80390fb2760ed662140c2807a1eb20"`
    )
  })

  it("ask a task to end, and have something that may take the request for its own", () => {
    const scopes = new Set(["timeout", "timeout_at", "wait_for", "group"])

    expect(share((script) => allStatements(script).some(({ op }) => op === "cancel"))).toBeGreaterThan(0.95)
    expect(share((script) => allStatements(script).some(({ op }) => scopes.has(op)))).toBeGreaterThan(0.8)
  })

  it("often have a time that is up at once", () => {
    const isUp = (script: Script) =>
      allStatements(script).some(
        (statement) => ["timeout", "wait_for"].includes(statement.op) && "t" in statement && statement.t === 0
      )

    expect(share(isUp)).toBeGreaterThan(0.4)
  })

  it("use only the features they are given", () => {
    const allowed = parseFeatures("timeouts,taskgroups")

    const used = new Set(seeds.flatMap((seed) => featuresOf(generate(seed, { focus: "requests", features: allowed }))))

    expect([...used].sort()).toStrictEqual(["core", "taskgroups", "timeouts"])
  })

  it("are large when they have to be", () => {
    const lengthOf = (size: "small" | "large") =>
      seeds.reduce((sum, seed) => sum + allStatements(generate(seed, { focus: "requests", size })).length, 0)

    expect(lengthOf("large")).toBeGreaterThan(1.5 * lengthOf("small"))
  })

  it("declare nothing that they do not use", () => {
    for (const script of scripts) expect(prune(script)).toStrictEqual(script)
  })
})

describe("parseFeatures", () => {
  it("takes families and leaves out what has a minus", () => {
    expect(parseFeatures("sync,-queues").sort()).toStrictEqual([
      "barriers",
      "conditions",
      "core",
      "events",
      "locks",
      "semaphores"
    ])
  })

  it("begins with everything when the list begins with a minus", () => {
    expect(parseFeatures("-eager")).toHaveLength(features.length - 1)
  })

  it("names the features there are when it does not know one", () => {
    expect(() => parseFeatures("quues")).toThrow(/unknown feature "quues"; there are core futures/)
  })
})
