import { AsyncLocalStorage } from "node:async_hooks"
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Cause, Context, Effect, Exit, Fiber, References, Scheduler } from "effect"
import { run } from "../support.ts"

class Tenant extends Context.Service<Tenant, string>()("Tenant") {}

describe("the stores of AsyncLocalStorage", () => {
  it("that a task has entered are its own in every step, and in foreign effects", async () => {
    const storage = new AsyncLocalStorage<string>()
    const seen: Array<string | undefined> = []
    const look = Effect.sync(() => void seen.push(storage.getStore()))
    const worker = (name: string) =>
      Effect.gen(function* () {
        yield* look
        storage.enterWith(name)
        yield* asyncio.sleep(0)
        yield* look
        yield* Effect.promise(() => Promise.resolve())
        yield* look
        yield* Effect.yieldNow
        yield* look
      })

    await storage.run("around", () =>
      run(
        Effect.gen(function* () {
          yield* asyncio.gather([worker("a"), worker("b")])
          yield* look
        })
      )
    )

    const count = (store: string) => seen.filter((found) => found === store).length
    assert.deepStrictEqual([seen.length, count("around"), count("a"), count("b")], [9, 3, 3, 3])
    assert.strictEqual(storage.getStore(), undefined)
  })
})

describe("the context of a task's fiber", () => {
  it("has the task and the services it was made with, whoever reads it first", async () => {
    const read = Effect.gen(function* () {
      yield* asyncio.sleep(0)
      const fiber = Fiber.getCurrent()!
      const task = fiber.getRef(asyncio.CurrentTask)
      const context = yield* Effect.context<Tenant>()
      assert.strictEqual(fiber.context, context)
      assert.strictEqual(Context.get(context, asyncio.CurrentTask), task)
      assert.strictEqual(task!.getContext(), context)
      return [yield* Tenant, Context.get(context, Tenant), fiber.getRef(asyncio.CurrentTask) === task]
    })

    const seen = await run(
      Effect.gen(function* () {
        return yield* yield* asyncio.createTask(read)
      }).pipe(Effect.provideService(Tenant, "ada"))
    )

    assert.deepStrictEqual(seen, ["ada", "ada", true])
  })

  it("is the same when the task is asked for it before its fiber is", async () => {
    const same = await run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(
          Effect.andThen(
            asyncio.sleep(0),
            Effect.sync(() => Fiber.getCurrent()!.context)
          )
        )
        yield* asyncio.sleep(0)
        const asked = task.getContext()
        return (yield* task) === asked
      })
    )

    assert.isTrue(same)
  })

  it("has what the code around has provided, and again the task's own behind it", async () => {
    const seen = await run(
      Effect.gen(function* () {
        const note = (at: string) =>
          Effect.map(Effect.serviceOption(Tenant), (found) => [at, found._tag === "Some" ? found.value : undefined])
        return yield* yield* asyncio.createTask(
          Effect.gen(function* () {
            const before = yield* note("before")
            const inside = yield* Effect.provideService(Effect.andThen(asyncio.sleep(0), note("inside")), Tenant, "eve")
            yield* asyncio.sleep(0)
            return [before, inside, yield* note("behind"), (yield* asyncio.currentTask).getName()]
          }),
          { name: "reader" }
        )
      })
    )

    assert.deepStrictEqual(seen, [["before", undefined], ["inside", "eve"], ["behind", undefined], "reader"])
  })

  it("carries spans and log annotations to a task that is made in it", async () => {
    const inTask = Effect.gen(function* () {
      yield* asyncio.sleep(0)
      const annotations = yield* References.CurrentLogAnnotations
      const span = yield* Effect.currentSpan
      return [annotations["request"], span.name]
    })

    const seen = await run(
      Effect.gen(function* () {
        return yield* yield* asyncio.createTask(
          Effect.gen(function* () {
            return yield* yield* asyncio.createTask(inTask)
          }).pipe(Effect.annotateLogs("request", 7), Effect.withSpan("outer"))
        )
      })
    )

    assert.deepStrictEqual(seen, [7, "outer"])
  })

  it("of another task may be provided: awaits are still those of the task that runs", async () => {
    const log: Array<string> = []
    await run(
      Effect.gen(function* () {
        const other = yield* asyncio.createTask(asyncio.sleep(10), { name: "other" })
        yield* asyncio.sleep(0)
        const inContextOfOther = Effect.provideContext(
          Effect.gen(function* () {
            log.push((yield* asyncio.CurrentTask)!.getName())
            yield* asyncio.sleep(1)
            log.push("woken")
            yield* asyncio.sleep(1_000_000)
          }),
          other.getContext()
        )
        const own = yield* asyncio.createTask(inContextOfOther, { name: "own" })
        yield* asyncio.sleep(5)
        own.cancelUnsafe("enough")
        const exit = yield* Effect.exit(own)
        log.push(Exit.isFailure(exit) ? String(Cause.squash(exit.cause)) : "ended", String(other.cancelled()))
        yield* other
      })
    )

    assert.deepStrictEqual(log, ["other", "woken", "CancelledError: enough", "false"])
  })
})

