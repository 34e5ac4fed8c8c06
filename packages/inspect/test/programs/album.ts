// The program of CPython's page: two albums, each with two tracks.
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"

const play = Effect.fn("play")(function* () {
  yield* asyncio.sleep("1 hour")
})

const album = Effect.fn("album")(function* (tracks: ReadonlyArray<string>) {
  yield* asyncio.taskGroup(
    Effect.fnUntraced(function* (group: asyncio.TaskGroup) {
      for (const name of tracks) yield* group.createTask(play(), { name, labels: { kind: "track" } })
    })
  )
})

const main = Effect.fn("main")(function* () {
  yield* asyncio.taskGroup(
    Effect.fnUntraced(function* (group: asyncio.TaskGroup) {
      yield* group.createTask(album(["TNDNBTG", "Levitate"]), { name: "Sundowning" })
      yield* group.createTask(album(["DYWTYLM", "Aqua Regia"]), { name: "TMBTE" })
    })
  )
})

await asyncio.run(main()).catch(() => {})
