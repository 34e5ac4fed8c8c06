// An Effect in an async function, an async function in an Effect: one task.
import * as asyncio from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/compat/testing"
import { Context, Effect, Exit, Fiber, Layer } from "effect"
import { assert, describe, it } from "vitest"
import { deferred, macrotask, rejection, run, runningLoop, self, text, thrown } from "../support.ts"

class Config extends Context.Service<Config, { readonly name: string }>()("test/Config") {}

/** Runs a program of core. */
const runCore = <A, E>(main: Effect.Effect<A, E>, options?: core.RunOptions): Promise<A> =>
  core.run(main, { loopFactory: makeVirtualTimeLoop, handleSigint: false, ...options })

const hour = () => asyncio.sleep("1 hour")

/** Notes that it was interrupted, after some cleanup. */
const guarded = <A, E>(lines: Array<string>, name: string, effect: Effect.Effect<A, E>, cleanup = 1) =>
  Effect.onInterrupt(effect, () =>
    Effect.andThen(
      core.sleep(cleanup),
      Effect.sync(() => lines.push(`${name} cleaned up`))
    )
  )

describe("runEffect", () => {
  it("gives what the Effect gives, and rejects with what it fails with", () =>
    run(async () => {
      const typed = { _tag: "Typed" }
      const defect = new Error("defect")

      const seen = [
        await asyncio.runEffect(Effect.succeed(1)),
        await asyncio.runEffect(core.sleep(1, "slept")),
        await rejection(asyncio.runEffect(Effect.fail(typed))),
        await rejection(asyncio.runEffect(Effect.delay(Effect.fail(typed), 1))),
        await rejection(asyncio.runEffect(Effect.die(defect)))
      ]

      const expected = [1, "slept", typed, typed, defect]
      assert.deepStrictEqual(seen, expected)
      for (const n of [2, 3, 4]) assert.strictEqual(seen[n], expected[n])
    }))

  it("runs in the current task, on its loop", () =>
    run(async () => {
      const [task, loop] = await asyncio.runEffect(Effect.all([core.currentTask, core.getRunningLoop]))

      assert.strictEqual(asyncio.Task.of(task), self())
      assert.strictEqual(asyncio.EventLoop.of(loop), asyncio.getRunningLoop())
      assert.deepStrictEqual(
        await asyncio.runEffect(Effect.sync(() => [asyncio.currentTask() === self(), asyncio.allTasks().size])),
        [true, 1]
      )
    }))

  it("sees the services given to run, and fails with Effect's own error for one that nobody gave", async () => {
    const name = Effect.map(Config, (config) => config.name)
    const runtime = Layer.succeed(Config, { name: "production" })

    const seen = await run(
      async () => [
        await asyncio.runEffect(name),
        await asyncio.createTask(() => asyncio.runEffect(name)),
        await asyncio.createTask(name),
        await asyncio.timeout(5, () => asyncio.runEffect(name))
      ],
      { runtime }
    )

    assert.deepStrictEqual(seen, ["production", "production", "production", "production"])
    assert.match(await text(run(() => asyncio.runEffect(name))), /Service not found: test\/Config/)
  })

  it("shares context variables with the code around it", () =>
    run(async () => {
      const user = asyncio.ContextVar.make("user", { defaultValue: "nobody" })
      user.set("ada")

      const seen = await asyncio.runEffect(
        Effect.gen(function* () {
          const before = yield* user.core.get()
          yield* user.core.set("grace")
          return [before, user.get()]
        })
      )

      assert.deepStrictEqual([seen, user.get()], [["ada", "grace"], "grace"])
    }))

  it("takes no iteration for an Effect that does not suspend", () =>
    run(async () => {
      const lines: Array<string> = []
      asyncio.getRunningLoop().callSoon(() => lines.push("callback"))

      await asyncio.runEffect(Effect.sync(() => lines.push("effect")))

      lines.push("main")
      await asyncio.sleep(0)
      assert.deepStrictEqual(lines, ["effect", "main", "callback"])
    }))

  it("takes no iteration for an async function in the Effect that awaits what is there already", () =>
    run(async () => {
      const lines: Array<string> = []
      const there = asyncio.getRunningLoop().createFuture<string>()
      there.setResult("function")
      const inside = asyncio.toEffect(async () => lines.push(await there))
      const task = asyncio.createTask(async () => {
        await asyncio.runEffect(inside)
        lines.push("task")
      })
      asyncio.getRunningLoop().callSoon(() => lines.push("callback"))

      await task

      assert.deepStrictEqual(lines, ["function", "task", "callback"])
    }))

  it("rejects with a TypeError for what is no Effect", async () => {
    const junk = await run(() => text(asyncio.runEffect((() => 1) as unknown as Effect.Effect<number>)))

    assert.strictEqual(junk, "TypeError: an Effect was expected by runEffect(), got a function")
  })
})

