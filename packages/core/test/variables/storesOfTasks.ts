import { AsyncLocalStorage } from "node:async_hooks"
import { assert, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"

/** Core, as it is loaded by a host. */
export interface Loaded {
  readonly asyncio: typeof import("@effect-asyncio/core")
  readonly lowlevel: typeof import("@effect-asyncio/core/lowlevel")
  readonly testing: typeof import("@effect-asyncio/core/testing")
}

/** The tests of core as `load` gives it. */
export const storesOfTasks = (load: () => Promise<Loaded>): void => {
  const tenant = new AsyncLocalStorage<string>()
  const store = Effect.sync(() => tenant.getStore() ?? "none")
  const enter = (value: string) => Effect.sync(() => tenant.enterWith(value))

  it("of a task are those of the code that made it", async () => {
    const { asyncio, testing } = await load()
    const seen: Array<string> = []
    const request = Effect.gen(function* () {
      seen.push(yield* store)
      yield* asyncio.sleep(1)
      seen.push(yield* store)
      yield* Effect.promise(() => Promise.resolve())
      seen.push(yield* store)
    })
    const main = Effect.gen(function* () {
      const context = yield* Effect.context()
      const serve = (name: string) =>
        tenant.run(name, () => Effect.runForkWith(context)(Effect.flatten(asyncio.createTask(request))))
      yield* Effect.forEach(["ada", "grace"].map(serve), (fiber) => Fiber.join(fiber))
    })

    await asyncio.run(main, { loopFactory: testing.makeVirtualTimeLoop })

    assert.deepStrictEqual(seen, ["ada", "grace", "ada", "grace", "ada", "grace"])
  })

  it("are what the task entered, from then on, and no other task sees them", async () => {
    const { asyncio, testing } = await load()
    const seen: Array<string> = []
    const note = (name: string) => Effect.map(store, (value) => void seen.push(`${name}: ${value}`))
    const entering = Effect.gen(function* () {
      yield* enter("at once")
      yield* note("entering")
      yield* asyncio.sleep(0)
      yield* note("entering")
      yield* enter("later")
      yield* asyncio.sleep(0)
      yield* note("entering")
    })
    const looking = Effect.gen(function* () {
      for (let iteration = 0; iteration < 3; iteration++) {
        yield* note("looking")
        yield* asyncio.sleep(0)
      }
    })

    await tenant.run("outside", () =>
      asyncio.run(Effect.andThen(asyncio.gather([entering, looking]), note("main")), {
        loopFactory: testing.makeVirtualTimeLoop
      })
    )

    assert.deepStrictEqual(seen, [
      "entering: at once",
      "looking: outside",
      "entering: at once",
      "looking: outside",
      "entering: later",
      "looking: outside",
      "main: outside"
    ])
  })

  it("of tasks made by a group, by gather, by ensureFuture and eagerly are those of the line that makes them", async () => {
    const { asyncio, testing } = await load()
    const main = Effect.gen(function* () {
      yield* enter("group")
      const inGroup = yield* asyncio.taskGroup((group) =>
        Effect.gen(function* () {
          const task = yield* group.createTask(store)
          yield* enter("later")
          return task
        })
      )
      yield* enter("gather")
      const gathered = yield* asyncio.gatherFuture([store, store])
      yield* enter("future")
      const future = yield* asyncio.ensureFuture(store)
      yield* enter("eager")
      const eager = yield* asyncio.createTask(
        Effect.gen(function* () {
          const before = yield* store
          yield* enter("of its own")
          yield* asyncio.sleep(0)
          return `${before}, ${yield* store}`
        }),
        { eagerStart: true }
      )
      const own = yield* store
      yield* enter("too late")
      return [yield* inGroup, ...(yield* gathered), yield* future, yield* eager, own]
    })

    const seen = await asyncio.run(main, { loopFactory: testing.makeVirtualTimeLoop })

    assert.deepStrictEqual(seen, ["group", "gather", "gather", "future", "eager, of its own", "eager"])
  })

  it("of a callback are those of the code that registered it, and what it enters stays in it", async () => {
    const { asyncio, testing } = await load()
    const seen: Array<string> = []
    const callback = (name: string) => () => {
      seen.push(`${name}: ${tenant.getStore()}`)
      tenant.enterWith("left behind")
    }
    const main = Effect.gen(function* () {
      const loop = yield* asyncio.getRunningLoop
      const future = yield* loop.createFuture<void>()
      for (const name of ["ada", "grace"]) {
        yield* enter(name)
        yield* loop.callSoon(callback("soon"))
        yield* loop.callLater(1, callback("later"))
        yield* loop.callAt(loop.time() + 1, callback("at"))
        yield* future.addDoneCallback(callback("done"))
      }
      yield* enter("main")
      yield* future.setResult()
      yield* asyncio.sleep(2)
      seen.push(`main: ${yield* store}`)
    })

    await asyncio.run(main, { loopFactory: testing.makeVirtualTimeLoop })

    assert.deepStrictEqual(seen, [
      "soon: ada",
      "soon: grace",
      "done: ada",
      "done: grace",
      "later: ada",
      "at: ada",
      "later: grace",
      "at: grace",
      "main: main"
    ])
  })

  it("that the body of a scope enters are those of the task behind it", async () => {
    const { asyncio } = await load()
    const body = Effect.andThen(asyncio.sleep(1), enter("in the body"))
    const main = Effect.gen(function* () {
      yield* asyncio.timeout("1 hour", () => body)
      const behindTimeout = yield* store
      yield* enter("before")
      yield* asyncio.taskGroup(() => Effect.andThen(Effect.sleep(1), enter("in the group")))
      return [behindTimeout, yield* store, yield* Effect.as(asyncio.sleep(1), tenant.getStore())]
    })

    const seen = await asyncio.run(main)

    assert.deepStrictEqual(seen, ["in the body", "in the group", "in the group"])
  })

  it("of a coroutine of another kind are kept from one of its steps to the next", async () => {
    const { asyncio, lowlevel, testing } = await load()
    const seen: Array<string> = []
    const stepping = (name: string) => ({
      begin(control: import("@effect-asyncio/core/lowlevel").CoroutineControl<void, unknown>) {
        const note = () => seen.push(`${name}: ${tenant.getStore()}`)
        note()
        tenant.enterWith(`${name} entered`)
        control.nextIteration(() => {
          note()
          control.await(control.task.loop.sleepUnsafe(1), (exit) => {
            note()
            control.end(exit)
          })
          tenant.enterWith("too late")
        })
      },
      cancelRequested() {},
      describe: () => ({ name, definedAt: undefined, calledAt: undefined })
    })
    const main = Effect.gen(function* () {
      const loop = yield* asyncio.getRunningLoop
      const tasks = ["ada", "grace"].map((name) =>
        tenant.run(name, () => lowlevel.createCoroutineTaskUnsafe(loop, stepping(name)))
      )
      yield* asyncio.gather(tasks)
    })

    await asyncio.run(main, { loopFactory: testing.makeVirtualTimeLoop })

    assert.deepStrictEqual(seen, [
      "ada: ada",
      "grace: grace",
      "ada: ada entered",
      "grace: grace entered",
      "ada: ada entered",
      "grace: grace entered"
    ])
  })
}
