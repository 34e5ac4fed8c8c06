import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Data, Effect } from "effect"
import { failureOf, failuresOf, reportsOf, run } from "../support.ts"

const hour = asyncio.sleep("1 hour")
const errorsOf = (error: unknown) => (error as asyncio.ExceptionGroup).errors
const failsAt = (time: number, error: string) => Effect.andThen(asyncio.sleep(time), Effect.fail(error))

describe("a group that collects failures", () => {
  it("lets the rest go on, and fails with all failures when all are done", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const loop = yield* asyncio.getRunningLoop
        const grouped = asyncio.taskGroup(
          (group: asyncio.TaskGroup<string>) =>
            Effect.gen(function* () {
              yield* group.createTask(failsAt(1, "first"))
              yield* group.createTask(failsAt(3, "second"))
              const good = yield* group.createTask(asyncio.sleep(10, "good"))
              lines.push(yield* good, String(group))
            }),
          { onFailure: "collect" }
        )

        const error = yield* Effect.flip(grouped)

        lines.push(String(error), errorsOf(error), loop.time(), (yield* asyncio.currentTask).cancelling())
        assert.deepStrictEqual(lines, [
          "good",
          "<TaskGroup errors=2 entered>",
          "ExceptionGroup: unhandled errors in a TaskGroup (2 sub-exceptions)",
          ["first", "second"],
          10,
          0
        ])
      })
    ))

  it("cancels its tasks when the body fails, when it is cancelled, and at a Ctrl-C", () =>
    run(
      Effect.gen(function* () {
        const options = { onFailure: "collect" } as const
        const failingBody = asyncio.taskGroup(
          (group: asyncio.TaskGroup<string>) =>
            Effect.gen(function* () {
              yield* group.createTask(Effect.ensuring(hour, Effect.die("cleanup")))
              return yield* failsAt(5, "body")
            }),
          options
        )
        assert.deepStrictEqual(errorsOf(yield* failureOf(failingBody)), ["cleanup", "body"])

        const cancelled = yield* asyncio.createTask(
          asyncio.taskGroup((group) => Effect.andThen(group.createTask(hour), hour), options)
        )
        yield* asyncio.sleep(1)
        yield* cancelled.cancel("outside")
        assert.strictEqual(String(yield* Effect.flip(cancelled)), "CancelledError: outside")

        const interrupt = new asyncio.KeyboardInterrupt()
        const interrupted = asyncio.taskGroup(
          (group) => Effect.andThen(group.createTask(Effect.die(interrupt)), hour),
          options
        )
        const loop = yield* asyncio.getRunningLoop
        const before = loop.time()
        assert.strictEqual(yield* Effect.catchDefect(Effect.as(interrupted, undefined), Effect.succeed), interrupt)
        assert.strictEqual(loop.time(), before, "nobody waits for the hour")
      })
    ))
})

