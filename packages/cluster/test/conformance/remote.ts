/**
 * A script whose tasks run elsewhere. Its `main` runs here; each task of a coroutine runs where a {@link Transport} takes it, in a session of
 * its own, as code in another process does: it sees no slot of the others.
 *
 * Times are those of the script, to the next quarter of a second: what happens elsewhere happens a little later. How long a second of
 * the script is, is for the transport to say.
 */
import * as asyncio from "@effect-asyncio/core"
import type { VirtualTimeLoop } from "@effect-asyncio/core/testing"
import * as Effect from "effect/Effect"
import { makeMachine, portOf, type Machine } from "../../../conformance/src/interpreter/core/machine.ts"
import { makeObject, type CoreTypes } from "../../../conformance/src/interpreter/core/slots.ts"
import { Session } from "../../../conformance/src/interpreter/session.ts"
import type { Script } from "../../../conformance/src/script.ts"
import type { Trace } from "../../../conformance/src/trace.ts"

/** A coroutine of a script that is to run as a task. */
export interface Part {
  /** JSON, without what is known of the script. */
  readonly script: string
  readonly coro: string
  /** What the task is called in the trace. */
  readonly who: string
  /** Of the script, on the clock of whoever runs it, in milliseconds. */
  readonly start: number
  /** How many milliseconds a second of the script has. */
  readonly second: number
}

/** Takes parts of a script to where they run. */
export interface Transport {
  /** A task of this loop that stands for the part. */
  readonly createTask: (part: Part) => Effect.Effect<asyncio.Task<unknown, unknown>, unknown>
  readonly now: () => number
}

/** What a session traces beside what other sessions of its script do. */
type Emit = (lines: Trace) => void

/**
 * The same script with seconds of another length: all its times are in seconds of a thousand milliseconds. Those that are points in time are on
 * the clock of a loop that had `origin` when the script began.
 */
const withSecond = (script: Script, second: number, origin: number): Script => {
  const factor = second / 1000
  return JSON.parse(JSON.stringify(script), function (this: { readonly op?: unknown }, key, value: unknown) {
    if ((key !== "t" && key !== "timeout") || typeof value !== "number") return value
    return value * factor + (this.op === "timeout_at" ? origin / 1000 : 0)
  }) as Script
}

/** The time of the script, on the quarter of a second that is nearest. */
const timeOf = ({ second, start }: Part, now: number): number => Math.round((4 * (now - start)) / second) / 4

const sessionOf = (loop: asyncio.EventLoop, part: Part, transport: Transport, nextName: () => string) => {
  const origin = loop.time() - (transport.now() - part.start)
  const script = withSecond(JSON.parse(part.script) as Script, part.second, origin)
  const port = portOf(loop, () => timeOf(part, transport.now()))
  const session = new Session<CoreTypes>(script, port, () => {})
  const elsewhere = (machine: Machine): Pick<Machine, "createTask" | "forTask"> => ({
    createTask: (coro, { name }) =>
      Effect.suspend(() => {
        const who = name ?? nextName()
        return Effect.tap(transport.createTask({ ...part, coro, who }), (task) => task.setName(who))
      }),
    // In a task of this loop, which awaits the one elsewhere.
    forTask: (name) =>
      machine.coroutine(name) === undefined
        ? undefined
        : Effect.gen(function* () {
            const who = (yield* asyncio.currentTask).getName()
            return yield* yield* transport.createTask({ ...part, coro: name, who })
          })
  })
  // Nothing of a script that can be expressed asks for the virtual time.
  const machine = makeMachine(script, loop as VirtualTimeLoop, session, elsewhere)
  return { session, machine }
}

let last = 0

/** Runs a part in the task that is its own. What is left of it is a failure, or a cancellation. */
export const runPart = (part: Part, transport: Transport, emit: Emit): Effect.Effect<unknown, Error> =>
  Effect.gen(function* () {
    const loop = yield* asyncio.getRunningLoop
    yield* (yield* asyncio.currentTask).setName(part.who)
    // A name that no script has: who counts is `main`, which is not here.
    const { machine, session } = sessionOf(loop, part, transport, () => `Elsewhere-${++last}`)
    machine.context = yield* Effect.context()
    return yield* Effect.ensuring(
      machine.coroutine(part.coro)!,
      Effect.sync(() => emit(session.lines))
    )
  }).pipe(
    Effect.catchCause((cause) => {
      const error = asyncio.exceptionOf(cause)
      return error instanceof asyncio.CancelledError ? Effect.failCause(cause as never) : Effect.fail(error as Error)
    })
  )

/** Runs a script with its `main` on `loop`, and gives what that has traced; what other sessions have, they emit. */
export const runMain = async (
  script: Script,
  loop: asyncio.EventLoop,
  second: number,
  transport: Transport
): Promise<Trace> => {
  const { deps: _deps, expect: _expect, note: _note, ...bare } = script
  const part = { script: JSON.stringify(bare), coro: "main", who: "Task-1", start: transport.now(), second }
  // All names that nobody gives come from here: those of tasks elsewhere count too. The main task is the first.
  let names = 0
  const nextName = () => `Task-${++names}`
  loop.setTaskFactoryUnsafe((make, options) => make({ ...options, name: options?.name ?? nextName() }))
  const { machine, session } = sessionOf(loop, part, transport, nextName)
  loop.setExceptionHandlerUnsafe((_, context) => session.handle(context))
  const main = Effect.gen(function* () {
    machine.context = yield* Effect.context()
    for (const [name, declaration] of Object.entries(machine.script.objects ?? {})) {
      session.store(name, yield* makeObject(name, declaration, machine))
    }
    return yield* machine.coroutine("main")!
  })
  return session.follow(asyncio.run(main, { loopFactory: () => loop, handleSigint: false }))
}

/**
 * A trace with the lines of one instant in the order of those who trace them. Between processes there is no other: in one task lines keep their
 * order, and so do instants.
 */
export const comparable = (trace: Trace): Trace => {
  const lines = trace.map((text, index) => {
    const [time = "", who = ""] = text.split(" ", 2)
    return { text, index, time: Number(time), who }
  })
  return lines
    .toSorted((a, b) => a.time - b.time || (a.who < b.who ? -1 : a.who > b.who ? 1 : 0) || a.index - b.index)
    .map(({ text }) => text)
}
