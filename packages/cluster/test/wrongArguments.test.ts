// What a program passes in by mistake, for Effects and for async functions: told at the call, by a message that names it, and the same
// whatever the database would make of it.
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

const any = cluster.task("any", { payload: Schema.Any, success: Schema.Any })
const echo = any.worker((value) => Effect.succeed(value === "bigint" ? 1n : value))

/** What comes of an effect: its value, or its error as a text. */
const ofEffect = async (effect: () => Effect.Effect<unknown, unknown, cluster.Cluster>): Promise<unknown> => {
  const exit = await asyncio.run(
    Effect.provide(Effect.exit(Effect.suspend(effect)), cluster.embedded({ workers: [echo], drain: 0 }))
  )
  return Exit.isSuccess(exit) ? exit.value : String(Cause.squash(exit.cause))
}

/** What comes of an async function. */
const ofAsync = (body: () => unknown): Promise<unknown> =>
  compat.run(() =>
    promises.open(promises.embedded({ workers: [echo], drain: 0 }), async () => {
      try {
        return await body()
      } catch (error) {
        return String(error)
      }
    })
  )

const thrown = (body: () => unknown): string => {
  try {
    body()
  } catch (error) {
    return String(error)
  }
  return "nothing was thrown"
}

const createdBy = (payload: unknown, options?: cluster.CreateTaskOptions, definition: unknown = any) =>
  [
    () => ofEffect(() => Effect.flatten(cluster.createTask(definition as typeof any, payload, options))),
    () => ofAsync(() => promises.createTask(definition as typeof any, payload, options))
  ] as const

const bothSay = async (calls: readonly [() => Promise<unknown>, () => Promise<unknown>], expected: RegExp) => {
  for (const call of calls) assert.match(String(await call()), expected)
}

describe("createTask", () => {
  it("refuses what is no JSON, also by a schema that lets everything through", async () => {
    const circular: Record<string, unknown> = {}
    circular["self"] = circular
    const payloadError = /^PayloadError: the payload of a task of "any" does not fit its schema: .*/

    await bothSay(createdBy(1n), payloadError)
    await bothSay(createdBy(circular), payloadError)
    await bothSay(createdBy("bigint"), /^ResultError: the result of a task of "any" cannot be handed over: .*BigInt/)
  })

  it.each(["a\0b", "\uD800"])("refuses a name or a label that no database keeps: %j", async (text) => {
    const expected = /^ValueError: .* a character that is no text/

    await bothSay(createdBy(1, { name: text }), expected)
    await bothSay(createdBy(1, { labels: { user: text } }), expected)
    await bothSay(createdBy(1, { labels: { [text]: 1 } }), expected)
  })

  it("refuses what is no definition", async () => {
    for (const definition of [null, { name: "any" }, async () => {}]) {
      await bothSay(createdBy(1, {}, definition), /^TypeError: a definition was expected by createTask\(\), got/)
    }
    assert.match(
      String(await ofAsync(() => promises.joinTask("any" as never, "a"))),
      /^TypeError: a definition was expected by joinTask\(\), got 'any'/
    )
    assert.match(
      String(await ofEffect(() => cluster.joinTask("any" as never, "a"))),
      /^TypeError: a definition was expected by joinTask\(\), got 'any'/
    )
  })

  it("refuses options that mean nothing", async () => {
    await bothSay(
      createdBy(1, { ifExists: "replace" as never }),
      /^TypeError: "join" or "fail" was expected for ifExists, got 'replace'/
    )
    await bothSay(createdBy(1, { retention: "a while" as never }), /^TypeError: Invalid delay: 'a while'/)
    await bothSay(createdBy(1, { startWithin: NaN }), /^ValueError: Invalid delay: NaN/)
  })
})

