import type { Program } from "../../../packages/testing/src/timeline/record.ts"
import { Effect } from "effect"

/** A worker that sleeps for an hour and is cancelled after a second. */
export const cancelling: Program = (asyncio, console) => {
  const worker = asyncio.sleep("1 hour").pipe(Effect.ensuring(Effect.sync(() => console.log("cleaning up"))))
  const main = Effect.gen(function* () {
    const task = yield* asyncio.createTask(worker, { name: "worker" })
    yield* asyncio.sleep("1 second")
    yield* task.cancel("enough")
    yield* asyncio.wait([task])
    console.log("over")
  })
  return asyncio.run(main)
}

/** A program of one Effect. */
export const running =
  (main: (...given: Parameters<Program>) => Effect.Effect<unknown, unknown>): Program =>
  (asyncio, console) =>
    asyncio.run(main(asyncio, console))