describe("a cancellation of a task in runEffect", () => {
  /** Cancels a task at `when`, and gives how it ended, when, and what was noted. */
  const cancelDuring = async (
    body: (lines: Array<string>) => Promise<unknown>,
    when = 1
  ): Promise<ReadonlyArray<unknown>> => {
    const lines: Array<string> = []
    const began = runningLoop().time()
    const task = asyncio.createTask(() => body(lines), { name: "worker" })
    asyncio.getRunningLoop().callLater(when, () => task.cancel("enough"))
    const error = await rejection(task)
    assert.instanceOf(error, asyncio.CancelledError)
    return [...lines, String(error), task.cancelled(), runningLoop().time() - began]
  }

  it("runs the finalizers and waits for them, for an await of core and for a foreign effect", () =>
    run(async () => {
      const foreign: Record<string, Effect.Effect<unknown>> = {
        "core.sleep": core.sleep("1 hour"),
        "Effect.sleep": Effect.sleep("1 hour"),
        "Effect.never": Effect.never,
        "Effect.promise": Effect.promise(() => new Promise(() => {})),
        "a fiber": Effect.flatMap(Effect.forkChild(Effect.never), Fiber.join),
        "Effect.all": Effect.all([core.sleep("1 hour"), Effect.never], { concurrency: "unbounded" })
      }
      for (const [name, effect] of Object.entries(foreign)) {
        assert.deepStrictEqual(await cancelDuring((lines) => asyncio.runEffect(guarded(lines, name, effect, 5))), [
          `${name} cleaned up`,
          "CancelledError: enough",
          true,
          6
        ])
      }
    }))

  it("waits for the end of an uninterruptible region, and is delivered there or at the next await", () =>
    run(async () => {
      const uninterruptible = (lines: Array<string>) =>
        Effect.uninterruptible(
          Effect.andThen(
            core.sleep(5),
            Effect.sync(() => void lines.push("region ends"))
          )
        )

      const inside = await cancelDuring((lines) =>
        asyncio.runEffect(Effect.andThen(uninterruptible(lines), core.sleep("1 hour")))
      )
      const after = await cancelDuring(async (lines) => {
        await asyncio.runEffect(uninterruptible(lines))
        lines.push("await ends")
        await hour()
      })

      assert.deepStrictEqual(inside, ["region ends", "CancelledError: enough", true, 5])
      assert.strictEqual(after.at(-1), 5)
      assert.deepStrictEqual(after.slice(-3, -1), ["CancelledError: enough", true])
    }))

  it("can be caught in the Effect, and the task goes on", () =>
    run(async () => {
      const task = asyncio.createTask(async () => {
        const caught = await asyncio.runEffect(
          core.catchCancelled(core.sleep("1 hour"), (error) => Effect.succeed(`${error.requestedBy}: ${error.reason}`))
        )
        const foreign = await asyncio.runEffect(
          core.catchCancelled(Effect.never, (error) => Effect.succeed(error.reason))
        )
        return [caught, foreign, await asyncio.sleep(1, "goes on"), self().cancelling()]
      })
      await asyncio.sleep(1)
      task.cancel("first")
      await asyncio.sleep(1)

      task.cancel("second")

      assert.deepStrictEqual(await task, ["Task-1: first", "second", "goes on", 2])
    }))

  it("can be caught by the function around it, for a foreign effect as well", () =>
    run(async () => {
      const task = asyncio.createTask(async () => {
        const seen = [await text(asyncio.runEffect(Effect.never))]
        seen.push(await asyncio.runEffect(core.sleep(1, "goes on")))
        return seen
      })
      await asyncio.sleep(1)

      task.cancel("first")

      assert.deepStrictEqual(await task, ["CancelledError: first", "goes on"])
    }))

  it("reaches every one of several beside each other, and awaits of another kind", () =>
    run(async () => {
      const seen = await cancelDuring((lines) =>
        Promise.all([
          asyncio.runEffect(guarded(lines, "core", core.sleep("1 hour"))),
          asyncio.runEffect(guarded(lines, "foreign", Effect.never)),
          asyncio.runEffect(
            guarded(
              lines,
              "promise",
              Effect.promise(() => new Promise(() => {}))
            )
          ),
          hour().finally(() => lines.push("sleep"))
        ]).finally(() => asyncio.sleep(10))
      )

      assert.deepStrictEqual(seen.slice(0, -3).map(String).toSorted(), [
        "core cleaned up",
        "foreign cleaned up",
        "promise cleaned up",
        "sleep"
      ])
      assert.deepStrictEqual(seen.slice(-3, -1), ["CancelledError: enough", true])
    }))

  it("that is withdrawn before it was delivered is forgotten", () =>
    run(async () => {
      const task = asyncio.createTask(() => asyncio.runEffect(Effect.delay(Effect.succeed("went on"), 5)))
      await asyncio.sleep(1)

      task.cancel("a mistake")
      const left = task.uncancel()

      assert.deepStrictEqual([left, await task], [0, "went on"])
    }))

  it("from inside of it is delivered at the Effect's next await", () =>
    run(async () => {
      const lines: Array<string> = []
      const task = asyncio.createTask(() =>
        asyncio.runEffect(
          guarded(
            lines,
            "effect",
            Effect.gen(function* () {
              yield* (yield* core.currentTask).cancel("myself")
              lines.push("goes on to the next await")
              yield* core.sleep("1 hour")
            })
          )
        )
      )

      lines.push(await text(task))

      assert.deepStrictEqual(lines, ["goes on to the next await", "effect cleaned up", "CancelledError: myself"])
    }))

  it("from inside of it, before a foreign effect, interrupts that", () =>
    run(async () => {
      const task = asyncio.createTask(() =>
        asyncio.runEffect(
          Effect.andThen(
            Effect.sync(() => self().cancel("myself")),
            Effect.never
          )
        )
      )

      assert.strictEqual(await text(task), "CancelledError: myself")
    }))

  it("asked right before it begins is delivered to it", () =>
    run(async () => {
      const lines: Array<string> = []
      const of = (effect: Effect.Effect<unknown>) =>
        asyncio.createTask(async () => {
          self().cancel("before")
          await asyncio.runEffect(effect)
        })

      lines.push(await text(of(core.sleep("1 hour"))), await text(of(Effect.never)), await text(of(Effect.sleep(5))))

      assert.deepStrictEqual(lines, ["CancelledError: before", "CancelledError: before", "CancelledError: before"])
    }))

  it("is no failure that Effect.catch or retry could swallow", () =>
    run(async () => {
      const seen = await cancelDuring((lines) =>
        asyncio.runEffect(Effect.catch(core.sleep("1 hour"), () => Effect.sync(() => lines.push("swallowed"))))
      )

      assert.deepStrictEqual(seen, ["CancelledError: enough", true, 1])
    }))
})

