/**
 * What is of the wrong kind is refused at the call, with a hint, and leaves nothing behind.
 */
import { execFile } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Cause, Effect, Exit } from "effect"
import { run } from "../support.ts"

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

/** What has one of the methods that are needed, and not the other. */
const half = {
  clock: { monotonicTimeNanosUnsafe: () => 0n },
  loop: { runUntilComplete() {} },
  coroutine: { begin() {} },
  scope: { cancelling: () => 0 }
}

/** Every kind but those that are right. */
const allBut = (...right: ReadonlyArray<string>) => Object.entries(kinds).filter(([kind]) => !right.includes(kind))
const options = allBut("undefined", "an object")
// What says of a task whether it is meant. A function is asked of every task, and there is none to ask it of.
const queries = ["a string", "a number", "a negative number", "a function"]

type Entry = readonly [call: (value: never) => unknown, values: ReadonlyArray<readonly [kind: string, value: unknown]>]

const fine = Effect.succeed("fine")
const runner = (f: (runner: asyncio.Runner) => Promise<unknown>) => async () => {
  await using open = new asyncio.Runner({ handleSigint: false })
  return await f(open)
}

/** Entries that run programs: outside of any loop. */
const outside: Record<string, Entry> = {
  "run: main": [(v) => asyncio.run(v), allBut("an Effect")],
  "run: options": [(v) => asyncio.run(fine, v), options],
  "run: clock": [
    (clock) => asyncio.run(fine, { clock }),
    [...allBut("undefined"), ["one that only sleeps", { sleep() {} }], ["one that only tells the time", half.clock]]
  ],
  "run: context": [(context) => asyncio.run(fine, { context }), allBut("undefined")],
  "run: loopFactory": [(loopFactory) => asyncio.run(fine, { loopFactory }), allBut("undefined")],
  "run: what loopFactory gives": [
    (loop) => asyncio.run(fine, { loopFactory: () => loop }),
    [...allBut(), ["half a loop", half.loop]]
  ],
  "run: grace": [
    (grace) => asyncio.run(fine, { grace }),
    [
      ["a string", "soon"],
      ["NaN", NaN]
    ]
  ],
  "run: onDeadlock": [(onDeadlock) => asyncio.run(fine, { onDeadlock }), allBut("undefined")],
  "run: maxThreads": [(maxThreads) => asyncio.run(fine, { maxThreads }), allBut("undefined", "a number")],
  runCoroutine: [(v) => lowlevel.runCoroutine(v), [...allBut(), ["half a coroutine", half.coroutine]]],
  "Runner: options": [(v) => new asyncio.Runner(v), options],
  "Runner: loopFactory": [(loopFactory) => new asyncio.Runner({ loopFactory }), allBut("undefined", "a function")],
  "Runner.run: main": [(v) => runner((open) => open.run(v))(), allBut("an Effect")],
  "Runner.run: options": [(v) => runner((open) => open.run(fine, v))(), options],
  runCoroutineIn: [(v) => runner((open) => lowlevel.runCoroutineIn(open, v))(), allBut()],
  "newEventLoop: options": [(v) => asyncio.newEventLoop(v), options],
  "newEventLoop: aroundIteration": [
    (aroundIteration) => asyncio.newEventLoop({ aroundIteration } as never),
    allBut("undefined", "a function")
  ],
  "newEventLoop: clock": [(clock) => asyncio.newEventLoop({ clock }), allBut("undefined")],
  "newEventLoop: context": [(context) => asyncio.newEventLoop({ context }), allBut("undefined")],
  "layer: options": [(v) => asyncio.layer(v), options],
  "withLoop: program": [(v) => Effect.runPromise(asyncio.withLoop<Effect.Effect<never>>(v)), allBut("an Effect")],
  "withLoop: options": [(v) => Effect.runPromise(asyncio.withLoop(fine, v)), options],
  "makeVirtualTimeLoop: options": [(v) => makeVirtualTimeLoop(v), options],
  "makeVirtualTimeLoop: onEvent": [(onEvent) => makeVirtualTimeLoop({ onEvent }), allBut("undefined", "a function")],
  "makeVirtualTimeLoop: aroundIteration": [
    (aroundIteration) => makeVirtualTimeLoop({ aroundIteration }),
    allBut("undefined", "a function")
  ],
  advanceUnsafe: [(v) => makeVirtualTimeLoop().advanceUnsafe(v), [...allBut("a number"), ["Infinity", Infinity]]],
  exceptionOf: [(v) => asyncio.exceptionOf(v), allBut()],
  openTimeoutUnsafe: [(v) => lowlevel.openTimeoutUnsafe(v, 5), [...allBut(), ["half a scope", half.scope]]],
  openTaskGroupUnsafe: [(v) => lowlevel.openTaskGroupUnsafe(v), allBut()]
}

