import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import type { Disk } from "./export.ts"

const exportRows = Effect.fn("exportRows")(function* (disk: Disk) {
  yield* disk
    .write("rows.tmp", "1\n")
    .pipe(Effect.andThen(disk.write("rows.csv", "1\n2\n")), Effect.ensuring(disk.remove("rows.tmp")))
})

export const main = Effect.fn("main")(function* (disk: Disk) {
  const task = yield* asyncio.createTask(exportRows(disk), { name: "export" })
  yield* task
})
