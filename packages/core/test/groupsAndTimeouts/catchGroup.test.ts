// `except*` (PEP 654). The cases of groups, of rests and of what handlers raise are those of CPython's test_except_star.
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Cause, Data, Effect, Exit } from "effect"
import { run } from "../support.ts"

class A extends Data.TaggedError("A")<{ readonly n: number }> {}
class B extends Data.TaggedError("B")<{ readonly n: number }> {}
class C extends Data.TaggedError("C")<{ readonly n: number }> {}

type Shape = string | ReadonlyArray<Shape>

/** An error, or a group with its message and its members, nested as they are. */
const shapeOf = (error: unknown): Shape =>
  error instanceof asyncio.ExceptionGroup
    ? [error.message, ...error.errors.map(shapeOf)]
    : error instanceof A || error instanceof B || error instanceof C
      ? `${error._tag}${error.n}`
      : String(error)

const { ExceptionGroup, catchGroup } = asyncio
const [a1, a2, b1, b2] = [new A({ n: 1 }), new A({ n: 2 }), new B({ n: 1 }), new B({ n: 2 })]
const nested = new ExceptionGroup<A | B>("eg", [
  a1,
  new ExceptionGroup<A | B>("inner", [b1, a2]),
  new ExceptionGroup<A | B>("only b", [b2])
])

/** How an effect ends, and what the handlers were given. */
const outcomeOf = <E>(
  build: (see: (group: asyncio.ExceptionGroup) => Effect.Effect<string>) => Effect.Effect<unknown, E>
) => {
  const seen: Array<Shape> = []
  const see = (group: asyncio.ExceptionGroup) => Effect.sync(() => (seen.push(shapeOf(group)), "handled"))
  return Effect.runPromise(
    Effect.match(build(see), {
      onFailure: (error) => ({ seen, failed: shapeOf(error) }),
      onSuccess: (value) => ({ seen, value })
    })
  )
}

