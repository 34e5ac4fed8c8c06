// Searches for both, on the packed test kit. They are compiled, and not bundled: tests run on Node.js.
import * as asyncio from "@effect-asyncio/compat"
import { explore, type ExploreResult, fakeIo, ledger, ProgramFailure, sweep } from "@effect-asyncio/testing"
import * as effects from "@effect-asyncio/testing/core"
import { Effect } from "effect"

const load = fakeIo([5, 40], (id: number) => `user ${id}`, { name: "load", fails: new RangeError("503") })

const program = async (seen: Array<string>): Promise<void> => {
  const seats = ledger<string>("seat")
  await asyncio.taskGroup(async (group) => {
    group.createTask(async () => seen.push(await load(1)), { name: "reader" })
  })
  seats.take("window")
  seats.giveBack("window")
}

const ofEffects = (seen: Array<string>): Effect.Effect<void, RangeError> =>
  Effect.map(load.effect(2), (user) => void seen.push(user))

const setup = (): Array<string> => []
const explored: ExploreResult = await explore(program, { setup, allowError: () => true })
const { places } = await effects.sweep(ofEffects, { setup: Effect.sync(setup), check: (seen) => seen.length })
const failure = await sweep(program, { setup, victims: ["task", "others"] }).catch((error: unknown) => error)
console.log(explored.complete, places.join(), failure instanceof ProgramFailure && failure.replay)
