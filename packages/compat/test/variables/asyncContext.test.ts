// The stores of the program's own AsyncLocalStorage.
import { AsyncLocalStorage } from "node:async_hooks"
import * as asyncio from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { Effect, Layer } from "effect"
import { assert, describe, it } from "vitest"
import { run } from "../support.ts"

const tenant = new AsyncLocalStorage<string>()
const store = () => tenant.getStore() ?? "none"
const inEffect = Effect.sync(store)

describe("the stores of a program's AsyncLocalStorage", () => {
  it("of main are those of the code that called run, with a runtime too", async () => {
    const main = async () => {
      const before = store()
      await asyncio.sleep(1)
      return [before, store()]
    }

    const seen = await tenant.run("ada", () => Promise.all([run(main), run(main, { runtime: Layer.empty })]))

    assert.deepStrictEqual(seen, [
      ["ada", "ada"],
      ["ada", "ada"]
    ])
  })

  it("of a task are those of the code that made it, of an async function or of an Effect", () =>
    run(async () => {
      const body = async () => {
        const before = store()
        await asyncio.sleep(1)
        return [before, store()].join()
      }
      const effect = Effect.gen(function* () {
        const before = store()
        yield* core.sleep(1)
        yield* Effect.promise(() => Promise.resolve())
        return [before, store()].join()
      })
      const make = () => [
        asyncio.createTask(body),
        asyncio.createTask(effect),
        asyncio.createTask(body, { eagerStart: true })
      ]

      const tasks = ["ada", "grace"].flatMap((name) => tenant.run(name, make))
      const gathered = tenant.run("alan", () => asyncio.gather([body, body]))

      const seen = await asyncio.gather(tasks)
      assert.deepStrictEqual(
        [...seen, ...(await gathered)],
        ["ada", "ada", "ada", "grace", "grace", "grace", "alan", "alan"].map((name) => `${name},${name}`)
      )
    }))

  it("go over both borders, and what one side enters no other task sees", () =>
    run(async () => {
      const seen: Array<string> = []
      const entering = core.createTask(
        asyncio.toEffect(async () => {
          seen.push(`function: ${store()}`)
          await asyncio.sleep(1)
          tenant.enterWith("entered")
          await asyncio.runEffect(
            Effect.andThen(
              core.sleep(1),
              Effect.sync(() => seen.push(`effect: ${store()}`))
            )
          )
        })
      )
      const looking = async () => {
        for (let iteration = 0; iteration < 3; iteration++) {
          await asyncio.sleep(1)
          seen.push(`looking: ${store()}`)
        }
      }

      const tasks = [tenant.run("ada", () => asyncio.createTask(Effect.flatten(entering))), asyncio.createTask(looking)]

      await asyncio.gather(tasks)
      assert.deepStrictEqual(seen, [
        "function: ada",
        "looking: none",
        "looking: none",
        "effect: entered",
        "looking: none"
      ])
    }))

  it("of a function that is given to then are those of the code that gave it", () =>
    run(async () => {
      const task = asyncio.createTask(() => asyncio.sleep(1))

      assert.strictEqual(await tenant.run("ada", () => task.then(store, store)), "ada")
    }))

  it("of a callback are those of the code that registered it, through compat or core, and it is in no task", () =>
    run(async () => {
      const seen: Array<unknown> = []
      const loop = asyncio.getRunningLoop()
      const future = loop.createFuture<void>()
      const callback = () => {
        seen.push(store(), asyncio.currentTask()?.getName())
        tenant.enterWith("left behind")
      }
      tenant.run("ada", () => {
        loop.callSoon(callback)
        loop.core.callSoonUnsafe(callback)
        loop.callLater(1, callback)
        future.addDoneCallback(callback)
        future.core.addDoneCallbackUnsafe(callback)
      })
      loop.callSoon(callback)
      future.setResult()

      await asyncio.sleep(2)

      const ofAda = ["ada", undefined]
      assert.deepStrictEqual(seen, [...ofAda, ...ofAda, "none", undefined, ...ofAda, ...ofAda, ...ofAda])
    }))

  it("of a task of core in a layer's loop are kept where it runs an async function", async () => {
    const program = Effect.flatMap(
      core.createTask(
        Effect.andThen(
          asyncio.toEffect(() => asyncio.sleep(0)),
          inEffect
        )
      ),
      (task) => Effect.andThen(task, inEffect)
    )

    const seen = await Promise.all(
      ["ada", "grace"].map((name) => tenant.run(name, () => Effect.runPromise(core.withLoop(program))))
    )

    assert.deepStrictEqual(seen, ["ada", "grace"])
  })

  it("are changed inside of a task as anywhere, and the task stays known", async () => {
    const other = new AsyncLocalStorage<number>()
    const look = () => [store(), other.getStore(), asyncio.currentTask()?.getName()].join()

    const seen = await tenant.run("ada", () =>
      run(async () => {
        const seen = [look(), other.run(1, look), tenant.exit(look), look()]
        const snapshot = AsyncLocalStorage.snapshot()
        other.enterWith(2)
        await asyncio.sleep(0)
        seen.push(
          look(),
          other.run(3, () => tenant.run("grace", look)),
          snapshot(look),
          look()
        )
        const inChild = await asyncio.createTask(async () => [look(), await asyncio.sleep(0), look()], {
          name: "child"
        })
        seen.push(...inChild.flatMap((text) => text ?? []))
        other.disable()
        seen.push(look(), await asyncio.createTask(() => look(), { name: "child" }))
        return seen
      })
    )

    assert.deepStrictEqual(seen, [
      "ada,,Task-1",
      "ada,1,Task-1",
      "none,,Task-1",
      "ada,,Task-1",
      "ada,2,Task-1",
      "grace,3,Task-1",
      "ada,,Task-1",
      "ada,2,Task-1",
      "ada,2,child",
      "ada,2,child",
      "ada,,Task-1",
      "ada,,child"
    ])
  })

  it("are left as they were by the scope of a task that began inside another's step", () =>
    run(async () => {
      const eager = () =>
        asyncio.createTask(
          async () => {
            tenant.enterWith("left behind")
            return [store(), await asyncio.sleep(0, store())]
          },
          { eagerStart: true, name: "eager" }
        )

      const [first, second] = tenant.run("ada", () => [eager(), eager()] as const)
      const behind = [store(), asyncio.currentTask()?.getName()]

      assert.deepStrictEqual(behind, ["none", "Task-1"])
      assert.deepStrictEqual(await asyncio.gather([first, second]), [
        ["left behind", "left behind"],
        ["left behind", "left behind"]
      ])
    }))
})