describe("catchGroup", () => {
  it("gives the handler its members, nested as they were, and fails with the rest", async () => {
    const outcome = await outcomeOf((see) => catchGroup(Effect.fail(nested), A, see))

    assert.deepStrictEqual(outcome, {
      seen: [["eg", "A1", ["inner", "A2"]]],
      failed: ["eg", ["inner", "B1"], ["only b", "B2"]]
    })
  })

  it("goes on with the handler's value where nothing is left", async () => {
    const both = await outcomeOf((see) => catchGroup(Effect.fail(nested), [A, B], see))
    const piped = await outcomeOf((see) => Effect.fail(new ExceptionGroup("eg", [a1])).pipe(catchGroup(A, see)))

    assert.deepStrictEqual(both, { seen: [shapeOf(nested)], value: "handled" })
    assert.deepStrictEqual(piped, { seen: [["eg", "A1"]], value: "handled" })
  })

  it("leaves alone what has no member of the class, cause and all", async () => {
    const cause = Cause.fail(nested)

    const exit = await Effect.runPromiseExit(catchGroup(Effect.failCause(cause), C, () => Effect.die("not reached")))
    const naked = await outcomeOf((see) => catchGroup(Effect.fail(a1), B, see))
    const text = await outcomeOf((see) => catchGroup(Effect.fail("text"), Error, see))

    assert.strictEqual(Exit.isFailure(exit) && exit.cause.reasons[0], cause.reasons[0])
    assert.deepStrictEqual(
      [naked, text],
      [
        { seen: [], failed: "A1" },
        { seen: [], failed: "text" }
      ]
    )
  })

  // test_naked_exception_matched
  it("makes a group of an error that stands alone", async () => {
    const outcome = await outcomeOf((see) => catchGroup(Effect.fail(a1), A, see))

    assert.deepStrictEqual(outcome, { seen: [["", "A1"]], value: "handled" })
  })

  it("lets a value pass, and runs no handler", async () => {
    const outcome = await outcomeOf((see) => catchGroup(Effect.succeed(1), A, see))

    assert.deepStrictEqual(outcome, { seen: [], value: 1 })
  })

  describe("puts what the handler fails with", () => {
    const c = new C({ n: 0 })

    // test_raise_handle_all_raise_one_unnamed
    it("into a group of its own where nothing is left", async () => {
      const outcome = await outcomeOf(() => catchGroup(Effect.fail(nested), [A, B], () => Effect.fail(c)))

      assert.deepStrictEqual(outcome, { seen: [], failed: ["", "C0"] })
    })

    // test_raise_handle_some_raise_one_unnamed
    it("beside the rest", async () => {
      const outcome = await outcomeOf(() => catchGroup(Effect.fail(nested), A, () => Effect.fail(c)))

      assert.deepStrictEqual(outcome, { seen: [], failed: ["", "C0", ["eg", ["inner", "B1"], ["only b", "B2"]]] })
    })

    it("beside the rest, as a group in the group", async () => {
      const outcome = await outcomeOf(() =>
        catchGroup(Effect.fail(nested), A, () => Effect.fail(new ExceptionGroup("more", [c])))
      )

      assert.deepStrictEqual(outcome, {
        seen: [],
        failed: ["", ["more", "C0"], ["eg", ["inner", "B1"], ["only b", "B2"]]]
      })
    })

    // test_raise_naked: an error that stood alone is replaced by what the handler raises
    it("nowhere, for an error that stood alone", async () => {
      const outcome = await outcomeOf(() => catchGroup(Effect.fail(a1), A, () => Effect.fail(c)))

      assert.deepStrictEqual(outcome, { seen: [], failed: "C0" })
    })
  })

  // test_reraise_partial_handle_all_unnamed, test_reraise_plain_exception_unnamed
  it("puts the group that a handler fails with again back into its place", async () => {
    const whole = await Effect.runPromise(Effect.flip(catchGroup(Effect.fail(nested), A, Effect.fail)))
    const naked = await outcomeOf(() => catchGroup(Effect.fail(a1), A, Effect.fail))

    assert.strictEqual(whole, nested)
    assert.deepStrictEqual(naked, { seen: [], failed: ["", "A1"] })
  })

  it("has the outer one see the outcome of the inner one", async () => {
    const outcome = await outcomeOf((see) =>
      Effect.fail(nested).pipe(
        catchGroup(A, () => Effect.fail(new B({ n: 3 }))),
        catchGroup(B, see)
      )
    )

    assert.deepStrictEqual(outcome, {
      seen: [["", "B3", ["eg", ["inner", "B1"], ["only b", "B2"]]]],
      value: "handled"
    })
  })

  it("keeps the rest beside a defect of the handler", async () => {
    const exit = await Effect.runPromiseExit(catchGroup(Effect.fail(nested), A, () => Effect.die("bug")))

    assert.isTrue(Exit.isFailure(exit))
    const reasons = Exit.isFailure(exit) ? exit.cause.reasons : []
    assert.deepStrictEqual(
      reasons.map((reason) => (reason._tag === "Fail" ? shapeOf(reason.error) : reason._tag)),
      ["Die", ["eg", ["inner", "B1"], ["only b", "B2"]]]
    )
  })

  it("handles some failures of a task group", () =>
    run(
      Effect.gen(function* () {
        const work = asyncio.taskGroup((group: asyncio.TaskGroup<A | B>) =>
          Effect.andThen(group.createTask(Effect.fail(a1)), group.createTask(Effect.fail(b1)))
        )

        const left = yield* Effect.flip(catchGroup(work, A, () => Effect.void))

        assert.deepStrictEqual(shapeOf(left), ["unhandled errors in a TaskGroup", "B1"])
      })
    ))
})

