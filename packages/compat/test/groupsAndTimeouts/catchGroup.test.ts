// `except*` (PEP 654) around async functions. The cases are those of CPython's test_except_star; core's tests have all of them.
import * as asyncio from "@effect-asyncio/compat"
import { assert, describe, it } from "vitest"
import { run, text } from "../support.ts"

const { ExceptionGroup, catchGroup } = asyncio

type Shape = string | ReadonlyArray<Shape>

const shapeOf = (error: unknown): Shape =>
  error instanceof ExceptionGroup ? [error.message, ...error.errors.map(shapeOf)] : String(error)

const nested = new ExceptionGroup("eg", [
  new RangeError("1"),
  new ExceptionGroup("inner", [new SyntaxError("2"), new RangeError("3")])
])

const fails = (error: unknown) => async () => {
  await asyncio.sleep(1)
  throw error
}

/** How a call ends, and what the handlers were given. */
const outcomeOf = (call: (see: (group: asyncio.ExceptionGroup) => Promise<string>) => Promise<unknown>) =>
  run(async () => {
    const seen: Array<Shape> = []
    const see = async (group: asyncio.ExceptionGroup) => {
      await asyncio.sleep(1)
      seen.push(shapeOf(group))
      return "handled"
    }
    try {
      return { seen, value: await call(see) }
    } catch (error) {
      return { seen, thrown: shapeOf(error) }
    }
  })

describe("catchGroup", () => {
  it("gives the handler its members, nested as they were, and throws the rest", async () => {
    const outcome = await outcomeOf((see) => catchGroup(fails(nested), RangeError, see))

    assert.deepStrictEqual(outcome, {
      seen: [["eg", "RangeError: 1", ["inner", "RangeError: 3"]]],
      thrown: ["eg", ["inner", "SyntaxError: 2"]]
    })
  })

  it("goes on with the handler's value where nothing is left, and with the body's where it has one", async () => {
    const all = await outcomeOf((see) => catchGroup(fails(nested), [RangeError, SyntaxError], see))
    const alone = await outcomeOf((see) => catchGroup(fails(new RangeError("1")), RangeError, see))
    const none = await outcomeOf((see) => catchGroup(() => "fine", RangeError, see))

    assert.deepStrictEqual(all, { seen: [shapeOf(nested)], value: "handled" })
    assert.deepStrictEqual(alone, { seen: [["", "RangeError: 1"]], value: "handled" })
    assert.deepStrictEqual(none, { seen: [], value: "fine" })
  })

  it("gives each clause its part of what those before it have left", async () => {
    const outcome = await outcomeOf((see) => catchGroup(fails(nested), RangeError, see, [RangeError, SyntaxError], see))

    assert.deepStrictEqual(outcome, {
      seen: [
        ["eg", "RangeError: 1", ["inner", "RangeError: 3"]],
        ["eg", ["inner", "SyntaxError: 2"]]
      ],
      value: "handled"
    })
  })

  it("runs the clauses behind one that throws, and puts what they throw into one group", async () => {
    const again = (group: asyncio.ExceptionGroup): never => {
      throw group
    }
    const typeError = () => Promise.reject(new TypeError("x"))
    const outcome = await outcomeOf((see) => catchGroup(fails(nested), RangeError, typeError, SyntaxError, see))
    const whole = await outcomeOf(() => catchGroup(fails(nested), RangeError, again, SyntaxError, again))
    const some = await outcomeOf(() => catchGroup(fails(nested), SyntaxError, typeError, RangeError, again))

    assert.deepStrictEqual(outcome, { seen: [["eg", ["inner", "SyntaxError: 2"]]], thrown: ["", "TypeError: x"] })
    assert.deepStrictEqual(whole, { seen: [], thrown: shapeOf(nested) })
    assert.deepStrictEqual(some, {
      seen: [],
      thrown: ["", "TypeError: x", ["eg", "RangeError: 1", ["inner", "RangeError: 3"]]]
    })
  })

  it("runs the clauses behind one that was cancelled, and ends cancelled", () =>
    run(async () => {
      const ran: Array<string> = []
      const task = asyncio.createTask(() =>
        catchGroup(
          fails(nested),
          RangeError,
          () => asyncio.sleep("1 hour"),
          SyntaxError,
          () => ran.push("second")
        )
      )
      await asyncio.sleep(2)

      task.cancel("enough")
      await asyncio.wait([task])

      assert.deepStrictEqual([ran, task.cancelled()], [["second"], true])
    }))

  it("throws on what has no member of the class, as it is", () =>
    run(async () => {
      const errors = [nested, new RangeError("1"), "text"]
      for (const error of errors) {
        const thrown = await catchGroup(fails(error), URIError, () => "not reached").catch((e: unknown) => e)
        assert.strictEqual(thrown, error)
      }
    }))

  it("puts what the handler throws beside the rest, or into a group of its own", async () => {
    const oops = fails(new URIError("oops"))
    const some = await outcomeOf(() => catchGroup(fails(nested), RangeError, oops))
    const all = await outcomeOf(() => catchGroup(fails(nested), [RangeError, SyntaxError], oops))
    const alone = await outcomeOf(() => catchGroup(fails(new RangeError("1")), RangeError, oops))

    assert.deepStrictEqual(some.thrown, ["", "URIError: oops", ["eg", ["inner", "SyntaxError: 2"]]])
    assert.deepStrictEqual(all.thrown, ["", "URIError: oops"])
    assert.deepStrictEqual(alone.thrown, "URIError: oops")
  })

  it("puts the group that the handler throws again back into its place", () =>
    run(async () => {
      const again = (group: unknown) => {
        throw group
      }

      const thrown = await catchGroup(fails(nested), RangeError, again).catch((e: unknown) => e)

      assert.strictEqual(thrown, nested)
    }))

  it("works outside of a run", async () => {
    const value = await catchGroup(
      () => Promise.reject(nested),
      [RangeError, SyntaxError],
      (group) => group.leaves().length
    )

    assert.strictEqual(value, 3)
  })

  it("nests as deep as any", () =>
    run(async () => {
      let body = async (): Promise<unknown> => await fails(nested)()
      for (let level = 0; level < 2000; level++) {
        const inner = body
        body = () => catchGroup(inner, URIError, () => "not reached")
      }

      assert.deepStrictEqual(await catchGroup(body, [RangeError, SyntaxError], () => "handled"), "handled")
    }))
})

