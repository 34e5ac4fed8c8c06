// Runs the programs, and compares what is found with the page of the documentation.
//
//   npm run dev -- leaks:programs          fails where the page is not what came out
//   npm run dev -- leaks:programs --save   writes it into the page
import { withFolder } from "../test/process.ts"
import { isShown, show } from "./page.ts"
import { measure } from "./results.ts"

const { remove } = withFolder()
const found = await measure().finally(remove)
for (const { byDeadlock, byLeaks, program } of found.results) {
  const { length } = program.lost
  if (byLeaks === length && byDeadlock === length) continue
  console.log(`${program.name}: of ${length} lost tasks leaks finds ${byLeaks}, the deadlock names ${byDeadlock}`)
}
for (const name of found.falsePositives) console.log(`can be waked, and is named: ${name}`)
console.log(`${found.results.length} programs, ${found.falsePositives.length} false positives`)
if (process.argv.includes("--save")) show(found)
else if (!isShown(found)) {
  console.log("docs/what-leaks.md says something else: npm run dev -- leaks:programs --save")
  process.exitCode = 1
}