describe("catchGroup with several clauses", () => {
  const c = new C({ n: 0 })

  // test_exception_group_except_star_Exception_not_wrapped, test_multiple_matches_named
  it("gives each its part of what those before it have left", async () => {
    const outcome = await outcomeOf((see) => catchGroup(Effect.fail(nested), A, see, [A, B], see))
    const left = await outcomeOf((see) => Effect.fail(nested).pipe(catchGroup(C, see, B, see)))

    assert.deepStrictEqual(outcome, {
      seen: [
        ["eg", "A1", ["inner", "A2"]],
        ["eg", ["inner", "B1"], ["only b", "B2"]]
      ],
      value: "handled"
    })
    assert.deepStrictEqual(left, {
      seen: [["eg", ["inner", "B1"], ["only b", "B2"]]],
      failed: ["eg", "A1", ["inner", "A2"]]
    })
  })

  it("goes on with the value of the last that ran, and leaves an error alone that none takes", async () => {
    const one = () => Effect.succeed("one")
    const two = () => Effect.succeed("two")
    const values = await Promise.all([
      Effect.runPromise(catchGroup(Effect.fail(a1), A, one, B, two)),
      Effect.runPromise(catchGroup(Effect.fail(new ExceptionGroup<A | B>("eg", [b1, a1])), A, one, B, two, C, one)),
      Effect.runPromise(Effect.flip(catchGroup(Effect.fail(c), A, one, B, two)))
    ])

    assert.deepStrictEqual(values, ["one", "two", c])
  })

  // test_raise_handle_some_raise_two_unnamed
  it("puts what several fail with into one group, which none of them sees", async () => {
    const outcome = await outcomeOf((see) =>
      catchGroup(
        Effect.fail(nested),
        A,
        () => Effect.fail(new B({ n: 3 })),
        B,
        (group) => Effect.andThen(see(group), Effect.fail(c)),
        C,
        see
      )
    )
    const some = await outcomeOf((see) => catchGroup(Effect.fail(nested), A, () => Effect.fail(c), C, see))

    assert.deepStrictEqual(outcome, {
      seen: [["eg", ["inner", "B1"], ["only b", "B2"]]],
      failed: ["", "B3", "C0"]
    })
    assert.deepStrictEqual(some, { seen: [], failed: ["", "C0", ["eg", ["inner", "B1"], ["only b", "B2"]]] })
  })

  // test_reraise_partial_handle_some_named, test_reraise_partial_handle_all_named
  it("puts the groups that they fail with again back into their places", async () => {
    const all = await Effect.runPromise(Effect.flip(catchGroup(Effect.fail(nested), A, Effect.fail, B, Effect.fail)))
    const first = await outcomeOf((see) => catchGroup(Effect.fail(nested), A, Effect.fail, B, see))
    const withRaised = await outcomeOf(() => catchGroup(Effect.fail(nested), A, Effect.fail, B, () => Effect.fail(c)))

    assert.strictEqual(all, nested)
    assert.deepStrictEqual(
      [first.seen, "failed" in first && first.failed],
      [[["eg", ["inner", "B1"], ["only b", "B2"]]], ["eg", "A1", ["inner", "A2"]]]
    )
    assert.deepStrictEqual("failed" in withRaised && withRaised.failed, ["", "C0", ["eg", "A1", ["inner", "A2"]]])
  })

  it("runs the clauses behind a defect, which stands beside what is left", async () => {
    const ran: Array<string> = []
    const handlers = catchGroup(
      Effect.fail(nested),
      A,
      () => Effect.die("bug"),
      B,
      (group) =>
        Effect.andThen(
          Effect.sync(() => ran.push("b")),
          Effect.fail(group)
        )
    )

    const exit = await Effect.runPromiseExit(handlers)

    const reasons = Exit.isFailure(exit) ? exit.cause.reasons : []
    assert.deepStrictEqual(
      [ran, ...reasons.map((reason) => (reason._tag === "Fail" ? shapeOf(reason.error) : reason._tag))],
      [["b"], "Die", ["eg", ["inner", "B1"], ["only b", "B2"]]]
    )
  })

  it("runs the clauses behind one that was cancelled, and ends cancelled", () =>
    run(function* () {
      const ran: Array<string> = []
      const task = yield* asyncio.createTask(
        catchGroup(
          Effect.fail(nested),
          A,
          () => asyncio.sleep("1 hour"),
          B,
          () => Effect.sync(() => ran.push("b"))
        )
      )
      yield* asyncio.sleep(0)

      yield* task.cancel()
      yield* asyncio.wait([task])

      assert.deepStrictEqual([ran, task.cancelled()], [["b"], true])
    }))

  it("refuses a clause without a handler, and no clause at all, before the body runs", async () => {
    const ran: Array<string> = []
    const body = Effect.sync(() => ran.push("body"))
    const unchecked = catchGroup as unknown as (...args: ReadonlyArray<unknown>) => Effect.Effect<unknown>
    const defectOf = (...args: ReadonlyArray<unknown>) =>
      Effect.runPromise(Effect.catchDefect(unchecked(...args), (defect) => Effect.succeed(String(defect))))

    assert.match(String(await defectOf(body)), /^TypeError: an Error class, or a list of Error classes, was expected/)
    assert.match(
      String(await defectOf(body, A, () => Effect.void, B, 5)),
      /^TypeError: a function was expected by catchGroup\(\), got 5/
    )
    assert.match(
      String(
        await defectOf(
          body,
          A,
          () => Effect.void,
          5,
          () => Effect.void
        )
      ),
      /^TypeError: an Error class, or a list of Error classes, was expected by catchGroup\(\), got 5/
    )
    assert.deepStrictEqual(ran, [])
  })
})

