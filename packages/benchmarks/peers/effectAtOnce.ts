/**
 * Effect's fibers that begin inside the call that forks them, without an iteration: `startImmediately`. asyncio has such tasks as
 * `eager_start`, and they keep another order.
 */
import { Effect, Fiber } from "effect"
import { onlyFor, type Peer } from "../src/peer.ts"
import { versionOf } from "../src/versions.ts"

const atOnce = { startImmediately: true }

const one = Effect.fnUntraced(function* () {
  return 1
})

const createAndAwait = Effect.fnUntraced(function* (n: number) {
  for (let i = 0; i < n; i++) yield* Fiber.join(yield* Effect.forkChild(one(), atOnce))
})

const createThenAwait = Effect.fnUntraced(function* (n: number) {
  const fibers: Array<Fiber.Fiber<number>> = []
  for (let i = 0; i < n; i++) fibers.push(yield* Effect.forkChild(one(), atOnce))
  for (const fiber of fibers) yield* Fiber.join(fiber)
})

const forkLoop = Effect.fnUntraced(function* (n: number) {
  for (let i = 0; i < n; i++) yield* Effect.forkDetach(Effect.void, atOnce)
})

export const peer: Peer = {
  versions: { effect: versionOf("effect") },
  programs: onlyFor("measured for forking", {
    createAndAwait: (n) => Effect.runPromise(createAndAwait(n)),
    createThenAwait: (n) => Effect.runPromise(createThenAwait(n)),
    forkLoop: (n) => Effect.runPromise(forkLoop(n))
  })
}
