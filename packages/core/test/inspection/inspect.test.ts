/** How consoles print what is ours: in a line, and errors without the insides of the task layer. */
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { DeadlockError, makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect } from "effect"
import { inspect } from "node:util"
import { run } from "../support.ts"

/** As Node.js prints an error that nobody caught: it does not ask objects how they print. */
const uncaught = (error: unknown) => inspect(error, { customInspect: false })

const withoutStack = (text: string) =>
  text
    .split("\n")
    .filter((line) => !/^\s+at /.test(line))
    .map((line) => line.replace(/ at .*\{$/, " {").trimEnd())

describe("the console prints in one line", () => {
  it("everything that a program holds in its hands", async () => {
    const lines = await run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const task = yield* asyncio.createTask(asyncio.sleep(1), { name: "t" })
        const lifo = yield* asyncio.LifoQueue.make<number>()
        const held = loop.callSoonUnsafe(function held() {})
        const gone = loop.callAtUnsafe(5, () => {})
        gone.cancelUnsafe()
        const scopes = [
          yield* asyncio.taskGroup((group) => Effect.sync(() => inspect(group))),
          yield* asyncio.timeout(10, (timeout) => Effect.sync(() => inspect(timeout)))
        ]
        const objects = [
          task,
          loop.createFutureUnsafe(),
          yield* asyncio.Lock.make,
          yield* asyncio.Event.make,
          yield* asyncio.Condition.make(),
          yield* asyncio.Semaphore.make(2),
          yield* asyncio.BoundedSemaphore.make(2),
          yield* asyncio.Barrier.make(2),
          yield* asyncio.Queue.make<number>(),
          lifo,
          asyncio.ContextVar.make("user", { defaultValue: "nobody" }),
          loop,
          held,
          loop.callAtUnsafe(7, function due() {}),
          gone,
          { of: lifo }
        ]
        return [...scopes, ...objects.map((object) => inspect(object))]
      })
    )

    assert.deepStrictEqual(lines, [
      "<TaskGroup entered>",
      "<Timeout [active] when=10>",
      "<Task pending name='t' coro=<coroutine() running>>",
      "<Future pending>",
      "<Lock [unlocked]>",
      "<Event [unset]>",
      "<Condition [unlocked]>",
      "<Semaphore [unlocked, value:2]>",
      "<BoundedSemaphore [unlocked, value:2]>",
      "<Barrier [filling, waiters:0/2]>",
      "<Queue maxsize=0>",
      "<LifoQueue maxsize=0>",
      "<ContextVar name='user' default='nobody'>",
      "<EventLoop running ready=2 timers=1>",
      "<Handle held()>",
      "<TimerHandle when=7 due()>",
      "<TimerHandle cancelled when=5>",
      "{ of: <LifoQueue maxsize=0> }"
    ])
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

  it("in a few lines when every task waits, however many there are", async () => {
    const main = Effect.gen(function* () {
      const queue = yield* asyncio.Queue.make<string>()
      for (let n = 1; n <= 3; n++) yield* asyncio.createTask(queue.get, { name: `worker ${n}` })
      return yield* yield* (yield* asyncio.getRunningLoop).createFuture<string>()
    })
    const error = await asyncio.run(main, { loopFactory: makeVirtualTimeLoop }).catch((error: unknown) => error)

    const expected = [
      "DeadlockError: every task waits and no timer is set:",
      "  Task-1 (coroutine() running) waits for <Future pending cb=[Task.task_wakeup()]>",
      "  worker 1 (coroutine() running) waits for <Future pending cb=[Task.task_wakeup()]>",
      "  worker 2 (coroutine() running) waits for <Future pending cb=[Task.task_wakeup()]>",
      "  worker 3 (coroutine() running) waits for <Future pending cb=[Task.task_wakeup()]>",
      "  hint: 'Look for the one that should have woken them; on a real clock the program would hang.'",
      "}"
    ]
    assert.deepStrictEqual(withoutStack(uncaught(error)), expected)
    assert.deepStrictEqual(withoutStack(inspect(error)), expected)
    assert.lengthOf((error as DeadlockError).tasks, 4)
  })
})
