// What takes a body takes it in a pipe as well, and as a generator function.
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect, Schedule } from "effect"
import { run } from "../support.ts"

const slow = asyncio.sleep("1 hour", "slow")
const quick = asyncio.sleep(1, "quick")

const ended = (effect: Effect.Effect<unknown, unknown>) =>
  Effect.match(effect, { onFailure: String, onSuccess: (value) => value })

describe("in a pipe", () => {
  it("timeout, timeoutAt, waitFor and moveOn take the time first, and the body last", () =>
    run(function* () {
      const loop = yield* asyncio.getRunningLoop
      const outcomes = [
        yield* ended(quick.pipe(asyncio.timeout("1 second"))),
        yield* ended(slow.pipe(asyncio.timeout("1 second"))),
        yield* ended(slow.pipe(asyncio.timeoutAt(loop.time() + 1000))),
        yield* ended(quick.pipe(asyncio.timeoutAt(undefined))),
        yield* ended(slow.pipe(asyncio.waitFor("1 second"))),
        yield* ended(quick.pipe(asyncio.waitFor(undefined))),
        yield* slow.pipe(asyncio.moveOn("1 second")),
        yield* quick.pipe(asyncio.moveOn("1 second"))
      ]

      assert.deepStrictEqual(outcomes, [
        "quick",
        "TimeoutError",
        "TimeoutError",
        "quick",
        "TimeoutError",
        "quick",
        { timedOut: true, value: undefined },
        { timedOut: false, value: "quick" }
      ])
    }))

  it("createTask takes its options first, or none", () =>
    run(function* () {
      const named = yield* quick.pipe(asyncio.createTask({ name: "worker" }))
      const unnamed = yield* quick.pipe(asyncio.createTask({}))

      assert.deepStrictEqual(
        [named, unnamed].map((task) => task.getName()),
        ["worker", "Task-2"]
      )
      assert.deepStrictEqual([yield* named, yield* unnamed], ["quick", "quick"])
    }))

  it("createTask itself, and createTaskScoped with its options or without", () =>
    run(function* () {
      const names: Array<string> = []
      const program = Effect.gen(function* () {
        const tasks = [
          yield* quick.pipe(asyncio.createTask),
          yield* quick.pipe(asyncio.createTaskScoped),
          yield* quick.pipe(asyncio.createTaskScoped({ name: "scoped" })),
          yield* asyncio.createTaskScoped(function* () {
            return yield* quick
          })
        ]
        names.push(...tasks.map((task) => task.getName()))
        assert.deepStrictEqual(yield* asyncio.gather(tasks), ["quick", "quick", "quick", "quick"])
        return yield* slow.pipe(asyncio.createTaskScoped)
      })

      const left = yield* Effect.scoped(program)

      assert.deepStrictEqual([names, left.cancelled()], [["Task-2", "Task-3", "scoped", "Task-4"], true])
    }))

  it("shield and shielded keep a cancellation out", () =>
    run(function* () {
      const lines: Array<string> = []
      const note = (line: string) => Effect.sync(() => void lines.push(line))
      const step = Effect.andThen(asyncio.sleep(10), note("step"))
      const first = yield* asyncio.createTask(Effect.andThen(step.pipe(asyncio.shielded({ limit: "1 hour" })), slow))
      const second = yield* asyncio.createTask(step.pipe(asyncio.shield))
      yield* asyncio.sleep(0)

      yield* asyncio.cancelAndWait([first, second])
      yield* asyncio.sleep(20)

      assert.deepStrictEqual(
        { lines, first: first.cancelled(), second: second.cancelled() },
        { lines: ["step", "step"], first: true, second: true }
      )
    }))
})

