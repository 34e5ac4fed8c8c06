import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { Effect, Exit } from "effect"
import { inspect } from "node:util"
import { run } from "../support.ts"

/** The repr with the path of this file cut to its name, and its lines to N. */
const shown = (future: asyncio.Future<unknown, unknown>): string =>
  String(future).replace(/[^ ]*\/repr\.test\.ts:\d+/g, "repr.test.ts:N")

const nap = Effect.fn("nap")(function* () {
  yield* asyncio.sleep("1 hour")
})

describe("the repr of a task", () => {
  it("has ten of a chain of tasks that wait for each other", () =>
    run(
      Effect.gen(function* () {
        let last: asyncio.Task<unknown, unknown> = yield* asyncio.createTask(nap(), { name: "link" })
        for (let n = 0; n < 20; n++) {
          const below = last
          last = yield* asyncio.createTask(
            Effect.suspend(() => below),
            { name: "link" }
          )
        }
        yield* asyncio.sleep(0)
        assert.strictEqual(String(last).split("name='link'").length - 1, 10)
      })
    ))

  // test_task_repr
  it("tells its state, name, coroutine and what it waits for, in the order of CPython", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const task = yield* asyncio.createTask(nap(), { name: "nap" })
        lines.push(shown(task))
        yield* asyncio.sleep(0)
        lines.push(shown(task))
        yield* task.cancel()
        lines.push(shown(task))
        yield* Effect.ignore(task)
        lines.push(shown(task))

        assert.deepStrictEqual(lines, [
          "<Task pending name='nap' coro=<nap() running at repr.test.ts:N>>",
          "<Task pending name='nap' coro=<nap() running, defined at repr.test.ts:N> wait_for=<Future pending cb=[Task.task_wakeup()]>>",
          "<Task cancelling name='nap' coro=<nap() running, defined at repr.test.ts:N> wait_for=<Future cancelled>>",
          "<Task cancelled name='nap' coro=<nap() done, defined at repr.test.ts:N>>"
        ])
      })
    ))

  it("says cancelling at once when a task is cancelled that has not started", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(nap(), { name: "nap" })

        yield* task.cancel()

        assert.strictEqual(shown(task), "<Task cancelling name='nap' coro=<nap() running at repr.test.ts:N>>")
      })
    ))

  // test_uncancel_basic
  it("says pending again when the request is withdrawn", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(nap())
        yield* task.cancel()

        yield* task.uncancel()

        assert.match(String(task), /^<Task pending /)
      })
    ))

  it("ends with the result or the error", () =>
    run(
      Effect.gen(function* () {
        const bodies: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
          Effect.succeed("abc"),
          Effect.succeed({ a: 1 }),
          Effect.succeed("it's"),
          Effect.succeed(`"it's"`),
          Effect.succeed("a\nb\\"),
          Effect.fail(new Error("broken")),
          Effect.fail(new TypeError()),
          Effect.fail(Object.assign(new Error(), { message: 404 })),
          Effect.fail("plain"),
          Effect.die(new asyncio.RuntimeError("bug"))
        ]
        const outcomes: Array<string> = []
        for (const body of bodies) {
          const task = yield* asyncio.createTask(body)
          yield* Effect.exit(task)
          outcomes.push(String(task).replace(/^<Task finished name='Task-\d+' coro=<coroutine\(\) done> /, ""))
        }

        assert.deepStrictEqual(outcomes, [
          "result='abc'>",
          `result={"a":1}>`,
          `result="it's">`,
          `result='"it\\'s"'>`,
          `result='a\\nb\\\\'>`,
          "exception=Error('broken')>",
          "exception=TypeError()>",
          "exception=Error(404)>",
          "exception='plain'>",
          "exception=RuntimeError('bug')>"
        ])
      })
    ))

  it("cuts a long result in the middle", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(Effect.succeed("x".repeat(1000)))

        yield* task

        assert.match(String(task), /result='x{97,98}\.\.\.x{97,98}'>$/)
      })
    ))

  it("looks only at the ends of a long list", () =>
    run(
      Effect.gen(function* () {
        let printed = 0
        const items = Array.from({ length: 10_000 }, (_, n) => ({
          toString: () => {
            printed++
            return String(n)
          }
        }))
        const task = yield* asyncio.createTask(Effect.succeed(items))

        yield* task

        assert.match(String(task), /result=\[0,1,2,.*\.\.\..*9998,9999\]>$/)
        assert.strictEqual(printed, 200)
      })
    ))

  // test_task_repr_wait_for
  it("has the repr of what is awaited in it", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const future = yield* loop.createFuture<void>()
        const inner = yield* asyncio.createTask(future, { name: "inner" })
        const outer = yield* asyncio.createTask(inner, { name: "outer" })
        yield* asyncio.sleep(0)

        const line = String(outer)

        yield* future.setResult()
        yield* outer
        assert.include(
          line,
          "wait_for=<Task pending name='inner' coro=<coroutine() running> wait_for=<Future pending cb=[Task.task_wakeup()]> cb=[Task.task_wakeup()]>"
        )
      })
    ))

  // test_recursive_repr_for_pending_tasks
  it("prints dots where a ring of waiting tasks closes", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        let end: (() => void) | undefined
        const first: asyncio.Task<void> = yield* asyncio.createTask(
          Effect.suspend(() => Effect.ignore(second)),
          { name: "first" }
        )
        // A coroutine of another kind, because it can be ended from outside: nobody else could break the ring.
        const second = lowlevel.createCoroutineTaskUnsafe<void, never>(
          loop,
          {
            begin: (control) => {
              end = () => control.end(Exit.void)
              control.await(first, () => {})
            },
            cancelRequested: () => {},
            describe: () => ({ name: "ring", definedAt: undefined, calledAt: undefined })
          },
          { name: "second" }
        )
        yield* asyncio.sleep(0)

        const line = String(first)

        end?.()
        yield* first
        assert.strictEqual(
          line,
          "<Task pending name='first' coro=<coroutine() running> wait_for=" +
            "<Task pending name='second' coro=<ring() running> wait_for=... cb=[Task.task_wakeup()]> " +
            "cb=[Task.task_wakeup()]>"
        )
      })
    ))

  it("shows where the task's own coroutine stands while inner ones wait", () =>
    run(
      Effect.gen(function* () {
        const outerNap = Effect.fn("outerNap")(function* () {
          yield* nap()
        })
        const task = yield* asyncio.createTask(outerNap())
        yield* asyncio.sleep(0)

        const line = shown(task)

        yield* task.cancel()
        assert.match(line, /coro=<outerNap\(\) running at repr\.test\.ts:N>/)
      })
    ))

  it("is what a template, JSON and the console print", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(Effect.void, { name: "short" })
        const line = "<Task pending name='short' coro=<coroutine() running>>"

        const printed = [`${task}`, JSON.stringify(task), inspect(task)]

        assert.deepStrictEqual(printed, [line, JSON.stringify(line), line])
      })
    ))
})

