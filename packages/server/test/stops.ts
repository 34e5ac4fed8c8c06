// `npm run dev -- server:stops 50`: so many services are stopped under load, and as many at any time.
import { stopUnderLoad, stopWhenever } from "./underLoad.ts"

const rounds = Number(process.argv[2] ?? "50")
const wrong = [...(await stopUnderLoad(rounds)), ...(await stopWhenever(rounds))]
console.log(wrong.length === 0 ? `${rounds} rounds of each: nothing was lost, and nothing hung` : wrong.join("\n"))
process.exitCode = wrong.length === 0 ? 0 : 1
