/**
 * Mistakes of a program, as it meets them: each error says what happened, in which task, and what to do.
 */
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { DeadlockError, makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Cause, Context, Effect, Exit, Logger, References } from "effect"
import { run } from "../support.ts"

type Program = Effect.Effect<unknown, unknown, unknown>

const bad = (value: unknown): never => value as never

/** How a program fails in a task called worker. */
const mistake = (program: Program): Promise<Error & asyncio.ErrorNotes> =>
  run(
    Effect.gen(function* () {
      const worker = yield* asyncio.createTask(Effect.exit(program as Effect.Effect<unknown, unknown>), {
        name: "worker"
      })
      const exit = yield* worker
      assert.isTrue(Exit.isFailure(exit), "the program fails")
      return Cause.squash((exit as Exit.Failure<unknown, unknown>).cause) as Error
    })
  )

const inTask = (body: (task: asyncio.Task<unknown, unknown>) => Program): Program =>
  Effect.flatMap(asyncio.currentTask, body)

const inLoop = (body: (loop: asyncio.EventLoop) => Program): Program => Effect.flatMap(asyncio.getRunningLoop, body)

function* generator() {}
async function* asyncGenerator() {}

const newFuture = Effect.flatMap(asyncio.getRunningLoop, (loop) => loop.createFuture<number>())

const foreignFuture = makeVirtualTimeLoop().createFutureUnsafe<number>()

const mistakes: Record<string, readonly [program: Program, message: string]> = {
  "a task that awaits itself": [
    inTask((task) => task),
    "RuntimeError: Task cannot await on itself: <Task pending name='worker'"
  ],
  "a future of another run": [foreignFuture, "RuntimeError: Task <Task pending name='worker'"],
  "gathering a future of another run": [
    asyncio.gather([foreignFuture]),
    "ValueError: The future belongs to a different loop than the one specified as the loop argument"
  ],
  "a result for a task": [
    inTask((task) => task.setResult(1)),
    "RuntimeError: Task does not support set_result operation"
  ],
  "an exception for a task": [
    inTask((task) => task.setException(bad(1))),
    "RuntimeError: Task does not support set_exception operation"
  ],
  "the result of a pending future": [
    Effect.flatMap(newFuture, (future) => future.result()),
    "InvalidStateError: Result is not set."
  ],
  "the exception of a pending future": [
    Effect.flatMap(newFuture, (future) => future.exception()),
    "InvalidStateError: Exception is not set."
  ],
  "a second result": [
    Effect.flatMap(newFuture, (future) => Effect.andThen(future.setResult(1), future.setResult(2))),
    "InvalidStateError: invalid state"
  ],
  "releasing a lock that nobody holds": [
    Effect.flatMap(asyncio.Lock.make(), (lock) => lock.release),
    "RuntimeError: Lock is not acquired."
  ],
  "waiting without the lock": [
    Effect.flatMap(asyncio.Condition.make(), (condition) => condition.wait),
    "RuntimeError: cannot wait on un-acquired lock"
  ],
  "notifying without the lock": [
    Effect.flatMap(asyncio.Condition.make(), (condition) => condition.notifyAll),
    "RuntimeError: cannot notify on un-acquired lock"
  ],
  "notifying nobody knows how many": [
    Effect.flatMap(asyncio.Condition.make(), (condition) => condition.use(condition.notify(bad("all")))),
    "TypeError: a number was expected by notify(), got 'all'"
  ],
  "releasing a bounded semaphore twice": [
    Effect.flatMap(asyncio.BoundedSemaphore.make(1), (semaphore) => semaphore.release),
    "ValueError: BoundedSemaphore released too many times"
  ],
  "more taskDone than items": [
    Effect.flatMap(asyncio.Queue.make(), (queue) => queue.taskDone),
    "ValueError: task_done() called too many times"
  ],
  "a broken barrier": [
    Effect.flatMap(asyncio.Barrier.make(2), (barrier) => Effect.andThen(barrier.abort, barrier.wait)),
    "BrokenBarrierError: Barrier aborted"
  ],
  "running inside a run": [
    Effect.tryPromise({ try: () => asyncio.run(Effect.void), catch: (error) => error }),
    "RuntimeError: asyncio.run() cannot be called from a running event loop"
  ],
  "a task of a group that has ended": [
    Effect.flatMap(
      asyncio.taskGroup((group) => Effect.succeed(group)),
      (group) => group.createTask(Effect.void)
    ),
    "RuntimeError: TaskGroup <TaskGroup entered> is finished"
  ],
  "a deadline for a body that is over": [
    Effect.flatMap(
      asyncio.timeout(10, (timeout) => Effect.succeed(timeout)),
      (timeout) => timeout.reschedule(5)
    ),
    "RuntimeError: Cannot change state of finished Timeout"
  ],
  "waiting for nothing": [asyncio.wait([]), "ValueError: Set of Tasks/Futures is empty."],
  "failures in a task group": [
    asyncio.taskGroup((group: asyncio.TaskGroup<string>) => group.createTask(Effect.fail("broken"))),
    "ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)"
  ],
  "an Effect as a callback": [
    Effect.flatMap(asyncio.getRunningLoop, (loop) => loop.callSoon(bad(Effect.void))),
    "TypeError: coroutines cannot be used with callSoon()"
  ]
}

