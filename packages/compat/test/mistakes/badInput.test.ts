/**
 * What is of the wrong kind is refused at the call, with a hint, and leaves nothing behind.
 */
import { assert, describe, it } from "vitest"
import * as asyncio from "@effect-asyncio/compat"
import { makeVirtualTimeLoop } from "@effect-asyncio/compat/testing"
import { Effect } from "effect"
import { rejection, self } from "../support.ts"

const bad = (value: unknown): never => value as never

const kinds: Record<string, unknown> = {
  undefined,
  null: null,
  "a number": 5,
  NaN,
  "a negative number": -1,
  "a string": "x",
  "an object": {},
  "an array": [1],
  "a function": () => 1,
  "a symbol": Symbol("s"),
  true: true,
  "a promise": Promise.resolve(1),
  "an Effect": Effect.succeed(1)
}

/** Every kind but those that are right. */
const allBut = (...right: ReadonlyArray<string>) => Object.entries(kinds).filter(([kind]) => !right.includes(kind))
const options = allBut("undefined", "an object")
// What says of a task whether it is meant. A function is asked of every task, and there is none to ask it of.
const queries = ["a string", "a number", "a negative number", "a function"]
const awaitable = allBut("a function", "a promise", "an Effect")

type Entry = readonly [call: (value: never) => unknown, values: ReadonlyArray<readonly [kind: string, value: unknown]>]

const fine = () => "fine"
const runner = async (f: (runner: asyncio.Runner) => Promise<unknown>) => {
  await using open = new asyncio.Runner({ handleSigint: false })
  return await f(open)
}

/** Entries that run programs: outside of any loop. */
const outside: Record<string, Entry> = {
  "run: main": [(v) => asyncio.run(v), allBut("a function")],
  "run: options": [(v) => asyncio.run(fine, v), options],
  "run: clock": [(clock) => asyncio.run(fine, { clock }), allBut("undefined")],
  "run: context": [(context) => asyncio.run(fine, { context }), allBut("undefined")],
  "run: loopFactory": [(loopFactory) => asyncio.run(fine, { loopFactory }), allBut("undefined")],
  "run: what loopFactory gives": [(loop) => asyncio.run(fine, { loopFactory: () => loop }), allBut()],
  "run: runtime": [(runtime) => asyncio.run(fine, { runtime }), allBut("undefined")],
  "run: maxThreads": [(maxThreads) => asyncio.run(fine, { maxThreads }), allBut("undefined", "a number")],
  "Runner: options": [(v) => new asyncio.Runner(v), options],
  "Runner: loopFactory": [(loopFactory) => new asyncio.Runner({ loopFactory }), allBut("undefined", "a function")],
  "Runner.run: main": [(v) => runner((open) => open.run(v)), allBut("a function")],
  "Runner.run: options": [(v) => runner((open) => open.run(fine, v)), options],
  toEffect: [(v) => asyncio.toEffect(v), allBut("a function")],
  "Task.of": [(v) => asyncio.Task.of(v), allBut()],
  "Future.of": [(v) => asyncio.Future.of(v), allBut()],
  "EventLoop.of": [(v) => asyncio.EventLoop.of(v), allBut()],
  "makeVirtualTimeLoop: onEvent": [(onEvent) => makeVirtualTimeLoop({ onEvent }), allBut("undefined", "a function")]
}

const loop = () => asyncio.getRunningLoop()
const condition = (f: (condition: asyncio.Condition) => unknown) => {
  const it = new asyncio.Condition()
  return it.use(() => f(it))
}

