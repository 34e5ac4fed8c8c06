/**
 * One session, as a person would have it. On virtual time it takes no time: docs/test/programs/agent.test.ts.
 */
import * as asyncio from "@effect-asyncio/compat"
import { Session } from "./session.ts"
import { command } from "./terminal.ts"

export const main = async (): Promise<void> => {
  asyncio.keepEndedTasks(100)
  const session = new Session(20)
  const type = async (line: string): Promise<void> => console.log(`> ${line}\n${await command(session, line)}`)

  const report = session.start("report")
  await asyncio.sleep("10 seconds")
  await type("list")

  const research = session.agents.list().find((task) => task.getName() === "research")
  await type(`stop ${research?.id} the wrong sources`)
  console.log(`the answer: ${await report}`)
  await type("list")

  await asyncio.sleep("1 minute")
  session.resume("research")
  await asyncio.sleep("5 seconds")
  await type("stop all")
  await type("ended")
}
