import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"

const user = asyncio.ContextVar.make("user", { defaultValue: "nobody" })

/** Adds the current value to a list, under a label. */
const noteTo = (lines: Array<string>) => (label: string) =>
  Effect.map(user.get(), (value) => void lines.push(`${label}: ${value}`))

/** Starts a loop's callbacks, and waits until they have run. */
const iterations = (count: number) =>
  Effect.forEach(Array.from({ length: count }), () => asyncio.sleep(0), { discard: true })

describe("a ContextVar", () => {
  it("has its default where nothing was set, and a name", () =>
    run(
      Effect.gen(function* () {
        assert.deepStrictEqual([yield* user.get(), user.getUnsafe(), user.name], ["nobody", "nobody", "user"])
      })
    ))

  it("can hold undefined, which is not the default", () =>
    run(
      Effect.gen(function* () {
        const maybe = asyncio.ContextVar.make<string | undefined>("maybe", { defaultValue: "default" })

        yield* maybe.set(undefined)

        assert.isUndefined(yield* maybe.get())
      })
    ))

  it("is told from another one of the same name", () =>
    run(
      Effect.gen(function* () {
        const other = asyncio.ContextVar.make("user", { defaultValue: "other" })

        yield* user.set("ada")

        assert.deepStrictEqual([yield* user.get(), yield* other.get()], ["ada", "other"])
      })
    ))

  it("is copied to a task when that is made, not when it starts", () =>
    run(
      Effect.gen(function* () {
        yield* user.set("ada")
        const task = yield* asyncio.createTask(user.get())
        yield* user.set("grace")

        assert.deepStrictEqual([yield* task, yield* user.get()], ["ada", "grace"])
      })
    ))

  it("that a task sets is seen by nobody else, not even by a task that waits for it", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const note = noteTo(lines)
        const child = Effect.gen(function* () {
          yield* user.set("grace")
          yield* asyncio.sleep(0)
          yield* note("child")
        })
        yield* user.set("ada")
        const sibling = yield* asyncio.createTask(Effect.andThen(asyncio.sleep(0), note("sibling")))

        yield* yield* asyncio.createTask(child)

        yield* sibling
        yield* note("creator")
        assert.deepStrictEqual(lines, ["sibling: ada", "child: grace", "creator: ada"])
      })
    ))

  it("that a coroutine sets is seen by its callers in the same task", () =>
    run(
      Effect.gen(function* () {
        const login = Effect.fn("login")(function* (name: string) {
          yield* asyncio.sleep(0)
          yield* user.set(name)
        })

        yield* login("ada")

        assert.strictEqual(yield* user.get(), "ada")
      })
    ))

  it("is the task's own in a timeout, in a task group's body and where a cancellation is caught", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const note = noteTo(lines)
        const pause = asyncio.sleep(1)

        yield* asyncio.timeout("1 hour", Effect.andThen(pause, user.set("in timeout")))
        yield* note("after timeout")
        yield* asyncio.taskGroup(() => Effect.andThen(pause, user.set("in group")))
        yield* note("after group")
        const self = yield* asyncio.currentTask
        const cancelled = Effect.andThen(user.set("in boundary"), Effect.andThen(self.cancel(), asyncio.sleep(0)))
        yield* asyncio.catchCancelled(cancelled, () => note("caught"))

        assert.deepStrictEqual(lines, ["after timeout: in timeout", "after group: in group", "caught: in boundary"])
      })
    ))

  it("is one for a task and the branches of Effect.all in it, whoever sets it", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const note = noteTo(lines)
        yield* user.set("ada")

        yield* Effect.all(
          [
            Effect.andThen(note("first branch"), user.set("grace")),
            Effect.andThen(asyncio.sleep(1), note("second branch"))
          ],
          { concurrency: "unbounded" }
        )

        yield* note("task")
        assert.deepStrictEqual(lines, ["first branch: ada", "second branch: grace", "task: grace"])
      })
    ))

  it("is copied to the tasks that gather, shield and task groups make", () =>
    run(
      Effect.gen(function* () {
        const child = Effect.andThen(asyncio.sleep(0), user.get())
        yield* user.set("ada")
        const gathered = yield* asyncio.gatherFuture([child])
        const shielded = yield* asyncio.shieldFuture(child)
        const [first] = yield* asyncio.taskGroup((group) =>
          Effect.gen(function* () {
            const task = yield* group.createTask(child)
            yield* user.set("grace")
            return [task] as const
          })
        )

        assert.deepStrictEqual([...(yield* gathered), yield* shielded, yield* first], ["ada", "ada", "ada"])
      })
    ))

  it("is copied to an eager task before its first step, which changes nothing for its creator", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const note = noteTo(lines)
        yield* user.set("ada")
        const body = Effect.gen(function* () {
          yield* note("child")
          yield* user.set("grace")
          yield* note("child again")
        })

        yield* asyncio.createTask(body, { eagerStart: true })

        yield* note("creator")
        assert.deepStrictEqual(lines, ["child: ada", "child again: grace", "creator: ada"])
      })
    ))

  it("starts with its default in every run", async () => {
    await run(user.set("ada"))

    assert.strictEqual(await run(user.get()), "nobody")
  })

  it("in a fiber that is in no task is the fiber's own", async () => {
    const alone = Effect.andThen(asyncio.sleep(0), user.get())
    const setting = Effect.andThen(user.set("ada"), alone)

    const values = await Effect.runPromise(Effect.all([setting, alone], { concurrency: "unbounded" }))

    assert.deepStrictEqual(values, ["ada", "nobody"])
  })
})

