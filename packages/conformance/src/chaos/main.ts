// `npm run dev -- chaos`: random programs that mix Effect's features with ours, and what has to hold behind each.
//
//     --programs 5000    how many; one of two hundred more has threads
//     --seed 1           where the chance begins; printed with what is found
import { parseArgs } from "node:util"
import * as fc from "fast-check"
import { type Chaos, chaos, chaosWithThreads } from "./program.ts"
import { violations } from "./run.ts"

const { values } = parseArgs({
  options: { programs: { type: "string", default: "2000" }, seed: { type: "string", default: "1" } }
})
const unhandled: Array<string> = []
process.on("unhandledRejection", (error) => unhandled.push(String(error)))

const propertyOf = (arbitrary: fc.Arbitrary<Chaos>) =>
  fc.asyncProperty(arbitrary, async (program) => {
    const wrong = [...(await violations(program))]
    await new Promise((resolve) => setImmediate(resolve))
    wrong.push(...unhandled.splice(0).map((error) => `a rejection is unhandled: ${error}`))
    if (wrong.length > 0) throw new Error(wrong.join("\n"))
  })

const programs = Number(values.programs)
const seed = Number(values.seed)
for (const [what, arbitrary, numRuns] of [
  ["programs", chaos, programs],
  ["programs with threads", chaosWithThreads, Math.ceil(programs / 200)]
] as const) {
  const began = performance.now()
  const result = await fc.check(propertyOf(arbitrary), { numRuns, seed })
  const seconds = (performance.now() - began) / 1000
  const rate = Math.round(result.numRuns / seconds)
  console.log(`${result.numRuns} ${what} in ${seconds.toFixed(1)} s, ${rate} in a second, seed ${result.seed}`)
  if (result.failed) {
    console.log(
      `\n${String(result.errorInstance)}\n\nprogram ${JSON.stringify(result.counterexample?.[0])}\npath ${result.counterexamplePath}`
    )
    process.exitCode = 1
  } else console.log("no violation")
}
