import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect, type Tracer } from "effect"
import { run } from "../support.ts"

const spanName = Effect.map(Effect.option(Effect.currentSpan), (span) =>
  span._tag === "Some" ? [span.value.name, span.value.attributes.get("task")] : []
)

const named = Effect.fn(function* named() {
  return yield* spanName
})

describe("withTaskSpan", () => {
  it("has the coroutine run in a span of the task's name, or of the given one", () =>
    run(
      Effect.gen(function* () {
        const tasks = [
          yield* asyncio.createTask(asyncio.withTaskSpan(named()), { name: "worker" }),
          yield* asyncio.createTask(named().pipe(asyncio.withTaskSpan("work")), { name: "worker" }),
          yield* asyncio.createTask(named(), { name: "worker" })
        ]

        const spans = yield* Effect.all(tasks)

        assert.deepStrictEqual(spans, [["worker", "worker"], ["work", "worker"], []])
      })
    ))

  it("takes the name that the task has when it begins", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(asyncio.withTaskSpan(spanName))

        yield* task.setName("renamed")

        assert.deepStrictEqual(yield* task, ["renamed", "renamed"])
      })
    ))

  it("says why the task was cancelled", () =>
    run(
      Effect.gen(function* () {
        const spans: Array<Tracer.Span> = []
        const waiting = Effect.andThen(
          Effect.tap(Effect.currentSpan, (span) => Effect.sync(() => spans.push(span))),
          asyncio.sleep("1 hour")
        )
        const asked = yield* asyncio.createTask(asyncio.withTaskSpan(waiting), { name: "asked" })
        yield* asyncio.sleep(0)
        yield* asked.cancel("the client is gone", { kind: "disconnect" })
        yield* asyncio.wait([asked])
        yield* asyncio.createTask(
          Effect.tap(Effect.currentSpan, (span) => Effect.sync(() => spans.push(span))).pipe(asyncio.withTaskSpan())
        )
        yield* asyncio.sleep(0)

        assert.deepStrictEqual(
          spans.map(({ attributes }) => [...attributes].filter(([key]) => key.startsWith("cancellation"))),
          [
            [
              ["cancellation.kind", "disconnect"],
              ["cancellation.reason", "the client is gone"],
              ["cancellation.requestedBy", "Task-1"]
            ],
            []
          ]
        )
      })
    ))

  it("leaves the task the name of its coroutine", () =>
    run(
      Effect.gen(function* () {
        const coroutine = Effect.fn("nap")(function* () {
          yield* asyncio.sleep(1)
        })()
        const task = yield* asyncio.createTask(asyncio.withTaskSpan(coroutine), { name: "sleeper" })
        const reprs = [String(task)]
        yield* asyncio.sleep(0)
        reprs.push(String(task))

        yield* task

        reprs.push(String(task))
        assert.deepStrictEqual(
          reprs.map((repr) => /coro=<(\w+)\(\) \w+/.exec(repr)?.[1]),
          ["nap", "nap", "nap"]
        )
      })
    ))

  it("of Effect is no coroutine on the task's stack", () =>
    run(
      Effect.gen(function* () {
        const nap = Effect.fn("nap")(function* () {
          yield* asyncio.sleep(1)
        })
        const outer = Effect.fn("outer")(function* () {
          yield* Effect.withSpan(nap(), "a span")
        })
        const task = yield* asyncio.createTask(asyncio.withTaskSpan(outer()))
        yield* asyncio.sleep(0)

        const stack = task.getStack()

        assert.deepStrictEqual(
          stack.map(({ definedAt, location, name }) => ({
            name,
            isDefinedHere: /taskSpan/.test(definedAt ?? ""),
            isHere: /taskSpan/.test(location ?? "")
          })),
          [
            { name: "outer", isDefinedHere: true, isHere: true },
            { name: "nap", isDefinedHere: true, isHere: false }
          ]
        )
        assert.match(String(task), /coro=<outer\(\) running at .*taskSpan\.test\.ts:\d+>/)
      })
    ))

  it("takes the options of Effect's spans, and attributes of the program's own", () =>
    run(
      Effect.gen(function* () {
        const span = yield* Effect.currentSpan.pipe(
          asyncio.withTaskSpan("import", { kind: "client", attributes: { rows: 3 } })
        )

        assert.deepStrictEqual(
          [span.name, span.kind, [...span.attributes]],
          [
            "import",
            "client",
            [
              ["task", "Task-1"],
              ["rows", 3]
            ]
          ]
        )
      })
    ))

  it("refuses what is no name, and what is no Effect, at the call", () => {
    assert.throws(() => asyncio.withTaskSpan(5 as never), /the name of a span was expected by withTaskSpan\(\), got 5/)
    assert.throws(
      () => asyncio.withTaskSpan({ name: "work" } as never),
      /the name of a span was expected by withTaskSpan\(\)/
    )
    assert.throws(() => asyncio.withTaskSpan()((async () => {}) as never), /an Effect was expected by withTaskSpan\(\)/)
  })
})