describe("a group with a handler for failures", () => {
  it("does not fail when the handler succeeds, and its tasks may still be awaited", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const grouped = asyncio.taskGroup(
          (group: asyncio.TaskGroup<string>) =>
            Effect.gen(function* () {
              const bad = yield* group.createTask(failsAt(1, "boom"), { name: "bad" })
              lines.push(yield* Effect.flip(bad))
              yield* group.createTask(failsAt(1, "last"), { name: "late" })
              return "result"
            }),
          {
            onFailure: (error, task) =>
              Effect.andThen(
                asyncio.sleep(5),
                Effect.sync(() => void lines.push([error, task.getName()]))
              )
          }
        )
        lines.push(yield* grouped, (yield* asyncio.getRunningLoop).time())
        assert.deepStrictEqual(lines, ["boom", ["boom", "bad"], ["last", "late"], "result", 7])
      })
    ))

  it("fails with what the handler fails with, and cancels the rest", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const grouped = asyncio.taskGroup(
          (group: asyncio.TaskGroup<string>) =>
            Effect.gen(function* () {
              yield* group.createTask(
                Effect.ensuring(
                  hour,
                  Effect.sync(() => void lines.push("cancelled"))
                )
              )
              yield* group.createTask(Effect.fail("boom"))
              yield* hour
            }),
          { onFailure: (error) => Effect.fail(`handled ${error}`) }
        )
        lines.push((yield* Effect.flip(grouped)).errors)
        const throwing = asyncio.taskGroup(
          (group: asyncio.TaskGroup<string>) => Effect.andThen(group.createTask(Effect.fail("boom")), hour),
          {
            onFailure: () => {
              throw new Error("in the handler")
            }
          }
        )
        lines.push((yield* failureOf(throwing)).errors.map(String))
        assert.deepStrictEqual(lines, ["cancelled", ["handled boom"], ["Error: in the handler"]])
      })
    ))

  it("collects what fails while the group is being cancelled", async () => {
    const lines: Array<unknown> = []
    const reports = await reportsOf(
      Effect.gen(function* () {
        const grouped = asyncio.taskGroup(
          (group: asyncio.TaskGroup<string>) =>
            Effect.gen(function* () {
              yield* group.createTask(Effect.ensuring(hour, Effect.die("cleanup")))
              yield* asyncio.sleep(1)
              yield* group.cancel
              yield* hour
            }),
          { onFailure: () => Effect.sync(() => void lines.push("handler")) }
        )
        lines.push((yield* failureOf(grouped)).errors)
      })
    )
    assert.deepStrictEqual([lines, reports], [[["cleanup"]], []])
  })

  it("cancels a handler that runs when the group is cancelled, and fails with what that has not dealt with", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(
          asyncio.taskGroup((group: asyncio.TaskGroup<string>) => group.createTask(Effect.fail("boom")), {
            onFailure: () => hour
          })
        )
        yield* asyncio.sleep(5)
        yield* task.cancel("stop")
        assert.deepStrictEqual(errorsOf(yield* Effect.flip(task)), ["boom"])
        assert.strictEqual((yield* asyncio.allTasks).size, 1)
      })
    ))

  it("refuses what is neither a word nor a function", () =>
    run(
      Effect.gen(function* () {
        const group = (options: unknown) => asyncio.taskGroup(() => Effect.void, options as never)
        assert.deepStrictEqual(
          yield* failuresOf([group(5), group({ onFailure: "ignore" }), group({ onFailure: null })]),
          [
            "TypeError: an object of options was expected by taskGroup(), got 5",
            `TypeError: "cancel", "collect" or a function was expected for onFailure of a task group, got 'ignore'`,
            `TypeError: "cancel", "collect" or a function was expected for onFailure of a task group, got null`
          ]
        )
      })
    ))
})

describe("a group", () => {
  it("gives its tasks that are not done, in the order they were made", () =>
    run(
      asyncio.taskGroup((group) =>
        Effect.gen(function* () {
          for (const [name, time] of [
            ["slow", 10],
            ["quick", 1],
            ["slower", 20]
          ] as const) {
            yield* group.createTask(asyncio.sleep(time), { name })
          }
          yield* asyncio.sleep(5)
          assert.deepStrictEqual(
            Array.from(group, (task) => task.getName()),
            ["slow", "slower"]
          )
          for (const task of group) yield* task.cancel()
          yield* asyncio.sleep(0)
          assert.deepStrictEqual([...group], [])
        })
      )
    ))
})

describe("a group that ends with a Ctrl-C in one of its tasks", () => {
  it("leaves what else has failed to be reported", async () => {
    const group = asyncio.taskGroup((group: asyncio.TaskGroup<string>) =>
      Effect.gen(function* () {
        yield* group.createTask(Effect.fail("lost"))
        yield* group.createTask(Effect.die(new asyncio.KeyboardInterrupt()))
        yield* hour
      })
    )

    const reports = await reportsOf(Effect.catchDefect(group, Effect.succeed))

    assert.deepStrictEqual(reports, ["Task exception was never retrieved"])
  })
})

