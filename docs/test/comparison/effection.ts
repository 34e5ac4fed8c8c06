import { all, call, type Operation, run, spawn, suspend } from "effection"
import { type Peer, pause } from "./question.ts"

const macrotask = () => call(pause)

export const effection: Peer = {
  stopWaits: () =>
    run(function* () {
      let cleaned = false
      const task = yield* spawn(function* () {
        try {
          yield* suspend()
        } finally {
          yield* macrotask()
          cleaned = true
        }
      })
      yield* macrotask()
      yield* task.halt()
      return cleaned
    }),

  resultInSpite: () =>
    run(function* () {
      const task = yield* spawn(function* (): Operation<string> {
        try {
          yield* suspend()
        } catch {
          return "half"
        }
        return "all"
      })
      yield* macrotask()
      yield* task.halt()
      try {
        return (yield* task) === "half"
      } catch {
        return false
      }
    }),

  // `halt` has no parameter, and who waits for the task gets the same error for each.
  reason: () =>
    run(function* () {
      const task = yield* spawn(function* () {
        yield* suspend()
      })
      yield* macrotask()
      yield* (task.halt as (why: string) => Operation<void>).call(task, "why")
      try {
        yield* task
      } catch (error) {
        return String(error).includes("why")
      }
      return false
    }),

  siblings: async () => {
    let stopped = false
    const program = run(function* () {
      yield* all([
        (function* () {
          try {
            yield* suspend()
          } finally {
            stopped = true
          }
        })(),
        (function* () {
          yield* macrotask()
          throw new Error("one")
        })()
      ])
    })
    await program.catch(() => {})
    return stopped
  },

  allFailures: async () => {
    const failing = (text: string) =>
      (function* (): Operation<void> {
        throw new Error(text)
      })()
    const caught: unknown = await run(() => all([failing("one"), failing("two")])).catch((error: unknown) => error)
    return caught instanceof AggregateError
  }
}
