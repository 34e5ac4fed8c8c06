/**
 * Mistakes of a program, as it meets them: each error says what happened, in which task, and what to do.
 */
import { assert, describe, it } from "vitest"
import * as asyncio from "@effect-asyncio/compat"
import { makeVirtualTimeLoop } from "@effect-asyncio/compat/testing"
import { Effect } from "effect"
import { rejection, run, self } from "../support.ts"

type Mistake = Error & asyncio.ErrorNotes

const bad = (value: unknown): never => value as never

/** An error at the call as a rejection, as `await` in an async function makes it. */
const attempt = async (program: () => unknown): Promise<unknown> => await program()

/** How a program fails in a task called worker. */
const mistake = (program: () => unknown): Promise<Mistake> =>
  run(async () => {
    const worker = asyncio.createTask(() => rejection(attempt(program)), { name: "worker" })
    return (await worker) as Mistake
  })

function* generator() {}

const future = () => asyncio.getRunningLoop().createFuture<number>()

const mistakes: Record<string, readonly [program: () => unknown, message: string]> = {
  "a task that awaits itself": [() => self(), "RuntimeError: Task cannot await on itself: <Task pending name='worker'"],
  "the result of a pending future": [() => future().result(), "InvalidStateError: Result is not set."],
  "the exception of a pending future": [() => future().exception(), "InvalidStateError: Exception is not set."],
  "a second result": [
    () => {
      const answer = future()
      answer.setResult(1)
      answer.setResult(2)
    },
    "InvalidStateError: invalid state"
  ],
  "a result for a task": [() => self().setResult(1), "RuntimeError: Task does not support set_result operation"],
  "releasing a lock that nobody holds": [() => new asyncio.Lock().release(), "RuntimeError: Lock is not acquired."],
  "notifying without the lock": [
    () => new asyncio.Condition().notify(),
    "RuntimeError: cannot notify on un-acquired lock"
  ],
  "waiting without the lock": [() => new asyncio.Condition().wait(), "RuntimeError: cannot wait on un-acquired lock"],
  "releasing a bounded semaphore twice": [
    () => new asyncio.BoundedSemaphore().release(),
    "ValueError: BoundedSemaphore released too many times"
  ],
  "more taskDone than items": [() => new asyncio.Queue().taskDone(), "ValueError: task_done() called too many times"],
  "running inside a run": [
    () => asyncio.run(async () => {}, { loopFactory: makeVirtualTimeLoop }),
    "RuntimeError: asyncio.run() with a loop of its own cannot be called from a running event loop"
  ],
  "a task of a group that has ended": [
    async () => {
      const group = await asyncio.taskGroup((group) => group)
      group.createTask(async () => {})
    },
    "RuntimeError: TaskGroup <TaskGroup entered> is finished"
  ],
  "a deadline for a body that is over": [
    async () => (await asyncio.timeout(10, (timeout) => timeout)).reschedule(5),
    "RuntimeError: Cannot change state of finished Timeout"
  ],
  "running in a task that is done": [
    async () => {
      const task = asyncio.createTask(async () => {}, { name: "done" })
      await task
      task.run(() => {})
    },
    "RuntimeError: nothing can run in <Task finished name='done'"
  ],
  "waiting for nothing": [() => asyncio.wait([]), "ValueError: Set of Tasks/Futures is empty."],
  "failures in a task group": [
    () => asyncio.taskGroup((group) => void group.createTask(() => Promise.reject(new Error("broken")))),
    "ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)"
  ],
  "sleeping in an Effect": [
    () => asyncio.runEffect(Effect.promise(() => asyncio.sleep(1))),
    "RuntimeError: sleep() was called from an Effect"
  ]
}