describe("questions", () => {
  it.each([
    [{ limit: 0 }, /^TypeError: a whole number above 0 was expected for the limit of allTasks\(\), got 0/],
    [{ limit: 1.5 }, /^TypeError: a whole number above 0 .*got 1.5/],
    [{ limit: "5" }, /^TypeError: a whole number above 0 .*got '5'/],
    [{ state: "done" }, /^TypeError: a state was expected by allTasks\(\), got 'done'/],
    [{ state: ["waiting", 1] }, /^TypeError: a state was expected by allTasks\(\), got 1/],
    [{ name: null }, /^TypeError: a name was expected by allTasks\(\), got null/],
    [{ definition: any }, /^TypeError: a name was expected for the definition of allTasks\(\), got /],
    [{ after: "page 2" }, /^TypeError: the next of a page was expected as the after of allTasks\(\), got 'page 2'/],
    [{ labels: 17 }, /^TypeError: labels were expected by allTasks\(\), got 17/],
    [{ labels: { a: "\0" } }, /^ValueError: .* a character that is no text/]
  ])("refuse %j", async (query, expected) => {
    assert.match(String(await ofAsync(() => promises.allTasks(query as never))), expected)
    assert.match(String(await ofEffect(() => cluster.allTasks(query as never))), expected)
  })

  it("refuse a task in the place of its name", async () => {
    const task = {} as never
    const named = (operation: string) =>
      new RegExp(String.raw`^TypeError: a name was expected by ${operation}\(\), got `)

    assert.match(String(await ofAsync(() => promises.findTask(task))), named("findTask"))
    assert.match(String(await ofAsync(() => promises.cancel(task))), named("cancel"))
    assert.match(String(await ofAsync(() => promises.cancelAndWait(task))), named("cancelAndWait"))
    assert.match(String(await ofAsync(() => promises.cancelTree(task))), named("cancelTree"))
    assert.match(String(await ofAsync(() => promises.joinTask(any, task))), named("joinTask"))
    assert.match(String(await ofEffect(() => cluster.cancel(task))), named("cancel"))
    assert.match(String(await ofEffect(() => cluster.joinTask(any, task))), named("joinTask"))
  })

  it("find what is written as it is asked for, and true is not 1", async () => {
    const found = await ofAsync(async () => {
      await promises.submit(any, 1, { name: "mail 1", labels: { flag: true } })
      await promises.submit(any, 1, { name: "Mail 2", labels: { flag: 1 } })
      const names = async (query: cluster.TaskQuery) => (await promises.allTasks(query)).tasks.map(({ name }) => name)
      return [
        await names({ name: "Mail*" }),
        await names({ labels: { flag: 1 } }),
        await names({ labels: { flag: true } })
      ]
    })

    assert.deepStrictEqual(found, [["Mail 2"], ["Mail 2"], ["mail 1"]])
  })
})

describe("definitions and layers", () => {
  it("refuse what is no schema", () => {
    for (const payload of [{ image: Schema.String }, String, { parse() {} }]) {
      assert.match(
        thrown(() => cluster.task("mail", { payload: payload as never })),
        /^TypeError: a schema was expected as the payload of "mail", got/
      )
    }
    assert.match(
      thrown(() => promises.task("mail", { limit: -5 })),
      /^TypeError: a whole number above 0 .*got -5/
    )
    assert.match(
      thrown(() => promises.task("mail", { retention: "a while" as never })),
      /^TypeError: Invalid delay/
    )
  })

  it("refuse a worker without a program", () => {
    const expected = /^TypeError: a function was expected by worker\(\), got/

    assert.match(
      thrown(() => cluster.task("mail").worker(undefined as never)),
      expected
    )
    assert.match(
      thrown(() => promises.task("mail").worker(5 as never)),
      expected
    )
  })

  it.each([
    [{ workers: [any] }, /^TypeError: a worker was expected in the workers of a cluster, got/],
    [{ workers: [undefined] }, /^TypeError: a worker was expected in the workers of a cluster, got undefined/],
    [{ workers: echo }, /^TypeError: a list was expected as the workers of a cluster, got/],
    [{ definitions: ["any"] }, /^TypeError: a definition was expected in the definitions of a cluster, got 'any'/],
    [{ drain: "a while" }, /^TypeError: Invalid delay: 'a while'/],
    [{ patience: "a while" }, /^TypeError: Invalid delay: 'a while'/]
  ])("refuse %o", (options, expected) => {
    assert.match(
      thrown(() => cluster.embedded(options as never)),
      expected
    )
    assert.match(
      thrown(() => postgres({ url: "postgresql://localhost/tasks", ...(options as object) })),
      expected
    )
  })

  it.each([
    [{}, /^TypeError: the address of a database was expected by postgres\(\), got undefined/],
    [{ url: 5 }, /^TypeError: the address of a database was expected by postgres\(\), got number/],
    [
      { maxConnections: 0 },
      /^TypeError: a whole number above 0 was expected as the maxConnections of postgres\(\), got 0/
    ],
    [{ port: "80a" }, /^TypeError: a port was expected by postgres\(\), got '80a'/],
    [{ listen: { port: 70_000 } }, /^TypeError: a port was expected by postgres\(\), got 70000/],
    [{ expiry: "a while" }, /^TypeError: Invalid delay: 'a while'/]
  ])("refuse for postgres %o", (options, expected) => {
    const url = "url" in options || Object.keys(options).length === 0 ? {} : { url: "postgresql://localhost/tasks" }
    assert.match(
      thrown(() => postgres({ ...url, ...options } as never)),
      expected
    )
  })

  it.each(["", 5, null])("refuse %j as the file of embedded", (file) => {
    assert.match(
      thrown(() => cluster.embedded({ file: file as never })),
      /^TypeError: a path was expected as the file of/
    )
  })

  it("refuse options that are none", () => {
    assert.match(
      thrown(() => cluster.embedded(null as never)),
      /^TypeError: an object of options was expected by a cluster/
    )
  })

  it("are opened as a layer, around a function", async () => {
    const opened = (...args: ReadonlyArray<unknown>) =>
      thrown(() => (promises.open as (...args: never) => unknown)(...(args as never)))

    assert.match(
      opened(promises.embedded, async () => 1),
      /^TypeError: a layer was expected by open\(\), got/
    )
    assert.match(opened(promises.embedded(), 5), /^TypeError: a function was expected by open\(\), got 5/)
  })
})
