/** What prints is of bounded length, and holds nothing that a terminal or a log would obey. */
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/compat"
import { collectReports, run, runningLoop } from "../support.ts"

// oxlint-disable-next-line no-control-regex -- that is the point
const dangerous = /(?![\n ])[\p{C}\p{Z}]/u
const evil = "\u001b[31m\r\n\u202e"
const escaped = "\\x1b[31m\\r\\n\\u202e"

const named = <F>(f: F, name: string): F => Object.defineProperty(f, "name", { value: name })

describe("what cannot be seen", () => {
  it("is escaped in the repr, the stack and the call graph of a task, and kept in its name", async () => {
    const texts = await run(async () => {
      const task = asyncio.createTask(
        named(async () => {
          await asyncio.sleep(1)
          return evil
        }, evil),
        { name: evil }
      )
      task.addDoneCallback(named(() => {}, evil))
      await asyncio.sleep(0)
      const waiting = [String(task), task.formatStack(), asyncio.formatCallGraph(task)]
      await task
      return [...waiting, String(task), task.getName()]
    })

    const [pending, stack, graph, finished, name] = texts as [string, string, string, string, string]
    assert.include(pending, `<Task pending name='${escaped}' coro=<${escaped}() running>`)
    assert.include(pending, `${escaped}()]>`)
    assert.include(stack, `async ${escaped}()`)
    assert.include(graph, `* Task(name='${escaped}', id=`)
    assert.include(finished, `result='${escaped}'>`)
    for (const text of texts.slice(0, 4)) assert.notMatch(text, dangerous)
    assert.strictEqual(name, evil)
  })

  it("is escaped in queues, in hints, and in what a loop reports", async () => {
    const [queue, reports, hint] = await run(async () => {
      const reports = collectReports(runningLoop())
      const items = new asyncio.Queue<string>()
      await items.put(evil)
      asyncio.createTask(
        async () => {
          throw new Error(evil)
        },
        { name: evil }
      )
      asyncio.getRunningLoop().callSoon(
        named(() => {
          throw new Error(evil)
        }, evil)
      )
      const group = asyncio.taskGroup(async (group) => {
        group.createTask(() => Promise.reject(new Error("no")), { name: evil })
      })
      const failed = await group.catch((error: unknown) => error as asyncio.ExceptionGroup)
      await asyncio.sleep(0)
      return [String(items), reports, (failed as asyncio.ExceptionGroup).hint] as const
    })

    assert.strictEqual(queue, `<Queue maxsize=0 _queue=['${escaped}'] tasks=1>`)
    assert.strictEqual(reports[0]?.message, `Exception in callback ${escaped}()`)
    assert.include(reports[1]?.task, `exception=Error('${escaped}')>`)
    assert.include(hint, `What failed: ${escaped}.`)
  })
})

describe("the stack of a task that waits", () => {
  it("has no line, also where another call of the same function asks", async () => {
    const places = await run(async () => {
      const tasks: Array<asyncio.Task<ReadonlyArray<string | undefined>>> = []
      async function work() {
        await asyncio.sleep(0)
        return tasks.length < 2 ? asyncio.sleep(5, []) : tasks.map((task) => task.formatStack())
      }
      tasks.push(asyncio.createTask(work))
      await asyncio.sleep(0)
      await asyncio.sleep(0)
      tasks.push(asyncio.createTask(work))
      return await tasks[1]!
    })

    const lines = places.map((text) => text?.split("\n").at(-1))
    assert.strictEqual(lines[0], "  async work()")
    assert.match(lines[1]!, /^ {2}File '.*', line \d+, in async work\(\)$/)
  })
})

describe("names of any length", () => {
  it("are cut in the repr, the stack and the call graph", async () => {
    const lengths = await run(async () => {
      const long = "n".repeat(50_000)
      const task = asyncio.createTask(
        named(() => asyncio.sleep(1), long),
        { name: long }
      )
      await asyncio.sleep(0)
      return [String(task), task.formatStack(), asyncio.formatCallGraph(task)].map((text) => text.length)
    })

    assert.isAtMost(Math.max(...lengths), 2500, String(lengths))
  })

  it("are not looked for in the source of a long function without a name", async () => {
    const printed = await run(async () => {
      const wait = (n: number) => n
      const short = () => wait(3)
      const long = Object.assign(() => wait(4), { toString: () => `() => wait(${" ".repeat(100_000)})` })
      return [long, short].map((body) => {
        const task = asyncio.createTask(named(body, ""), { name: "t" })
        task.cancel()
        return String(task)
      })
    })

    assert.deepStrictEqual(printed, [
      "<Task cancelling name='t' coro=<coroutine() running>>",
      "<Task cancelling name='t' coro=<wait() running>>"
    ])
  })
})
