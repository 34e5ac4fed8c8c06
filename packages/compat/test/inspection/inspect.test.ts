/** How consoles print what is ours: in a line. */
import { assert, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/compat"
import { inspect } from "node:util"
import { run } from "../support.ts"

/** What a program holds in its hands, and how it prints. */
const samples = async (): Promise<ReadonlyArray<readonly [object, string]>> => {
  const loop = asyncio.getRunningLoop()
  const lock = new asyncio.Lock()
  const held = await lock.hold()
  const released = await new asyncio.Semaphore().hold()
  released[Symbol.dispose]()
  const gone = loop.callAt(5, () => {})
  gone.cancel()
  const user = asyncio.ContextVar.make("user", { defaultValue: "nobody" })
  const token = user.set("ada")
  const closed = new asyncio.Runner()
  await closed.close()
  const initialized = new asyncio.Runner()
  initialized.getLoop()
  const task = asyncio.createTask(async () => {}, { name: "t" })
  return [
    [task, "<Task pending name='t' coro=<coroutine() running>>"],
    [task.getCoro() as object, "<coroutine object coroutine>"],
    [loop.createFuture(), "<Future pending>"],
    [asyncio.gather([loop.createFuture()]), "<Future pending>"],
    [lock, "<Lock [locked]>"],
    [held, "<Held <Lock [locked]>>"],
    [released, "<Held released>"],
    [new asyncio.Event(), "<Event [unset]>"],
    [new asyncio.Condition(), "<Condition [unlocked]>"],
    [new asyncio.Semaphore(2), "<Semaphore [unlocked, value:2]>"],
    [new asyncio.BoundedSemaphore(2), "<BoundedSemaphore [unlocked, value:2]>"],
    [new asyncio.Barrier(2), "<Barrier [filling, waiters:0/2]>"],
    [new asyncio.Queue(), "<Queue maxsize=0>"],
    [new asyncio.LifoQueue(), "<LifoQueue maxsize=0>"],
    [new asyncio.PriorityQueue(), "<PriorityQueue maxsize=0>"],
    [user, "<ContextVar name='user' default='nobody'>"],
    [token, "<Token var=<ContextVar name='user' default='nobody'>>"],
    [asyncio.copyContext(), "<Context of 1 variable>"],
    [loop, "<EventLoop running ready=2 timers=1>"],
    [loop.callSoon(function held() {}), "<Handle held()>"],
    [loop.callAt(7, function due() {}), "<TimerHandle when=7 due()>"],
    [gone, "<TimerHandle cancelled when=5>"],
    [new asyncio.BackgroundTasks(), "<BackgroundTasks 0>"],
    [new asyncio.Runner(), "<Runner created>"],
    [initialized, "<Runner initialized>"],
    [closed, "<Runner closed>"],
    [asyncio.asCompleted([loop.createFuture(), loop.createFuture()]), "<AsCompleted left=2>"],
    [await asyncio.taskGroup((group) => group), "<TaskGroup entered>"],
    [await asyncio.timeout(10, (timeout) => timeout), "<Timeout [finished]>"],
    [(await asyncio.moveOn(10, (timeout) => timeout)).value!, "<Timeout [finished]>"]
  ]
}

it("the console prints in one line everything that a program holds in its hands", () =>
  run(async () => {
    for (const [object, expected] of await samples()) {
      assert.deepStrictEqual(
        [inspect(object), inspect([{ object }], { breakLength: 1000 })],
        [expected, `[ { object: ${expected} } ]`]
      )
    }
  }))

it("each class that is exported is among these, or is an error", () =>
  run(async () => {
    const classes = Object.values(asyncio as Record<string, unknown>).filter(
      (value): value is abstract new () => object => typeof value === "function" && /^class\b/.test(String(value))
    )
    const printed = (await samples()).map(([object]) => object.constructor)

    assert.deepStrictEqual(
      classes.filter((each) => !printed.includes(each) && !(each.prototype instanceof Error)),
      []
    )
  }))

it("an error of a timeout prints as an error", () =>
  run(async () => {
    const error: unknown = await asyncio.timeout(1, () => asyncio.sleep(2)).catch((error: unknown) => error)

    assert.match(inspect(error), /^\[TimeoutError\] \{\n  task: 'Task-1',\n  hint: '.*',\n  cause: \[CancelledError\b/)
    assert.notInclude(inspect(error), "_tag: 'TimeoutError'")
  }))