const withLoop = (f: (loop: asyncio.EventLoop) => unknown) =>
  Effect.flatMap(asyncio.getRunningLoop, (loop) => {
    const result = f(loop)
    return Effect.isEffect(result) ? (result as Effect.Effect<unknown, unknown>) : Effect.succeed(result)
  })
const withTask = (f: (task: asyncio.Task<unknown, unknown>) => unknown) =>
  Effect.map(asyncio.currentTask, (task) => f(task))

/** Entries for programs: in a task. */
const inside: Record<string, Entry> = {
  // A lone object is options, and the coroutine follows.
  createTask: [(v) => asyncio.createTask(v), allBut("an Effect", "an object")],
  "createTask: options": [(v) => asyncio.createTask(Effect.never, v), options],
  "createTask: variables": [(variables) => asyncio.createTask(Effect.never, { variables }), allBut("undefined")],
  createCoroutineTaskUnsafe: [(v) => withLoop((loop) => lowlevel.createCoroutineTaskUnsafe(loop, v)), allBut()],
  "createCoroutineTaskUnsafe: loop": [
    (v) => Effect.sync(() => lowlevel.createCoroutineTaskUnsafe(v, bad({ begin() {}, describe() {} }))),
    allBut()
  ],
  embedCoroutine: [(v) => lowlevel.embedCoroutine(v), allBut()],
  ensureFuture: [(v) => asyncio.ensureFuture(v), allBut("a promise", "an Effect")],
  gather: [(v) => asyncio.gather(v), allBut("an object")],
  "gather: options": [(v) => asyncio.gather([Effect.never], v), options],
  shield: [(v) => asyncio.shield(v), allBut("a promise", "an Effect")],
  wait: [(v) => asyncio.wait(v), allBut()],
  "wait: options": [(v) => Effect.flatMap(asyncio.currentTask, (task) => asyncio.wait([task], v)), options],
  waitFor: [(v) => asyncio.waitFor(v, 10), allBut("a promise", "an Effect")],
  asCompleted: [(v) => asyncio.asCompleted(v), allBut()],
  "asCompleted: options": [(v) => asyncio.asCompleted([Effect.never], v), options],
  cancelAndWait: [(v) => asyncio.cancelAndWait(v), allBut(...queries, "an array")],
  "cancelAndWait: one of several": [(v) => asyncio.cancelAndWait([v]), allBut(...queries)],
  "cancelAndWait: options": [(v) => asyncio.cancelAndWait([], v), options],
  catchCancelled: [(v) => asyncio.catchCancelled(v, () => Effect.void), allBut("an Effect")],
  cancelTree: [(v) => asyncio.cancelTree(v), allBut()],
  promote: [(v) => asyncio.promote(v), allBut()],
  "taskGroup: promotable": [(promotable) => asyncio.taskGroup(() => fine, { promotable }), allBut("undefined", "true")],
  findTask: [(v) => asyncio.findTask(v), allBut("a string", "a number", "a negative number")],
  findTasks: [(v) => asyncio.findTasks(v), allBut(...queries.slice(0, 3))],
  "createTask: labels": [(labels) => asyncio.createTask(fine, { labels }), allBut("undefined", "an object")],
  "createTask: a label": [
    (a) => asyncio.createTask(fine, { labels: { a } }),
    allBut("a string", "a number", "NaN", "a negative number", "true")
  ],
  "catchCancelled: handler": [(v) => asyncio.catchCancelled(Effect.void, v), allBut("a function")],
  "timeout: body": [(v) => asyncio.timeout(5, v), allBut("undefined", "an Effect")],
  "timeout: what its body gives": [(v) => asyncio.timeout(5, () => v), allBut("an Effect")],
  timeoutAt: [(v) => asyncio.timeoutAt(v, Effect.void), allBut("undefined", "a number", "a negative number")],
  "timeoutAt: body": [(v) => asyncio.timeoutAt(5, v), allBut("undefined", "an Effect")],
  taskGroup: [(v) => asyncio.taskGroup(v), allBut("a function")],
  toThread: [(v) => asyncio.toThread(v), allBut("a function")],
  "Lock.use": [(v) => Effect.flatMap(asyncio.Lock.make(), (lock) => lock.use(v)), allBut("an Effect")],
  "Semaphore.use": [(v) => Effect.flatMap(asyncio.Semaphore.make(1), (it) => it.use(v)), allBut("an Effect")],
  "Condition.use": [(v) => Effect.flatMap(asyncio.Condition.make(), (it) => it.use(v)), allBut("an Effect")],
  "Barrier.use": [(v) => Effect.flatMap(asyncio.Barrier.make(1), (it) => it.use(v)), allBut("a function")],
  "Barrier.use: what its body gives": [
    (v) => Effect.flatMap(asyncio.Barrier.make(1), (it) => it.use(() => v)),
    allBut("an Effect")
  ],
  "Queue: maxsize": [
    (maxsize) => asyncio.Queue.make({ maxsize }),
    allBut("undefined", "a number", "a negative number")
  ],
  "PriorityQueue: order": [(order) => asyncio.PriorityQueue.make({ order }), allBut("undefined", "a function")],
  setExitUnsafe: [(v) => withLoop((loop) => loop.createFutureUnsafe().setExitUnsafe(v)), allBut("an Effect")],
  addDoneCallback: [
    (v) => withLoop((loop) => loop.createFutureUnsafe().addDoneCallbackUnsafe(v)),
    allBut("a function")
  ],
  getStack: [(v) => withTask((task) => task.getStack(v)), options],
  "getStack: limit": [
    (limit) => withTask((task) => task.getStack({ limit })),
    allBut("undefined", "a number", "a negative number")
  ],
  captureCallGraph: [(v) => asyncio.captureCallGraph(v), allBut("undefined", "null")],
  "captureCallGraph: options": [(v) => asyncio.captureCallGraph(undefined, v), options],
  callSoon: [(v) => withLoop((loop) => loop.callSoon(v)), allBut("a function")],
  callAt: [(v) => withLoop((loop) => loop.callAt(v, () => {})), allBut("a number", "a negative number")],
  "callLater: callback": [(v) => withLoop((loop) => loop.callLater(5, v)), allBut("a function")],
  setExceptionHandler: [(v) => withLoop((loop) => loop.setExceptionHandler(v)), allBut("undefined", "a function")],
  callExceptionHandler: [(v) => withLoop((loop) => loop.callExceptionHandlerUnsafe(v)), allBut()],
  setTaskFactory: [(v) => withLoop((loop) => loop.setTaskFactory(v)), allBut("undefined", "a function")],
  slowCallbackDuration: [
    (v) => withLoop((loop) => (loop.slowCallbackDuration = v)),
    allBut("a number", "a negative number")
  ]
}

