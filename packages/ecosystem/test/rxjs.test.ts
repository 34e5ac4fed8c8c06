import * as asyncio from "@effect-asyncio/compat"
import { firstValueFrom, from, fromEvent, lastValueFrom, map, NEVER, Observable, takeUntil } from "rxjs"
import { sevenWays } from "./support/sevenWays.ts"

/** Emits nothing, and tells when it was subscribed to and let go. */
const silent = () => {
  const begun = Promise.withResolvers<void>()
  const stopped = Promise.withResolvers<void>()
  const source = new Observable<string>(() => {
    begun.resolve()
    return () => stopped.resolve()
  })
  return { source, begun: begun.promise, stopped: stopped.promise }
}

const aborted = (signal: AbortSignal) =>
  new Observable<never>((subscriber) => {
    const onAbort = () => subscriber.error(signal.reason)
    if (signal.aborted) return onAbort()
    signal.addEventListener("abort", onAbort)
    return () => signal.removeEventListener("abort", onAbort)
  })

sevenWays(
  {
    library: "rxjs",
    operation: "firstValueFrom, takeUntil(aborted)",
    means: "signal",
    recipe: "takeUntil an observable that fails with signal.reason: one that only emits ends in an EmptyError."
  },
  {
    attempt: () => {
      const { begun, source, stopped } = silent()
      const run = () => firstValueFrom(source.pipe(takeUntil(aborted(asyncio.currentSignal()))))
      return { run, begun, stopped }
    }
  }
)

sevenWays(
  {
    library: "rxjs",
    operation: "takeUntil(fromEvent(signal, 'abort'))",
    means: "signal",
    recipe: "It ends quietly, so look behind it: signal.throwIfAborted()."
  },
  {
    attempt: () => {
      const { begun, source, stopped } = silent()
      const run = async () => {
        const signal = asyncio.currentSignal()
        signal.throwIfAborted()
        const quiet = source.pipe(takeUntil(fromEvent(signal, "abort")))
        const value = await lastValueFrom(quiet, { defaultValue: "nothing" })
        signal.throwIfAborted()
        return value
      }
      return { run, begun, stopped }
    }
  }
)

sevenWays(
  {
    library: "rxjs",
    operation: "abortable(firstValueFrom(...))",
    means: "abortable",
    recipe: "It stays subscribed: end it by takeUntil where that matters."
  },
  {
    attempt: () => {
      const { begun, source } = silent()
      return { run: () => asyncio.abortable(firstValueFrom(source)), begun }
    }
  }
)

sevenWays(
  {
    library: "rxjs",
    operation: "from(task), as part of a stream",
    means: "inside",
    recipe: "To unsubscribe does not cancel: the task that waits does, for its cancellation goes on to the task."
  },
  {
    attempt: () => {
      const begun = Promise.withResolvers<void>()
      const stopped = Promise.withResolvers<void>()
      const child = async () => {
        begun.resolve()
        try {
          await asyncio.sleep("1 hour")
        } finally {
          stopped.resolve()
        }
      }
      const run = () =>
        asyncio.taskGroup(async (group) => {
          const values = from(group.createTask(child)).pipe(
            map(() => "done"),
            takeUntil(NEVER)
          )
          return asyncio.abortable(firstValueFrom(values))
        })
      return { run, begun: begun.promise, stopped: stopped.promise }
    }
  }
)