describe("group.start", () => {
  const ready = <V>(group: asyncio.TaskGroup<string>, value: V, time = 1) =>
    group.start((started: asyncio.Started<V>) =>
      Effect.gen(function* () {
        yield* asyncio.sleep(time)
        yield* started(value)
        yield* hour
      })
    )

  it("waits until the task says that it is ready, and gives what it says", () =>
    run(
      Effect.gen(function* () {
        const loop = yield* asyncio.getRunningLoop
        yield* asyncio.taskGroup((group: asyncio.TaskGroup<string>) =>
          Effect.gen(function* () {
            assert.strictEqual(yield* ready(group, 8080, 5), 8080)
            assert.deepStrictEqual([loop.time(), [...group].length], [5, 1])
            yield* group.start((started: asyncio.Started) => started())
            yield* group.cancel
          })
        )
      })
    ))

  it("fails with the failure of a task that was not ready, and the group does not", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        yield* asyncio.taskGroup((group: asyncio.TaskGroup<string>) =>
          Effect.gen(function* () {
            lines.push(yield* Effect.flip(group.start(() => failsAt(1, "port in use"))))
            lines.push(...(yield* failuresOf([group.start(() => asyncio.sleep(1), { name: "mute" })])))
            lines.push(
              ...(yield* failuresOf([
                group.start(() => {
                  throw new Error("thrown")
                }),
                group.start((() => 5) as never),
                group.start(5 as never)
              ]))
            )
            const cancelled = group.start(() =>
              Effect.andThen(
                Effect.flatMap(asyncio.currentTask, (task) => task.cancel("me")),
                hour
              )
            )
            lines.push(String(yield* Effect.flip(cancelled)))
          })
        )
        assert.deepStrictEqual(lines, [
          "port in use",
          "RuntimeError: mute has ended without calling started()",
          "Error: thrown",
          "TypeError: an Effect was expected by start(), got 5",
          "TypeError: a function was expected by start(), got 5",
          "CancelledError: me"
        ])
      })
    ))

  it("leaves what fails afterwards to the group", () =>
    run(
      Effect.gen(function* () {
        const error = yield* Effect.flip(
          asyncio.taskGroup((group: asyncio.TaskGroup<string>) =>
            Effect.gen(function* () {
              yield* group.start((started: asyncio.Started) => Effect.andThen(started(), failsAt(1, "later")))
              yield* hour
            })
          )
        )
        assert.deepStrictEqual(errorsOf(error), ["later"])
      })
    ))

  it("cancels the task when the one who waits is cancelled, and waits for its cleanup", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const loop = yield* asyncio.getRunningLoop
        const task = yield* asyncio.createTask(
          asyncio.taskGroup((group: asyncio.TaskGroup<string>) =>
            Effect.gen(function* () {
              const starting = group.start(() => Effect.ensuring(hour, asyncio.sleep(7)))
              const timedOut = yield* asyncio.moveOn(5, starting)
              lines.push(timedOut.timedOut, loop.time(), [...group].length)
              yield* group.start(() => Effect.ensuring(hour, asyncio.sleep(7)))
            })
          )
        )
        yield* asyncio.sleep(20)
        yield* task.cancel("stop")
        lines.push(String(yield* Effect.flip(task)), loop.time())
        assert.deepStrictEqual(lines, [true, 12, 0, "CancelledError: stop", 27])
      })
    ))

  it("lets the task alone that is ready, when the one who waits is cancelled before it hears of that", () =>
    run(
      asyncio.taskGroup((group: asyncio.TaskGroup<never>) =>
        Effect.gen(function* () {
          const lines: Array<string> = []
          const serve = (started: asyncio.Started): Effect.Effect<void> =>
            Effect.gen(function* () {
              yield* asyncio.sleep(1)
              yield* started()
              yield* starter.cancel("stop")
              yield* asyncio.sleep(1)
              lines.push("serves")
            })
          const starter: asyncio.Task<void, unknown> = yield* asyncio.createTask(group.start(serve))
          lines.push(String(yield* Effect.flip(starter)))
          yield* asyncio.sleep(5)
          assert.deepStrictEqual(lines, ["CancelledError: stop", "serves"])
        })
      )
    ))

  it("does not wait for a task that waits for the one who waits, when the fiber of that one is interrupted", () =>
    run(
      asyncio.taskGroup((group: asyncio.TaskGroup<never>) =>
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          const starter: asyncio.Task<unknown, unknown> = yield* asyncio.createTask(
            Effect.timeoutOption(
              group.start(() => Effect.orDie(starter)),
              5
            )
          )
          yield* Effect.exit(starter)
          assert.strictEqual(loop.time(), 5)
        })
      )
    ))

  it("gives the value of a task that said it in spite of the cancellation, which is then the task's", () =>
    run(
      Effect.gen(function* () {
        const seen = yield* asyncio.taskGroup((group: asyncio.TaskGroup<string>) =>
          Effect.gen(function* () {
            const stubborn = group.start((started: asyncio.Started<string>) =>
              asyncio.catchCancelled(hour, () => started("all the same"))
            )
            return yield* asyncio.moveOn(5, stubborn)
          })
        )
        assert.deepStrictEqual(seen, { timedOut: false, value: "all the same" })
      })
    ))

  it("is a defect of whoever says it twice, or when it is over", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        let leaked: asyncio.Started = () => Effect.void
        yield* asyncio.taskGroup((group: asyncio.TaskGroup<string>) =>
          Effect.gen(function* () {
            yield* group.start((started: asyncio.Started) =>
              Effect.gen(function* () {
                yield* started()
                lines.push(...(yield* failuresOf([started()])))
              })
            )
            yield* Effect.ignore(
              group.start((started: asyncio.Started) => {
                leaked = started
                return Effect.fail("before")
              })
            )
            lines.push(...(yield* failuresOf([leaked()])))
          })
        )
        const message = "RuntimeError: started() was called when it was known already how the task has started"
        assert.deepStrictEqual(lines, [message, message])
      })
    ))

  it("is over in a group that fails, or takes no more", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const grouped = asyncio.taskGroup((group: asyncio.TaskGroup<string>) =>
          Effect.gen(function* () {
            yield* group.createTask(failsAt(5, "boom"))
            const starting = group.start(() => hour)
            yield* Effect.onInterrupt(starting, () => Effect.sync(() => void lines.push("cancelled")))
          })
        )
        lines.push(errorsOf(yield* Effect.flip(grouped)))
        let over: asyncio.TaskGroup<string> | undefined
        yield* asyncio.taskGroup((group: asyncio.TaskGroup<string>) => Effect.sync(() => void (over = group)))
        lines.push(...(yield* failuresOf([over!.start(() => hour)])))
        assert.deepStrictEqual(lines, [
          "cancelled",
          ["boom"],
          "RuntimeError: TaskGroup <TaskGroup entered> is finished"
        ])
      })
    ))

  it("can tell in an eager first step", () =>
    run(
      asyncio.taskGroup((group: asyncio.TaskGroup<string>) =>
        Effect.gen(function* () {
          const value = yield* group.start((started: asyncio.Started<number>) => started(1), { eagerStart: true })
          assert.strictEqual(value, 1)
        })
      )
    ))
})

