import { assert, describe, it, vi } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"

const names = (graph: asyncio.FutureCallGraph | undefined) => graph?.callStack.map(({ name }) => name)

/** Three coroutines deep, and there `body`. */
const deep = <A, E>(body: Effect.Effect<A, E>): Effect.Effect<A, E> => {
  const inner = Effect.fn("inner")(() => body)
  const middle = Effect.fn("middle")(() => inner())
  const outer = Effect.fn("outer")(() => middle())
  return outer()
}

describe("who awaits a future", () => {
  it("is no task that has ended, and whose detached fiber does", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const future = loop.createFutureUnsafe<void>()
        const branch = Effect.forkDetach(future, { startImmediately: true })
        const owner = yield* asyncio.createTask(Effect.andThen(branch, asyncio.sleep(1)), { name: "owner" })
        yield* asyncio.sleep(0)
        const before = (yield* asyncio.captureCallGraph(future))!.awaitedBy
        assert.deepStrictEqual(before.length, 1)
        yield* owner
        const graph = yield* asyncio.captureCallGraph(future)
        assert.deepStrictEqual(graph!.awaitedBy, [])
        future.setResultUnsafe()
      })
    ))
})

describe("the call graph", () => {
  it("keeps the oldest coroutines for a positive limit, the newest for a negative one, and none for zero", async () => {
    const capture = Effect.forEach([undefined, 2, -2, 0, 9], (limit) => asyncio.captureCallGraph(undefined, { limit }))

    const graphs = await run(deep(capture))

    assert.deepStrictEqual(graphs.map(names), [
      ["inner", "middle", "outer"],
      ["middle", "outer"],
      ["inner", "middle"],
      [],
      ["inner", "middle", "outer"]
    ])
  })

  it("limits the stacks of those who wait, too", async () => {
    const main = deep(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(deep(asyncio.captureCallGraph(undefined, { limit: 1 })))
        return yield* task
      })
    )

    const graph = await run(main)

    assert.deepStrictEqual([names(graph), graph!.awaitedBy.map(names)], [["outer"], [["outer"]]])
  })

  it("follows tasks that await each other in a ring once", () =>
    run(
      Effect.gen(function* () {
        const tasks: Array<asyncio.Task<unknown, unknown>> = []
        for (const [i, name] of ["one", "two"].entries()) {
          tasks.push(
            yield* asyncio.createTask(
              Effect.suspend(() => tasks[1 - i]!),
              { name }
            )
          )
        }
        yield* asyncio.sleep(0)

        const text = yield* asyncio.formatCallGraph(tasks[0])

        assert.deepStrictEqual(text.replace(/, id=0x[0-9a-f]+/g, "").split("\n"), [
          "* Task(name='one')",
          "  + Awaited by:",
          "    * Task(name='two')"
        ])
        for (const task of tasks) yield* task.cancel()
      })
    ))

  it("gives the same task the same id wherever it prints, and another task another", () =>
    run(
      Effect.gen(function* () {
        const inner = yield* asyncio.createTask(asyncio.sleep(1), { name: "inner" })
        const outer = yield* asyncio.createTask(inner, { name: "outer" })
        yield* asyncio.sleep(0)

        const ids = Array.from((yield* asyncio.formatCallGraph(inner)).matchAll(/id=(\w+)/g), ([, id]) => id)
        const again = /id=(\w+)/.exec(yield* asyncio.formatCallGraph(outer))![1]

        assert.lengthOf(ids, 2)
        assert.notStrictEqual(ids[0], ids[1])
        assert.strictEqual(again, ids[1])
        yield* outer
      })
    ))

  it("quotes names as Python does", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(Effect.void, { name: "it's" })

        assert.match(yield* asyncio.formatCallGraph(task), /^\* Task\(name="it's", id=0x/)
      })
    ))

  it("has nothing to show in a fiber that is in no task", async () => {
    const graph = await Effect.runPromise(asyncio.captureCallGraph())
    const text = await Effect.runPromise(asyncio.formatCallGraph())

    assert.deepStrictEqual([graph, text], [undefined, ""])
  })

  it("is refused for what is not a future", () =>
    run(
      Effect.gen(function* () {
        const exit = yield* Effect.exit(asyncio.captureCallGraph(123 as never))

        assert.strictEqual(
          String(exit),
          String(
            yield* Effect.exit(
              Effect.die(new TypeError("123 object does not appear to be compatible with asyncio.Future"))
            )
          )
        )
      })
    ))

  it("is printed to the program's console", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {})

    await run(asyncio.printCallGraph())

    const calls = log.mock.calls
    log.mockRestore()
    assert.lengthOf(calls, 1)
    assert.match(String(calls[0]), /^\* Task\(name='Task-1', id=0x[0-9a-f]+\)$/)
  })

  it("says where a coroutine is defined when its current line is not known", async () => {
    const waiting = Effect.fn("waiting")(() => asyncio.sleep(10))
    const main = Effect.gen(function* () {
      const task = yield* asyncio.createTask(waiting())
      yield* asyncio.sleep(0)
      return yield* asyncio.formatCallGraph(task)
    })

    const text = await run(main)

    assert.match(text, /\n {2}\| {3}File '[^']*callGraph\.test\.ts', defined at line \d+, in async waiting\(\)$/)
  })

  it("has each task once, however many ways lead to it", () =>
    run(
      Effect.gen(function* () {
        // In 40 layers of two there are 2 ** 40 ways.
        const root = yield* asyncio.createTask(asyncio.sleep("1 hour"), { name: "root" })
        let layer: ReadonlyArray<asyncio.Task<unknown, unknown>> = [root]
        for (let n = 0; n < 40; n++) {
          const below = layer
          layer = [
            yield* asyncio.createTask(asyncio.gather(below), { name: `a${n}` }),
            yield* asyncio.createTask(asyncio.gather(below), { name: `b${n}` })
          ]
        }
        yield* asyncio.sleep(0)

        const graph = (yield* asyncio.captureCallGraph(root))!
        const text = (yield* asyncio.formatCallGraph(root)).replace(/, id=0x[0-9a-f]+/g, "").split("\n")

        const seen = new Set([graph])
        for (const { awaitedBy } of seen) for (const parent of awaitedBy) seen.add(parent)
        assert.strictEqual(seen.size, 81)
        assert.strictEqual(graph.awaitedBy[0]!.awaitedBy[1], graph.awaitedBy[1]!.awaitedBy[1])
        assert.deepStrictEqual(text.slice(0, 6), [
          "* Task(name='root')",
          "  + Awaited by:",
          "    * Task(name='a0')",
          "      + Awaited by:",
          "        * Task(name='a1')",
          "          + Awaited by:"
        ])
        assert.deepStrictEqual(text.slice(-4), [
          "    * Task(name='b0')",
          "      + Awaited by:",
          "        * Task(name='a1') (above)",
          "        * Task(name='b1') (above)"
        ])
        assert.deepStrictEqual(
          text.filter((line) => line.includes("'a2'")).map((line) => line.trim()),
          ["* Task(name='a2')", "* Task(name='a2') (above)"]
        )
      })
    ))

  it("does not say of a task that there is more above where there is not", () =>
    run(
      Effect.gen(function* () {
        const root = yield* asyncio.createTask(asyncio.sleep("1 hour"), { name: "root" })
        const one = yield* asyncio.createTask(root, { name: "one" })
        const two = yield* asyncio.createTask(root, { name: "two" })
        yield* asyncio.createTask(asyncio.gather([one, two]), { name: "top" })
        yield* asyncio.sleep(0)

        const text = (yield* asyncio.formatCallGraph(root)).replace(/, id=0x[0-9a-f]+/g, "").split("\n")

        assert.deepStrictEqual(text, [
          "* Task(name='root')",
          "  + Awaited by:",
          "    * Task(name='one')",
          "      + Awaited by:",
          "        * Task(name='top')",
          "    * Task(name='two')",
          "      + Awaited by:",
          "        * Task(name='top')"
        ])
      })
    ))

  it("of a long chain, and of very many who wait, prints so much and counts the rest", () =>
    run(
      Effect.gen(function* () {
        const root = yield* asyncio.createTask(asyncio.sleep("1 hour"), { name: "root" })
        let last: asyncio.Task<unknown, unknown> = root
        for (let n = 0; n < 5000; n++) last = yield* asyncio.createTask(last)
        for (let n = 0; n < 5000; n++) yield* asyncio.createTask(last)
        yield* asyncio.sleep(0)

        const chain = (yield* asyncio.formatCallGraph(root)).split("\n")
        const crowd = (yield* asyncio.formatCallGraph(last)).split("\n")

        assert.deepStrictEqual([chain.length, chain.at(-2)!.trim(), chain.at(-1)], [204, "* ...", "<9900 more>"])
        assert.deepStrictEqual([crowd.length, crowd.at(-1)], [2001, "<3002 more>"])
        assert.isBelow(Math.max(...[...chain, ...crowd].map((line) => line.length)), 500)
      })
    ))
})