describe("catchGroup and cancellations", () => {
  const cancelled = (body: Effect.Effect<unknown, unknown>) =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(body)
        yield* asyncio.sleep(0)
        yield* task.cancel("enough")
        yield* asyncio.wait([task])
        return task.cancelled() ? "cancelled" : shapeOf(yield* Effect.flip(task))
      })
    )

  it("lets the task's own pass, out of the body and out of the handler", async () => {
    const handler = () => Effect.die("not reached")
    const inBody = await cancelled(catchGroup(asyncio.sleep("1 hour"), [Error, asyncio.CancelledError], handler))
    const inHandler = await cancelled(catchGroup(Effect.fail(nested), [A, B], () => asyncio.sleep("1 hour")))

    assert.deepStrictEqual([inBody, inHandler], ["cancelled", "cancelled"])
  })

  it("keeps the rest where the handler is cancelled", async () => {
    const outcome = await cancelled(catchGroup(Effect.fail(nested), A, () => asyncio.sleep("1 hour")))

    assert.deepStrictEqual(outcome, ["eg", ["inner", "B1"], ["only b", "B2"]])
  })

  it("catches that of another task only by its name", () =>
    run(
      Effect.gen(function* () {
        const task = yield* asyncio.createTask(Effect.never)
        yield* task.cancel("gone")
        const name = (group: asyncio.ExceptionGroup) => Effect.succeed(group.errors.map(String))

        const byName = yield* catchGroup(task, asyncio.CancelledError, name)
        const byError = yield* Effect.flip(catchGroup(task, Error, name))

        assert.deepStrictEqual([byName, byError.reason], [["CancelledError: gone"], "gone"])
      })
    ))

  it("leaves a cancellation that is a member of a group in the rest", async () => {
    const error = new asyncio.CancelledError("gone")
    const outcome = await outcomeOf((see) => catchGroup(Effect.fail(new ExceptionGroup("eg", [a1, error])), Error, see))

    assert.deepStrictEqual(outcome, { seen: [["eg", "A1"]], failed: ["eg", "CancelledError: gone"] })
  })
})

describe("catchGroup with what is no class of errors", () => {
  const defectOf = (classes: unknown, handler: unknown = () => Effect.void, self: unknown = Effect.fail(a1)) =>
    Effect.runPromise(
      Effect.catchDefect(
        (catchGroup as unknown as (...args: ReadonlyArray<unknown>) => Effect.Effect<unknown>)(self, classes, handler),
        (defect) => Effect.succeed(String(defect))
      )
    )

  it("is a defect, before the body runs", async () => {
    const ran: Array<string> = []
    const body = Effect.sync(() => ran.push("body"))
    const expected = "TypeError: an Error class, or a list of Error classes, was expected by catchGroup(), got "

    const defects = [await defectOf("A", undefined, body), await defectOf([A, 1]), await defectOf(Effect.void)]

    for (const defect of defects) assert.include(String(defect), expected)
    assert.deepStrictEqual(ran, [])
  })

  // test_cannot_catch_exception_group
  it("refuses to catch groups themselves, as Python does", async () => {
    class Groups extends ExceptionGroup<A> {}
    const expected = "TypeError: catching ExceptionGroup with except* is not allowed. Use except instead."

    assert.deepStrictEqual([await defectOf(ExceptionGroup), await defectOf([A, Groups])], [expected, expected])
  })

  it("refuses handlers and bodies that are none", async () => {
    const generator = async function* () {}

    assert.include(String(await defectOf(A, 1)), "TypeError: a function was expected by catchGroup(), got 1")
    assert.include(String(await defectOf(A, generator)), "TypeError: a function was expected by catchGroup()")
    assert.include(
      String(await defectOf(A, () => "text")),
      "TypeError: an Effect was expected by catchGroup(), got 'text'"
    )
    assert.include(String(await defectOf(A, undefined, 1)), "TypeError: an Effect was expected by catchGroup(), got 1")
  })
})
