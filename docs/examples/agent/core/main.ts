/**
 * The session of main.ts of the folder above, in Effect: what a person sees of it is the same.
 */
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { Session } from "./session.ts"
import { command } from "./terminal.ts"

export const main = Effect.fn("main")(function* () {
  yield* asyncio.keepEndedTasks(100)
  const session = new Session(20)
  const type = (line: string) => Effect.map(command(session, line), (text) => console.log(`> ${line}\n${text}`))

  const report = yield* session.start("report")
  yield* asyncio.sleep("10 seconds")
  yield* type("list")

  const research = (yield* session.agents.list).find((task) => task.getName() === "research")
  yield* type(`stop ${research?.id} the wrong sources`)
  console.log(`the answer: ${yield* report}`)
  yield* type("list")

  yield* asyncio.sleep("1 minute")
  yield* session.resume("research")
  yield* asyncio.sleep("5 seconds")
  yield* type("stop all")
  yield* type("ended")
})