describe("core's scopes in runEffect", () => {
  it("time out alone", () =>
    run(async () => {
      const slow = (effect: Effect.Effect<unknown>) => text(asyncio.runEffect(core.timeout(5, effect)))

      const seen = [await slow(core.sleep("1 hour")), await slow(Effect.never), self().cancelling()]

      assert.deepStrictEqual([seen, runningLoop().time()], [["TimeoutError", "TimeoutError", 0], 10])
    }))

  it("time out beside each other and beside other awaits without disturbing them", () =>
    run(async () => {
      const settled = await Promise.allSettled([
        asyncio.runEffect(core.timeout(5, core.sleep("1 hour"))),
        asyncio.runEffect(core.timeout(5, Effect.never)),
        asyncio.runEffect(core.sleep(10, "effect")),
        asyncio.runEffect(Effect.delay(Effect.succeed("foreign"), 10)),
        asyncio.timeout(20, () => asyncio.sleep(10, "branch")),
        asyncio.sleep(10, "sleep")
      ])

      assert.deepStrictEqual(
        settled.map((each) => (each.status === "fulfilled" ? each.value : String(each.reason))),
        ["TimeoutError", "TimeoutError", "effect", "foreign", "branch", "sleep"]
      )
      assert.deepStrictEqual([self().cancelling(), await asyncio.sleep(1, "goes on")], [0, "goes on"])
    }))

  it("hold task groups, whose failure does not disturb what is beside them", () =>
    run(async () => {
      const group = core.taskGroup((group: core.TaskGroup<Error>) =>
        Effect.gen(function* () {
          yield* group.createTask(Effect.andThen(core.sleep(1), Effect.fail(new Error("boom"))))
          yield* core.sleep("1 hour")
        })
      )

      const [failed, other] = await Promise.allSettled([asyncio.runEffect(group), asyncio.sleep(5, "other")])

      assert.deepStrictEqual(
        [failed.status === "rejected" && (failed.reason as asyncio.ExceptionGroup).errors.map(String), other],
        [["Error: boom"], { status: "fulfilled", value: "other" }]
      )
      assert.strictEqual(self().cancelling(), 0)
    }))

  it("are cancelled by a timeout of compat around them, and the other way round", () =>
    run(async () => {
      const lines: Array<string> = []

      const errors = [
        await text(
          asyncio.timeout(5, () => asyncio.runEffect(guarded(lines, "inner", core.timeout(100, Effect.never))))
        ),
        await text(
          asyncio.runEffect(
            core.timeout(
              5,
              asyncio.toEffect(() => asyncio.timeout(100, () => hour().finally(() => lines.push("compat cleaned up"))))
            )
          )
        )
      ]

      assert.deepStrictEqual(
        [lines, errors],
        [
          ["inner cleaned up", "compat cleaned up"],
          ["TimeoutError", "TimeoutError"]
        ]
      )
      assert.strictEqual(self().cancelling(), 0)
    }))
})

