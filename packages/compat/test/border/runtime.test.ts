// The Effect services of a run.
import * as asyncio from "@effect-asyncio/compat"
import { Context, Effect, Layer, ManagedRuntime } from "effect"
import { assert, describe, it } from "vitest"
import { run, self, text } from "../support.ts"

class Database extends Context.Service<Database, { readonly name: string }>()("test/runtime/Database") {}

const Tenant = Context.Reference<string>("test/runtime/Tenant", { defaultValue: () => "nobody" })

const name = () => asyncio.runEffect(Effect.map(Database, (database) => database.name))

/** A database that notes when it is opened and closed. */
const database = (lines: Array<string>) =>
  Layer.effect(
    Database,
    Effect.acquireRelease(
      Effect.sync(() => {
        lines.push("opened")
        return { name: "db" }
      }),
      () => Effect.sync(() => lines.push("closed"))
    )
  )

describe("a service", () => {
  it("is an Effect though it is a class: a task of it gives what the layer has made", async () => {
    const made = await run(() => asyncio.createTask(Database as unknown as Effect.Effect<{ readonly name: string }>), {
      runtime: database([])
    })

    assert.strictEqual(made.name, "db")
  })
})

describe("a layer given to run", () => {
  it("is built once before the program, and released after its last cleanup", async () => {
    const lines: Array<string> = []

    const result = await run(
      async () => {
        lines.push(await name(), await asyncio.createTask(name))
        asyncio.createTask(async () => {
          try {
            await asyncio.sleep("1 hour")
          } finally {
            lines.push(`cleanup with ${await name()}`)
          }
        })
        await asyncio.sleep(1)
        return "result"
      },
      { runtime: database(lines) }
    )

    assert.deepStrictEqual([result, lines], ["result", ["opened", "db", "db", "cleanup with db", "closed"]])
  })

  it("is released when the program fails, and when it is cancelled", async () => {
    const lines: Array<string> = []
    const runtime = database(lines)

    lines.push(await text(run(() => Promise.reject(new Error("no")), { runtime })))
    lines.push(
      await text(
        run(
          async () => {
            self().cancel("stop")
            await asyncio.sleep(1)
          },
          { runtime }
        )
      )
    )

    assert.deepStrictEqual(lines, ["opened", "closed", "Error: no", "opened", "closed", "CancelledError: stop"])
  })

  it("that fails rejects the run before the program starts, and gives back what was built of it", async () => {
    const lines: Array<string> = []
    const broken = Layer.effectDiscard(Effect.andThen(Database, Effect.fail(new Error("no table"))))
    const runtime = Layer.provideMerge(broken, database(lines))

    lines.push(await text(run(() => lines.push("started"), { runtime })))

    assert.deepStrictEqual(lines, ["opened", "closed", "Error: no table"])
  })

  it("comes over the context of the run", async () => {
    const context = Context.make(Tenant, "ada")
    const tenant = () => asyncio.runEffect(Tenant)
    const both = async () => [await name(), await tenant()]

    const seen = [
      await run(both, { runtime: database([]), context }),
      await run(tenant, { runtime: Layer.succeed(Tenant, "grace"), context })
    ]

    assert.deepStrictEqual(seen, [["db", "ada"], "grace"])
  })
})

describe("a ManagedRuntime given to run", () => {
  it("serves any number of runs, and stays its owner's", async () => {
    const lines: Array<string> = []
    const runtime = ManagedRuntime.make(database(lines))

    lines.push(await run(name, { runtime }), await run(name, { runtime }), "runs are over")
    lines.push(await runtime.runPromise(Effect.map(Database, (each) => each.name)))
    await runtime.dispose()

    assert.deepStrictEqual(lines, ["opened", "db", "db", "runs are over", "db", "closed"])
  })
})

describe("a runtime of another kind", () => {
  it("rejects with a TypeError, and starts nothing", async () => {
    const lines: Array<string> = []
    const junk = async (runtime: unknown) =>
      await text(run(() => lines.push("started"), { runtime: runtime as Layer.Layer<never> }))

    const errors = [await junk(1), await junk({}), await junk(Effect.void)]

    assert.deepStrictEqual(errors.slice(0, 2), [
      "TypeError: a ManagedRuntime or a Layer was expected, got 1",
      "TypeError: a ManagedRuntime or a Layer was expected, got {}"
    ])
    assert.match(errors[2]!, /^TypeError: a ManagedRuntime or a Layer was expected, got /)
    assert.deepStrictEqual(lines, [])
  })
})
