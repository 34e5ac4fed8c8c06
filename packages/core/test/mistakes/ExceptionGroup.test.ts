import { assert, describe, it } from "@effect/vitest"
import { CancelledError, ExceptionGroup, type TaskGroup, taskGroup, ValueError } from "@effect-asyncio/core"
import { Cause, Data, Effect, Exit, Logger, Option } from "effect"
import { run } from "../support.ts"

class NotFound extends Data.TaggedError("NotFound")<{ readonly id: number }> {}
class Refused extends Data.TaggedError("Refused")<{}> {}

type Shape = ReadonlyArray<string | Shape>

/** The members of a group as text, nested as they are. */
const shape = (group: ExceptionGroup | undefined): Shape | undefined =>
  group?.errors.map((error) => (error instanceof ExceptionGroup ? (shape(error) ?? []) : String(error)))

const nested = new ExceptionGroup("outer", [
  new TypeError("1"),
  new ExceptionGroup("inner", [new RangeError("2"), new TypeError("3")]),
  new ExceptionGroup("ranges", [new RangeError("4")]),
  new RangeError("5")
])

const framesOf = (stack: string | undefined) => stack?.split("\n").filter((line) => /^ +at /.test(line))

const make = (message: unknown, errors: unknown) => () =>
  new ExceptionGroup(message as string, errors as ReadonlyArray<unknown>)

describe("ExceptionGroup", () => {
  it("is an error with a message and members", () => {
    const members = [new TypeError("a"), "b"]

    const group = new ExceptionGroup("two went wrong", members)

    assert.instanceOf(group, Error)
    assert.deepStrictEqual(
      [group.name, group._tag, group.message],
      ["ExceptionGroup", "ExceptionGroup", "two went wrong"]
    )
    assert.deepStrictEqual(group.errors, members)
    assert.deepStrictEqual(
      [String(group), String(new ExceptionGroup("one", ["c"]))],
      ["ExceptionGroup: two went wrong (2 sub-exceptions)", "ExceptionGroup: one (1 sub-exception)"]
    )
  })

  it("keeps its members when the list it was made from changes", () => {
    const members = ["a"]
    const group = new ExceptionGroup("group", members)

    members.push("b")

    assert.deepStrictEqual(group.errors, ["a"])
  })

  it("can be yielded, and caught by its tag", () =>
    Effect.gen(function* () {
      return yield* new ExceptionGroup("group", [new Refused()])
    }).pipe(
      Effect.catchTag("ExceptionGroup", (group) =>
        Effect.sync(() => assert.deepStrictEqual(shape(group), ["Refused"]))
      ),
      Effect.runPromise
    ))

  it("refuses to be made of anything but a message and at least one error", () => {
    assert.throws(make(1, ["a"]), TypeError, "argument 1 must be a string, not number")
    assert.throws(make("group", "a"), TypeError, "second argument (errors) must be a sequence")
    assert.throws(make("group", undefined), TypeError, "second argument (errors) must be a sequence")
    assert.throws(make("group", []), ValueError, "second argument (errors) must be a non-empty sequence")
  })
})

/** The lines of a stack that say what the members are. */
const membersIn = (text: string | undefined) => text?.split("\n").filter((line) => line.startsWith("  |"))

