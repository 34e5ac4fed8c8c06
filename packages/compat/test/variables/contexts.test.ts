// Tokens, variables without a default, and contexts that are entered: the cases of CPython's test_context.
import * as asyncio from "@effect-asyncio/compat"
import { Effect } from "effect"
import * as core from "@effect-asyncio/core"
import { assert, describe, it } from "vitest"
import { run } from "../support.ts"

const { ContextVar, Token } = asyncio

const textOf = (call: () => unknown): string => {
  try {
    return `gave ${String(call())}`
  } catch (error) {
    return String(error)
  }
}

describe("a ContextVar without a default", () => {
  const check = () => {
    const variable = ContextVar.make<number>("c")
    assert.strictEqual(
      textOf(() => variable.get()),
      "LookupError: <ContextVar name='c'>"
    )
    assert.deepStrictEqual([variable.get("none"), variable.get(undefined)], ["none", undefined])
    const token = variable.set(1)
    assert.deepStrictEqual([variable.get(), variable.get("none")], [1, 1])
    variable.reset(token)
    assert.strictEqual(variable.get("none"), "none")
  }

  it("throws a LookupError where none was set, in a task, in a callback and in no run", async () => {
    check()
    await run(async () => {
      check()
      const done = new asyncio.Event()
      asyncio.getRunningLoop().callSoon(() => {
        check()
        done.set()
      })
      await done.wait()
    })
  })
})

describe("a Token", () => {
  it("takes the variable back, once, where it was set", () =>
    run(async () => {
      const variable = ContextVar.make<number | string>("c")
      const other = ContextVar.make<number | string>("other")
      const first = variable.set(42)
      const second = variable.set("spam")

      assert.deepStrictEqual([first.oldValue, second.oldValue, first.variable], [Token.MISSING, 42, variable])
      const inTask = await asyncio.createTask(() => textOf(() => variable.reset(second)))
      assert.strictEqual(inTask, "ValueError: <Token var=<ContextVar name='c'>> was created in a different Context")
      assert.strictEqual(
        textOf(() => other.reset(second)),
        "ValueError: <Token var=<ContextVar name='c'>> was created by a different ContextVar"
      )
      variable.reset(second)
      assert.strictEqual(variable.get(), 42)
      assert.strictEqual(
        textOf(() => variable.reset(second)),
        "RuntimeError: <Token used var=<ContextVar name='c'>> has already been used once"
      )
      assert.match(
        textOf(() => variable.reset(1 as never)),
        /^TypeError: expected an instance of Token, got 1/
      )
      // One that core has made serves as well.
      variable.reset(first.core as never)
      assert.strictEqual(variable.get("none"), "none")
    }))

  it("resets at the end of a block", () =>
    run(async () => {
      const variable = ContextVar.make("c", { defaultValue: 0 })
      const seen: Array<number> = []
      {
        using token = variable.set(1)
        await asyncio.sleep(1)
        seen.push(variable.get(), token.oldValue === Token.MISSING ? 1 : 0)
      }
      assert.deepStrictEqual([...seen, variable.get()], [1, 1, 0])
    }))
})

describe("a context", () => {
  const variable = ContextVar.make("c", { defaultValue: 0 })

  it("is entered by a function until it returns or throws", () =>
    run(async () => {
      const context = asyncio.copyContext()
      const set = (value: number, throws: boolean) => {
        variable.set(value)
        if (throws) throw new RangeError("boom")
        return variable.get()
      }

      const seen = [context.run(set, 5, false), textOf(() => context.run(set, 6, true))]

      assert.deepStrictEqual([...seen, context.values.get(variable), variable.get()], [5, "RangeError: boom", 6, 0])
      assert.deepStrictEqual(
        [String(context), context.copy().run(() => variable.get())],
        ["<Context of 1 variable>", 6]
      )
    }))

  it("is entered in a callback, in no run, and in an Effect", async () => {
    const check = () => {
      const context = asyncio.copyContext()
      context.run(() => variable.set(7))
      return [variable.get(), context.run(() => variable.get())]
    }

    assert.deepStrictEqual(check(), [0, 7])
    await run(async () => {
      const future = asyncio.getRunningLoop().createFuture<ReadonlyArray<number>>()
      asyncio.getRunningLoop().callSoon(() => future.setResult(check()))
      assert.deepStrictEqual(await future, [0, 7])
      assert.deepStrictEqual(await asyncio.runEffect(Effect.sync(check)), [0, 7])
    })
  })

  it("is copied to what is started inside, and each has its own from then on", () =>
    run(async () => {
      const context = asyncio.copyContext()
      const seen: Array<number> = []
      const child = async () => {
        seen.push(variable.get())
        variable.set(9)
        await asyncio.sleep(0)
        seen.push(variable.get())
      }

      const tasks = context.run(() => {
        variable.set(1)
        asyncio.getRunningLoop().callSoon(() => seen.push(variable.get()))
        return [asyncio.createTask(child), asyncio.createTask(child, { eagerStart: true })]
      })

      await asyncio.gather(tasks)
      assert.deepStrictEqual([...seen, context.values.get(variable), variable.get()], [1, 1, 1, 9, 9, 1, 0])
    }))

  it("cannot be entered again inside, nor in a task that has it", () =>
    run(async () => {
      const context = asyncio.copyContext()
      const expected = "RuntimeError: cannot enter context: <Context of 0 variables> is already entered"
      const again = () => textOf(() => context.run(() => "reached"))

      assert.deepStrictEqual(
        [context.run(again), await asyncio.createTask(again, { variables: context }), again()],
        [expected, expected, "gave reached"]
      )
    }))

  it("refuses what is no function, and async functions, which would leave it at their first await", () =>
    run(async () => {
      const context = asyncio.copyContext()

      assert.match(
        textOf(() => context.run(1 as never)),
        /^TypeError: a function was expected by run\(\) of a context, got 1/
      )
      assert.match(
        textOf(() => context.run(async () => {})),
        /^TypeError: a function that is not async was expected by run\(\) of a context, got /
      )
      // An async function has what the code sees that calls it.
      assert.strictEqual(await asyncio.createTask(async () => variable.get(), { variables: context }), 0)
    }))

  it("knows variables that were made in core", () =>
    run(async () => {
      const made = core.ContextVar.make("made", { defaultValue: 0 })
      const wrapped = ContextVar.of(made)

      wrapped.set(1)

      assert.strictEqual(ContextVar.of(made), wrapped)
      assert.strictEqual(asyncio.copyContext().values.get(wrapped), 1)
      assert.strictEqual(ContextVar.of(variable.core), variable)
      assert.match(
        textOf(() => ContextVar.of({} as never)),
        /^TypeError: a ContextVar of core was expected, got /
      )
    }))
})
