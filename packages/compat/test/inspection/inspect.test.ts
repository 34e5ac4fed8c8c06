/** How consoles print what is ours: in a line. */
import { assert, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/compat"
import { inspect } from "node:util"
import { run } from "../support.ts"

it("the console prints in one line everything that a program holds in its hands", async () => {
  const lines = await run(async () => {
    const loop = asyncio.getRunningLoop()
    const scopes: Array<string> = []
    await asyncio.taskGroup(async (group) => void scopes.push(inspect(group)))
    await asyncio.timeout(10, async (timeout) => void scopes.push(inspect(timeout)))
    const held = loop.callSoon(function held() {})
    const gone = loop.callAt(5, () => {})
    gone.cancel()
    const objects = [
      asyncio.createTask(async () => {}, { name: "t" }),
      loop.createFuture(),
      new asyncio.Lock(),
      new asyncio.Event(),
      new asyncio.Condition(),
      new asyncio.Semaphore(2),
      new asyncio.BoundedSemaphore(2),
      new asyncio.Barrier(2),
      new asyncio.Queue(),
      new asyncio.PriorityQueue(),
      asyncio.ContextVar.make("user", { defaultValue: "nobody" }),
      loop,
      held,
      loop.callAt(7, function due() {}),
      gone
    ]
    return [...scopes, ...objects.map((object) => inspect(object))]
  })

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
    "<PriorityQueue maxsize=0>",
    "<ContextVar name='user' default='nobody'>",
    "<EventLoop running ready=2 timers=1>",
    "<Handle held()>",
    "<TimerHandle when=7 due()>",
    "<TimerHandle cancelled when=5>"
  ])
})
