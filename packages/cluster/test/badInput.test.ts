// What does not fit, for Effects and for async functions: each has an error of its own, which says what is wrong.
import * as cluster from "@effect-asyncio/cluster"
import * as promises from "@effect-asyncio/cluster/compat"
import { postgres } from "@effect-asyncio/cluster/postgres"
import * as compat from "@effect-asyncio/compat"
import * as asyncio from "@effect-asyncio/core"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import { assert, describe, it } from "vitest"

type Schemas = cluster.DefinitionOptions<any, any, never, never>

interface Attempt {
  /** What the client knows of the definition `mail`. */
  readonly client: Schemas
  /** What the worker knows of it; without it no worker serves it. */
  readonly worker?: Schemas
  readonly payload: unknown
  /** What the worker gives. */
  readonly gives?: (payload: any) => unknown
  readonly options?: cluster.CreateTaskOptions
}

type Attempting = (attempt: Attempt) => Promise<unknown>

/** What comes of a task: its value or its error. */
const ofEffects: Attempting = async ({ client, gives, options, payload, worker }) => {
  const workers =
    worker === undefined
      ? []
      : [cluster.task("mail", worker).worker((payload) => Effect.sync(() => gives?.(payload) as never))]
  const main = Effect.flatten(cluster.createTask(cluster.task("mail", client), payload, options))
  const exit = await asyncio.run(Effect.provide(Effect.exit(main), cluster.embedded({ workers, drain: 0 })))
  return Exit.isSuccess(exit) ? exit.value : Cause.squash(exit.cause)
}

const ofAsyncFunctions: Attempting = ({ client, gives, options, payload, worker }) => {
  const workers =
    worker === undefined
      ? []
      : [promises.task("mail", worker).worker(async (payload) => (await gives?.(payload)) as never)]
  const body = async () => {
    try {
      return await promises.createTask(promises.task("mail", client), payload, options)
    } catch (error) {
      return error
    }
  }
  return compat.run(() => promises.open(promises.embedded({ workers, drain: 0 }), body))
}

const old = { payload: Schema.Struct({ to: Schema.String }), success: Schema.String }
const now = { payload: Schema.Struct({ to: Schema.String, subject: Schema.String }), success: Schema.String }
const lenient = {
  payload: Schema.Struct({ to: Schema.String, subject: Schema.optionalKey(Schema.String) }),
  success: Schema.String
}
const renumbered = { payload: Schema.Struct({ to: Schema.Number }), success: Schema.String }
const to = ({ subject = "none", to }: { readonly to: string; readonly subject?: string }) => `${to}: ${subject}`

const fails = (error: unknown, name: string, ...words: ReadonlyArray<string>) => {
  assert.instanceOf(error, Error)
  assert.strictEqual(error.name, name)
  for (const word of words) assert.include(error.message, word)
}

describe.each([
  ["Effects", ofEffects],
  ["async functions", ofAsyncFunctions]
] as const)("for %s", (_, attempt) => {
  it("a payload that does not fit creates nothing", async () => {
    const error = await attempt({ client: old, worker: old, payload: { to: 7 } })

    fails(error, "PayloadError", 'the payload of a task of "mail" does not fit its schema: Expected string', '["to"]')
  })

  it("a payload of an old client fails at a new worker that needs more", async () => {
    const error = await attempt({ client: old, worker: now, payload: { to: "a" }, gives: to })

    fails(error, "PayloadError", "does not fit the schema of the worker that got it", "subject")
  })

  it("a payload of an old client does for a new worker that can do without", async () => {
    assert.strictEqual(await attempt({ client: old, worker: lenient, payload: { to: "a" }, gives: to }), "a: none")
  })

  it("a payload of a new client does for an old worker, which leaves out what it does not know", async () => {
    const payload = { to: "a", subject: "b" }

    assert.strictEqual(await attempt({ client: now, worker: old, payload, gives: to }), "a: none")
  })

  it("a payload of a new client that is something else fails at an old worker", async () => {
    const error = await attempt({ client: renumbered, worker: old, payload: { to: 7 }, gives: to })

    fails(error, "PayloadError", "the schema of the worker that got it: Expected string", '["to"]')
  })

  it("a result that the client cannot read is an error of the client's", async () => {
    const client = { payload: old.payload, success: Schema.Number }

    const error = await attempt({ client, worker: old, payload: { to: "a" }, gives: to })

    fails(
      error,
      "ResultError",
      'the result of a task of "mail" cannot be handed over',
      "this client has another schema"
    )
  })

  it("a result that is not what the worker has promised is an error of the worker's", async () => {
    const error = await attempt({ client: old, worker: old, payload: { to: "a" }, gives: () => 7 })

    fails(error, "ResultError", "cannot be handed over: Expected string")
  })

  it("a result that is too large is not handed over", async () => {
    const limited = { ...old, limit: 100 }

    const error = await attempt({ client: limited, worker: limited, payload: { to: "a" }, gives: () => "x".repeat(99) })

    fails(error, "ResultError", "it has 101 characters as JSON, and the limit is 100")
  })

  it("a payload that is too large creates nothing", async () => {
    const error = await attempt({ client: { ...old, limit: 9 }, worker: old, payload: { to: "x" } })

    fails(error, "PayloadError", "it has 10 characters as JSON, and the limit is 9")
  })

  it("a name that is too long, or none, creates nothing", async () => {
    for (const [name, has] of [
      ["x".repeat(201), "201 characters"],
      ["", "0 characters"],
      [7 as never, "type number"]
    ] as const) {
      const error = await attempt({ client: old, worker: old, payload: { to: "a" }, options: { name } })

      fails(error, "ValueError", "the name of a task has 1 to 200 characters", has)
    }
  })

  it("a definition that nobody serves waits for as long as it may", async () => {
    const options = { name: "unserved", startWithin: 30 }

    const error = await attempt({ client: old, payload: { to: "a" }, options })

    fails(error, "NotStartedError", '"unserved" of "mail" did not begin in time: no worker serves its definition')
  })
})

