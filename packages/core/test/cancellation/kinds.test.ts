/**
 * What kind of stop a cancellation is, wherever it arrives, and who asked whom on its way there.
 */
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { Cause, Effect, Exit, Fiber } from "effect"
import { run } from "../support.ts"

declare module "@effect-asyncio/core" {
  interface CancellationKinds {
    readonly budget: unknown
  }
}

const never = asyncio.sleep("1 hour")

/** Runs `body`, and notes the cancellation that it ends with. */
const noting = <E = never>(
  seen: Array<asyncio.CancelledError>,
  body: Effect.Effect<unknown, E> = never
): Effect.Effect<unknown, E> =>
  Effect.onExit(body, (exit) =>
    Effect.sync(() => {
      if (Exit.isFailure(exit)) seen.push(errorOf(exit.cause))
    })
  )

/** The CancelledError of an interrupt or a failure, as a handler gets it. */
const errorOf = (cause: Cause.Cause<unknown>): asyncio.CancelledError => {
  let found: asyncio.CancelledError | undefined
  const program = asyncio.catchCancelled(Effect.failCause(cause), (error) => Effect.sync(() => (found = error)))
  Effect.runSyncExit(program)
  return found!
}

const started = <A, E>(body: Effect.Effect<A, E>, name?: string) =>
  Effect.tap(asyncio.createTask(body, { name }), () => asyncio.sleep(0))

const kindsOf = (errors: ReadonlyArray<asyncio.CancelledError>): ReadonlyArray<string> => errors.map(({ kind }) => kind)

/** `ASKER > ASKED` for each link. */
const linksOf = ({ requests }: asyncio.CancelledError): ReadonlyArray<string> =>
  requests.map(({ by, to }) => `${by} > ${to}`)

