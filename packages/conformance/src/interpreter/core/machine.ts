/**
 * A script on `@effect-asyncio/core`: its loop, its coroutines and callbacks.
 */
import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop, type VirtualTimeLoop } from "@effect-asyncio/core/testing"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { Script } from "../../script.ts"
import { Frame, type FutureLike, type Port, Session } from "../session.ts"
import { block } from "./statements.ts"
import { makeObject, type Slot } from "./slots.ts"

/** The run of a script, as statements see it. */
export interface Machine {
  readonly script: Script
  readonly loop: VirtualTimeLoop
  readonly session: Session<Slot>
  /** The services of the program. */
  context: Context.Context<never>
  /** A fresh coroutine; `undefined` when the script has none of that name. */
  coroutine(name: string): Effect.Effect<unknown, unknown> | undefined
  /** The one function object that stands for a callback; `undefined` when the script has none of that name. */
  callback(name: string): ((future?: FutureLike) => void) | undefined
}

/** Runs a script to its end and returns the trace. */
export const runScript = (script: Script): Promise<ReadonlyArray<string>> => {
  const { promise, resolve } = Promise.withResolvers<ReadonlyArray<string>>()
  const loop = makeVirtualTimeLoop()
  const session = new Session<Slot>(script, portOf(loop), () => {
    // An abandoned run may never end: what there is of its trace is the answer.
    resolve(session.lines)
    loop.stopUnsafe()
  })
  if (script.unretrieved === true) loop.setTaskFactoryUnsafe(remembering((make, options) => make(options), session))
  loop.setExceptionHandlerUnsafe((_, context) => session.handle(context))
  void asyncio
    .run(mainOf(makeMachine(script, loop, session)), { loopFactory: () => loop, handleSigint: false })
    .then(
      (value) => session.traceOutcome({ value }),
      (error: unknown) => session.traceOutcome({ error })
    )
    .then(() => resolve(session.lines))
  return promise
}

/** A task factory that takes note of every task it makes, those inside `gather` and the like included. */
const remembering =
  (factory: asyncio.TaskFactory, session: Session<Slot>): asyncio.TaskFactory =>
  (make, options) => {
    const task = factory(make, options)
    session.remember(task)
    return task
  }

const portOf = (loop: VirtualTimeLoop): Port => ({
  time: () => loop.time() / 1000,
  currentTask: () => loop.currentTaskUnsafe(),
  allTasks: () => loop.allTasksUnsafe(),
  isFuture: asyncio.isFuture,
  isTask: asyncio.isTask,
  result: (future) => valueOf(Effect.runSyncExit((future as asyncio.Future<unknown, unknown>).result())),
  exception: (future) => valueOf(Effect.runSyncExit((future as asyncio.Future<unknown, unknown>).exception()))
})

const valueOf = (exit: Exit.Exit<unknown, unknown>): unknown => {
  if (Exit.isSuccess(exit)) return exit.value
  throw asyncio.exceptionOf(exit.cause)
}

const makeMachine = (script: Script, loop: VirtualTimeLoop, session: Session<Slot>): Machine => {
  const callbacks = new Map<string, (future?: FutureLike) => void>()
  const machine: Machine = {
    script,
    loop,
    session,
    context: Context.empty(),
    coroutine: (name) => {
      const body = ownEntry(script.coros, name)
      if (body === undefined) return undefined
      return Effect.suspend(() => {
        const frame = new Frame()
        return Effect.map(block(body, frame, machine), () => frame.result)
      })
    },
    callback: (name) => callbacks.get(name)
  }
  for (const [name, body] of Object.entries(script.callbacks ?? {})) {
    callbacks.set(name, (future) => {
      const about =
        future === undefined ? "" : ` ${session.labelOf(future)} cancelled=${session.format(future.cancelled())}`
      session.trace(`cb ${name}${about}`)
      // A callback is plain code. It works with the program's services, and in no task.
      const context = Context.add(machine.context, asyncio.CurrentTask, undefined)
      valueOf(Effect.runSyncExitWith(context)(block(body, new Frame(future), machine)))
    })
  }
  return machine
}

const ownEntry = <V>(section: Record<string, V>, name: string): V | undefined =>
  Object.hasOwn(section, name) ? section[name] : undefined

/** The coroutine that sets the scene, runs the script's `main` inline and takes the limits away again. */
const mainOf = (machine: Machine): Effect.Effect<unknown, unknown> =>
  Effect.gen(function* () {
    const { script, loop, session } = machine
    machine.context = yield* Effect.context()
    const { deadline } = session
    const task = yield* asyncio.currentTask
    if (script.eager_factory === true) yield* loop.setTaskFactory(remembering(asyncio.eagerTaskFactory, session))
    const onDeadline = yield* loop.callAt(deadline * 1000, () => {
      session.trace("deadline")
      task.cancelUnsafe("deadline")
    })
    yield* loop.callAt(2 * deadline * 1000, () => session.abandon("!deadline"))
    for (const [name, declaration] of Object.entries(script.objects ?? {})) {
      session.store(name, yield* makeObject(name, declaration, machine))
    }
    const exit = yield* Effect.exit(machine.coroutine("main")!)
    yield* onDeadline.cancel
    return yield* exit
  })
