/** How consoles print what is ours: in a line, and errors without the insides of the task layer. */
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { DeadlockError, makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect } from "effect"
import { inspect } from "node:util"
import { OwnTimeoutError } from "../../src/internal/model/errors.ts"
import { run } from "../support.ts"

/** As Node.js prints an error that nobody caught: it does not ask objects how they print. */
const uncaught = (error: unknown) => inspect(error, { customInspect: false })

const withoutStack = (text: string) =>
  text
    .split("\n")
    .filter((line) => !/^\s+at /.test(line))
    .map((line) => line.replace(/ at .*\{$/, " {").trimEnd())

/** What a program holds in its hands, and how it prints. */
const samples = Effect.gen(function* () {
  const loop = yield* asyncio.getRunningLoop
  const gone = loop.callAtUnsafe(5, () => {})
  gone.cancelUnsafe()
  const user = asyncio.ContextVar.make("user", { defaultValue: "nobody" })
  const token = yield* user.set("ada")
  const closed = new asyncio.Runner()
  yield* Effect.promise(() => closed.close())
  const initialized = new asyncio.Runner()
  initialized.getLoop()
  const samples: ReadonlyArray<readonly [object, string]> = [
    [yield* asyncio.createTask(asyncio.sleep(1), { name: "t" }), "<Task pending name='t' coro=<coroutine() running>>"],
    [loop.createFutureUnsafe(), "<Future pending>"],
    [yield* asyncio.Lock.make(), "<Lock [unlocked]>"],
    [yield* asyncio.Event.make(), "<Event [unset]>"],
    [yield* asyncio.Condition.make(), "<Condition [unlocked]>"],
    [yield* asyncio.Semaphore.make(2), "<Semaphore [unlocked, value:2]>"],
    [yield* asyncio.BoundedSemaphore.make(2), "<BoundedSemaphore [unlocked, value:2]>"],
    [yield* asyncio.Barrier.make(2), "<Barrier [filling, waiters:0/2]>"],
    [yield* asyncio.Queue.make<number>(), "<Queue maxsize=0>"],
    [yield* asyncio.LifoQueue.make<number>(), "<LifoQueue maxsize=0>"],
    [yield* asyncio.PriorityQueue.make<number>(), "<PriorityQueue maxsize=0>"],
    [user, "<ContextVar name='user' default='nobody'>"],
    [token, "<Token var=<ContextVar name='user' default='nobody'>>"],
    [yield* asyncio.copyContext, "<Context of 1 variable>"],
    [loop, "<EventLoop running ready=2 timers=1>"],
    [loop.callSoonUnsafe(function held() {}), "<Handle held()>"],
    [loop.callAtUnsafe(7, function due() {}), "<TimerHandle when=7 due()>"],
    [gone, "<TimerHandle cancelled when=5>"],
    [new asyncio.Runner(), "<Runner created>"],
    [initialized, "<Runner initialized>"],
    [closed, "<Runner closed>"],
    [yield* asyncio.asCompleted([loop.createFutureUnsafe()]), "<AsCompleted left=1>"],
    [yield* asyncio.taskGroup((group) => Effect.succeed(group)), "<TaskGroup entered>"],
    [yield* asyncio.timeout(10, (timeout) => Effect.succeed(timeout)), "<Timeout [finished]>"],
    [(yield* asyncio.moveOn(10, (timeout) => Effect.succeed(timeout))).value!, "<Timeout [finished]>"]
  ]
  return samples
})

describe("the console prints in one line", () => {
  it("everything that a program holds in its hands", async () => {
    const print = ([object]: readonly [object, string]) => [
      inspect(object),
      inspect([{ object }], { breakLength: 1000 })
    ]
    const [printed, expected] = await run(
      Effect.map(samples, (all) => [all.map(print), all.map(([, text]) => [text, `[ { object: ${text} } ]`])])
    )

    assert.deepStrictEqual(printed, expected)
  })

  it("each class that is exported, unless it is an error or a service", async () => {
    const classes = Object.values(asyncio as Record<string, unknown>).filter(
      (value): value is abstract new () => object => typeof value === "function" && /^class\b/.test(String(value))
    )
    const printed = (await run(samples)).map(([object]) => object.constructor)

    assert.deepStrictEqual(
      classes.filter(
        (each) => !printed.includes(each) && !(each.prototype instanceof Error) && (each as unknown) !== asyncio.Loop
      ),
      []
    )
  })
})

describe("errors of ours print", () => {
  it("with name, message, stack and what to do, in a console and where nobody caught them", () => {
    const errors = [
      new asyncio.CancelledError("enough"),
      new asyncio.InvalidStateError("invalid state"),
      new asyncio.RuntimeError("a bug"),
      new asyncio.ValueError("bad"),
      new asyncio.QueueEmpty(),
      new asyncio.QueueFull(),
      new asyncio.QueueShutDown(),
      new asyncio.BrokenBarrierError("broken"),
      new asyncio.KeyboardInterrupt(),
      new asyncio.ExceptionGroup("two", [new Error("inner"), new asyncio.CancelledError("other")])
    ]
    for (const error of errors) {
      const hinted = lowlevel.withHint(error, "Do this.")
      for (const text of [inspect(hinted), uncaught(hinted)]) {
        const headline = text.split("\n")[0]!.replace(/: $/, "")
        assert.strictEqual(headline, error.message === "" ? error.name : `${error.name}: ${error.message}`)
        assert.match(text, /\n +at /)
        assert.include(text, "hint: 'Do this.'")
        if (error instanceof asyncio.ExceptionGroup)
          assert.match(text, /\[errors\]: \[|errors: \[\n +Error: inner\n +at /)
      }
    }
  })

  it("where the time is up, without a task that nobody knows, and as text where the host has nothing to print with", () => {
    const error = lowlevel.withHint(new OwnTimeoutError(), "Wait longer.")
    const print = (error as unknown as { [inspect.custom](depth: number, options: object): unknown })[inspect.custom]

    assert.match(inspect(error), /^\[?TimeoutError[^]*hint: 'Wait longer\.'/)
    assert.notInclude(inspect(error), "task")
    assert.strictEqual(print.call(error, 0, {}), String(error))
  })

  it("in a few lines when every task waits, however many there are", async () => {
    const main = Effect.gen(function* () {
      const queue = yield* asyncio.Queue.make<string>()
      for (let n = 1; n <= 3; n++) yield* asyncio.createTask(queue.get, { name: `worker ${n}` })
      return yield* yield* (yield* asyncio.getRunningLoop).createFuture<string>()
    })
    const error = await asyncio.run(main, { loopFactory: makeVirtualTimeLoop }).catch((error: unknown) => error)

    const expected = [
      "[DeadlockError: every task waits and no timer is set:",
      "  Task-1 (coroutine() running) waits for <Future pending cb=[Task.task_wakeup()]>",
      "  worker 1 (coroutine() running) waits for <Future pending cb=[Task.task_wakeup()]>",
      "  worker 2 (coroutine() running) waits for <Future pending cb=[Task.task_wakeup()]>",
      "  worker 3 (coroutine() running) waits for <Future pending cb=[Task.task_wakeup()]>] {",
      "  hint: 'Look for the one that should have woken them; without this error the program would wait for ever.'",
      "}"
    ]
    assert.deepStrictEqual(withoutStack(uncaught(error)), expected)
    assert.deepStrictEqual(withoutStack(inspect(error)), expected)
    assert.lengthOf((error as DeadlockError).tasks, 4)
  })
})