describe("the kind of a cancellation", () => {
  it("is requested for a call of cancel, or what the call says", () =>
    run(
      Effect.gen(function* () {
        const seen: Array<asyncio.CancelledError> = []
        const cause = new Error("spent")
        for (const options of [undefined, { kind: "disconnect" }, { kind: "budget", cause }] as const) {
          const task = yield* started(noting(seen))
          yield* task.cancel("why", options)
          yield* asyncio.wait([task])
        }

        assert.deepStrictEqual(kindsOf(seen), ["requested", "disconnect", "budget"])
        assert.deepStrictEqual(
          seen.map((error) => error.cause),
          [undefined, undefined, cause]
        )
      })
    ))

  it("is timeout for timeout, waitFor, moveOn and the limit of a shield, with the deadline", () =>
    run(
      Effect.gen(function* () {
        const seen: Array<asyncio.CancelledError> = []
        yield* asyncio.sleep(100)
        yield* Effect.ignore(asyncio.timeout(5, noting(seen)))
        yield* Effect.ignore(asyncio.waitFor(noting(seen), 5))
        yield* asyncio.moveOn(5, () => noting(seen))
        yield* Effect.ignore(asyncio.timeout(5, asyncio.timeout("1 hour", noting(seen))))

        assert.deepStrictEqual(
          seen.map(({ deadline, kind }) => `${kind} at ${deadline}`),
          ["timeout at 105", "timeout at 110", "timeout at 115", "timeout at 120"]
        )
      })
    ))

  it("is sibling where another member of the group has failed, and parent where the body has", () =>
    run(
      Effect.gen(function* () {
        const seen: Array<asyncio.CancelledError> = []
        const failure = new Error("member")
        const failing = Effect.andThen(asyncio.sleep(1), Effect.fail(failure))
        yield* Effect.ignore(
          asyncio.taskGroup((group: asyncio.TaskGroup) =>
            Effect.gen(function* () {
              yield* group.createTask(failing, { name: "failing" })
              yield* group.createTask(noting(seen))
              yield* noting(seen)
            })
          )
        )
        const broken = new Error("body")
        yield* Effect.ignore(
          asyncio.taskGroup((group) =>
            Effect.gen(function* () {
              yield* group.createTask(noting(seen))
              yield* asyncio.sleep(1)
              yield* Effect.fail(broken)
            })
          )
        )

        assert.deepStrictEqual(
          seen.map(({ cause, kind, requestedBy }) => ({ kind, by: requestedBy?.name, cause })),
          [
            { kind: "sibling", by: "failing", cause: failure },
            { kind: "sibling", by: "failing", cause: failure },
            { kind: "parent", by: "Task-1", cause: broken }
          ]
        )
      })
    ))

  it("is that of what has stopped the group for the members, and requested for group.cancel", () =>
    run(
      Effect.gen(function* () {
        const seen: Array<asyncio.CancelledError> = []
        const group = asyncio.taskGroup((group) => Effect.andThen(group.createTask(noting(seen)), never))
        yield* Effect.ignore(asyncio.timeout(5, group))
        const asked = yield* started(group)
        yield* asked.cancel("gone", { kind: "disconnect" })
        yield* asyncio.wait([asked])
        yield* asyncio.taskGroup((group) =>
          Effect.gen(function* () {
            yield* group.createTask(noting(seen))
            yield* asyncio.sleep(0)
            yield* group.cancel
          })
        )

        assert.deepStrictEqual(kindsOf(seen), ["timeout", "disconnect", "requested"])
      })
    ))

  it("is parent for the losers of a race and for a task of a scope that closes", () =>
    run(
      Effect.gen(function* () {
        const seen: Array<asyncio.CancelledError> = []
        yield* asyncio.race([asyncio.sleep(1), noting(seen)])
        yield* Effect.scoped(Effect.andThen(asyncio.createTaskScoped(noting(seen)), asyncio.sleep(0)))
        yield* asyncio.sleep(0)

        assert.deepStrictEqual(kindsOf(seen), ["parent", "parent"])
      })
    ))

  it("is shutdown for what is left when main ends", async () => {
    const seen: Array<asyncio.CancelledError> = []

    await run(started(noting(seen)))

    assert.deepStrictEqual(kindsOf(seen), ["shutdown"])
  })

  it("is requested for an interrupt of the fiber from outside", () =>
    run(
      Effect.gen(function* () {
        const seen: Array<asyncio.CancelledError> = []
        const fiber = yield* Effect.forkChild(noting(seen))
        yield* asyncio.sleep(0)
        yield* Fiber.interrupt(fiber)

        assert.deepStrictEqual(kindsOf(seen), ["requested"])
      })
    ))

  it("stays on the way through awaits, gather, a shield, a group, and in what a timeout fails with", () =>
    run(
      Effect.gen(function* () {
        const seen: Array<asyncio.CancelledError> = []
        const leaf = yield* started(noting(seen), "leaf")
        const inGroup = yield* started(
          asyncio.taskGroup((group) => Effect.andThen(group.createTask(noting(seen)), noting(seen, leaf))),
          "inGroup"
        )
        const gathering = yield* started(noting(seen, asyncio.gather([noting(seen), inGroup])), "gathering")
        const shield = yield* asyncio.shieldFuture(gathering)
        yield* asyncio.sleep(0)
        yield* asyncio.sleep(0)
        yield* gathering.cancel("gone", { kind: "disconnect" })
        const through = yield* Effect.flip(shield)
        const late = yield* Effect.flip(asyncio.timeout(1, never))

        assert.deepStrictEqual([through.kind, through.reason], ["disconnect", "gone"])
        assert.deepStrictEqual(
          seen.map(({ kind, reason, requestedBy }) => `${kind} by ${requestedBy}: ${reason}`),
          Array.from({ length: 5 }, () => "disconnect by Task-1: gone")
        )
        assert.strictEqual((late.cause as asyncio.CancelledError).kind, "timeout")
      })
    ))

  it("is refused where it is no name", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(never)
        const refused = (options: unknown) => {
          try {
            task.cancelUnsafe("why", options as never)
            return "accepted"
          } catch (error) {
            return `${(error as Error).name}: ${(error as Error).message}`
          }
        }

        assert.deepStrictEqual(
          [refused({ kind: 1 }), refused({ kind: "" }), refused("signal"), refused({ kind: undefined })],
          [
            "TypeError: a kind of cancellation was expected by cancel(), got 1",
            "TypeError: a kind of cancellation was expected by cancel(), got ''",
            "TypeError: an object of options was expected by cancel(), got 'signal'",
            "accepted"
          ]
        )
        assert.strictEqual(task.cancelling(), 1)
      })
    ))

  it("is refused where it is one of ours in another spelling, and else may be any name", () =>
    run(function* () {
      const task = yield* asyncio.createTask(never)
      const outcomeOf = (kind: string) =>
        task.cancel("why", { kind: kind as never }).pipe(
          Effect.as("accepted"),
          Effect.catchDefect((defect) =>
            Effect.succeed(`${(defect as Error).message}: ${(defect as asyncio.ErrorNotes).hint}`)
          )
        )
      const refusal = (kind: string, meant: string) =>
        `a kind of cancellation was expected by cancel(), got '${kind}': Name it as it is spelt, \`"${meant}"\` for one; a program adds its own to \`CancellationKinds\`.`

      const outcomes = []
      for (const kind of ["Timeout", "time-out", "SHUTDOWN", "dis_connect", "timeouts", "budget", "Budget", "toString"])
        outcomes.push(yield* outcomeOf(kind))

      assert.deepStrictEqual(outcomes, [
        refusal("Timeout", "timeout"),
        refusal("time-out", "timeout"),
        refusal("SHUTDOWN", "shutdown"),
        refusal("dis_connect", "disconnect"),
        ...Array.from({ length: 4 }, () => "accepted")
      ])
    }))

  it("is refused as the name of a handler where no cancellation would find it", () =>
    run(function* () {
      const ran: Array<string> = []
      const body = Effect.sync(() => ran.push("body"))
      const caught = asyncio.catchCancelled(body, {
        timeout: () => Effect.void,
        Disconnect: () => Effect.void
      } as never)

      const defect = yield* Effect.catchDefect(caught, (defect) => Effect.succeed(String(defect)))

      assert.match(
        String(defect),
        /^TypeError: a kind of cancellation was expected by catchCancelled\(\), got 'Disconnect'/
      )
      assert.deepStrictEqual(ran, [])
    }))
})

