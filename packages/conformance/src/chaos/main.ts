// `npm run dev -- chaos`: random programs that mix Effect's features with ours, and what has to hold behind each.
//
//     --programs 5000    how many
//     --seed 1           where the chance begins; printed with what is found
import { parseArgs } from "node:util"
import * as fc from "fast-check"
import { chaos } from "./program.ts"
import { violations } from "./run.ts"

const { values } = parseArgs({
  options: { programs: { type: "string", default: "2000" }, seed: { type: "string", default: "1" } }
})
const unhandled: Array<string> = []
process.on("unhandledRejection", (error) => unhandled.push(String(error)))

const property = fc.asyncProperty(chaos, async (program) => {
  const wrong = [...(await violations(program))]
  await new Promise((resolve) => setImmediate(resolve))
  wrong.push(...unhandled.splice(0).map((error) => `a rejection is unhandled: ${error}`))
  if (wrong.length > 0) throw new Error(wrong.join("\n"))
})

const began = performance.now()
const result = await fc.check(property, { numRuns: Number(values.programs), seed: Number(values.seed) })
const seconds = (performance.now() - began) / 1000
console.log(
  `${result.numRuns} programs in ${seconds.toFixed(1)} s, ${Math.round(result.numRuns / seconds)} in a second, seed ${result.seed}`
)
if (result.failed) {
  console.log(
    `\n${String(result.errorInstance)}\n\nprogram ${JSON.stringify(result.counterexample?.[0])}\npath ${result.counterexamplePath}`
  )
  process.exitCode = 1
} else console.log("no violation")