const wrongArguments: Record<string, readonly [program: Program, message: string]> = {
  "sleep: no number": [asyncio.sleep(NaN), "ValueError: Invalid delay: NaN (not a number)"],
  "sleep: a number as text": [asyncio.sleep(bad("2")), "TypeError: Invalid delay: '2' is not a duration"],
  "sleep: null": [asyncio.sleep(bad(null)), "TypeError: Invalid delay: null is not a duration"],
  "timeout: the body first": [
    asyncio.timeout(bad(Effect.void), bad(10)),
    "TypeError: an Effect, or a function that makes one, was expected by timeout(), got 10"
  ],
  "timeout: an async function's promise": [
    asyncio.timeout(10, bad(Promise.resolve(1))),
    "TypeError: an Effect, or a function that makes one, was expected by timeout(), got a Promise"
  ],
  "timeoutAt: a duration": [
    asyncio.timeoutAt(bad("1 second"), Effect.void),
    "TypeError: a time in milliseconds was expected by timeoutAt(), got '1 second'"
  ],
  "waitFor: the time first": [
    asyncio.waitFor(bad(10), bad(Effect.void)),
    "TypeError: Invalid delay: an Effect is not a duration"
  ],
  "waitFor: nothing to wait for": [
    asyncio.waitFor(bad(10), 10),
    "TypeError: An asyncio.Future, a coroutine or an awaitable is required"
  ],
  "waitFor: a number as text": [
    asyncio.waitFor(Effect.void, bad("2")),
    "TypeError: Invalid delay: '2' is not a duration"
  ],
  "createTask: a function": [
    asyncio.createTask(bad(function work() {})),
    "TypeError: a coroutine was expected, got the function work"
  ],
  "createTask: a nameless function": [
    asyncio.createTask(bad(() => Effect.void)),
    "TypeError: a coroutine was expected, got a function"
  ],
  "createTask: an async generator function": [
    asyncio.createTask(bad(async function* work() {})),
    "TypeError: a coroutine was expected, got the async generator function work"
  ],
  "timeout: an async generator function": [
    asyncio.timeout(
      10,
      bad(async function* work() {})
    ),
    "TypeError: an Effect, or a function that makes one, was expected by timeout(), got the async generator function work"
  ],
  "timeout: a body and no time": [
    asyncio.timeout(bad(Effect.void)) as never,
    "TypeError: an Effect, or a function that makes one, was expected by timeout(), got undefined"
  ],
  "taskGroup: an async generator function": [
    asyncio.taskGroup(bad(async function* work() {})),
    "TypeError: a function was expected by taskGroup(), got the async generator function work"
  ],
  "catchCancelled: an async generator function": [
    asyncio.catchCancelled(Effect.void, bad(asyncGenerator)),
    "TypeError: a function was expected by catchCancelled(), got the async generator function asyncGenerator"
  ],
  "catchCancelled: one handler of several": [
    asyncio.catchCancelled(Effect.void, bad({ timeout: generator, disconnect: asyncGenerator })),
    "TypeError: a function was expected by catchCancelled(), got the async generator function asyncGenerator"
  ],
  "Barrier.use: an async generator function": [
    Effect.flatMap(asyncio.Barrier.make(1), (barrier) => barrier.use(bad(asyncGenerator))),
    "TypeError: a function was expected by use(), got the async generator function asyncGenerator"
  ],
  "mapTasks: an async generator function": [
    asyncio.mapTasks([1], bad(asyncGenerator), { concurrency: 1 }) as never,
    "TypeError: a function was expected by mapTasks(), got the async generator function asyncGenerator"
  ],
  "withLoop: an async generator function": [
    asyncio.withLoop(bad(asyncGenerator)) as never,
    "TypeError: an Effect was expected by withLoop(), got the async generator function asyncGenerator"
  ],
  "race: a discard that makes nothing": [
    asyncio.race([Effect.void], bad({ discard: asyncGenerator })) as never,
    "TypeError: a function was expected by race(), got the async generator function asyncGenerator"
  ],
  "Condition.waitFor: a generator function": [
    Effect.flatMap(asyncio.Condition.make(), (condition) => condition.use(condition.waitFor(bad(generator)))),
    "TypeError: a function was expected by waitFor(), got the generator function generator"
  ],
  "toThread: a generator function": [
    asyncio.toThread(bad(generator)),
    "TypeError: a function was expected by toThread(), got the generator function generator"
  ],
  "callSoon: an async generator function": [
    inLoop((loop) => loop.callSoon(bad(async function* () {}))),
    "TypeError: coroutines cannot be used with callSoon()"
  ],
  "addDoneCallback: a bound generator function": [
    inTask((task) => task.addDoneCallback(bad(generator.bind(undefined)))),
    "TypeError: a function was expected by addDoneCallback(), got the generator function bound generator"
  ],
  "setExceptionHandler: a generator function": [
    inLoop((loop) => loop.setExceptionHandler(bad(generator))),
    "TypeError: a function was expected by setExceptionHandler(), got the generator function generator"
  ],
  "setTaskFactory: a generator function": [
    inLoop((loop) => loop.setTaskFactory(bad(generator))),
    "TypeError: a function was expected by setTaskFactory(), got the generator function generator"
  ],
  "ExceptionGroup.split: a generator function": [
    Effect.sync(() => new asyncio.ExceptionGroup("group", [new Error("boom")]).split(bad(generator))),
    "TypeError: a function was expected by split(), got the generator function generator"
  ],
  "createTask: a name for options": [
    asyncio.createTask(Effect.void, bad("worker")),
    "TypeError: an object of options was expected by createTask(), got 'worker'"
  ],
  "gather: a bare flag": [
    asyncio.gather([Effect.void], bad(true)),
    "TypeError: an object of options was expected by gather(), got true"
  ],
  "gather: a single one": [
    asyncio.gather(bad(Effect.void)),
    "TypeError: gather() expects a list or a record of awaitables, not coroutine"
  ],
  "gather: no awaitable": [
    asyncio.gather([bad(1)]),
    "TypeError: An asyncio.Future, a coroutine or an awaitable is required"
  ],
  "wait: a coroutine": [
    asyncio.wait([bad(Effect.void)]),
    "TypeError: Passing coroutines is forbidden, use tasks explicitly."
  ],
  "wait: a bare time": [
    inTask((task) => asyncio.wait([task], bad(10))),
    "TypeError: an object of options was expected by wait(), got 10"
  ],
  "wait: a number as text": [
    inTask((task) => asyncio.wait([task], { timeout: bad("2") })),
    "TypeError: Invalid delay: '2' is not a duration"
  ],
  "wait: another returnWhen": [
    inTask((task) => asyncio.wait([task], { returnWhen: bad("FIRST") })),
    "ValueError: Invalid return_when value: FIRST"
  ],
  "asCompleted: a bare time": [
    asyncio.asCompleted([Effect.void], bad(10)),
    "TypeError: an object of options was expected by asCompleted(), got 10"
  ],
  "cancelAndWait: a coroutine": [
    asyncio.cancelAndWait([bad(Effect.void)]),
    "TypeError: a name, an id, labels or a function was expected by cancelAndWait() to say which tasks are meant, got an Effect"
  ],
  "cancelAndWait: a bare message": [
    asyncio.cancelAndWait([], bad("stop")),
    "TypeError: an object of options was expected by cancelAndWait(), got 'stop'"
  ],
  "taskGroup: an Effect": [
    asyncio.taskGroup(bad(Effect.void)),
    "TypeError: a function was expected by taskGroup(), got an Effect"
  ],
  "catchCancelled: no handler": [
    asyncio.catchCancelled(Effect.void, bad(undefined)),
    "TypeError: a function was expected by catchCancelled(), got undefined"
  ],
  "Condition: no lock": [
    asyncio.Condition.make(bad("lock")),
    "TypeError: a Lock was expected by Condition, got 'lock'"
  ],
  "Condition.waitFor: a state": [
    Effect.flatMap(asyncio.Condition.make(), (condition) => condition.use(condition.waitFor(bad(true)))),
    "TypeError: a function was expected by waitFor(), got true"
  ],
  "Barrier.use: an Effect": [
    Effect.flatMap(asyncio.Barrier.make(1), (barrier) => barrier.use(bad(Effect.void))),
    "TypeError: a function was expected by use(), got an Effect"
  ],
  "Queue: a bare size": [asyncio.Queue.make(bad(10)), "TypeError: an object of options was expected by Queue, got 10"],
  "Queue: a size as text": [
    asyncio.Queue.make({ maxsize: bad("10") }),
    "TypeError: a number was expected for the maxsize of a queue, got '10'"
  ],
  "Queue: no number": [
    asyncio.Queue.make({ maxsize: NaN }),
    "TypeError: a number was expected for the maxsize of a queue, got NaN"
  ],
  "Semaphore: negative": [asyncio.Semaphore.make(-1), "ValueError: Semaphore initial value must be >= 0"],
  "Semaphore: no number": [asyncio.Semaphore.make(NaN), "ValueError: Semaphore initial value must be >= 0"],
  "Semaphore: a part of a permit": [
    asyncio.Semaphore.make(1.5),
    "TypeError: a whole number was expected by Semaphore, got 1.5"
  ],
  "BoundedSemaphore: a number as text": [
    asyncio.BoundedSemaphore.make(bad("1")),
    "TypeError: a whole number was expected by Semaphore, got '1'"
  ],
  "Barrier: nobody": [asyncio.Barrier.make(0), "ValueError: parties must be >= 1"],
  "Barrier: one that never opens": [
    asyncio.Barrier.make(Infinity),
    "TypeError: a whole number was expected by Barrier, got Infinity"
  ],
  "Barrier: a number as text": [
    asyncio.Barrier.make(bad("2")),
    "TypeError: a whole number was expected by Barrier, got '2'"
  ],
  "ContextVar: no name": [
    Effect.sync(() => asyncio.ContextVar.make(bad({ defaultValue: 1 }), bad(undefined))),
    'TypeError: a string was expected for the name of a ContextVar, got {"defaultValue":1}'
  ],
  "ContextVar: a default that is no option": [
    Effect.sync(() => asyncio.ContextVar.make("user", bad("nobody"))),
    "TypeError: an object of options was expected by ContextVar.make(), got 'nobody'"
  ],
  "toThread: neither a function nor a place": [
    asyncio.toThread(bad("work")),
    "TypeError: a function or { module, name } was expected by toThread(), got 'work'"
  ]
}