describe("the requests of a cancellation", () => {
  it("say who asked whom, in order", () =>
    run(
      Effect.gen(function* () {
        const seen: Array<asyncio.CancelledError> = []
        const leaf = yield* started(noting(seen), "leaf")
        const other = yield* started(noting(seen), "other")
        const middle = yield* started(asyncio.gather([leaf, other]), "middle")
        const top = yield* started(middle, "top")
        yield* top.cancel("enough")
        yield* asyncio.wait([top])

        assert.deepStrictEqual(seen.map(linksOf), [
          ["Task-1 > top", "top > middle", "middle > leaf", "middle > other"],
          ["Task-1 > top", "top > middle", "middle > leaf", "middle > other"]
        ])
        assert.deepStrictEqual(seen[0]!.requests[1], { by: top.toRef(), to: middle.toRef() })
      })
    ))

  it("begin with who has made the request: a failed member, nobody for a callback, and not with a task's own timeout", () =>
    run(
      Effect.gen(function* () {
        const seen: Array<asyncio.CancelledError> = []
        const loop = yield* asyncio.getRunningLoop
        const awaited = yield* started(noting(seen), "awaited")
        yield* Effect.ignore(asyncio.timeout(5, awaited))
        const inMember = yield* started(noting(seen), "inMember")
        const failing = Effect.andThen(asyncio.sleep(1), Effect.fail(new Error("member")))
        yield* Effect.ignore(
          asyncio.taskGroup((group: asyncio.TaskGroup) =>
            Effect.gen(function* () {
              yield* group.createTask(failing, { name: "failing" })
              yield* group.createTask(asyncio.gather([inMember]), { name: "member" })
            })
          )
        )
        const asked = yield* started(noting(seen), "asked")
        const asking = yield* started(asked, "asking")
        yield* loop.callSoon(() => asking.cancelUnsafe("now"))
        yield* asyncio.wait([asking])

        assert.deepStrictEqual(seen.map(linksOf), [
          ["Task-1 > awaited"],
          ["failing > member", "member > inMember"],
          ["undefined > asking", "asking > asked"]
        ])
      })
    ))

  it("name the tasks as they were called, and keep none of them", () =>
    run(
      Effect.gen(function* () {
        const seen: Array<asyncio.CancelledError> = []
        const task = yield* started(noting(seen), "before")
        const asking = yield* started(task, "asking")
        yield* asking.cancel()
        yield* task.setName("after")
        yield* asyncio.wait([asking])

        assert.deepStrictEqual(seen.map(linksOf), [["Task-1 > asking", "asking > before"]])
        assert.strictEqual(JSON.stringify(seen[0]!.requests[1]!.to), `{"id":${task.id},"name":"before"}`)
      })
    ))

  it("of one that is asked for like another go on where that one's end, and leave that one's as they are", () =>
    run(
      Effect.gen(function* () {
        const seen: Array<asyncio.CancelledError> = []
        const first = yield* started(yield* started(noting(seen), "asked"), "asking")
        yield* first.cancel("enough")
        yield* asyncio.wait([first])
        const next = yield* started(yield* started(noting(seen), "next asked"), "next asking")
        lowlevel.cancelLikeUnsafe(next, seen[0]!, "enough")
        yield* asyncio.wait([next])

        const ofFirst = ["Task-1 > asking", "asking > asked"]
        assert.deepStrictEqual(seen.map(linksOf), [
          ofFirst,
          [...ofFirst, "Task-1 > next asking", "next asking > next asked"]
        ])
      })
    ))

  it("are none where who was asked has passed nothing on", () =>
    run(
      Effect.gen(function* () {
        const seen: Array<asyncio.CancelledError> = []
        const task = yield* started(noting(seen))
        yield* task.cancel()
        yield* asyncio.wait([task])

        assert.deepStrictEqual(seen.map(linksOf), [[]])
      })
    ))

  it("are about the first hundred where there are more", () =>
    run(
      Effect.gen(function* () {
        const seen: Array<asyncio.CancelledError> = []
        const task = yield* started(asyncio.gather(Array.from({ length: 150 }, () => noting(seen))), "all")
        yield* asyncio.sleep(0)
        yield* task.cancel()
        yield* asyncio.wait([task])

        assert.deepStrictEqual(
          [seen.length, new Set(seen.map(({ requests }) => requests.length))],
          [150, new Set([100])]
        )
      })
    ))
})

