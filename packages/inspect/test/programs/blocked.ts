// A program with a task that blocks its thread in a call of the system, for as long as its standard input is open.
import { execFileSync } from "node:child_process"
import * as asyncio from "@effect-asyncio/compat"

const block = async () => {
  await asyncio.sleep(0)
  console.log("blocks")
  execFileSync("cat", { stdio: ["inherit", "ignore", "ignore"] })
}

console.log("ready")
await asyncio.run(block)
