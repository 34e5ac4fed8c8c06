import { describe, expect, it } from "vitest"
import { parseOptions, UsageError } from "../src/options.ts"

describe("parseOptions", () => {
  it("compares core with CPython unless told otherwise", () => {
    const options = parseOptions(["--seeds", "1..50"])

    expect(options).toMatchObject({ source: { seeds: [1, 50] }, candidate: { name: "core" }, report: 1, shrink: true })
  })

  it("takes a single seed, several files, another command", () => {
    expect(parseOptions(["--seeds=7"])).toMatchObject({ source: { seeds: [7, 7] } })
    expect(parseOptions(["--scripts", `${import.meta.filename},${import.meta.filename}`])?.source).toHaveProperty(
      "files"
    )
    expect(parseOptions(["--seeds", "1", "--cmd", "my-port --fast"])?.candidate.args.join()).toContain("my-port --fast")
  })

  it("takes a feature as the focus, or what is not of one feature", () => {
    expect(parseOptions(["--seeds", "1", "--focus", "queues"])).toMatchObject({ focus: "queues" })
    expect(parseOptions(["--seeds", "1", "--focus", "requests"])).toMatchObject({ focus: "requests" })
  })

  it("leaves scripts without borders unless told otherwise", () => {
    expect(parseOptions(["--seeds", "1"])).toMatchObject({ borders: false })
    expect(parseOptions(["--seeds", "1", "--borders"])).toMatchObject({ borders: true })
  })

  it("has nothing to do but help when asked for it", () => {
    expect(parseOptions(["--help"])).toBeUndefined()
  })

  it.each([
    [[], "one of --seeds A..B and --scripts FILE is needed, and not both"],
    [["--seeds", "1", "--scripts", "x"], "one of --seeds A..B and --scripts FILE is needed, and not both"],
    [["--seeds", "1-5"], '--seeds takes a number or a range such as 1..5000, not "1-5"'],
    [["--seeds", "5..1"], "--seeds 5..1 is empty: it ends before it begins"],
    [["--scripts", "missing.jsonl"], '--scripts: there is no file "missing.jsonl"'],
    [["--seeds", "1", "--impl", "trio"], "--impl trio: there is core, compat, and --cmd for any other"],
    [["--seeds", "1", "--impl", "core", "--cmd", "x"], "--impl and --cmd exclude each other"],
    [["--seeds", "1", "--features", "core,quues"], '--features: unknown feature "quues"'],
    [["--seeds", "1", "--focus", "sync"], 'eager_factory, requests, and not "sync"'],
    [["--seeds", "1", "--focus"], "--focus takes one of core, futures, handles,"],
    [["--seeds", "1", "--size", "huge"], '--size takes small, medium, large or mix, not "huge"'],
    [["--seeds", "1", "--jobs", "0"], '--jobs takes a whole number from 1, not "0"'],
    [["--sedes", "1"], "Unknown option '--sedes'"],
    [["--seeds"], "argument missing"]
  ])("refuses %j", (args, message) => {
    expect(() => parseOptions(args)).toThrow(UsageError)
    expect(() => parseOptions(args)).toThrow(message)
  })
})
