import * as asyncio from "@effect-asyncio/core"
import { Data, Effect } from "effect"
import { run } from "../support.ts"

export class ZeroDivisionError extends Data.TaggedError("ZeroDivisionError")<{}> {}
export class MyError extends Data.TaggedError("MyError")<{}> {}

export const divideByZero = Effect.fail(new ZeroDivisionError())

export const forever = asyncio.sleep("1 hour")

/**
 * Python's `finally`: takes the exit, runs the block, gives the exit back. Unlike in `Effect.ensuring`, the block can
 * be cancelled and may fail, which replaces the exit.
 */
export const andFinally =
  <E2, R2>(block: Effect.Effect<unknown, E2, R2>) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | E2, R | R2> =>
    Effect.flatMap(Effect.exit(self), (exit) => Effect.andThen(block, exit))

/** CPython runs the tests of task groups twice: on a loop with lazy tasks, and with the eager task factory. */
export const runBoth = async <A, E>(main: Effect.Effect<A, E>): Promise<void> => {
  await run(main)
  await run(
    Effect.gen(function* () {
      const loop = yield* asyncio.getRunningLoop
      yield* loop.setTaskFactory(asyncio.eagerTaskFactory)
      return yield* yield* asyncio.createTask(main, { eagerStart: false })
    })
  )
}

/** The names of a group's errors, nested as they are. */
export type Names = ReadonlyArray<string | Names>

export const namesOf = (group: asyncio.ExceptionGroup): Names =>
  group.errors.map((error) =>
    error instanceof asyncio.ExceptionGroup ? namesOf(error) : error instanceof Error ? error.name : String(error)
  )

/** Starts `body` as a task and gives it so many iterations. */
export const started = <A, E>(body: Effect.Effect<A, E>, iterations = 1) =>
  Effect.tap(asyncio.createTask(body), Effect.replicateEffect(asyncio.sleep(0), iterations))

/** Appends lines to a list. */
export const logTo =
  (lines: Array<string>) =>
  (line: string): Effect.Effect<void> =>
    Effect.sync(() => void lines.push(line))
