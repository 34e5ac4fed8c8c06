// oxlint-disable unicorn/consistent-function-scoping -- what runs on a thread is written beside what it is for
// oxlint-disable typescript/no-implied-eval, typescript/unbound-method -- functions as they come to a thread
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Cause, Effect, Exit } from "effect"

/** How a call fails in a task called worker. */
const mistake = async (run: unknown, ...args: ReadonlyArray<unknown>): Promise<Error & asyncio.ErrorNotes> => {
  const main = asyncio.createTask(Effect.exit(asyncio.toThread(run as () => unknown, ...(args as []))), {
    name: "worker"
  })
  const exit = await asyncio.run(Effect.flatten(main), { handleSigint: false })
  assert.isTrue(Exit.isFailure(exit), "the call fails")
  const error = Cause.squash((exit as Exit.Failure<unknown, unknown>).cause)
  if (!Cause.isUnknownError(error)) return error as Error
  const { hint } = error.cause as asyncio.ErrorNotes
  if (typeof hint === "string") assert.strictEqual((error as asyncio.ErrorNotes).hint, hint)
  return error.cause as Error
}

const outside = 1

class Counter {
  count = 1
  add() {
    return this.count++
  }
  get next() {
    return this.count
  }
}

const counter = new Counter()

const mistakes: Record<string, readonly [run: unknown, message: RegExp, hint: RegExp]> = {
  "a variable of the caller": [() => outside, /^ReferenceError: outside is not defined/, /as an argument/],
  "a variable of the caller, behind an await": [
    async () => {
      await Promise.resolve()
      return outside
    },
    /^ReferenceError: outside is not defined/,
    /as an argument/
  ],
  "a variable of the caller that is set": [
    new Function("undeclared = 1"),
    /^ReferenceError: undeclared is not defined/,
    /as an argument/
  ],
  "a helper that a build step put in": [
    new Function("return __spreadValues({}, {})"),
    /^ReferenceError: __spreadValues is not defined/,
    /build step/
  ],
  "a method": [counter.add, /^TypeError: the function cannot be sent to a thread as text: /, /^A method goes without/],
  "a getter": [
    Object.getOwnPropertyDescriptor(Counter.prototype, "next")!.get,
    /^TypeError: the function cannot be sent to a thread as text: /,
    /^A method goes without/
  ],
  "a bound method": [
    counter.add.bind(counter),
    /^TypeError: a function with a source was expected by toThread\(\), got the function bound add/,
    /^Write a function around it/
  ],
  "a function of the host": [
    JSON.parse,
    /^TypeError: a function with a source was expected by toThread\(\), got the function parse/,
    /^Write a function around it/
  ],
  "a proxy": [
    new Proxy(() => 1, {}),
    /^TypeError: a function with a source was expected by toThread\(\)/,
    /^Write a function around it/
  ],
  "a class": [
    Counter,
    /^TypeError: a function that can be called was expected by toThread\(\), got the function Counter/,
    /^Write a function around it/
  ],
  "a result that is a function": [() => () => 1, /^DataCloneError: /, /return plain data/]
}

describe("toThread says what to do about", () => {
  it.each(Object.entries(mistakes))("%s", async (_, [run, message, hint]) => {
    const error = await mistake(run)

    assert.match(`${error.name}: ${error.message}`, message)
    assert.match(error.hint ?? "", hint)
    assert.strictEqual(error.task, "worker")
  })

  it("an argument that is a function", async () => {
    const error = await mistake(
      (value: unknown) => value,
      () => 1
    )

    assert.match(error.hint ?? "", /hand over plain data/)
  })

  it("no error of the function's own, in a module for one", async () => {
    const module = `data:text/javascript,${encodeURIComponent("export default () => missing")}`

    const error = await mistake({ module })

    assert.deepStrictEqual([error.message, error.hint], ["missing is not defined", undefined])
  })
})

describe("toThread runs", () => {
  it("what esbuild, and so tsx, makes of a function with functions inside", async () => {
    const built = new Function(
      "n",
      'const double = /* @__PURE__ */ __name((n) => 2 * n, "double"); return [double.name, double(n)]'
    ) as (n: number) => [string, number]

    assert.deepStrictEqual(await asyncio.run(asyncio.toThread(built, 21)), ["double", 42])
  })

  it.each(["has a hint that throws", "has no text"])(
    "a function whose error %s, and says that it failed",
    async (_) => {
      const hostile = (noText: boolean) => {
        // oxlint-disable-next-line typescript/only-throw-error
        throw noText
          ? Object.assign(() => {}, { toString: null, [Symbol.toPrimitive]: null })
          : Object.defineProperty(new Error("hostile"), "hint", {
              get: () => {
                throw new Error("hint")
              }
            })
      }

      const error = await mistake(hostile, _ === "has no text")

      assert.match(error.message, /hostile|an error that cannot be read|hint/)
    }
  )
})
