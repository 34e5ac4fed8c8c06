// Tasks that all wait for a timer, or for one that does.
import * as asyncio from "@effect-asyncio/compat"

async function main() {
  asyncio.getRunningLoop().callLater("100 millis", () => console.log("ready"))
  const count = Number(process.env["SLEEPERS"] ?? 10)
  const sleepers = Array.from({ length: count }, () => asyncio.createTask(() => asyncio.sleep("1 hour")))
  await asyncio.gather(sleepers)
}

await asyncio.run(main)