const first = () => {}

describe("the repr of a future", () => {
  // test_future_repr
  it("tells its state and its outcome", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const futures = [1, 2, 3, 4].map(() => loop.createFutureUnsafe<number, Error>())
        futures[1]!.cancelUnsafe()
        futures[2]!.setResultUnsafe(4)
        futures[3]!.setExceptionUnsafe(new asyncio.RuntimeError())

        const lines = futures.map(String)

        yield* futures[3]!.exception()
        assert.deepStrictEqual(lines, [
          "<Future pending>",
          "<Future cancelled>",
          "<Future finished result=4>",
          "<Future finished exception=RuntimeError()>"
        ])
      })
    ))

  it("names two callbacks, and of more only the first and the last", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        const future = loop.createFutureUnsafe<void>()
        const lines: Array<string> = []
        future.addDoneCallbackUnsafe(first)
        lines.push(String(future))
        future.addDoneCallbackUnsafe(() => {})
        lines.push(String(future))
        for (let n = 0; n < 7; n++) future.addDoneCallbackUnsafe(first)
        future.addDoneCallbackUnsafe(function last() {})

        lines.push(String(future))

        assert.deepStrictEqual(lines, [
          "<Future pending cb=[first()]>",
          "<Future pending cb=[first(), <anonymous>()]>",
          "<Future pending cb=[first(), <8 more>, last()]>"
        ])
      })
    ))
})