describe("toEffect", () => {
  it("runs the function in the task that runs the Effect, with its services", () =>
    runCore(
      Effect.gen(function* () {
        const seen = yield* asyncio.toEffect(async (task) => {
          await asyncio.sleep(1)
          return [task === self(), self().getName(), (await asyncio.runEffect(Config)).name]
        })

        assert.deepStrictEqual(seen, [true, "main", "inside"])
      }).pipe(Effect.provideService(Config, { name: "inside" })),
      { name: "main" }
    ))

  it("fails with an error with a tag, whose cause is what the function rejects with or throws", () =>
    runCore(
      Effect.gen(function* () {
        const error = new Error("no")
        const causeOf = <A>(effect: ReturnType<typeof asyncio.toEffect<A>>) =>
          Effect.catchTag(effect, "UnknownError", ({ cause }) => Effect.succeed(cause))

        const seen = [
          yield* causeOf(asyncio.toEffect(() => Promise.reject(error))),
          yield* causeOf(
            asyncio.toEffect(() => {
              throw error
            })
          ),
          yield* asyncio.toEffect(() => asyncio.sleep(1, "value")),
          yield* asyncio.toEffect(() => "plain")
        ]

        assert.deepStrictEqual(seen, [error, error, "value", "plain"])
      })
    ))

  it("is where it was, behind a bound function that was called from an Effect in between", () =>
    run(async () => {
      const body = async () => {
        Effect.runSync(Effect.sync(asyncio.bind(() => {})))
        return await asyncio.sleep(0, "slept")
      }

      assert.strictEqual(await asyncio.runEffect(asyncio.toEffect(body)), "slept")
    }))

  it("throws a TypeError for what is no function, at the call", () => {
    const attempt = () => asyncio.toEffect(1 as unknown as () => void)

    assert.throws(attempt, TypeError, "a coroutine function was expected, got 1")
  })

  it("gets the cancellation of its task, with who asked and why, and its cleanup is awaited", () =>
    runCore(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const task = yield* core.createTask(
          asyncio.toEffect(async () => {
            const { signal } = self()
            try {
              await hour()
            } catch (error) {
              if (!(error instanceof asyncio.CancelledError)) throw error
              lines.push(`${error.requestedBy}: ${error.reason}`, `signal: ${signal.aborted}`)
              await asyncio.sleep(5)
              lines.push("cleaned up")
              throw error
            }
          })
        )
        yield* core.sleep(1)

        yield* task.cancel("enough")

        const exit = yield* Effect.exit(task)
        assert.deepStrictEqual(lines, ["main: enough", "signal: true", "cleaned up"])
        assert.deepStrictEqual(
          { cancelled: task.cancelled(), failed: Exit.isFailure(exit) },
          { cancelled: true, failed: true }
        )
      }),
      { name: "main" }
    ))

  it("is cancelled by a timeout of core, and by one that interrupts natively", () =>
    runCore(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const body = asyncio.toEffect(async () => {
          try {
            await hour()
          } finally {
            await asyncio.sleep(5)
            lines.push("cleaned up")
          }
        })

        const ours = yield* Effect.flip(core.timeout(5, body))
        const effects = yield* Effect.flip(Effect.timeout(body, 5))

        assert.deepStrictEqual(
          [String(ours), String(effects)],
          ["TimeoutError", "TimeoutError: Operation timed out after '5ms'"]
        )
        assert.deepStrictEqual(lines, ["cleaned up", "cleaned up"])
      })
    ))

  it("is cancelled by a native interrupt of its fiber, which waits for its cleanup", () =>
    runCore(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const plain = deferred()
        const fiber = yield* Effect.forkChild(
          asyncio.toEffect(async () => {
            const { signal } = self()
            signal.addEventListener("abort", () => lines.push("signal"))
            await hour().catch((error) => lines.push(String(error)))
            await plain.promise
            lines.push("cleaned up")
          })
        )
        yield* core.sleep(1)
        const loop = yield* core.getRunningLoop
        loop.callLaterUnsafe(5, () => plain.resolve())

        yield* Fiber.interrupt(fiber)

        assert.deepStrictEqual([lines.toSorted(), loop.time()], [["CancelledError", "cleaned up", "signal"], 6])
      })
    ))

  it("has every further await cancelled, and its end waited for, when the task's own fiber is interrupted natively", () =>
    runCore(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const plain = deferred()
        let fiber: Fiber.Fiber<unknown, unknown> | undefined
        const task = yield* core.createTask(
          Effect.withFiber((own) => {
            fiber = own
            return asyncio.toEffect(async () => {
              for (let n = 0; n < 2; n++) await hour().catch((error) => lines.push(String(error)))
              await plain.promise
              lines.push("cleaned up")
              return "result"
            })
          })
        )
        yield* core.sleep(1)
        const loop = yield* core.getRunningLoop
        loop.callLaterUnsafe(5, () => plain.resolve())

        yield* Fiber.interrupt(fiber!)

        assert.deepStrictEqual([lines, loop.time()], [["CancelledError", "CancelledError", "cleaned up"], 6])
        yield* Effect.exit(task)
        assert.isTrue(task.cancelled())
      })
    ))

  it("is not disturbed in an uninterruptible region, at whose end the cancellation arrives", () =>
    runCore(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const body = asyncio.toEffect(async () => {
          const { signal } = self()
          lines.push(await asyncio.sleep(5, "slept"))
          await asyncio.sleep(1)
          lines.push(`signal: ${signal.aborted}`)
        })
        const task = yield* core.createTask(Effect.andThen(Effect.uninterruptible(body), core.sleep("1 hour")))
        yield* core.sleep(1)

        yield* task.cancel("later")

        yield* Effect.exit(task)
        const loop = yield* core.getRunningLoop
        assert.deepStrictEqual(
          { lines, cancelled: task.cancelled(), time: loop.time() },
          { lines: ["slept", "signal: false"], cancelled: true, time: 6 }
        )
      })
    ))

  it("hands a cancellation that it got too late to the Effect around it", () =>
    runCore(
      Effect.gen(function* () {
        const plain = deferred()
        const task = yield* core.createTask(
          Effect.gen(function* () {
            const result = yield* asyncio.toEffect(() => asyncio.taskGroup(() => plain.promise).catch(String))
            return [result, yield* core.sleep("1 hour")]
          })
        )
        yield* core.sleep(1)
        yield* task.cancel("too late for the function")

        plain.resolve()

        const error = yield* Effect.flip(task)
        assert.deepStrictEqual([String(error), task.cancelled()], ["CancelledError: too late for the function", true])
      })
    ))

  it("gets a task of its own in a branch of Effect.all and in a plain fiber", () =>
    runCore(
      Effect.gen(function* () {
        const name = asyncio.toEffect(async () => {
          await asyncio.sleep(1)
          return self().getName()
        })

        const names = yield* Effect.all([name, name], { concurrency: "unbounded" })
        const forked = yield* Fiber.join(yield* Effect.forkChild(name))

        assert.deepStrictEqual([names, forked, yield* name], [["Task-1", "Task-2"], "Task-3", "main"])
      }),
      { name: "main" }
    ))

  it("has the branch cancelled with its task", () =>
    runCore(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const body = (name: string) =>
          asyncio.toEffect(() => hour().finally(() => asyncio.sleep(1).then(() => lines.push(name))))
        const task = yield* core.createTask(Effect.all([body("a"), body("b")], { concurrency: "unbounded" }))
        yield* core.sleep(1)

        yield* task.cancel("both")

        yield* Effect.exit(task)
        assert.deepStrictEqual([lines, task.cancelled()], [["a", "b"], true])
      })
    ))

  it("shares context variables with the Effect around it", () =>
    runCore(
      Effect.gen(function* () {
        const user = asyncio.ContextVar.make("user", { defaultValue: "nobody" })
        yield* user.core.set("ada")

        const seen = yield* asyncio.toEffect(async () => {
          const before = user.get()
          await asyncio.sleep(1)
          user.set("grace")
          return before
        })

        assert.deepStrictEqual([seen, yield* user.core.get()], ["ada", "grace"])
      })
    ))

  it("leaves nothing due of a timeout that it has ended late", () =>
    run(async () => {
      const hangs = deferred()
      const body = async () => {
        await hour().catch(() => {})
        await using _ = asyncio.timeout(1)
        await hangs.promise
      }
      const slept = core.catchCancelled(Effect.as(core.sleep(1), "slept"), () => Effect.succeed("cancelled"))
      const late = Effect.catchTag(asyncio.toEffect(body), "UnknownError", ({ cause }) => Effect.succeed(String(cause)))
      const task = asyncio.createTask(Effect.all([late, slept]))
      await asyncio.sleep(0)
      task.cancel()
      asyncio.getRunningLoop().callLater(5, () => hangs.resolve())

      assert.deepStrictEqual(await task, ["TimeoutError", "slept"])
    }))
})

