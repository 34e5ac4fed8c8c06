// `npm run dev -- server:stops 50`: so many services are stopped under load, as many at any time, and one when 10,000 clients have hung up at once.
import { hangUpAtOnce, stopUnderLoad, stopWhenever } from "./underLoad.ts"

const rounds = Number(process.argv[2] ?? "50")
const wrong = [...(await stopUnderLoad(rounds)), ...(await stopWhenever(rounds)), ...(await hangUpAtOnce(10_000))]
console.log(wrong.length === 0 ? `${rounds} rounds of each: nothing was lost, and nothing hung` : wrong.join("\n"))
process.exitCode = wrong.length === 0 ? 0 : 1