describe("a group whose failures are dealt with", () => {
  const lines: Array<string> = []
  const onFailure = (error: unknown) => Effect.sync(() => void lines.push(`dealt with ${String(error)}`))

  it("has no report of them", async () => {
    lines.length = 0
    const reports = await reportsOf(
      asyncio.taskGroup((group: asyncio.TaskGroup<Error>) => group.createTask(Effect.fail(new Error("boom"))), {
        onFailure
      })
    )

    assert.deepStrictEqual([lines, reports], [["dealt with Error: boom"], []])
  })

  it("ends with a Ctrl-C in one of its tasks all the same", async () => {
    lines.length = 0
    const interrupt = new asyncio.KeyboardInterrupt()
    const group = asyncio.taskGroup((group) => group.createTask(Effect.die(interrupt)), { onFailure })

    const seen = await run(Effect.catchDefect(Effect.asVoid(group), Effect.succeed))

    assert.deepStrictEqual([seen, lines], [interrupt, []])
  })

  it("fails with those in the cleanup of tasks that it has cancelled", async () => {
    lines.length = 0
    const cleanup = Effect.ensuring(asyncio.sleep("1 hour"), Effect.die(new Error("cleanup")))
    const group = asyncio.taskGroup(
      (group) => Effect.andThen(group.createTask(cleanup), Effect.andThen(asyncio.sleep(1), group.cancel)),
      { onFailure }
    )

    const error = await run(failureOf(group))

    assert.deepStrictEqual([error.errors.map(String), lines], [["Error: cleanup"], []])
  })
})