describe("three levels", () => {
  const Level = Context.Reference<number>("test/Level", { defaultValue: () => 0 })

  it("are one task, with the services of each level", () =>
    run(async () => {
      const me = self()
      const seen: Array<unknown> = []
      const note = (level: number) => seen.push([self() === me, level])

      await asyncio.runEffect(
        Effect.gen(function* () {
          note(yield* Level)
          yield* asyncio.toEffect(async () => {
            await asyncio.sleep(1)
            note(await asyncio.runEffect(Level))
            await asyncio.runEffect(
              Effect.gen(function* () {
                yield* core.sleep(1)
                note(yield* Level)
                yield* asyncio.toEffect(async () => note(await asyncio.runEffect(Level)))
              }).pipe(Effect.provideService(Level, 2))
            )
          })
        }).pipe(Effect.provideService(Level, 1))
      )

      assert.deepStrictEqual(seen, [
        [true, 1],
        [true, 1],
        [true, 2],
        [true, 2]
      ])
    }))

  it("are cancelled from the outside in, and clean up from the inside out", () =>
    run(async () => {
      const lines: Array<string> = []
      const compat = (name: string, body: () => Promise<unknown>) => async () => {
        try {
          await body()
        } catch (error) {
          await asyncio.sleep(1)
          lines.push(`${name}: ${String(error)}`)
          throw error
        }
      }
      const innermost = asyncio.toEffect(compat("innermost", hour))
      const middle = compat("middle", () => asyncio.runEffect(guarded(lines, "inner effect", innermost)))
      const outer = guarded(lines, "outer effect", asyncio.toEffect(middle))
      const task = asyncio.createTask(compat("outermost", () => asyncio.runEffect(outer)))
      await asyncio.sleep(1)

      task.cancel("all the way")

      lines.push(await text(task))
      assert.deepStrictEqual(lines, [
        "innermost: CancelledError: all the way",
        "inner effect cleaned up",
        "middle: CancelledError: all the way",
        "outer effect cleaned up",
        "outermost: CancelledError: all the way",
        "CancelledError: all the way"
      ])
    }))

  it("can catch it at any level", () =>
    run(async () => {
      const task = asyncio.createTask(() =>
        asyncio.runEffect(
          Effect.gen(function* () {
            const caught = yield* asyncio.toEffect(() =>
              asyncio.runEffect(asyncio.toEffect(hour)).catch((error: unknown) => String(error))
            )
            return [caught, yield* core.sleep(1, "goes on")]
          })
        )
      )
      await asyncio.sleep(1)

      task.cancel("stop")

      assert.deepStrictEqual(await task, ["CancelledError: stop", "goes on"])
    }))
})