describe("a generator function", () => {
  it("is the body of a time limit, and is given it", () =>
    run(function* () {
      const outcomes = [
        yield* asyncio.timeout("1 second", function* (timeout) {
          yield* timeout.reschedule(undefined)
          return yield* asyncio.sleep("1 minute", "in time")
        }),
        yield* ended(
          asyncio.timeout(10, function* () {
            yield* slow
          })
        ),
        yield* asyncio.timeoutAt(undefined, function* () {
          return yield* quick
        }),
        yield* asyncio.moveOn(10, function* (timeout) {
          yield* slow
          return timeout.expired()
        }),
        yield* asyncio.shielded(function* () {
          return yield* quick
        })
      ]

      assert.deepStrictEqual(outcomes, [
        "in time",
        "TimeoutError",
        "quick",
        { timedOut: true, value: undefined },
        "quick"
      ])
    }))

  it("is the body of a group, and its tasks", () =>
    run(function* () {
      const error = yield* Effect.flip(
        asyncio.taskGroup(function* (group: asyncio.TaskGroup<string>) {
          const port = yield* group.start(function* (started: asyncio.Started<number>) {
            yield* started(8080)
            yield* slow
          })
          const task = yield* group.createTask(function* () {
            return (yield* quick) + port
          })
          assert.strictEqual(yield* task, "quick8080")
          yield* group.createTask(function* () {
            yield* asyncio.sleep(1)
            return yield* Effect.fail("boom")
          })
        })
      )

      assert.deepStrictEqual(error instanceof asyncio.ExceptionGroup && error.errors, ["boom"])
    }))

  it("is what mapTasks does with each item", () =>
    run(function* () {
      const sizes = asyncio.mapTasks(
        ["a", "bb"],
        function* (item, index) {
          yield* asyncio.sleep(1)
          return item.length + index
        },
        { concurrency: 2 }
      )

      assert.deepStrictEqual(yield* sizes, [1, 3])
    }))

  it("is what restart begins anew, and what is told of it", () =>
    run(function* () {
      const lines: Array<string> = []
      let runs = 0
      const value = yield* asyncio.restart(
        function* () {
          yield* asyncio.sleep(1)
          if (++runs < 3) return yield* Effect.fail(`crash ${runs}`)
          return "works"
        },
        Schedule.spaced(5),
        {
          onRestart: function* (error, delay) {
            yield* asyncio.sleep(1)
            lines.push(`${error}, ${delay} ms`)
          }
        }
      )

      assert.deepStrictEqual([value, ...lines], ["works", "crash 1, 5 ms", "crash 2, 5 ms"])
    }))

  it("is a program with a loop of its own", async () => {
    const program = asyncio.withLoop(function* () {
      const task = yield* asyncio.createTask(asyncio.sleep(0, "own"))
      return yield* task
    })

    assert.strictEqual(await Effect.runPromise(program), "own")
  })

  it("handles cancellations, all of them or a kind", () =>
    run(function* () {
      const handled = slow.pipe(
        asyncio.catchCancelled({
          disconnect: function* (error) {
            return yield* asyncio.sleep(1, `gone: ${error.reason}`)
          }
        }),
        asyncio.catchCancelled(function* (error) {
          return yield* asyncio.sleep(1, `stopped: ${error.reason}`)
        })
      )
      const tasks = [yield* asyncio.createTask(handled), yield* asyncio.createTask(handled)]
      yield* asyncio.sleep(0)

      yield* tasks[0]!.cancel("a")
      yield* tasks[1]!.cancel("b", { kind: "disconnect" })

      assert.deepStrictEqual(yield* asyncio.gather(tasks), ["stopped: a", "gone: b"])
    }))

  it("handles the failures of a group, inside and around it", () =>
    run(function* () {
      const lines: Array<string> = []
      const inside = asyncio.taskGroup(
        function* (group: asyncio.TaskGroup<string>) {
          yield* group.createTask(Effect.fail("member"))
          yield* quick
        },
        {
          onFailure: function* (error) {
            yield* asyncio.sleep(1)
            lines.push(error)
          }
        }
      )
      const around = asyncio
        .taskGroup(function* (group: asyncio.TaskGroup<RangeError>) {
          yield* group.createTask(Effect.fail(new RangeError("too big")))
        })
        .pipe(
          asyncio.catchGroup(RangeError, function* (group) {
            yield* asyncio.sleep(1)
            lines.push(String(group.leaves()[0]))
          })
        )

      yield* inside
      yield* around

      assert.deepStrictEqual(lines, ["member", "RangeError: too big"])
    }))

  it("is what a contest begins, and what it does with a value too many", () =>
    run(function* () {
      const discarded: Array<string> = []
      const discard = function* (value: string) {
        yield* asyncio.sleep(1)
        discarded.push(value)
      }
      const attempt = function* () {
        return yield* asyncio.sleep(1, "attempt")
      }

      const outcomes = [
        yield* asyncio.staggered("1 second", [attempt, attempt]),
        yield* asyncio.race([asyncio.sleep(1, "first"), asyncio.sleep(1, "second")], { discard })
      ]

      assert.deepStrictEqual([outcomes, discarded], [["attempt", "first"], ["second"]])
    }))

  it("is what goes through a barrier", () =>
    run(function* () {
      const barrier = yield* asyncio.Barrier.make(1)

      const index = yield* barrier.use(function* (index) {
        return yield* asyncio.sleep(1, index)
      })

      assert.strictEqual(index, 0)
    }))

  it("is a task, which begins anew for each call", () =>
    run(function* () {
      const body = function* () {
        const self = yield* asyncio.currentTask
        return self.getName()
      }

      const tasks = [yield* asyncio.createTask(body, { name: "a" }), yield* asyncio.createTask(body)]

      assert.deepStrictEqual([yield* tasks[0]!, yield* tasks[1]!], ["a", "Task-2"])
    }))

  it("may be the main task of a run and of a Runner, with what it fails with", async () => {
    const runner = new asyncio.Runner({ handleSigint: false })

    const value = await runner.run(function* () {
      return yield* quick
    })
    await runner.close()
    const failed = await run(function* () {
      return yield* Effect.fail("boom")
    }).catch((error: unknown) => error)

    assert.deepStrictEqual([value, failed], ["quick", "boom"])
  })

  it("may be called by the function around it, as Effect.gen does", () =>
    run(function* () {
      function* body(answer: string) {
        yield* asyncio.sleep(0)
        return answer
      }

      assert.strictEqual(yield* asyncio.timeout(10, () => body("called")), "called")
    }))

  it("ends with its task when that is cancelled", () =>
    run(function* () {
      const lines: Array<string> = []
      const task = yield* asyncio.createTask(function* () {
        yield* Effect.ensuring(
          slow,
          Effect.sync(() => void lines.push("cleaned up"))
        )
      })
      yield* asyncio.sleep(0)

      yield* asyncio.cancelAndWait([task])

      assert.deepStrictEqual(lines, ["cleaned up"])
    }))
})
