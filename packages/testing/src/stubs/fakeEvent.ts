/**
 * Events that come from outside.
 */
import * as Duration from "effect/Duration"
import { type Latency, worldHere } from "./fakeIo.ts"

/**
 * Has something happen from outside at a time of the run: a message that comes, a socket that closes.
 *
 * **Details**
 *
 * `at` is counted from now, in milliseconds or as a duration; of several, an exploration chooses. The `action` is called by the loop, in no
 * task; what it throws is reported. Gives what takes it back.
 *
 * **Cancellation**
 *
 * A task that waits for it may be cancelled; it happens all the same.
 *
 * **asyncio**
 *
 * [`loop.call_later`](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.call_later), at a time that an exploration may choose.
 *
 * **Example** (A message that may come early or late)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/compat"
 * import { fakeEvent, task } from "@effect-asyncio/testing"
 *
 * let message: string | undefined
 * await task(async () => {
 *   const messages = new asyncio.Queue<string>()
 *   fakeEvent([10, 1000], () => messages.putNowait("hello"))
 *   message = await messages.get()
 * })()
 *
 * message // => "hello"
 * ```
 *
 * @category stubs
 * @since 0.1.0
 */
export const fakeEvent = (at: Latency, action: () => void): (() => void) => {
  const { decisions, loop } = worldHere("fakeEvent")
  const times = ((Array.isArray(at) ? at : [at]) as ReadonlyArray<Duration.Input>).map((each) =>
    typeof each === "number" ? each : Duration.toMillis(each)
  )
  const name = action.name === "" ? "an event" : action.name
  const delay = decisions.decide(`when ${name} comes`, times, (taken) => `${name} comes after ${taken} ms`)
  const timer = loop.callLaterUnsafe(delay, action)
  return () => timer.cancelUnsafe()
}
