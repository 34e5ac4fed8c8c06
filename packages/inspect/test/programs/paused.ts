// A program that a debugger stops in the middle of a step: it sets one on itself, in a thread of its own.
import { Worker } from "node:worker_threads"
import * as asyncio from "@effect-asyncio/compat"

const debugging = new Worker(
  `
  const { Session } = require("node:inspector")
  const { parentPort } = require("node:worker_threads")
  const session = new Session()
  session.connectToMainThread()
  session.on("Debugger.paused", () => require("node:fs").writeSync(1, "paused\\n"))
  session.post("Debugger.enable", () => parentPort.postMessage("enabled"))
  // Keeps the thread.
  parentPort.on("message", () => {})
  `,
  { eval: true }
)

const main = async () => {
  console.log("ready")
  await new Promise((resolve) => debugging.once("message", resolve))
  // oxlint-disable-next-line no-debugger -- what the test is about
  debugger
}

await asyncio.run(main)
