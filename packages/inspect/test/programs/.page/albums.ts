import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"

const play = Effect.fn("play")(function* () {
  yield* asyncio.sleep("5 hours")
})

const album = Effect.fn("album")(function* (tracks: ReadonlyArray<string>) {
  yield* asyncio.taskGroup(function* (group: asyncio.TaskGroup) {
    for (const name of tracks) yield* group.createTask(play(), { name, labels: { kind: "track" } })
  })
})

const main = Effect.fn("main")(function* () {
  yield* asyncio.taskGroup(function* (group: asyncio.TaskGroup) {
    yield* group.createTask(album(["TNDNBTG", "Levitate"]), { name: "Sundowning" })
    yield* group.createTask(album(["DYWTYLM", "Aqua Regia"]), { name: "TMBTE" })
  })
})

console.log("ready")
await asyncio.run(main())