describe("compat functions in an Effect", () => {
  it("work where they do not wait, in a task of core", () =>
    runCore(
      Effect.gen(function* () {
        const me = yield* core.currentTask
        const created = yield* Effect.sync(() =>
          asyncio.createTask(() => asyncio.sleep(1, "compat"), { name: "compat" })
        )
        const seen = yield* Effect.sync(() => ({
          isMe: asyncio.currentTask()?.core === me,
          isRunning: asyncio.getRunningLoop().isRunning(),
          tasks: Array.from(asyncio.allTasks(), (task) => task.getName())
        }))
        const gathered = yield* Effect.sync(() => asyncio.gather([created, () => asyncio.sleep(2, "second")]))

        assert.deepStrictEqual(
          [seen, yield* gathered],
          [{ isMe: true, isRunning: true, tasks: ["main", "compat"] }, ["compat", "second"]]
        )
      }),
      { name: "main" }
    ))

  it("give tasks they make the services of the fiber", () =>
    runCore(
      Effect.gen(function* () {
        const name = Effect.map(Config, (config) => config.name)
        const tasks = yield* Effect.sync(() => [
          asyncio.createTask(() => asyncio.runEffect(name)),
          asyncio.createTask(name),
          asyncio.ensureFuture(name)
        ])

        assert.deepStrictEqual(yield* Effect.forEach(tasks, (task) => task.core), ["inside", "inside", "inside"])
      }).pipe(Effect.provideService(Config, { name: "inside" }))
    ))

  it("see the context variables and the name of the task they run in", () =>
    runCore(
      Effect.gen(function* () {
        const user = asyncio.ContextVar.make("user", { defaultValue: "nobody" })
        const future = (yield* core.getRunningLoop).createFutureUnsafe<void>()

        const seen = yield* Effect.sync(() => {
          user.set("ada")
          asyncio.Future.of(future).cancel("why")
          return user.get()
        })

        const error = yield* Effect.flip(future)
        assert.deepStrictEqual(
          [seen, yield* user.core.get(), error.requestedBy?.name, error.reason],
          ["ada", "ada", "main", "why"]
        )
      }),
      { name: "main" }
    ))

  const expected = "RuntimeError: sleep() was called from an Effect"

  it("that wait are told to use toEffect, in a task of core", () =>
    runCore(
      Effect.gen(function* () {
        const message = yield* Effect.promise(() => text(asyncio.sleep(1)))
        const using = yield* Effect.sync(() => thrown(() => asyncio.timeout(1)))

        assert.strictEqual(message, expected)
        assert.strictEqual(using, expected.replace("sleep()", "timeout()"))
      })
    ))

  it("that wait are told so in runEffect and three levels down, too", () =>
    run(async () => {
      const inside = Effect.promise(() => text(asyncio.sleep(1)))

      const messages = [
        await asyncio.runEffect(inside),
        await asyncio.runEffect(asyncio.toEffect(() => asyncio.runEffect(inside)))
      ]

      assert.deepStrictEqual(messages, [expected, expected])
    }))
})

