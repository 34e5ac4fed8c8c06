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
const unreadable = (): unknown => {
  throw new Error("nobody reads this")
}
const given: Readonly<Record<string, () => Effect.Effect<unknown>>> = {
  bigint: () => Effect.succeed(1n),
  function: () => Effect.succeed(() => {}),
  unreadable: () => Effect.die(new Proxy({}, { get: unreadable }))
}
const echo = any.worker((value: unknown) => given[String(value)]?.() ?? Effect.succeed(value))

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

  it.each([undefined, null, NaN, Infinity, {}, 1n])(
    "refuses %o as a label, which no query would find",
    async (user) => {
      const expected = /^TypeError: a string, a finite number or a boolean was expected for the label "user", got/

      await bothSay(createdBy(1, { labels: { user: user as never } }), expected)
      assert.match(String(await ofAsync(() => promises.allTasks({ labels: { user: user as never } }))), expected)
    }
  )

  it.each([() => {}, Symbol("a")])("refuses what JSON has no word for: %o", async (payload) => {
    await bothSay(createdBy(payload), /^PayloadError: .* it cannot be written as JSON: it is a (function|symbol)/)
    await bothSay(createdBy("function"), /^ResultError: .* it cannot be written as JSON: it is a function/)
  })

  it("ends where a worker throws what cannot be read", async () => {
    await bothSay(createdBy("unreadable"), /it has thrown something that cannot be read/)
  })

  it("takes any time, also one that is over or that no database counts", async () => {
    for (const time of [0, -1e300, 0.5, 2 ** 31, 1e300, Infinity]) {
      for (const create of createdBy(5, { retention: time })) assert.strictEqual(await create(), 5)
      const expected = time < 1 ? /^NotStartedError: / : /^5$/
      await bothSay(createdBy(5, { startWithin: time }), expected)
    }
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
    [{ after: `${"9".repeat(30)}/a` }, /^TypeError: the next of a page was expected as the after of allTasks\(\), got/],
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

  it.each([0, -5, "-1 second"])("refuse %j as a timeout, with which nothing could be done", (timeout) => {
    for (const { task } of [cluster, promises]) {
      assert.match(
        thrown(() => task("mail", { timeout: timeout as never })),
        /^ValueError: the timeout of "mail" has to be above 0 ms, and this one is -?\d+ ms/
      )
    }
  })

  it("refuse a concurrency that no table has a column for", () => {
    for (const concurrency of [2 ** 31, 1e300, Infinity, NaN, 0]) {
      for (const { task } of [cluster, promises]) {
        assert.match(
          thrown(() => task("mail").worker((() => {}) as never, { concurrency })),
          /^TypeError: a whole number above 0 (and up to 2147483647 )?was expected as the concurrency, got /
        )
      }
    }
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
    [{ patience: "a while" }, /^TypeError: Invalid delay: 'a while'/],
    [{ patience: NaN }, /^ValueError: Invalid delay: NaN/],
    [{ name: "" }, /^TypeError: a name of 1 to 200 characters was expected for a process of a cluster, got ''/],
    [{ name: "x".repeat(201) }, /^TypeError: a name of 1 to 200 characters was expected for a process/],
    [{ name: 5 }, /^TypeError: a name of 1 to 200 characters was expected for a process of a cluster, got 5/],
    [{ name: "a\0b" }, /^ValueError: the name of a process has a character that is no text/]
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
    [{ expiry: "a while" }, /^TypeError: Invalid delay: 'a while'/],
    [{ expiry: NaN }, /^ValueError: Invalid delay: NaN/]
  ])("refuse for postgres %o", (options, expected) => {
    const url = "url" in options || Object.keys(options).length === 0 ? {} : { url: "postgresql://localhost/tasks" }
    assert.match(
      thrown(() => postgres({ ...url, ...options } as never)),
      expected
    )
  })

  it.each([1, 0, -5, "1.9 seconds", 2 ** 31, Infinity] as const)("refuse an expiry of %j, and say why", (expiry) => {
    const url = "postgresql://localhost/tasks"
    for (const options of [
      { url, expiry },
      { url, expiry, workers: [echo] }
    ]) {
      let error: unknown
      try {
        postgres(options)
      } catch (thrown) {
        error = thrown
      }
      assert.instanceOf(error, asyncio.ValueError)
      assert.match(
        error.message,
        /^the expiry of postgres\(\) has to be 2 seconds at least, and 24 days at most, and this one is [-\dI].* ms/
      )
      assert.include(String((error as { readonly hint?: string }).hint), "A worker says once a second that it is there")
    }
    assert.doesNotThrow(() => postgres({ url, expiry: "2 seconds" }))
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