describe("copyContext", () => {
  it("is what several tasks can share, and neither their creator's nor anybody else's values", () =>
    run(
      Effect.gen(function* () {
        yield* user.set("ada")
        const variables = yield* asyncio.copyContext
        yield* user.set("grace")

        const before = yield* yield* asyncio.createTask(user.get(), { variables })
        yield* yield* asyncio.createTask(user.set("barbara"), { variables })
        const after = yield* yield* asyncio.createTask(user.get(), { variables })

        assert.deepStrictEqual([before, after, yield* user.get()], ["ada", "barbara", "grace"])
      })
    ))

  it("has no values where none was set", async () => {
    const fresh = await Effect.runPromise(asyncio.copyContext)

    assert.strictEqual(fresh.values.size, 0)
  })
})

describe("a ContextVar in a callback", () => {
  it("has the value it had when the callback was registered", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const note = (label: string) => () => void lines.push(`${label}: ${user.getUnsafe()}`)
        const loop = yield* asyncio.getRunningLoop
        const future = yield* loop.createFuture<void>()
        yield* user.set("ada")
        yield* loop.callSoon(note("soon"))
        yield* loop.callLater(1, note("later"))
        yield* future.addDoneCallback(note("done"))
        yield* user.set("grace")
        yield* future.addDoneCallback(note("done too"))

        yield* future.setResult()

        yield* asyncio.sleep(2)
        assert.deepStrictEqual(lines, ["soon: ada", "done: ada", "done too: grace", "later: ada"])
      })
    ))

  it("that it sets is seen in the rest of it and in what it registers, and not by the task", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const loop = yield* asyncio.getRunningLoop
        yield* user.set("ada")
        const other = () => void lines.push(`other: ${user.getUnsafe()}`)
        const child = () => void lines.push(`registered: ${user.getUnsafe()}`)
        yield* loop.callSoon(() => {
          user.setUnsafe("grace")
          lines.push(`callback: ${user.getUnsafe()}`)
          loop.callSoonUnsafe(child)
        })
        yield* loop.callSoon(other)

        yield* iterations(2)

        lines.push(`task: ${yield* user.get()}`)
        assert.deepStrictEqual(lines, ["callback: grace", "other: ada", "registered: grace", "task: ada"])
      })
    ))

  it("is the callback's own in a fiber that it runs, in Effects and in plain code", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const seen: Array<string> = []
        yield* user.set("ada")
        yield* loop.callSoon(() => {
          const onLoop = Effect.provideService(user.get(), asyncio.RunningLoop, loop)
          seen.push(Effect.runSync(onLoop), Effect.runSync(Effect.sync(() => user.getUnsafe())))
          Effect.runSync(Effect.sync(() => user.setUnsafe("grace")))
          seen.push(user.getUnsafe())
        })

        yield* asyncio.sleep(0)

        assert.deepStrictEqual(seen, ["ada", "ada", "grace"])
      })
    ))

  it("is copied to the tasks that the callback makes", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const tasks: Array<asyncio.Task<string>> = []
        const create = Effect.provideService(asyncio.createTask(user.get()), asyncio.RunningLoop, loop)
        yield* user.set("ada")
        yield* loop.callSoon(() => {
          user.setUnsafe("grace")
          tasks.push(Effect.runSync(create))
          user.setUnsafe("barbara")
        })

        yield* iterations(1)

        assert.deepStrictEqual([yield* tasks[0]!, yield* user.get()], ["grace", "ada"])
      })
    ))

  it("is the task's own in plain code that the task calls", () =>
    run(
      Effect.gen(function* () {
        user.setUnsafe("ada")
        const seen = [yield* user.get(), user.getUnsafe()]
        const task = yield* asyncio.createTask(Effect.sync(() => user.getUnsafe()))
        user.setUnsafe("grace")

        assert.deepStrictEqual([...seen, yield* task, yield* user.get()], ["ada", "ada", "ada", "grace"])
      })
    ))

  it("that it sets is seen by the exception handler when the callback throws, and by nobody after it", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const lines: Array<string> = []
        yield* loop.setExceptionHandler((_, { message }) => void lines.push(`${message}: ${user.getUnsafe()}`))
        yield* loop.callSoon(function failing() {
          user.setUnsafe("grace")
          throw new Error("broken")
        })
        yield* loop.callSoon(() => void lines.push(`next: ${user.getUnsafe()}`))

        yield* iterations(1)

        lines.push(`task: ${yield* user.get()}`)
        assert.deepStrictEqual(lines, ["Exception in callback failing(): grace", "next: nobody", "task: nobody"])
      })
    ))
})

describe("what a callback sets", () => {
  it("is seen by nothing behind it, whether it fails or not", async () => {
    const variable = asyncio.ContextVar.make("variable", { defaultValue: "default" })
    const loop = asyncio.newEventLoop()
    loop.setExceptionHandlerUnsafe(() => {})
    const set = () => variable.setUnsafe("of the callback")
    const fail = () => {
      set()
      throw new Error("boom")
    }
    const seen: Array<string> = []
    for (const callback of [set, fail]) {
      const done = loop.createFutureUnsafe<void>()
      loop.callSoonUnsafe(() => {
        done.setResultUnsafe()
        // The last thing that the run does.
        loop.callSoonUnsafe(callback)
      })
      await loop.runUntilComplete(done)
      seen.push(variable.getUnsafe())
    }
    loop.closeUnsafe()

    assert.deepStrictEqual(seen, ["default", "default"])
  })
})
