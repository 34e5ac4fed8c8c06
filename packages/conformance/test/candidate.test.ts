import { describe, expect, it } from "vitest"
import { type Candidate, runCandidate } from "../src/candidate.ts"
import type { Script } from "../src/script.ts"

const script = (id: string): Script => ({ id, v: 1, coros: { main: [] }, expect: ["the answer"] })

/** A candidate that answers every script by the body of a function of the script and `answer`. */
const candidate = (body: string): Candidate => ({
  name: "test",
  command: process.execPath,
  args: [
    "-e",
    `const lines = require("node:fs").readFileSync(0, "utf8").trim().split("\\n")
     const answer = (x) => require("node:fs").writeSync(1, JSON.stringify(x) + "\\n")
     for (const line of lines) { const script = JSON.parse(line); ${body} }`
  ]
})

const run = async (body: string, ids: ReadonlyArray<string>, patience = 30_000) =>
  Object.fromEntries(await runCandidate(candidate(body), ids.map(script), { patience }))

// Real processes take their time on a busy machine.
describe("runCandidate", { timeout: 60_000 }, () => {
  it("gives every script its answer, and does not show it the recorded one", async () => {
    const answers = await run("answer({ id: script.id, trace: [String(script.expect)] })", ["a", "b"])

    expect(answers).toStrictEqual({ a: { id: "a", trace: ["undefined"] }, b: { id: "b", trace: ["undefined"] } })
  })

  it("blames a crash on the script that did it", async () => {
    const body = `if (script.id === "b") throw new Error("boom"); answer({ id: script.id, trace: [] })`

    const answers = await run(body, ["a", "b", "c"])

    expect(answers).toMatchObject({ a: { trace: [] }, b: { error: expect.stringContaining("boom") }, c: { trace: [] } })
  })

  it("blames a crash without any answers on the script that did it", async () => {
    const body = `if (lines.some((line) => JSON.parse(line).id === "c")) process.exit(3); answer({ id: script.id, trace: [] })`

    const answers = await run(body, ["a", "b", "c", "d"])

    expect(answers).toMatchObject({
      a: { trace: [] },
      b: { trace: [] },
      c: { error: expect.stringContaining("code 3") }
    })
    expect(answers).toHaveProperty("d.trace", [])
  })

  it("blames a hang on the script that did it", async () => {
    const body = `if (script.id === "b") for (;;); answer({ id: script.id, trace: [] })`

    const answers = await run(body, ["a", "b", "c"], 1000)

    expect(answers).toMatchObject({ a: { trace: [] }, b: { error: "no answer within 1020 ms" }, c: { trace: [] } })
  })

  it("does not try a process that never answers with every script", async () => {
    const ids = Array.from({ length: 500 }, (_, index) => `s${index}`)

    const answers = await run("process.exit(4)", ids)

    expect(Object.values(answers)).toHaveLength(500)
    expect(answers).toHaveProperty("s499.error", "no answer, the process ended with code 4")
  })

  it("says when the command cannot be started", async () => {
    const missing: Candidate = { name: "test", command: "/no/such/program", args: [] }

    const answers = await runCandidate(missing, [script("a")])

    expect(answers.get("a")).toMatchObject({ error: expect.stringContaining("could not be started") })
  })
})