const check = (error: unknown, what: string) => {
  const { hint, name } = error as Error & asyncio.ErrorNotes
  assert.include(["TypeError", "ValueError"], name, `${what}: ${String(error)}`)
  assert.match(hint ?? "", /^[A-Z].*\.$/s, `${what}: ${String(error)}`)
}

const messages: Record<string, readonly [call: () => unknown, message: string]> = {
  "a clock that is none": [
    () => asyncio.newEventLoop({ clock: bad({}) }),
    "a Clock was expected by newEventLoop(), got {}"
  ],
  "a context that is none": [
    () => asyncio.newEventLoop({ context: bad({}) }),
    "a Context was expected by newEventLoop(), got {}"
  ],
  "a factory that returns nothing": [
    () => asyncio.run(fine, { loopFactory: () => bad(undefined) }),
    "a loop factory must return a loop, got undefined"
  ],
  "a part of a thread": [
    () => asyncio.run(fine, { maxThreads: 1.5 }),
    "a whole number was expected for maxThreads, got 1.5"
  ],
  "a coroutine that is none": [
    () => lowlevel.runCoroutine(bad({})),
    "a Coroutine was expected by createCoroutineTaskUnsafe(), got {}"
  ],
  "a line that is none": [
    () => lowlevel.openTimeoutUnsafe(bad({}), 5),
    "a scope of a coroutine was expected by openTimeoutUnsafe(), got {}"
  ],
  "an error in the place of a cause": [
    () => asyncio.exceptionOf(bad(3)),
    "a Cause was expected by exceptionOf(), got 3"
  ],
  "time that goes back": [() => makeVirtualTimeLoop().advanceUnsafe(-5), "Cannot advance by -5 milliseconds"],
  "a value in the place of an exit": [
    () => makeVirtualTimeLoop().createFutureUnsafe().setExitUnsafe(bad(3)),
    "an Exit was expected by setExitUnsafe(), got 3"
  ],
  "an error in the place of a context": [
    () => makeVirtualTimeLoop().callExceptionHandlerUnsafe(bad(3)),
    "a context with a message was expected by callExceptionHandler(), got 3"
  ],
  "variables that are none": [
    () => asyncio.run(asyncio.createTask(fine, { variables: bad(3) })),
    "the variables of a task were expected, got 3"
  ],
  "a limit that is none": [
    () => asyncio.run(asyncio.captureCallGraph(undefined, { limit: bad("3") })),
    "a number was expected for the limit of captureCallGraph(), got '3'"
  ]
}

