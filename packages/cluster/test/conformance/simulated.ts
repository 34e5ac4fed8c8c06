/**
 * Tasks elsewhere, as they are expected to be: in the same loop, on virtual time, a little later. A script whose trace is CPython's here, however
 * much later that is, can be expressed by tasks elsewhere: it uses nothing that is another's, and nothing in it hangs on who is first.
 */
import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop, type VirtualTimeLoop } from "@effect-asyncio/core/testing"
import * as Effect from "effect/Effect"
import { featuresOf, parseFeatures } from "../../../conformance/src/features.ts"
import type { RecordedScript } from "../../../conformance/src/script.ts"
import { firstDifference, type Trace } from "../../../conformance/src/trace.ts"
import { comparable, type Part, runMain, runPart, type Transport } from "./remote.ts"

/**
 * How many milliseconds a message takes: that which begins a task, that which cancels it, and that which tells its end. Whoever creates it goes on
 * when it is written down.
 */
interface Delays {
  readonly create: number
  readonly begin: number
  readonly cancel: number
  readonly end: number
}

const delays: ReadonlyArray<Delays> = [
  { create: 0, begin: 20, cancel: 20, end: 20 },
  { create: 0, begin: 5, cancel: 35, end: 1 },
  { create: 0, begin: 30, cancel: 1, end: 12 },
  // A task begins while its creator creates the next.
  { create: 8, begin: 2, cancel: 1, end: 1 }
]

/** Waits, and gives the last cancellation that is asked for meanwhile. */
const takes = Effect.fnUntraced(function* (millis: number, before?: asyncio.CancelledError) {
  const { loop } = yield* asyncio.currentTask
  const end = loop.time() + millis
  let asked = before
  const note = (error: asyncio.CancelledError) => Effect.sync(() => void (asked = error))
  while (loop.time() < end) yield* asyncio.catchCancelled(asyncio.sleep(end - loop.time()), note)
  return asked
})

const transportOf = (loop: VirtualTimeLoop, delays: Delays, emit: (lines: Trace) => void): Transport => {
  let parts = 0
  const transport: Transport = {
    now: () => loop.time(),
    createTask: (part) =>
      Effect.tap(asyncio.createTask(standIn(part), { name: part.who, eagerStart: true }), () =>
        delays.create === 0 ? Effect.void : Effect.uninterruptible(asyncio.sleep(delays.create))
      )
  }
  const standIn = Effect.fnUntraced(function* (part: Part) {
    // No two tasks are alike, so that what happens in several at once happens in some order.
    const factor = 1 + (parts++ % 3) / 2
    const early = yield* takes(delays.begin * factor)
    // Never begins; that it does not is told by another message.
    if (early !== undefined) return yield* Effect.fail((yield* takes(delays.cancel * factor, early)) ?? early)
    const body = runPart(part, transport, emit).pipe(Effect.map((value) => JSON.parse(JSON.stringify(value ?? null))))
    const task = yield* asyncio.createTask(body, { name: part.who, detached: true })
    const cancelled = ({ reason }: asyncio.CancelledError) => {
      loop.callLaterUnsafe(delays.cancel * factor, () => void task.cancelUnsafe(reason))
      return Effect.void
    }
    while (!task.done()) yield* asyncio.catchCancelled(Effect.asVoid(asyncio.wait([task])), cancelled)
    yield* takes(delays.end * factor)
    return (yield* task) as unknown
  })
  return transport
}

/** The trace of a script whose tasks are elsewhere. */
const simulated = async (script: RecordedScript, delays: Delays): Promise<Trace> => {
  const loop = makeVirtualTimeLoop()
  const emitted: Array<string> = []
  const transport = transportOf(loop, delays, (lines) => void emitted.push(...lines))
  const own = await runMain(script, loop, 1000, transport)
  return [...own, ...emitted]
}

// What a loop of another process cannot do, or what is about the iterations of one loop.
const unknown = new Set(parseFeatures("busy,unretrieved,eager,eager_factory"))
unknown.delete("core")

/** Whether a task other than the main one may create tasks that get their names from the one counter of CPython. */
const namesElsewhere = ({ coros }: RecordedScript): boolean =>
  Object.entries(coros).some(([name, body]) => {
    const text = JSON.stringify(body)
    return name !== "main" && (/"op":"spawn"(?![^}]*"name":)/.test(text) || /\{"coro":/.test(text))
  })

/** Why a script cannot have its tasks elsewhere; undefined where it can. */
export const inexpressible = async (script: RecordedScript): Promise<string | undefined> => {
  const feature = featuresOf(script).find((feature) => unknown.has(feature))
  if (feature !== undefined) return feature
  if (namesElsewhere(script)) return "counts tasks that are created elsewhere"
  if (!script.expect.some((line) => / spawn |gather|wait_for|shield|as_completed/.test(line))) return "has no tasks"
  const expected = comparable(script.expect)
  for (const each of delays) {
    const actual = comparable(await simulated(script, each))
    if (firstDifference(expected, actual) !== undefined) return "shares objects, or hangs on who is first"
  }
  return undefined
}
