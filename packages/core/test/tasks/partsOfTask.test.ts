// Which fibers are a part of a task, and which only have the services of one.
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Context, Deferred, Effect, Fiber, FiberSet, Layer, Queue, Stream } from "effect"
import { macrotask, run } from "../support.ts"

const name = Effect.map(asyncio.currentTask, (task) => task.getName())

/** Asks late, when the fiber has gone on from something that the loop knows nothing of. */
const later = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.andThen(Effect.promise(macrotask), effect)

/** What a server does with a request: runs its handler, with the server's services, when the host says so. */
const request = (runFork: (effect: Effect.Effect<string>) => Fiber.Fiber<string>, handler: Effect.Effect<string>) =>
  Effect.callback<string>((resume) => {
    setImmediate(() => runFork(handler).addObserver((exit) => resume(exit)))
  })

class Database extends Context.Service<Database, { readonly name: string }>()("test/partsOfTask/Database") {}

describe("a fiber that a server begins for a request", () => {
  it("is in no task, and given one of its own when it asks", () =>
    run(
      Effect.scoped(
        Effect.gen(function* () {
          const runFork = yield* FiberSet.makeRuntime<never, string>()

          const names = [
            yield* request(runFork, name),
            yield* request(runFork, later(name)),
            yield* request(runFork, Effect.andThen(asyncio.sleep(1), name)),
            yield* request(runFork, later(Effect.map(asyncio.CurrentTask, (task) => String(task))))
          ]

          assert.deepStrictEqual([...names, yield* name], ["Task-1", "Task-2", "Task-3", "undefined", "main"])
        })
      ),
      { name: "main" }
    ))

  it("does not cancel the server when it cancels its task", () =>
    run(
      Effect.gen(function* () {
        const runFork = Effect.runForkWith(yield* Effect.context())
        const handler = Effect.gen(function* () {
          const self = yield* asyncio.currentTask
          yield* self.cancel("enough")
          yield* asyncio.sleep("1 hour")
        })

        const fiber = yield* Effect.callback<Fiber.Fiber<void>>((resume) => {
          setImmediate(() => resume(Effect.succeed(runFork(later(handler)))))
        })

        assert.strictEqual((yield* Fiber.await(fiber))._tag, "Failure")
        assert.strictEqual((yield* asyncio.currentTask).cancelling(), 0)
      })
    ))

  it("shares its task with its own branches", () =>
    run(
      Effect.gen(function* () {
        const runFork = Effect.runForkWith(yield* Effect.context())
        const handler = Effect.gen(function* () {
          const own = yield* name
          const branches = yield* Effect.all([later(name), asyncio.sleep(1).pipe(Effect.andThen(name))], {
            concurrency: 2
          })
          return [own, ...branches].join()
        })

        assert.strictEqual(yield* request(runFork, handler), "Task-2,Task-2,Task-2")
      })
    ))

  it("is in no task in a server that reads its requests in a fiber, as one of RPC does", () =>
    run(
      Effect.scoped(
        Effect.gen(function* () {
          const requests = yield* Queue.unbounded<Deferred.Deferred<string>>()
          const serve = Effect.gen(function* () {
            const services = yield* Effect.context()
            for (;;) {
              const answer = yield* Queue.take(requests)
              const own = Context.add(services, Database, { name: "of the request" })
              Effect.runForkWith(own)(Effect.flatMap(later(name), (told) => Deferred.succeed(answer, told)))
            }
          })
          yield* Effect.forkScoped(serve)
          const ask = Effect.gen(function* () {
            const answer = yield* Deferred.make<string>()
            yield* Queue.offer(requests, answer)
            return yield* Deferred.await(answer)
          })

          assert.deepStrictEqual([yield* ask, yield* ask], ["Task-2", "Task-3"])
        })
      )
    ))

  it("is in no task in a server that a layer builds", () =>
    run(
      Effect.gen(function* () {
        class Server extends Context.Service<Server, { readonly ask: Effect.Effect<string> }>()(
          "test/partsOfTask/Server"
        ) {}
        const live = Layer.effect(
          Server,
          Effect.gen(function* () {
            const { name: database } = yield* Database
            const runFork = yield* FiberSet.makeRuntime<never, string>()
            const handler = later(Effect.map(name, (told) => `${told} of ${database}`))
            return { ask: request(runFork, handler) }
          })
        ).pipe(Layer.provide(Layer.succeed(Database, { name: "db" })))

        const told = yield* Effect.provide(
          Effect.flatMap(Server, (server) => Effect.all([server.ask, server.ask])),
          live
        )

        assert.deepStrictEqual(told, ["Task-2 of db", "Task-3 of db"])
      })
    ))

  it("is in no task where a callback of the loop begins it", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const runFork = Effect.runForkWith(yield* Effect.context())
        const told: Array<string> = []

        yield* loop.callSoon(() => void runFork(Effect.map(later(name), (own) => void told.push(own))))
        yield* Effect.promise(macrotask)
        yield* Effect.promise(macrotask)
        yield* asyncio.sleep(1)

        assert.deepStrictEqual(told, ["Task-2"])
      })
    ))
})