describe("a mistake says what happened, in which task, and what to do", () => {
  it.each(Object.entries({ ...mistakes, ...wrongArguments }))("%s", async (_, [program, message]) => {
    const error = await mistake(program)

    assert.strictEqual(String(error).slice(0, message.length), message)
    assert.strictEqual(error.task, "worker")
    assert.match(error.hint ?? "", /^[A-Z].*\.$/)
  })
})

describe("a wrong argument", () => {
  it("cancels nobody", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(asyncio.sleep(1))

        yield* Effect.exit(asyncio.cancelAndWait([task, bad(true)]))
        yield* Effect.exit(asyncio.cancelAndWait([task], { timeout: bad("2") }))

        assert.strictEqual(task.cancelling(), 0)
      })
    ))

  it("starts nothing", () =>
    run(
      Effect.gen(function* () {
        const before = (yield* asyncio.allTasks).size

        yield* Effect.exit(asyncio.asCompleted([Effect.never], { timeout: bad("2") }))
        yield* Effect.exit(asyncio.createTask(Effect.never, bad("worker")))

        assert.strictEqual((yield* asyncio.allTasks).size, before)
      })
    ))

  it("is none where asyncio takes it: sizes of zero and less, no limit, any name", () =>
    run(
      Effect.gen(function* () {
        const queues = yield* Effect.forEach([0, -1, Infinity], (maxsize) => asyncio.Queue.make({ maxsize }))
        const semaphore = yield* asyncio.Semaphore.make(Infinity)
        const task = yield* asyncio.createTask(asyncio.timeout(Infinity, Effect.void), { name: bad(7) })

        yield* semaphore.acquire

        assert.deepStrictEqual(
          [queues.map((queue) => queue.full()), semaphore.locked()],
          [[false, false, false], false]
        )
        assert.strictEqual(task.getName(), "7")
        yield* task
      })
    ))
})

