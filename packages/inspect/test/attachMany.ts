// Looks into a program by --attach very often, and says whether it has survived: `npm run dev -- inspect:attach 1000`.
import { portsOf } from "../src/attach/target.ts"
import { cli, startPlain } from "./process.ts"

const times = Number(process.argv[2] ?? 1000)
const program = await startPlain("plain.ts")
const hasEnded = () => program.child.exitCode !== null || program.child.signalCode !== null
program.child.once("exit", (code, signal) => {
  console.log(`the program has ended: ${code} ${signal}`)
})
const took: Array<number> = []
let failed = 0
for (let i = 0; i < times && !hasEnded(); i++) {
  const begun = performance.now()
  const { code, err } = await cli("ps", String(program.pid), "--attach")
  took.push(performance.now() - begun)
  if (code !== 0) {
    failed++
    console.log(`${i}: ${err}`)
  }
}
took.sort((a, b) => a - b)
const at = (part: number) => `${Math.round(took[Math.floor((took.length - 1) * part)]!)} ms`
console.log(
  `${took.length} attaches on ${process.version}: ${failed} failed, median ${at(0.5)}, slowest ${at(1)}; ${portsOf(program.pid).length} ports are open, the program ${hasEnded() ? "has ended" : "lives"}`
)
process.exitCode = hasEnded() || failed > 0 ? 1 : 0
if (!hasEnded()) await program.end()
