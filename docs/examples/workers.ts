// Three named workers share a list of jobs. One is cancelled by name, hands its job back and lets the others finish.
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"

const jobs = ["invoices", "reports", "backups", "thumbnails", "newsletters", "statistics"]

const say = Effect.fnUntraced(function* (text: string) {
  const task = yield* asyncio.currentTask
  console.log(`${task.getName().padEnd(6)} ${text}`)
})

/** Opening costs something, and what was opened is closed whatever happens. */
const connection = Effect.acquireRelease(say("opens its connection"), () => say("closes its connection"))

const work = Effect.fnUntraced(function* () {
  yield* connection
  for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
    const current = job
    yield* asyncio.sleep("20 millis").pipe(
      Effect.onInterrupt(() => {
        jobs.push(current)
        return say(`hands ${current} back`)
      })
    )
    yield* say(`did ${current}`)
  }
  return "done"
})

const main = Effect.fn("main")(function* () {
  const workers = []
  for (const name of ["ada", "grace", "linus"]) {
    workers.push(yield* asyncio.createTask(Effect.scoped(work()), { name }))
  }
  yield* asyncio.sleep("30 millis")

  const grace = [...(yield* asyncio.allTasks)].find((task) => task.getName() === "grace")
  yield* grace?.cancel("lunch") ?? Effect.void

  for (const worker of workers) {
    const outcome = yield* worker.pipe(
      Effect.catchTag("CancelledError", (error) => Effect.succeed(`cancelled by ${error.requestedBy}: ${error.reason}`))
    )
    console.log(`main   ${worker.getName()} ended: ${outcome}`)
  }
})

await asyncio.run(main())