describe("a fiber that a task forks", () => {
  const several = [1, 2, 3, 4]

  it("is a part of the task, however late it asks", () =>
    run(
      Effect.scoped(
        Effect.gen(function* () {
          const told = {
            all: yield* Effect.all([later(name), later(name)], { concurrency: "unbounded" }),
            forEach: yield* Effect.forEach(several, () => later(name), { concurrency: 2 }),
            nested: yield* Effect.forEach(
              several,
              () => later(Effect.forEach(several, () => later(name), { concurrency: 2 })),
              { concurrency: 2 }
            ),
            race: [yield* Effect.race(later(name), Effect.never)],
            timeout: [yield* Effect.timeout(later(name), "1 minute")],
            child: [yield* Fiber.join(yield* Effect.forkChild(later(name)))],
            scoped: [yield* Fiber.join(yield* Effect.forkScoped(later(name)))],
            detached: [yield* Fiber.join(yield* Effect.forkDetach(later(name)))],
            atOnce: [yield* Fiber.join(yield* Effect.forkDetach(later(name), { startImmediately: true }))],
            set: [yield* Fiber.join(yield* FiberSet.run(yield* FiberSet.make<string>(), later(name)))],
            stream: yield* Stream.runCollect(
              Stream.mapEffect(Stream.fromIterable(several), () => later(name), { concurrency: 2 })
            ),
            unordered: yield* Stream.runCollect(
              Stream.mapEffect(Stream.fromIterable(several), () => later(name), { concurrency: 2, unordered: true })
            ),
            merged: yield* Stream.runCollect(
              Stream.merge(Stream.fromEffect(later(name)), Stream.fromEffect(later(name)))
            ),
            boundary: [yield* asyncio.timeout("1 minute", () => later(name))],
            inRegion: yield* asyncio.taskGroup(() => Effect.forEach(several, () => later(name), { concurrency: 2 }))
          }

          const others = Object.entries(told).filter(([, names]) => names.flat().some((told) => told !== "main"))
          assert.deepStrictEqual(others, [])
        })
      ),
      { name: "main" }
    ))

  it("is given a task of its own when it outlives the one that forked it", () =>
    run(
      Effect.gen(function* () {
        const done = yield* Deferred.make<void>()
        const detached = Effect.andThen(Deferred.await(done), Effect.all([name, name]))
        const forking = Effect.gen(function* () {
          return yield* Effect.forkDetach(detached)
        })
        const fiber = yield* yield* asyncio.createTask(forking, { name: "over" })

        yield* Deferred.succeed(done, undefined)

        assert.deepStrictEqual(yield* Fiber.join(fiber), ["Task-2", "Task-2"])
      })
    ))
})

describe("a fiber that a task forks behind a callback", () => {
  it("is a part of the task", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        loop.callSoonUnsafe(() => {})
        yield* asyncio.sleep(1)

        const fiber = yield* Effect.forkChild(name)

        assert.strictEqual(yield* Fiber.join(fiber), "main")
      }),
      { name: "main" }
    ))
})