describe("a task's fiber that is interrupted from outside", () => {
  /** Runs `body` in a task, interrupts its fiber while it waits, and tells how that went. */
  const interrupting = (body: (note: (entry: string) => Effect.Effect<void>) => Effect.Effect<unknown, unknown>) =>
    run(
      Effect.gen(function* () {
        const log: Array<string> = []
        const note = (entry: string) => Effect.sync(() => void log.push(entry))
        let fiber: Fiber.Fiber<unknown, unknown> | undefined
        const task = yield* asyncio.createTask(
          Effect.suspend(() => {
            fiber = Fiber.getCurrent()
            return Effect.onInterrupt(body(note), () => note("interrupted"))
          })
        )
        yield* asyncio.sleep(1)
        fiber!.interruptUnsafe()
        yield* note("asked")
        yield* Effect.exit(task)
        return [...log, task.cancelled()]
      })
    )

  it("cancels what it awaits, and waits for its end", async () => {
    const log = await interrupting((note) =>
      Effect.gen(function* () {
        yield* yield* asyncio.createTask(
          Effect.ensuring(asyncio.sleep(1_000_000), Effect.andThen(asyncio.sleep(5), note("cleaned up")))
        )
      })
    )

    assert.deepStrictEqual(log, ["asked", "cleaned up", "interrupted", true])
  })

  it("ends a sleep at once", async () => {
    assert.deepStrictEqual(await interrupting(() => asyncio.sleep(1_000_000)), ["interrupted", "asked", true])
  })

  it("leaves an uninterruptible wait alone, and goes on with its end", async () => {
    const log = await interrupting((note) =>
      Effect.andThen(Effect.uninterruptible(Effect.andThen(asyncio.sleep(5), note("over"))), note("never"))
    )

    assert.deepStrictEqual(log, ["asked", "over", "interrupted", true])
  })

  it("in its own step ends at its next await", async () => {
    const log: Array<string> = []
    await run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(
          Effect.gen(function* () {
            const child = yield* asyncio.createTask(asyncio.sleep(1_000_000))
            yield* asyncio.sleep(0)
            yield* Effect.withFiber((fiber) => {
              fiber.interruptUnsafe()
              return Effect.onExit(child, (exit) => Effect.sync(() => void log.push(exit._tag, String(child.done()))))
            })
          })
        )
        yield* Effect.exit(task)
        log.push(String(task.cancelled()))
      })
    )

    assert.strictEqual(log.at(-1), "true")
  })
})

describe("a task with a scheduler setting of its own", () => {
  it.each([true, false])("has its steps in order where PreventSchedulerYield is %s", async (value) => {
    const log: Array<string> = []
    const worker = (name: string) =>
      Effect.gen(function* () {
        for (let n = 0; n < 3; n++) {
          log.push(`${name}${n}`)
          yield* asyncio.sleep(0)
        }
      }).pipe(Effect.provideService(Scheduler.PreventSchedulerYield, value))

    await run(asyncio.gather([worker("a"), worker("b")]))

    assert.deepStrictEqual(log, ["a0", "b0", "a1", "b1", "a2", "b2"])
  })
})
