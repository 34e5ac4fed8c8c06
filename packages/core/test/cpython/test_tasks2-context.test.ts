import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Effect } from "effect"
import { run } from "../support.ts"

describe("CPython test_tasks", () => {
  describe("a context variable", () => {
    it("has a copy of its values in a task, from the moment of its creation (test_context_1)", () =>
      run(
        Effect.gen(function* () {
          const variable = asyncio.ContextVar.make("cvar", { defaultValue: "nope" })
          const seen: Array<string> = []
          const note = Effect.map(variable.get(), (value) => void seen.push(value))
          const sub = Effect.gen(function* () {
            yield* asyncio.sleep(10)
            yield* note
            yield* variable.set("something else")
            yield* note
          })
          yield* variable.set("yes")
          const task = yield* asyncio.createTask(sub)
          yield* note

          yield* variable.set("changed")

          yield* task
          yield* note
          assert.deepStrictEqual(seen, ["yes", "yes", "something else", "changed"])
        })
      ))

    it("has the values of its registration in a done callback, and the task keeps its own (test_context_2)", () =>
      run(
        Effect.gen(function* () {
          const loop = yield* asyncio.getRunningLoop
          const variable = asyncio.ContextVar.make("cvar", { defaultValue: "nope" })
          const seen: Array<string> = []
          const onDone = () => {
            seen.push(`callback: ${variable.getUnsafe()}`)
            variable.setUnsafe("from the callback")
          }
          const sub = Effect.gen(function* () {
            for (const n of [0, 1, 2, 3]) {
              const future = yield* loop.createFuture<void>()
              yield* variable.set(`registered ${n}`)
              yield* future.addDoneCallback(onDone)
              yield* variable.set(`set ${n}`)
              yield* loop.callLater(10, () => future.setResultUnsafe())
              yield* future
              seen.push(`task: ${yield* variable.get()}`)
            }
          })

          yield* yield* asyncio.createTask(sub)

          assert.deepStrictEqual(
            seen,
            [0, 1, 2, 3].flatMap((n) => [`callback: registered ${n}`, `task: set ${n}`])
          )
          assert.strictEqual(yield* variable.get(), "nope")
        })
      ))

    it("has values of their own in a hundred tasks that alternate (test_context_3)", () =>
      run(
        Effect.gen(function* () {
          const variable = asyncio.ContextVar.make("cvar", { defaultValue: -1 })
          const wrong: Array<string> = []
          const sub = (number: number) =>
            Effect.gen(function* () {
              for (let n = 0; n < 10; n++) {
                yield* variable.set(number + n)
                yield* asyncio.sleep((number * 7 + n) % 5)
                const value = yield* variable.get()
                if (value !== number + n) wrong.push(`${number} in round ${n} sees ${value}`)
              }
              return yield* variable.get()
            })
          const numbers = Array.from({ length: 100 }, (_, n) => n)

          const last = yield* asyncio.gather(numbers.map(sub))

          assert.deepStrictEqual(wrong, [])
          assert.deepStrictEqual(
            last,
            numbers.map((number) => number + 9)
          )
          assert.strictEqual(yield* variable.get(), -1)
        })
      ))

    it("is shared by tasks that are given the same context (test_context_4, test_context_5, test_context_6)", () =>
      run(
        Effect.gen(function* () {
          const variable = asyncio.ContextVar.make("cvar", { defaultValue: 0 })
          const variables = yield* asyncio.copyContext
          const add = Effect.fnUntraced(function* (n: number) {
            yield* variable.set((yield* variable.get()) + n)
            yield* asyncio.sleep(10)
            yield* variable.set((yield* variable.get()) + n)
          })
          yield* variable.set(100)

          yield* yield* asyncio.createTask(add(1), { variables })
          const [two, three] = [
            yield* asyncio.createTask(add(2), { variables }),
            yield* asyncio.createTask(add(3), { variables, eagerStart: true })
          ]
          yield* asyncio.gather([two, three])

          const seen = yield* yield* asyncio.createTask(variable.get(), { variables })
          assert.deepStrictEqual([seen, yield* variable.get()], [12, 100])
        })
      ))
  })
})
