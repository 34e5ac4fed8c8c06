import { Cause, Effect } from "effect"
import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"

/** Runs a program to its end on a loop of its own, whose time jumps when nothing can run. */
export const run: typeof asyncio.run = ((main: Effect.Effect<unknown>, options?: asyncio.RunOptions) =>
  asyncio.run(main, { loopFactory: makeVirtualTimeLoop, handleSigint: false, ...options })) as never

/** What the loop tells its exception handler, in place of the default handler's log. */
export const collectReports = (loop: asyncio.EventLoop): Array<asyncio.ExceptionContext> => {
  const reports: Array<asyncio.ExceptionContext> = []
  loop.setExceptionHandlerUnsafe((_, context) => reports.push(context))
  return reports
}

/** Waits for the host's next macrotask. */
export const macrotask = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

/** Runs a program, and gives what the loop told its exception handler from beginning to end. */
export const reportsOf = async (main: Effect.Effect<unknown, unknown>): Promise<ReadonlyArray<string>> => {
  const reports: Array<string> = []
  const loopFactory = () => {
    const loop = makeVirtualTimeLoop()
    loop.setExceptionHandlerUnsafe((_, context) => reports.push(context.message))
    return loop
  }
  await run(main, { loopFactory }).catch(() => {})
  return reports
}

/** What each of the effects fails with, as `NAME: MESSAGE`. */
export const failuresOf = (effects: ReadonlyArray<Effect.Effect<unknown, unknown, unknown>>) =>
  Effect.forEach(effects as ReadonlyArray<Effect.Effect<unknown, unknown>>, (effect) =>
    Effect.match(Effect.sandbox(effect), {
      onFailure: (cause) => String(Cause.squash(cause)),
      onSuccess: (value) => `value ${String(value)}`
    })
  )

/** What a program fails with, or dies of. */
export const failureOf = <A, E>(self: Effect.Effect<A, E>): Effect.Effect<E, A> =>
  Effect.flip(Effect.catchDefect(self, (defect) => Effect.fail(defect as E)))