/** Entries for programs: in a task. */
const inside: Record<string, Entry> = {
  "new Future": [(v) => new (bad(asyncio.Future) as new (v: unknown) => unknown)(v), allBut()],
  "new Task": [(v) => new (bad(asyncio.Task) as new (v: unknown) => unknown)(v), allBut()],
  createTask: [(v) => asyncio.createTask(v), allBut("a function", "an Effect")],
  "createTask: options": [(v) => asyncio.createTask(fine, v), options],
  "createTask: variables": [(variables) => asyncio.createTask(fine, { variables }), allBut("undefined")],
  "createTask: signal": [(signal) => asyncio.createTask(fine, { signal }), allBut("undefined")],
  ensureFuture: [(v) => asyncio.ensureFuture(v), awaitable],
  gather: [(v) => asyncio.gather(v), allBut("an object")],
  "gather: options": [(v) => asyncio.gather([fine], v), options],
  shield: [(v) => asyncio.shield(v), awaitable],
  wait: [(v) => asyncio.wait(v), allBut()],
  "wait: options": [(v) => asyncio.wait([self()], v), options],
  waitFor: [(v) => asyncio.waitFor(v, 10), awaitable],
  asCompleted: [(v) => asyncio.asCompleted(v), allBut()],
  "asCompleted: options": [(v) => asyncio.asCompleted([fine], v), options],
  cancelAndWait: [(v) => asyncio.cancelAndWait(v), allBut(...queries, "an array")],
  "cancelAndWait: one of several": [(v) => asyncio.cancelAndWait([v]), allBut(...queries)],
  "cancelAndWait: options": [(v) => asyncio.cancelAndWait([], v), options],
  catchCancelled: [(v) => asyncio.catchCancelled(v, fine), allBut("a function")],
  cancelTree: [(v) => asyncio.cancelTree(v), allBut()],
  promote: [(v) => asyncio.promote(v), allBut()],
  "taskGroup: promotable": [(promotable) => asyncio.taskGroup(fine, { promotable }), allBut("undefined", "true")],
  findTask: [(v) => asyncio.findTask(v), allBut("a string", "a number", "a negative number")],
  findTasks: [(v) => asyncio.findTasks(v), allBut(...queries.slice(0, 3))],
  "createTask: labels": [(labels) => asyncio.createTask(fine, { labels }), allBut("undefined", "an object")],
  "createTask: a label": [
    (a) => asyncio.createTask(fine, { labels: { a } }),
    allBut("a string", "a number", "NaN", "a negative number", "true")
  ],
  "catchCancelled: handler": [(v) => asyncio.catchCancelled(fine, v), allBut("a function")],
  "timeout: body": [(v) => asyncio.timeout(5, v), allBut("undefined", "a function")],
  timeoutAt: [(v) => asyncio.timeoutAt(v, fine), allBut("undefined", "a number", "a negative number")],
  taskGroup: [(v) => asyncio.taskGroup(v), allBut("a function")],
  "new TaskGroup": [(v) => Reflect.construct(asyncio.TaskGroup, [v]), allBut("undefined")],
  abortable: [(v) => asyncio.abortable(v), allBut("a promise")],
  toThread: [(v) => asyncio.toThread(v), allBut("a function")],
  runEffect: [(v) => asyncio.runEffect(v), allBut("an Effect")],
  "Lock.use": [(v) => new asyncio.Lock().use(v), allBut("a function")],
  "Semaphore.use": [(v) => new asyncio.Semaphore(1).use(v), allBut("a function")],
  "Condition.use": [(v) => new asyncio.Condition().use(v), allBut("a function")],
  "Condition.notify": [(v) => condition((it) => it.notify(v)), allBut("undefined", "a number", "a negative number")],
  "Condition.waitFor": [(v) => condition((it) => it.waitFor(v)), allBut("a function")],
  "Barrier.use": [(v) => new asyncio.Barrier(1).use(v), allBut("a function")],
  "Queue: maxsize": [(maxsize) => new asyncio.Queue({ maxsize }), allBut("undefined", "a number", "a negative number")],
  "PriorityQueue: order": [(order) => new asyncio.PriorityQueue({ order }), allBut("undefined", "a function")],
  addDoneCallback: [(v) => loop().createFuture().addDoneCallback(v), allBut("a function")],
  getStack: [(v) => self().getStack(v), options],
  "getStack: limit": [(limit) => self().getStack({ limit }), allBut("undefined", "a number", "a negative number")],
  callSoon: [(v) => loop().callSoon(v), allBut("a function")],
  callAt: [(v) => loop().callAt(v, fine), allBut("a number", "a negative number")],
  "callLater: callback": [(v) => loop().callLater(5, v), allBut("a function")],
  "loop.createTask": [(v) => loop().createTask(v), allBut("a function", "an Effect")],
  setExceptionHandler: [(v) => loop().setExceptionHandler(v), allBut("undefined", "a function")],
  callExceptionHandler: [(v) => loop().callExceptionHandler(v), allBut()],
  setTaskFactory: [(v) => loop().setTaskFactory(v), allBut("undefined", "a function")],
  slowCallbackDuration: [(v) => (loop().slowCallbackDuration = v), allBut("a number", "a negative number")]
}

const check = (error: unknown, what: string) => {
  const { hint, name } = error as Error & asyncio.ErrorNotes
  assert.include(["TypeError", "ValueError"], name, `${what}: ${String(error)}`)
  assert.match(hint ?? "", /^[A-Z].*\.$/s, `${what}: ${String(error)}`)
}

describe("says what was given and what was expected", () => {
  it.each<readonly [call: () => unknown, message: string]>([
    [() => asyncio.EventLoop.of(bad(3)), "a loop of core was expected, got 3"],
    [() => asyncio.Task.of(bad(3)), "a future of core was expected, got 3"],
    [
      () => asyncio.run(() => Reflect.construct(asyncio.TaskGroup, [3])),
      "no argument was expected by TaskGroup(), got 3"
    ]
  ])("%s", async (call, message) => {
    const error = await rejection((async () => call())())

    assert.strictEqual((error as Error).message, message)
  })
})

describe("refused with a hint, outside of a loop", () => {
  it.each(Object.entries(outside))("%s", async (_, [call, values]) => {
    for (const [kind, value] of values) check(await rejection((async () => call(bad(value)))()), kind)
  })
})

describe("refused with a hint, and nothing is left behind", () => {
  it.each(Object.entries(inside))("%s", async (_, [call, values]) => {
    for (const [kind, value] of values) {
      const made = makeVirtualTimeLoop()
      const main = async () => [await rejection((async () => call(bad(value)))()), made.snapshot()] as const

      const [error, { tasks, timers }] = await asyncio.run(main, { handleSigint: false, loopFactory: () => made })

      check(error, kind)
      assert.deepStrictEqual([tasks.length, timers], [1, 0], kind)
    }
  })
})