describe("a task that is not there, or that nobody serves", () => {
  const mail = cluster.task("mail")

  it("is not cancelled, and says that it waits: Effects", async () => {
    const main = Effect.gen(function* () {
      yield* cluster.submit(mail, undefined, { name: "waits" })
      const info = yield* cluster.findTask("waits")
      return [
        yield* cluster.cancel("nobody"),
        yield* cluster.cancelAndWait("nobody"),
        yield* cluster.cancelTree("nobody"),
        yield* cluster.findTask("nobody"),
        [info?.state, info?.served]
      ]
    })

    const seen = await asyncio.run(Effect.provide(main, cluster.embedded()))

    assert.deepStrictEqual(seen, [false, undefined, [], undefined, ["waiting", false]])
  })

  it("is not cancelled, and says that it waits: async functions", async () => {
    const body = async () => {
      await promises.submit(mail, undefined, { name: "waits" })
      const info = await promises.findTask("waits")
      return [
        await promises.cancel("nobody"),
        await promises.cancelAndWait("nobody"),
        await promises.cancelTree("nobody"),
        await promises.findTask("nobody"),
        [info?.state, info?.served]
      ]
    }

    const seen = await compat.run(() => promises.open(promises.embedded(), body))

    assert.deepStrictEqual(seen, [false, undefined, [], undefined, ["waiting", false]])
  })
})

describe("without a cluster around", () => {
  it("every function says which one it was: Effects", async () => {
    const mail = cluster.task("mail")
    const calls: Record<string, Effect.Effect<unknown, unknown, cluster.Cluster>> = {
      "createTask()": cluster.createTask(mail, undefined),
      "submit()": cluster.submit(mail, undefined),
      "joinTask()": cluster.joinTask(mail, "a"),
      "findTask()": cluster.findTask("a"),
      "allTasks()": cluster.allTasks(),
      "cancel()": cluster.cancel("a"),
      counts: cluster.counts,
      troubles: cluster.troubles
    }
    for (const [name, call] of Object.entries(calls)) {
      const exit = await asyncio.run(Effect.exit(call as Effect.Effect<unknown, unknown>))

      const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : exit
      fails(error, "RuntimeError", `${name} needs a cluster, and there is none`)
    }
  })

  it("every function says which one it was: async functions", async () => {
    const mail = promises.task("mail")
    const calls: Record<string, () => unknown> = {
      "createTask()": () => promises.createTask(mail, undefined),
      "submit()": () => promises.submit(mail, undefined),
      "joinTask()": () => promises.joinTask(mail, "a"),
      "findTask()": () => promises.findTask("a"),
      "allTasks()": () => promises.allTasks(),
      "cancel()": () => promises.cancel("a"),
      "counts()": () => promises.counts(),
      "troubles()": () => promises.troubles()
    }
    for (const [name, call] of Object.entries(calls)) {
      const error = await compat.run(async () => {
        try {
          return await call()
        } catch (error) {
          return error
        }
      })

      fails(error, "RuntimeError", `${name} needs a cluster, and there is none`)
    }
  })
})

describe("two workers", () => {
  const mail = cluster.task("mail", old)
  const other = cluster.task("mail", now)
  const workers = [mail.worker(() => Effect.succeed("a")), other.worker(() => Effect.succeed("b"))]

  it("of one name are refused in one process, before anything is opened", () => {
    for (const open of [
      () => cluster.embedded({ workers }),
      () => postgres({ url: "postgres://nobody@127.0.0.1:1/nothing", workers })
    ]) {
      assert.throws(open, 'two workers of one process serve "mail"')
    }
  })
})
