// Effect's own fibers, without names, listing or cancellation that can be caught.
import { Effect, Fiber } from "effect"

const one = Effect.succeed(1)

const turns = Effect.fnUntraced(function* (n) {
  for (let i = 0; i < n; i++) yield* Effect.yieldNow
})

const createAndAwait = Effect.fnUntraced(function* (n) {
  for (let i = 0; i < n; i++) yield* Fiber.join(yield* Effect.forkChild(one))
})

const createThenAwait = Effect.fnUntraced(function* (n) {
  const fibers = []
  for (let i = 0; i < n; i++) fibers.push(yield* Effect.forkChild(one))
  for (const fiber of fibers) yield* Fiber.join(fiber)
})

const sleepZeroInMany = Effect.fnUntraced(function* (n) {
  const fibers = []
  for (let i = 0; i < 100; i++) fibers.push(yield* Effect.forkChild(turns(n / 100)))
  for (const fiber of fibers) yield* Fiber.join(fiber)
})

export const effect = {
  name: "raw Effect",
  createAndAwait: (n) => Effect.runPromise(createAndAwait(n)),
  createThenAwait: (n) => Effect.runPromise(createThenAwait(n)),
  sleepZero: (n) => Effect.runPromise(turns(n)),
  sleepZeroInMany: (n) => Effect.runPromise(sleepZeroInMany(n))
}
