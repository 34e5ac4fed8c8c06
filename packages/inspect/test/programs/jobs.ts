// A program with a cluster in memory, for the tests: a book whose pages are printed by three at a time, and what nobody serves.
import * as cluster from "@effect-asyncio/cluster/compat"
import * as asyncio from "@effect-asyncio/compat"
import { Schema } from "effect"

const page = cluster.task("page", { payload: Schema.Number, progress: Schema.String })
const book = cluster.task("book")
const cover = cluster.task("cover")
const ink = cluster.task("ink")

/** The third page takes no notice of being asked to end. */
const pages = page.worker(
  async (n) => {
    await cluster.reportProgress(`page ${n}`)
    for (;;) {
      await asyncio.sleep("1 hour").catch((error: unknown) => {
        if (n !== 3) throw error
      })
    }
  },
  { concurrency: 3 }
)

const books = book.worker(async () => {
  const tasks = [1, 2, 3, 4].map((n) =>
    cluster.createTask(page, n, { name: `page ${n}`, labels: { page: n, kind: "text" } })
  )
  await asyncio.gather(tasks)
})

const inks = ink.worker(async () => {
  throw new RangeError("there is <b>none</b> left")
})

const main = async () => {
  await cluster.submit(book, undefined, { name: "Moby \u001B[31mDick\u202E", labels: { kind: "novel" } })
  await cluster.submit(cover, undefined, { name: "cover" })
  const refill = cluster.createTask(ink, undefined, { name: "refill" })
  await asyncio.wait([refill])
  refill.exception()
  let reports = 0
  while (reports < 3) {
    await asyncio.sleep("5 millis")
    const { tasks } = await cluster.allTasks({ definition: "page", state: "running" })
    reports = tasks.filter(({ progress }) => progress !== undefined).length
  }
  console.log("ready")
  await asyncio.sleep("1 hour")
}

await asyncio.run(() => cluster.open(cluster.embedded({ workers: [pages, books, inks], drain: 0 }), main), {
  handleSigint: false
})
