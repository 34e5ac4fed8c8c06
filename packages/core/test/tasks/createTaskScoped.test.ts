import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Context, Effect, Exit, Layer, ManagedRuntime, Scope } from "effect"
import { run } from "../support.ts"

class Db extends Context.Service<Db, { readonly query: Effect.Effect<string> }>()("test/createTaskScoped/Db") {}

const setUp = () => {
  const lines: Array<string> = []
  const note = (line: string) => Effect.sync(() => void lines.push(line))
  const db = Layer.effect(
    Db,
    Effect.acquireRelease(Effect.as(note("db opened"), { query: Effect.succeed("row") }), () => note("db closed"))
  )
  // Cleans up for an iteration, with the service that it was made with.
  const worker = Effect.ensuring(
    asyncio.sleep(Infinity),
    Effect.gen(function* () {
      yield* asyncio.sleep(0)
      lines.push(`worker ends with a ${yield* (yield* Db).query}`)
    })
  )
  const working = Layer.effectDiscard(Effect.andThen(asyncio.createTaskScoped(worker), asyncio.sleep(0)))
  return { lines, note, worker, services: Layer.provideMerge(working, db) }
}

const inOrder = ["db opened", "worker ends with a row", "db closed"]

describe("a task of a scope", () => {
  it("ends before the services that it uses, on a loop above, beside and of the clock", async () => {
    const beside = setUp()
    const above = setUp()
    const alone = setUp()

    const runtimes = [
      ManagedRuntime.make(Layer.merge(beside.services, asyncio.layer())),
      ManagedRuntime.make(Layer.provideMerge(above.services, asyncio.layer())),
      ManagedRuntime.make(alone.services)
    ]
    for (const runtime of runtimes) {
      await runtime.runPromise(Effect.void)
      await runtime.dispose()
    }

    assert.deepStrictEqual([beside.lines, above.lines, alone.lines], [inOrder, inOrder, inOrder])
  })

  it("ends with a scope inside of a task, and what it fails with then is reported", () =>
    run(
      Effect.gen(function* () {
        const { lines, services } = setUp()

        yield* Effect.provide(asyncio.sleep(1), services)

        assert.deepStrictEqual(lines, inOrder)
        assert.strictEqual((yield* asyncio.allTasks).size, 1)
      })
    ))

  it("that is done is left alone, and so is one whose loop is over", async () => {
    const { lines, note } = setUp()
    const scope = Scope.makeUnsafe()
    const main = Effect.gen(function* () {
      const done = yield* asyncio.createTaskScoped(Effect.succeed("done"), { name: "quick" })
      yield* asyncio.createTaskScoped(Effect.ensuring(asyncio.sleep("1 hour"), note("cleaned up")))
      return [done.getName(), yield* done, done.cancelling()]
    })

    const told = await run(Scope.provide(main, scope))
    lines.push("the run is over")
    await Effect.runPromise(Scope.close(scope, Exit.void))

    assert.deepStrictEqual(
      [told, lines],
      [
        ["quick", "done", 0],
        ["cleaned up", "the run is over"]
      ]
    )
  })

  it("may close its scope itself", () =>
    run(
      Effect.gen(function* () {
        const scope = Scope.makeUnsafe()
        const closing = Effect.andThen(Scope.close(scope, Exit.void), asyncio.sleep(1))

        const task = yield* Scope.provide(asyncio.createTaskScoped(closing), scope)

        const error = yield* Effect.flip(task)
        assert.strictEqual(error.reason, "its scope is closed")
      })
    ))
})

describe("a service that asks for a Loop", () => {
  const live = Layer.effect(
    Db,
    Effect.map(asyncio.Loop, (loop) => ({ query: Effect.succeed(String(loop.isRunning())) }))
  )
  const query = Effect.flatMap(Db, (db) => db.query)

  it("is built in run, in withLoop and on top of a layer", async () => {
    const program = Effect.provide(query, live)

    const told = [
      await asyncio.run(program, { handleSigint: false }),
      await Effect.runPromise(asyncio.withLoop(program)),
      await Effect.runPromise(Effect.provide(query, Layer.provideMerge(live, asyncio.layer())))
    ]

    assert.deepStrictEqual(told, ["true", "true", "true"])
  })

  it("cannot be built beside it", () => {
    const services = Layer.merge(live, asyncio.layer())
    // @ts-expect-error the service still needs a Loop
    const runtime = ManagedRuntime.make(services)

    assert.isDefined(runtime)
  })
})
