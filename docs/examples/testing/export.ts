import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"

export class Disk {
  readonly files = new Map<string, string>()

  write(name: string, text: string) {
    const write = Effect.sync(() => this.files.set(name, text))
    return Effect.andThen(asyncio.sleep("10 millis"), write)
  }

  remove(name: string) {
    const remove = Effect.sync(() => this.files.delete(name))
    return Effect.andThen(asyncio.sleep("10 millis"), remove)
  }
}

const exportRows = Effect.fn("exportRows")(function* (disk: Disk) {
  try {
    yield* disk.write("rows.tmp", "1\n")
    yield* disk.write("rows.csv", "1\n2\n")
  } finally {
    yield* disk.remove("rows.tmp")
  }
})

export const main = Effect.fn("main")(function* (disk: Disk) {
  const task = yield* asyncio.createTask(exportRows(disk), { name: "export" })
  yield* task
})