const logging = (entries: Array<unknown>) =>
  Context.make(
    References.CurrentLoggers,
    new Set([Logger.make(({ message }) => void entries.push(Array.isArray(message) ? message[0] : message))])
  )

describe("an error", () => {
  it("outside of any task names none", () => {
    const error = lowlevel.withHint(new asyncio.RuntimeError("closed"), "Open it.")

    assert.deepStrictEqual([String(error), error.task, error.hint], ["RuntimeError: closed", undefined, "Open it."])
  })

  it("of a loop that nobody runs says how it ends", async () => {
    const stop = Effect.flatMap(asyncio.getRunningLoop, (loop) => Effect.sync(() => loop.stopUnsafe()))

    const error = await Effect.runPromise(Effect.flip(Effect.sandbox(asyncio.withLoop(stop))))

    const { hint, message } = Cause.squash(error) as Error & asyncio.ErrorNotes
    assert.strictEqual(message, "Cannot stop a loop that nobody runs: it ends with its clock or its scope")
    assert.strictEqual(hint, "Close the scope of the layer, or cancel the tasks.")
  })

  it("of a task group names the tasks that failed", async () => {
    const group = asyncio.taskGroup((group: asyncio.TaskGroup<string>) =>
      Effect.gen(function* () {
        yield* group.createTask(Effect.fail("broken"), { name: "reader" })
        yield* group.createTask(asyncio.sleep(1), { name: "sleeper" })
        yield* group.createTask(Effect.fail("broken"), { name: "writer" })
        yield* asyncio.sleep(0)
        return yield* Effect.fail("no more")
      })
    )

    const error = await run(Effect.flip(group))

    assert.strictEqual(error.hint, "Handle `errors` around the group. What failed: reader, writer, the body.")
  })

  it("of a future in another state says which future it is", () =>
    run(
      Effect.gen(function* () {
        const loader = yield* asyncio.createTask(asyncio.sleep(1), { name: "loader" })
        const future = yield* newFuture
        yield* future.cancel()

        const early = yield* Effect.flip(loader.result())
        const late = yield* Effect.flip(future.setResult(1))

        assert.match((early as asyncio.InvalidStateError).hint ?? "", /^Await <Task pending name='loader' .*>, or ask/)
        assert.strictEqual(late.hint, "Ask `done()` first; here it was <Future cancelled>.")
        yield* loader
      })
    ))

  it("of a queue says what to do, although it has no message", () =>
    run(
      Effect.gen(function* () {
        const queue = yield* asyncio.Queue.make<number>({ maxsize: 1 })
        const empty = yield* Effect.flip(queue.getNowait)
        yield* queue.put(1)
        const full = yield* Effect.flip(queue.putNowait(2))
        yield* queue.shutdown()
        const shutDown = yield* Effect.flip(queue.put(3))

        assert.deepStrictEqual(
          [empty, full, shutDown].map((error) => ("hint" in error ? error.hint : undefined)),
          [
            "Wait for an item with `get`, or ask `empty()` first.",
            "Wait for a free place with `put`, or ask `full()` first.",
            "Take it as the end of the work; `for await` over a queue of compat ends by itself."
          ]
        )
      })
    ))

  it("of a run that cannot go on says so", async () => {
    const stuck = Effect.flatten(newFuture)

    const error: unknown = await asyncio
      .run(stuck, { loopFactory: makeVirtualTimeLoop })
      .catch((error: unknown) => error)

    assert.instanceOf(error, DeadlockError)
    assert.match(error.hint, /^Look for the one that should have woken them/)
  })

  it("that nobody retrieves is reported with its own hint and the report's", async () => {
    const logged: Array<unknown> = []
    const forgotten = Effect.flatMap(asyncio.Lock.make(), (lock) => lock.release)

    await run(Effect.andThen(asyncio.createTask(forgotten, { name: "forgetful" }), asyncio.sleep(1)), {
      context: logging(logged)
    })

    assert.deepStrictEqual(String(logged[0]).split("\n").slice(1, 3), [
      "hint: Use `lock.use(...)`, which releases once and by itself.",
      "hint: Await it, make it in a task group, or look at its `exception()`."
    ])
  })
})

describe("what to make of something that wait refuses", () => {
  it.each([
    ["a promise", Promise.resolve(), "ensureFuture"],
    ["an Effect", Effect.void, "createTask"]
  ])("is said in the hint: %s", async (_, given, constructor) => {
    const { hint } = await mistake(asyncio.wait([bad(given)]))

    assert.include(hint, `with \`${constructor}\``)
  })
})