describe("catchGroup and cancellations", () => {
  const cancelled = (body: () => Promise<unknown>) =>
    run(async () => {
      const task = asyncio.createTask(body)
      await asyncio.sleep(10)
      task.cancel("enough")
      await asyncio.wait([task])
      return task.cancelled() ? "cancelled" : shapeOf(task.exception())
    })
  const waits = () => asyncio.sleep("1 hour")
  const notReached = () => "not reached"

  it("lets them pass, out of the body and out of the handler", async () => {
    assert.strictEqual(await cancelled(() => catchGroup(waits, Error, notReached)), "cancelled")
    assert.strictEqual(await cancelled(() => catchGroup(fails(nested), Error, waits)), "cancelled")
    assert.strictEqual(await cancelled(() => catchGroup(fails(new RangeError("1")), Error, waits)), "cancelled")
  })

  it("lets pass what a library has made of one", async () => {
    const fetchLike = () =>
      new Promise<never>((_, reject) => {
        const signal = asyncio.currentSignal()
        signal.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")))
      })

    assert.strictEqual(await cancelled(() => catchGroup(fetchLike, Error, notReached)), "cancelled")
  })

  it("puts one of the handler beside the rest, as Python does", async () => {
    assert.deepStrictEqual(await cancelled(() => catchGroup(fails(nested), RangeError, waits)), [
      "",
      "CancelledError: enough",
      ["eg", ["inner", "SyntaxError: 2"]]
    ])
  })

  it("catches one whose class is named", async () => {
    const body = () =>
      catchGroup(waits, asyncio.CancelledError, (group) => Promise.reject(new Error(group.leaves()[0]?.reason)))

    assert.strictEqual(await cancelled(body), "Error: enough")
  })
})

describe("catchGroup with what it cannot use", () => {
  const callWith = (...args: ReadonlyArray<unknown>) =>
    text((catchGroup as unknown as (...args: ReadonlyArray<unknown>) => Promise<unknown>)(...args))
  const body = () => assert.fail("the body ran")

  it("rejects before the body runs", async () => {
    const classes = "TypeError: an Error class, or a list of Error classes, was expected by catchGroup(), got "

    assert.include(await callWith(body, () => {}, RangeError), classes)
    assert.include(await callWith(body, [RangeError, "x"], () => {}), classes)
    assert.include(
      await callWith(body, RangeError),
      "TypeError: a function was expected by catchGroup(), got undefined"
    )
    assert.include(
      await callWith(Promise.resolve(), RangeError, () => {}),
      "TypeError: a function was expected by catchGroup()"
    )
    assert.include(
      await callWith(
        function* () {},
        RangeError,
        () => {}
      ),
      "TypeError: a function was expected by catchGroup()"
    )
    assert.strictEqual(
      await callWith(body, ExceptionGroup, () => {}),
      "TypeError: catching ExceptionGroup with except* is not allowed. Use except instead."
    )
  })
})