describe("a group with a defect in it", () => {
  class Offline extends Data.TaggedError("Offline") {}
  const ends: Record<string, (group: asyncio.TaskGroup<Offline>) => Effect.Effect<unknown>> = {
    "of a task": (group) => Effect.andThen(group.createTask(Effect.die(new TypeError("bug"))), hour),
    "of the body": () => Effect.die(new TypeError("bug")),
    "of the body, which throws": () => {
      throw new TypeError("bug")
    },
    "of a group in it": (group) =>
      group.createTask(asyncio.taskGroup((inner) => Effect.asVoid(inner.createTask(Effect.die(new TypeError("bug"))))))
  }

  for (const [place, end] of Object.entries(ends)) {
    it(`dies with all of it, and no handler for failures is asked about a defect ${place}`, async () => {
      const seen: Array<string> = []
      const note = (what: string) => () => Effect.sync(() => void seen.push(what))
      const cleanup = Effect.onInterrupt(hour, () => Effect.fail(new Offline()))
      const group = asyncio.taskGroup((group: asyncio.TaskGroup<Offline>) =>
        Effect.andThen(
          group.createTask(cleanup),
          Effect.andThen(
            asyncio.sleep(0),
            Effect.suspend(() => end(group))
          )
        )
      )
      const handled = [
        asyncio.catchGroup(group, Offline, note("catchGroup")),
        Effect.catchTag(group, "ExceptionGroup", note("catchTag")),
        Effect.catch(group, note("catch"))
      ]

      const defects = await Promise.all(handled.map((each) => run(Effect.catchDefect(each, Effect.succeed))))

      const leaves = defects.map((defect) => (defect as asyncio.ExceptionGroup).leaves().map(String).toSorted())
      const all = ["Offline", "TypeError: bug"]
      assert.deepStrictEqual([leaves, seen], [[all, all, all], []])
    })
  }

  it("is cancelled where its failures are dealt with, or collected", async () => {
    const dealt: Array<unknown> = []
    const bodies = (["cancel", "collect", (error: Offline) => Effect.sync(() => dealt.push(error))] as const).map(
      (onFailure) =>
        asyncio.taskGroup(
          (group: asyncio.TaskGroup<Offline>) =>
            Effect.andThen(
              group.createTask(Effect.andThen(asyncio.sleep(1), Effect.die("bug")), { name: "broken" }),
              group.createTask(Effect.fail(new Offline()), { name: "offline" })
            ),
          { onFailure }
        )
    )

    const groups = await Promise.all(bodies.map((body) => run(failureOf(body))))

    const ended = groups.map((group) => errorsOf(group).map(String))
    assert.deepStrictEqual([ended, dealt.map(String)], [[["Offline"], ["Offline", "bug"], ["bug"]], ["Offline"]])
  })
})