describe("catchCancelled with a handler for each kind", () => {
  it("calls the one for the kind", () =>
    run(
      Effect.gen(function* () {
        const body = asyncio.catchCancelled(never, {
          disconnect: (error) => Effect.succeed(`gone: ${error.reason}`),
          timeout: (error) => Effect.succeed(`late by ${error.deadline}`)
        })
        const task = yield* started(body)
        yield* task.cancel("closed", { kind: "disconnect" })

        assert.deepStrictEqual([yield* task, task.cancelled()], ["gone: closed", false])
        assert.strictEqual(yield* asyncio.moveOn(5, () => body).pipe(Effect.map(({ value }) => value)), "late by 5")
      })
    ))

  it("lets the others pass, as the task's own cancellation and as an awaited task's", () =>
    run(
      Effect.gen(function* () {
        const lines: Array<string> = []
        const handlers = { timeout: () => Effect.sync(() => lines.push("timeout")) }
        const own = yield* started(
          Effect.catch(asyncio.catchCancelled(never, handlers), () => Effect.sync(() => lines.push("caught")))
        )
        yield* own.cancel("enough")
        yield* asyncio.wait([own])
        const awaited = yield* started(never)
        yield* awaited.cancel("enough")
        const error = yield* Effect.flip(asyncio.catchCancelled(awaited, handlers))

        assert.deepStrictEqual(
          { own: own.cancelled(), cancelling: own.cancelling(), awaited: error.kind, lines },
          { own: true, cancelling: 1, awaited: "requested", lines: [] }
        )
      })
    ))

  it("is none where an object has undefined in its place", () =>
    run(
      Effect.gen(function* () {
        const handlers = { timeout: undefined, requested: () => Effect.succeed("asked") }
        const task = yield* started(asyncio.catchCancelled(never, handlers))
        yield* task.cancel()
        assert.strictEqual(yield* task, "asked")
      })
    ))

  it("does not take a property of every object for a handler", () =>
    run(
      Effect.gen(function* () {
        const task = yield* started(asyncio.catchCancelled(never, { timeout: () => Effect.void }))
        yield* task.cancel("odd", { kind: "toString" as never })
        yield* asyncio.wait([task])

        assert.isTrue(task.cancelled())
      })
    ))
})

describe("is() and the compiler", () => {
  it("knows the deadline of a timeout", () =>
    run(
      Effect.gen(function* () {
        const error: asyncio.CancelledError = (yield* Effect.flip(asyncio.timeout(7, never))).cause as never
        const deadline: number = error.is("timeout") ? error.deadline : -1
        const spent: boolean = error.is("budget")

        assert.deepStrictEqual([deadline, spent], [7, false])
      })
    ))
})

describe("a task that has cancelled itself", () => {
  // CPython gives a TimeoutError: gh-134471
  it("is known as the one that did after it was renamed: timeout(0) takes its request for its own", () =>
    run(
      Effect.gen(function* () {
        const body = Effect.gen(function* () {
          const task = yield* asyncio.currentTask
          yield* task.cancel()
          yield* task.setName("renamed")
          return yield* asyncio.timeoutAt(0, never)
        })
        const task = yield* asyncio.createTask(body, { name: "first" })

        const error = yield* Effect.flip(task)

        assert.deepStrictEqual([error._tag, task.cancelled()], ["TimeoutError", false])
      })
    ))
})
