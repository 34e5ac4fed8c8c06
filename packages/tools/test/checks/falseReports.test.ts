// What leaks and the reports of deadlocks say of programs that run: a few here, all with `npm run dev -- leaks:false`.
import { assert, describe, it } from "@effect/vitest"
import { lookAtCorpus, lookAtProgram, programFiles } from "../../checks/falseReports.ts"

const files = programFiles()

describe("what is named as lost does not go on", { timeout: 120_000 }, () => {
  it("in the program that loses a task, which is named", async () => {
    const file = files.find((path) => path.includes("what-leaks.md"))!

    const { lost, wrong } = await lookAtProgram(file)

    assert.deepStrictEqual([lost, wrong], [["ask 2"], []])
  })

  it.each(files.filter((_, i) => i % 80 === 40))("in %s", async (file) => {
    assert.deepStrictEqual((await lookAtProgram(file)).wrong, [])
  })

  it("in scripts of the conformance corpus", async () => {
    const { tasks, wrong } = await lookAtCorpus(20)

    assert.deepStrictEqual(wrong, [])
    assert.isAbove(tasks, 50)
  })
})