describe("the stack of a group", () => {
  it("says behind the message what the members are, of groups in it too, where each was made and what has led to it", () => {
    const load = () => new TypeError("no\nJSON", { cause: "offline" })
    const group = new ExceptionGroup("two failed", [load(), new ExceptionGroup("inner", ["text", new Refused()])])

    const lines = group.stack?.split("\n") ?? []

    assert.strictEqual(lines[0], "ExceptionGroup: two failed")
    assert.match(
      lines[1] ?? "",
      /^ {2}\| TypeError\('no\\nJSON'\) from 'offline' at load \(.*ExceptionGroup\.test\.ts:\d+:\d+\)$/
    )
    assert.strictEqual(lines[2], "  | 'text'")
    assert.match(lines[3] ?? "", /^ {2}\| Refused\(\) at .*ExceptionGroup\.test\.ts/)
    assert.match(lines[4] ?? "", /^ {4}at .*ExceptionGroup\.test\.ts/)
  })

  it("says of an error that another one has led to where that one was made, in code of the program", () => {
    const parse = () => new SyntaxError("no JSON")
    const [error] = [1].map(() => new TypeError("broken", { cause: [1].map(parse)[0] }))

    const lines = membersIn(new ExceptionGroup("group", [error]).stack) ?? []

    assert.match(
      lines[0] ?? "",
      /^ {2}\| TypeError\('broken'\) from SyntaxError\('no JSON'\) at parse \(.*ExceptionGroup\.test\.ts:/
    )
  })

  it("is what Effect prints of a cause, in its loggers too", () => {
    const group = Effect.gen(function* () {
      return yield* new ExceptionGroup("two failed", ["a", "b"])
    })

    const text = Cause.pretty(Exit.getCause(Effect.runSyncExit(group)).pipe(Option.getOrThrow))

    assert.deepStrictEqual(text.split("\n").slice(0, 3), ["ExceptionGroup: two failed", "  | 'a'", "  | 'b'"])
  })

  it("is in the log entry of a task group that has failed", async () => {
    const entries: Array<string> = []
    const logger = Logger.map(Logger.formatLogFmt, (entry) => void entries.push(entry))
    const failing = taskGroup((group: TaskGroup<Refused | TypeError>) =>
      Effect.andThen(
        group.createTask(Effect.fail(new Refused())),
        group.createTask(Effect.fail(new TypeError("no JSON")))
      )
    )

    await run(Effect.catchCause(failing, Effect.logError).pipe(Effect.provide(Logger.layer([logger]))))

    assert.match(
      entries.join(""),
      /unhandled errors in a TaskGroup\\n  \| Refused\(\) at .*\\n  \| TypeError\('no JSON'\) at /
    )
  })

  it("names the first and the last of many members, and does not fail with one that cannot be read", () => {
    const unreadable = new Proxy(new Error("x"), {
      get: () => {
        throw new Error("no")
      }
    })

    const many = new ExceptionGroup("many", [unreadable, ...Array.from({ length: 99 }, (_, n) => n)])

    assert.deepStrictEqual(membersIn(many.stack)?.slice(4), [
      "  | 3",
      "  | <90 more>",
      ...[94, 95, 96, 97, 98].map((n) => `  | ${n}`)
    ])
  })

  it("can be set, and has the members behind its message still, once", () => {
    const group = new ExceptionGroup("group", ["a"])

    group.stack = `${group.stack?.split("\n").slice(0, 2).join("\n")}\n    at somewhere else`

    assert.strictEqual(group.stack, "ExceptionGroup: group\n  | 'a'\n    at somewhere else")
  })

  it("is that of the part where a group was split", () => {
    const parts = new ExceptionGroup("two failed", ["a", 1]).split((error) => error === "a")

    assert.deepStrictEqual(
      parts.map((part) => membersIn(part?.stack)),
      [["  | 'a'"], ["  | 1"]]
    )
  })
})

describe("split", () => {
  it("gives the members that match and the others, nested as they were", () => {
    const [types, rest] = nested.split(TypeError)

    assert.deepStrictEqual(shape(types), ["TypeError: 1", ["TypeError: 3"]])
    assert.deepStrictEqual(shape(rest), [["RangeError: 2"], ["RangeError: 4"], "RangeError: 5"])
    assert.deepStrictEqual([types?.message, rest?.message], ["outer", "outer"])
    const inner = [types?.errors[1], ...(rest?.errors.slice(0, 2) ?? [])]
    assert.deepStrictEqual(
      inner.map((group) => group instanceof ExceptionGroup && group.message),
      ["inner", "inner", "ranges"]
    )
  })

  it("takes several classes, and a function", () => {
    const group = new ExceptionGroup("group", [new NotFound({ id: 1 }), new NotFound({ id: 2 }), new Refused(), "text"])

    const [byClass, notByClass] = group.split([Refused, NotFound])
    const [byFunction, notByFunction] = group.split((error) => error instanceof NotFound && error.id === 2)

    assert.deepStrictEqual([byClass?.errors.length, notByClass?.errors], [3, ["text"]])
    assert.deepStrictEqual(byFunction?.errors, [group.errors[1]!])
    assert.deepStrictEqual(notByFunction?.errors, [group.errors[0]!, group.errors[2]!, "text"])
  })

  it("gives each half the stack, the cause and the notes of the whole, as Python does", () => {
    class Loads extends ExceptionGroup {
      override derive<E>(errors: ReadonlyArray<E | ExceptionGroup<E>>): ExceptionGroup<E> {
        return new Loads(this.message, errors) as ExceptionGroup<E>
      }
    }
    const whole = Object.assign(new Loads("two failed", [new TypeError("a"), new RangeError("b")]), {
      cause: new Error("offline"),
      hint: "Look at the network.",
      task: "loader"
    })

    const parts = whole.split(TypeError)

    for (const part of parts) {
      assert.instanceOf(part, Loads)
      const { cause, hint, stack, task } = part as unknown as typeof whole
      assert.deepStrictEqual(
        { cause, hint, frames: framesOf(stack), task },
        { cause: whole.cause, hint: "Look at the network.", frames: framesOf(whole.stack), task: "loader" }
      )
    }
  })

  it("gives the group itself when all or none of its members match", () => {
    assert.deepStrictEqual(nested.split(Error), [nested, undefined])
    assert.deepStrictEqual(nested.split([TypeError, RangeError]), [nested, undefined])
    assert.deepStrictEqual(nested.split(CancelledError), [undefined, nested])
    assert.strictEqual(nested.split([TypeError, RangeError])[0], nested)
    assert.strictEqual(nested.split(CancelledError)[1], nested)
  })

  it("asks about the group first, and about the members of one that does not match", () => {
    const asked: Array<string> = []
    const group = new ExceptionGroup("outer", [new TypeError("a"), new ExceptionGroup("inner", [new TypeError("b")])])

    const [matching] = group.split((error) => {
      asked.push(error instanceof Error ? error.message : "")
      return error instanceof ExceptionGroup && error.message === "inner"
    })

    assert.deepStrictEqual(asked, ["outer", "a", "inner"])
    assert.deepStrictEqual(shape(matching), [["TypeError: b"]])
    assert.strictEqual(group.split(ExceptionGroup)[0], group)
  })

  it("refuses what does not decide about errors", () => {
    const message = "an Error class, a list of Error classes, or a function was expected, got "
    for (const matcher of [42, "TypeError", undefined, [42]]) {
      assert.throws(() => nested.split(matcher as unknown as typeof TypeError), TypeError, message)
    }
  })
})

describe("subgroup", () => {
  it("gives the members that match, or undefined", () => {
    assert.deepStrictEqual(shape(nested.subgroup(RangeError)), [["RangeError: 2"], ["RangeError: 4"], "RangeError: 5"])
    assert.isUndefined(nested.subgroup(SyntaxError))
  })
})

describe("leaves", () => {
  it("gives the errors of all levels, in order", () => {
    const members = [undefined, new TypeError("0"), nested, "text"]

    const leaves = new ExceptionGroup("group", members).leaves()

    assert.deepStrictEqual(leaves.map(String), [
      "undefined",
      "TypeError: 0",
      "TypeError: 1",
      "RangeError: 2",
      "TypeError: 3",
      "RangeError: 4",
      "RangeError: 5",
      "text"
    ])
  })

  it("goes as deep, and takes as many, as there are", () => {
    let tower = new ExceptionGroup(
      "group",
      Array.from({ length: 200_000 }, (_, n) => n)
    )
    for (let level = 0; level < 20_000; level++) tower = new ExceptionGroup("group", [tower])

    assert.strictEqual(tower.leaves().length, 200_000)
  })
})

describe("derive", () => {
  it("gives a group with the same message and cause", () => {
    const group = new ExceptionGroup("group", ["a", "b"])
    const causeless = group.derive(["c"])
    group.cause = "the cause"

    const derived = group.derive(["c"])

    assert.deepStrictEqual([derived.message, derived.errors, derived.cause], ["group", ["c"], "the cause"])
    assert.isFalse("cause" in causeless)
  })

  it("lets a subclass keep its own fields in its parts", () => {
    class HttpErrors<E> extends ExceptionGroup<E> {
      readonly status: number
      constructor(status: number, errors: ReadonlyArray<E | ExceptionGroup<E>>) {
        super("http", errors)
        this.status = status
      }
      override derive<E2>(errors: ReadonlyArray<E2 | ExceptionGroup<E2>>): ExceptionGroup<E2> {
        return new HttpErrors(this.status, errors)
      }
    }

    const parts = new HttpErrors(503, [new TypeError("a"), new RangeError("b")]).split(TypeError)

    for (const part of parts) assert.strictEqual(part instanceof HttpErrors && part.status, 503)
  })
})
