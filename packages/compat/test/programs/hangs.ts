// A program that hears of no cancellation.
import * as asyncio from "@effect-asyncio/compat"

await asyncio.run(
  () => {
    console.log("ready")
    return new Promise(() => {})
  },
  { grace: 10 }
)