describe("the call graph", () => {
  it("spans both worlds", () =>
    run(
      async () => {
        const compat = asyncio.createTask(hour, { name: "compat sleeper" })
        const effect = asyncio.createTask(Effect.asVoid(compat.core), { name: "core waiter" })
        const outer = asyncio.createTask(() => asyncio.runEffect(Effect.asVoid(effect.core)), { name: "compat waiter" })
        await asyncio.sleep(1)
        const names = (graph: asyncio.FutureCallGraph | undefined): ReadonlyArray<unknown> =>
          graph === undefined
            ? []
            : [(graph.future as asyncio.Task<unknown>).getName(), ...graph.awaitedBy.flatMap(names)]

        const graph = names(asyncio.captureCallGraph(compat))

        assert.deepStrictEqual(graph, ["compat sleeper", "core waiter", "compat waiter"])
        assert.include(asyncio.formatCallGraph(compat), "* Task(name='compat waiter'")
        outer.cancel()
        await text(outer)
      },
      { name: "main" }
    ))
})

describe("who asked, and why", () => {
  it("crosses the border from core to compat and back", () =>
    run(async () => {
      const sleeper = asyncio.createTask(hour, { name: "sleeper" })
      const canceller = asyncio.createTask(
        Effect.sync(() => void sleeper.cancel("by an Effect")),
        { name: "canceller" }
      )
      const fromCore = await rejection(sleeper)
      const effect = asyncio.createTask(Effect.never)
      await asyncio.sleep(0)
      effect.cancel("by a function")
      const fromCompat = await rejection(effect)

      assert.instanceOf(fromCore, asyncio.CancelledError)
      assert.instanceOf(fromCompat, asyncio.CancelledError)
      assert.deepStrictEqual(
        [fromCore, fromCompat].map(({ reason, requestedBy }) => [reason, requestedBy?.name]),
        [
          ["by an Effect", "canceller"],
          ["by a function", "Task-1"]
        ]
      )
      await canceller
    }))

  it("is known inside of runEffect and toEffect", () =>
    run(async () => {
      const sleepers = [1, 2].map(() => asyncio.createTask(hour))
      await asyncio.sleep(0)

      await asyncio.runEffect(Effect.sync(() => sleepers[0]!.cancel()))
      await asyncio.runEffect(asyncio.toEffect(async () => sleepers[1]!.cancel()))

      const errors = await Promise.all(sleepers.map(rejection))
      assert.deepStrictEqual(
        errors.map((error) => (error as asyncio.CancelledError).requestedBy?.name),
        ["Task-1", "Task-1"]
      )
    }))
})

describe("a host promise in both worlds", () => {
  it("wakes the function and the Effect around it in order", () =>
    run(async () => {
      const lines: Array<string> = []
      const inner = asyncio.toEffect(async () => {
        await macrotask()
        lines.push("function")
      })

      await asyncio.runEffect(
        Effect.andThen(
          inner,
          Effect.sync(() => void lines.push("effect"))
        )
      )

      lines.push("main")
      assert.deepStrictEqual(lines, ["function", "effect", "main"])
    }))
})