const wrongArguments: Record<string, readonly [program: () => unknown, message: string]> = {
  "sleep: no number": [() => asyncio.sleep(NaN), "ValueError: Invalid delay: NaN (not a number)"],
  "sleep: a number as text": [() => asyncio.sleep(bad("2")), "TypeError: Invalid delay: '2' is not a duration"],
  "sleep: nothing": [() => asyncio.sleep(bad(undefined)), "TypeError: Invalid delay: undefined is not a duration"],
  "timeout: a promise": [
    () => asyncio.timeout(10, bad(Promise.resolve())),
    "TypeError: a function was expected by timeout(), got a Promise"
  ],
  "timeout: the body first": [
    () =>
      asyncio.timeout(
        bad(async () => {}),
        bad(10)
      ),
    "TypeError: a function was expected by timeout(), got 10"
  ],
  "waitFor: the time first": [
    () =>
      asyncio.waitFor(
        bad(10),
        bad(async () => {})
      ),
    "TypeError: An asyncio.Future, a coroutine or an awaitable is required"
  ],
  "createTask: a promise": [
    () => asyncio.createTask(bad(Promise.resolve())),
    "TypeError: a coroutine function was expected, got a Promise"
  ],
  "createTask: a name for options": [
    () => asyncio.createTask(async () => {}, bad("worker")),
    "TypeError: an object of options was expected by createTask(), got 'worker'"
  ],
  "createTask: the controller for its signal": [
    () => asyncio.createTask(async () => {}, { signal: bad(new AbortController()) }),
    "TypeError: an AbortSignal was expected, got "
  ],
  "toEffect: no function": [
    () => asyncio.toEffect(bad(Promise.resolve())),
    "TypeError: a coroutine function was expected, got a Promise"
  ],
  "gather: several arguments": [
    () =>
      asyncio.gather(
        bad(async () => {}),
        bad(async () => {})
      ),
    "TypeError: gather() expects a list or a record of awaitables, not function"
  ],
  "gather: a bare flag": [
    () => asyncio.gather([async () => {}], bad(true)),
    "TypeError: an object of options was expected by gather(), got true"
  ],
  "gather: a single one": [
    () => asyncio.gather(bad(async () => {})),
    "TypeError: gather() expects a list or a record of awaitables, not function"
  ],
  "gather: no awaitable": [
    () => asyncio.gather([bad(1)]),
    "TypeError: An asyncio.Future, a coroutine or an awaitable is required"
  ],
  "shield: no awaitable": [
    () => asyncio.shield(bad(null)),
    "TypeError: An asyncio.Future, a coroutine or an awaitable is required"
  ],
  "wait: a function": [
    () => asyncio.wait([bad(async () => {})]),
    "TypeError: Passing coroutines is forbidden, use tasks explicitly."
  ],
  "wait: a bare time": [
    () => asyncio.wait([self()], bad(10)),
    "TypeError: an object of options was expected by wait(), got 10"
  ],
  "asCompleted: a bare time": [
    () => asyncio.asCompleted([async () => {}], bad(10)),
    "TypeError: an object of options was expected by asCompleted(), got 10"
  ],
  "asCompleted: a number as text": [
    () => asyncio.asCompleted([async () => {}], { timeout: bad("2") }),
    "TypeError: Invalid delay: '2' is not a duration"
  ],
  "cancelAndWait: a bare message": [
    () => asyncio.cancelAndWait([], bad("stop")),
    "TypeError: an object of options was expected by cancelAndWait(), got 'stop'"
  ],
  "cancelAndWait: a promise": [
    () => asyncio.cancelAndWait([bad(Promise.resolve())]),
    "TypeError: a name, an id, labels or a function was expected by cancelAndWait() to say which tasks are meant, got a Promise"
  ],
  "catchCancelled: no handler": [
    () => asyncio.catchCancelled(async () => {}, bad(undefined)),
    "TypeError: a function was expected by catchCancelled(), got undefined"
  ],
  "abortable: a function": [
    () => asyncio.abortable(bad(async () => {})),
    "TypeError: a promise was expected by abortable(), got a function"
  ],
  "createTask: a generator function": [
    () => asyncio.createTask(bad(generator)),
    "TypeError: a function was expected by a task, got the generator function generator"
  ],
  "loop.createTask: a generator function": [
    () => asyncio.getRunningLoop().createTask(bad(generator)),
    "TypeError: a function was expected by a task, got the generator function generator"
  ],
  "TaskGroup.createTask: a generator function": [
    () =>
      asyncio
        .taskGroup(async (group) => rejection(attempt(() => group.createTask(bad(generator)))))
        .then((e) => Promise.reject(e as Error)),
    "TypeError: a function was expected by a task, got the generator function generator"
  ],
  "toEffect: a generator function": [
    () => asyncio.runEffect(asyncio.toEffect(bad(generator))),
    "TypeError: a function was expected by a task, got the generator function generator"
  ],
  "gather: a generator function": [
    () => asyncio.gather([bad(generator)]),
    "TypeError: a function was expected by a task, got the generator function generator"
  ],
  "shield: a generator function": [
    () => asyncio.shield(bad(generator)),
    "TypeError: a function was expected by a task, got the generator function generator"
  ],
  "asCompleted: a generator function": [
    () => [...asyncio.asCompleted([bad(generator)])],
    "TypeError: a function was expected by a task, got the generator function generator"
  ],
  "ensureFuture: a generator function": [
    () => asyncio.ensureFuture(bad(generator)),
    "TypeError: a function was expected by a task, got the generator function generator"
  ],
  "waitFor: a generator function": [
    () => asyncio.waitFor(bad(generator), 10),
    "TypeError: a function was expected by a task, got the generator function generator"
  ],
  "waitFor without a limit: a generator function": [
    () => asyncio.waitFor(bad(generator), undefined),
    "TypeError: a function was expected by a task, got the generator function generator"
  ],
  "task.run: a generator function": [
    () => self().run(bad(generator)),
    "TypeError: a function was expected by run(), got the generator function generator"
  ],
  "timeout: a generator function": [
    () => asyncio.timeout(10, bad(generator)),
    "TypeError: a function was expected by timeout(), got the generator function generator"
  ],
  "timeoutAt: a generator function": [
    () => asyncio.timeoutAt(10, bad(generator)),
    "TypeError: a function was expected by timeoutAt(), got the generator function generator"
  ],
  "taskGroup: a generator function": [
    () => asyncio.taskGroup(bad(generator)),
    "TypeError: a function was expected by taskGroup(), got the generator function generator"
  ],
  "catchCancelled: a generator function": [
    () => asyncio.catchCancelled(bad(generator), () => {}),
    "TypeError: a function was expected by catchCancelled(), got the generator function generator"
  ],
  "Lock.use: a generator function": [
    () => new asyncio.Lock().use(bad(generator)),
    "TypeError: a function was expected by use(), got the generator function generator"
  ],
  "Barrier.use: a generator function": [
    () => new asyncio.Barrier(1).use(bad(generator)),
    "TypeError: a function was expected by use(), got the generator function generator"
  ],
  "addDoneCallback: a generator function": [
    () => self().addDoneCallback(bad(generator)),
    "TypeError: a function was expected by addDoneCallback(), got the generator function generator"
  ],
  "setExceptionHandler: a generator function": [
    () => asyncio.getRunningLoop().setExceptionHandler(bad(generator)),
    "TypeError: a function was expected by setExceptionHandler(), got the generator function generator"
  ],
  "setTaskFactory: a generator function": [
    () => asyncio.getRunningLoop().setTaskFactory(bad(generator)),
    "TypeError: a function was expected by setTaskFactory(), got the generator function generator"
  ],
  "toThread: a generator function": [
    () => asyncio.toThread(bad(generator)),
    "TypeError: a function was expected by toThread(), got the generator function generator"
  ],
  "callSoon: an async generator function": [
    () => asyncio.getRunningLoop().callSoon(bad(async function* () {})),
    "TypeError: coroutines cannot be used with callSoon()"
  ],
  "Lock.use: a promise": [
    () => new asyncio.Lock().use(bad(Promise.resolve())),
    "TypeError: a function was expected by use(), got a Promise"
  ],
  "Barrier.use: a promise": [
    () => new asyncio.Barrier(1).use(bad(Promise.resolve())),
    "TypeError: a function was expected by use(), got a Promise"
  ],
  "Condition.waitFor: a state": [
    () => {
      const condition = new asyncio.Condition()
      return condition.use(() => condition.waitFor(bad(true)))
    },
    "TypeError: a function was expected by waitFor(), got true"
  ],
  "Condition: a lock of core": [
    () => new asyncio.Condition(bad(new asyncio.Lock().core)),
    "TypeError: a Lock was expected by Condition, got "
  ],
  "Queue: a bare size": [
    () => new asyncio.Queue(bad(10)),
    "TypeError: an object of options was expected by Queue, got 10"
  ],
  "PriorityQueue: a size as text": [
    () => new asyncio.PriorityQueue({ maxsize: bad("10") }),
    "TypeError: a number was expected for the maxsize of a queue, got '10'"
  ],
  "Semaphore: negative": [() => new asyncio.Semaphore(-1), "ValueError: Semaphore initial value must be >= 0"],
  "BoundedSemaphore: a number as text": [
    () => new asyncio.BoundedSemaphore(bad("1")),
    "TypeError: a whole number was expected by Semaphore, got '1'"
  ],
  "Barrier: nobody": [() => new asyncio.Barrier(0), "ValueError: parties must be >= 1"],
  "callLater: the callback first": [
    () =>
      asyncio.getRunningLoop().callLater(
        bad(() => {}),
        bad(10)
      ),
    "TypeError: Invalid delay: "
  ],
  "addDoneCallback: no function": [
    () => self().addDoneCallback(bad("print")),
    "TypeError: a callable object was expected by addDoneCallback(), got 'print'"
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

describe("an error", () => {
  it("outside of a run names no task", () => {
    const error = (() => {
      try {
        return asyncio.timeout(5)
      } catch (error) {
        return error as Mistake
      }
    })() as Mistake

    assert.deepStrictEqual(
      [String(error), error.task, error.hint],
      [
        "RuntimeError: timeout() of a block needs a task: this code is in none that could be cancelled",
        undefined,
        "Give it the code as a function, which works anywhere: `timeout(1000, async () => ...)`."
      ]
    )
  })

  it("in a callback of the loop says how to wait there", () =>
    run(async () => {
      const answer = asyncio.getRunningLoop().createFuture<unknown>()
      asyncio.getRunningLoop().callSoon(() => void rejection(asyncio.sleep(1)).then((error) => answer.setResult(error)))

      const error = (await answer) as Mistake

      assert.deepStrictEqual(
        [error.message, error.hint],
        ["sleep() needs a task: a callback cannot wait", "Start a task in the callback: `createTask(async () => ...)`."]
      )
    }))
})

describe("a wrong argument", () => {
  it("starts nothing and cancels nobody", () =>
    run(async () => {
      const lines: Array<string> = []
      const work = async () => void lines.push("started")

      await rejection(attempt(() => asyncio.createTask(work, bad("worker"))))
      await rejection(attempt(() => asyncio.asCompleted([work], { timeout: bad("2") })))
      await rejection(attempt(() => asyncio.gather([work], bad(true))))
      await rejection(asyncio.cancelAndWait([self(), bad(true)]))
      await asyncio.sleep(0)

      assert.deepStrictEqual([lines, self().cancelling(), asyncio.allTasks().size], [[], 0, 1])
    }))

  it("is none where asyncio takes it: sizes of zero and less, no limit, any name", () =>
    run(async () => {
      const full = [0, -1, Infinity].map((maxsize) => new asyncio.Queue({ maxsize }).full())
      const task = asyncio.createTask(() => asyncio.timeout(Infinity, async () => "done"), { name: bad(7) })

      assert.deepStrictEqual([full, task.getName(), await task], [[false, false, false], "7", "done"])
    }))
})

describe("run", () => {
  it("refuses a generator function, which would do nothing", async () => {
    const error = (await rejection(asyncio.run(bad(generator)))) as Mistake

    assert.deepStrictEqual(
      [error.message, error.hint?.slice(0, 53)],
      [
        "a function was expected by a task, got the generator function generator",
        "Calling it makes a generator and runs nothing: write "
      ]
    )
  })
})

describe("what to make of something that wait refuses", () => {
  it.each([
    ["a promise", Promise.resolve(), "ensureFuture"],
    ["a function", async () => {}, "createTask"]
  ])("is said in the hint: %s", async (_, given, constructor) => {
    const { hint } = await mistake(() => asyncio.wait([bad(given)]))

    assert.include(hint, `with \`${constructor}\``)
  })
})

describe("a block with await using says what to write in place of", () => {
  const { moveOn, shielded, taskGroup } = asyncio as unknown as Readonly<
    Record<"moveOn" | "shielded" | "taskGroup", (...args: ReadonlyArray<unknown>) => AsyncDisposable>
  >
  const blocks: Record<string, readonly [block: () => Promise<void>, message: string, hint: string]> = {
    "taskGroup without a body": [
      async () => {
        await using _ = taskGroup()
      },
      "TypeError: a function was expected by taskGroup(), got undefined",
      "await using group = new TaskGroup()"
    ],
    "taskGroup with nothing but options": [
      async () => {
        await using _ = taskGroup({ onFailure: "collect" })
      },
      'TypeError: a function was expected by taskGroup(), got {"onFailure":"collect"}',
      "await using group = new TaskGroup()"
    ],
    "moveOn without a body": [
      async () => {
        await using _ = moveOn(1000)
      },
      "TypeError: a function was expected by moveOn(), got undefined",
      "await using deadline = timeout(1000)"
    ],
    "shielded without a body": [
      async () => {
        await using _ = shielded()
      },
      "TypeError: a function was expected by shielded(), got undefined",
      "await shielded(async () => ...)"
    ]
  }

  it.each(Object.entries(blocks))("%s", async (_, [block, message, hint]) => {
    const error = await mistake(block)

    assert.strictEqual(String(error), message)
    assert.include(error.hint, hint)
  })
})