describe("says what was given and what was expected", () => {
  it.each(Object.entries(messages))("%s", async (_, [call, message]) => {
    const error: unknown = await (async () => call())().catch((error: unknown) => error)

    assert.strictEqual((error as Error).message, message)
  })
})

describe("refused before a loop is made", () => {
  it.each([{ grace: NaN }, { maxThreads: 1.5 }, { onDeadlock: bad("ignore") }, { context: bad({}) }])(
    "%o",
    async (options) => {
      let made = 0
      const loopFactory = () => (made++, makeVirtualTimeLoop())

      const error: unknown = await asyncio.run(fine, { ...options, loopFactory }).catch((error: unknown) => error)

      assert.deepStrictEqual([error instanceof TypeError || error instanceof asyncio.ValueError, made], [true, 0])
    }
  )
})

describe("refused with a hint, outside of a loop", () => {
  it.each(Object.entries(outside))("%s", async (_, [call, values]) => {
    for (const [kind, value] of values) {
      const error: unknown = await (async () => call(bad(value)))().then(
        () => assert.fail(`${kind} is accepted`),
        (error: unknown) => error
      )
      check(error, kind)
    }
  })
})

describe("refused with a hint, and nothing is left behind", () => {
  it.each(Object.entries(inside))("%s", async (_, [call, values]) => {
    for (const [kind, value] of values) {
      const loop = makeVirtualTimeLoop()
      const program = Effect.suspend(() => call(bad(value)) as Effect.Effect<unknown, unknown>)
      const main = Effect.gen(function* () {
        const exit = yield* Effect.exit(program)
        return [exit, loop.snapshot()] as const
      })

      const [exit, { tasks, timers }] = await run(main, { loopFactory: () => loop })

      assert.isTrue(Exit.isFailure(exit), `${kind} is refused`)
      check(Cause.squash((exit as Exit.Failure<unknown, unknown>).cause), kind)
      assert.deepStrictEqual([tasks.length, timers], [1, 0], kind)
    }
  })
})

