// A service that waits for the signal to stop. `node service.ts core|compat`
import * as compat from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { Effect } from "effect"

const options = { signals: ["SIGTERM"] } as const

const inCore = Effect.gen(function* () {
  console.log("ready")
  yield* core.sleep("1 hour")
}).pipe(
  Effect.ensuring(
    Effect.andThen(
      core.sleep(1),
      Effect.sync(() => console.log("connections closed"))
    )
  )
)

const inCompat = async () => {
  try {
    console.log("ready")
    await compat.sleep("1 hour")
  } finally {
    await compat.sleep(1)
    console.log("connections closed")
  }
}

await (process.argv[2] === "core" ? core.run(inCore, options) : compat.run(inCompat, options))
