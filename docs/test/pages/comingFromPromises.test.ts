/**
 * What the table of docs/coming-from-promises.md says to use instead: every cell compiles, as it stands here.
 */
import * as cluster from "@effect-asyncio/cluster/compat"
import { readFileSync } from "node:fs"
import { EventEmitter, once } from "node:events"
import {
  type CancelledError,
  abortable,
  anyOf,
  cancelAndWait,
  cancelTree,
  BackgroundTasks,
  catchCancelled,
  catchGroup,
  Condition,
  ContextVar,
  createTask,
  currentSignal,
  Event,
  findTask,
  findTasks,
  FIRST_COMPLETED,
  gather,
  getRunningLoop,
  isCancelled,
  keepEndedTasks,
  Lock,
  mapTasks,
  moveOn,
  promote,
  Queue,
  race,
  recognizeCancellation,
  restart,
  run,
  runEffect,
  Semaphore,
  shielded,
  sleep,
  staggered,
  type TaskGroup,
  taskGroup,
  threadPool,
  timeout,
  toEffect,
  toThread,
  wait
} from "@effect-asyncio/compat"
import * as kit from "@effect-asyncio/testing/vitest"
import { detach, serve } from "@effect-asyncio/server"
import { requestTasks } from "@effect-asyncio/server/express"
import { Effect, Schema } from "effect"
import { assert, describe, it } from "vitest"

const a = async () => 1
const b = async () => 2
const [work, main] = [a, b]
const callback = async (signal: AbortSignal) => signal.aborted
const promise = a()
const emitter = new EventEmitter()
const maxsize = 1
const items = [1, 2]
const f = async (item: number) => item
const returnExceptions = true
const url = "https://example.com"
const program = async () => {}
const args = [1] as const
const tasks = new BackgroundTasks()
const [late, gone, report] = [() => 504, () => 499, () => {}]
const body = (group: TaskGroup) => void group.createTask(work)
const effect = Effect.void

// Never called: to compile is enough.
const _cells = async () => {
  await gather([a, b])
  const settled = await gather([a, b], { returnExceptions: true })
  await timeout("1 second", work)
  await wait([createTask(a), createTask(b)], { returnWhen: FIRST_COMPLETED })
  await race([a, b])
  await anyOf([a, b])
  await staggered(250, [a, b])
  await mapTasks(items, f, { concurrency: 5 })
  await catchGroup(work, RangeError, (group) => group.leaves())
  await moveOn(1000, work)
  await shielded(work, { limit: "5 seconds" })
  await taskGroup(async (group) => {
    await group.start(async (started) => started())
  })
  requestTasks()
  await serve(main, { grace: "10 seconds" })
  detach(work)
  createTask(restart(work, { delay: 100 }))
  const task = createTask(work, { name: "work" })
  task.cancel("why")
  task.cancel("why", { kind: "disconnect" })
  await catchCancelled(work, { timeout: late, disconnect: gone })
  const error: unknown = recognizeCancellation
  isCancelled(error)
  keepEndedTasks(100)
  const ended = getRunningLoop().endedTasks
  createTask(work, { labels: { job: 17 } })
  findTasks({ job: 17 })
  findTask("work")
  await taskGroup(body, { onFailure: report })
  await run(main, { signals: ["SIGTERM"] })
  await runEffect(effect)
  toEffect(work)
  cancelTree(task)
  await cancelAndWait({ job: 17 })
  createTask(work, { detached: true })
  promote(task)
  const kindOf = (error: CancelledError) => error.kind
  const signal = currentSignal()
  await sleep("1 second")
  await abortable(promise)
  const semaphore = new Semaphore(5)
  await semaphore.use(() => work())
  const queue = new Queue({ maxsize })
  await timeout(1000, () => callback(currentSignal()))
  const event = new Event()
  await timeout(1000, () => event.wait())
  event.set()
  const lock = new Lock()
  await lock.use(() => work())
  await once(emitter, "x", { signal: currentSignal() })
  const flags = [new Event(), new Condition(), ContextVar]
  await timeout(1000, () => fetch(url, { signal: currentSignal() }))
  await tasks.onIdle()
  await toThread(f, ...args)
  const toSlowThread = threadPool({ maxThreads: 2 })
  await toSlowThread(f, ...args)
  await run(main)
  const resize = cluster.task("resize", { payload: Schema.String })
  const [payload, name] = ["a.png", "resize a.png"]
  await cluster.createTask(resize, payload, { name })
  kit.it.task("...", program)
  kit.it.explore("...", program)
  kit.it.sweep("...", program)
  return [kindOf, ended, settled, signal, queue, flags, returnExceptions]
}

describe("the table of what to use instead of promises", () => {
  it("says only what compiles", () => {
    const page = readFileSync(new URL("../../coming-from-promises.md", import.meta.url), "utf8")
    const table = page.slice(page.indexOf("| you write today"), page.indexOf("## Six moves"))
    const compiled = readFileSync(new URL(import.meta.url), "utf8").split("describe(")[0]!

    const unknown = table
      .split("\n")
      .slice(2)
      .flatMap((row) => Array.from(row.split("|")[2]?.matchAll(/`([^`]+)`/g) ?? [], ([, code]) => code!))
      .filter((code) => !compiled.includes(code.replace("[...]", "[a, b]").replace("() => ...", "() => work()")))

    assert.deepStrictEqual(unknown, ["try / finally"])
  })
})