describe("the option inspect of run", () => {
  it.each(allBut("undefined", "an object", "an array", "true", "a promise", "an Effect"))(
    "refuses %s",
    async (_, value) => {
      const error = await asyncio.run(Effect.void, { inspect: bad(value) }).then(
        () => "run",
        (error: unknown) => String(error)
      )

      assert.match(
        error,
        /^TypeError: true, or options of `serve` of @effect-asyncio\/inspect, were expected as inspect by run\(\), got /
      )
    }
  )

  it("says what to install where the package is not there", async () => {
    // In a process of its own: the tests know the sources of all packages.
    const program = `
      import * as asyncio from "@effect-asyncio/core"
      await asyncio.run(asyncio.sleep(0), { inspect: true }).catch(({ hint, message }) => console.log(message, hint))`
    const args = ["--conditions=@effect-asyncio/source", "--no-warnings", "--input-type=module", "-e", program]

    const { stdout } = await promisify(execFile)(process.execPath, args, {
      cwd: new URL("../..", import.meta.url),
      // Where the tests themselves run, packages are found which are not installed.
      env: { ...process.env, NODE_PATH: "" }
    })

    assert.match(
      stdout,
      /^run\(\) was given inspect, and @effect-asyncio\/inspect is not there Install it: `npm install/
    )
  })

  it("fails with what is wrong with the package where it is there and does not load", async () => {
    const folder = mkdtempSync(join(tmpdir(), "effect-asyncio-inspect-"))
    const inside = join(folder, "node_modules/@effect-asyncio/inspect")
    mkdirSync(inside, { recursive: true })
    writeFileSync(join(inside, "package.json"), '{ "name": "@effect-asyncio/inspect", "main": "index.mjs" }')
    writeFileSync(join(inside, "index.mjs"), 'throw new Error("a package that does not load")')
    const program = `
      import * as asyncio from "${new URL("../../src/index.ts", import.meta.url).href}"
      await asyncio.run(asyncio.sleep(0), { inspect: true }).catch((error) => console.log(String(error)))`
    const args = ["--conditions=@effect-asyncio/source", "--no-warnings", "--input-type=module", "-e", program]

    const { stdout } = await promisify(execFile)(process.execPath, args, {
      cwd: folder,
      env: { ...process.env, NODE_PATH: "" }
    })

    rmSync(folder, { recursive: true })
    assert.strictEqual(stdout, "Error: a package that does not load\n")
  })

  it("reports that no socket could be made, and goes on", async () => {
    const loop = makeVirtualTimeLoop()
    const reported: Array<unknown> = []
    loop.setExceptionHandlerUnsafe((_, { exception, message }) => reported.push(message, exception))
    const failure = new Error("the folder is not safe")
    lowlevel.setInspectorUnsafe(() => Promise.reject(failure))
    try {
      const value = await asyncio.run(Effect.succeed(1), { inspect: true, loopFactory: () => loop })

      assert.strictEqual(value, 1)
      assert.deepStrictEqual(reported, ["This process cannot be looked into", failure])
    } finally {
      lowlevel.setInspectorUnsafe(undefined)
    }
  })

  it("does nothing where it is false", async () => {
    assert.strictEqual(await asyncio.run(Effect.succeed(1), { inspect: false }), 1)
  })
})
