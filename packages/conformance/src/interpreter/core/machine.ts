/**
 * A script on `@effect-asyncio/core`: its loop, its coroutines and callbacks.
 */
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { makeVirtualTimeLoop, type VirtualTimeLoop } from "@effect-asyncio/core/testing"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { hasBorders, hasEagerStarts, type Script } from "../../script.ts"
import { callbacksOf, entryOf, type MachineOf } from "../machine.ts"
import { Frame, type Port, Session } from "../session.ts"
import { EagerStarts } from "./eager.ts"
import { block } from "./statements.ts"
import { makeObject, type CoreTypes } from "./slots.ts"

/** The run of a script, as statements see it. */
export interface Machine extends MachineOf<CoreTypes, Effect.Effect<unknown, unknown>> {
  /** The services of the program. */
  context: Context.Context<never>
  readonly eager: EagerStarts
  /** Creates a task of a coroutine that the script has. */
  createTask(coro: string, options: TaskOptions): Effect.Effect<asyncio.Task<unknown, unknown>, unknown>
}

export interface TaskOptions {
  readonly name: string | undefined
  readonly eagerStart: boolean | undefined
}

/** How tasks are made, where that is not in this loop. */
export type Elsewhere = (machine: Machine) => Pick<Machine, "createTask" | "forTask">

/** Runs a script to its end and returns the trace. */
export const runScript = (script: Script): Promise<ReadonlyArray<string>> => {
  const loop = makeVirtualTimeLoop()
  const session = new Session<CoreTypes>(script, portOf(loop), () => loop.stopUnsafe())
  const machine = makeMachine(script, loop, session)
  if (script.unretrieved === true || (hasBorders(script) && hasEagerStarts(script)))
    loop.setTaskFactoryUnsafe(noting((make, options) => make(options), machine))
  loop.setExceptionHandlerUnsafe((_, context) => session.handle(context))
  const main = mainOf(machine)
  return session.follow(asyncio.run(main, { loopFactory: () => loop, handleSigint: false }))
}

/** A task factory that takes note of every task it makes, those inside `gather` and the like included. */
const noting =
  (factory: asyncio.TaskFactory, { eager, session }: Machine): asyncio.TaskFactory =>
  (make, options) => {
    const task = eager.make(() => factory(make, options))
    session.remember(task)
    return task
  }

/** What a session asks of core. */
export const portOf = (loop: asyncio.EventLoop, time = () => loop.time() / 1000): Port => ({
  time,
  currentTask: () => loop.currentTaskUnsafe(),
  allTasks: () => loop.allTasksUnsafe(),
  isFuture: asyncio.isFuture,
  isTask: asyncio.isTask,
  exceptionRetrieved: (future) => lowlevel.exceptionRetrieved(future as asyncio.Future<unknown, unknown>),
  result: (future) => valueOf(Effect.runSyncExit((future as asyncio.Future<unknown, unknown>).result())),
  exception: (future) => valueOf(Effect.runSyncExit((future as asyncio.Future<unknown, unknown>).exception())),
  contextValue: (variable) => (variable as asyncio.ContextVar<unknown>).getUnsafe()
})

const valueOf = (exit: Exit.Exit<unknown, unknown>): unknown => {
  if (Exit.isSuccess(exit)) return exit.value
  throw asyncio.exceptionOf(exit.cause)
}

export const makeMachine = (
  script: Script,
  loop: VirtualTimeLoop,
  session: Session<CoreTypes>,
  elsewhere?: Elsewhere
): Machine => {
  const machine: Machine = {
    script,
    loop,
    session,
    context: Context.empty(),
    eager: new EagerStarts((reason) => session.giveUp(reason)),
    createTask: (coro, options) => asyncio.createTask(machine.coroutine(coro)!, options),
    forTask: (name) => machine.coroutine(name),
    coroutine: (name) => {
      const body = entryOf(script.coros, name)
      if (body === undefined) return undefined
      return Effect.suspend(() => {
        const frame = new Frame()
        return Effect.map(block(body, frame, machine), () => frame.result)
      })
    },
    callback: (name) => callbacks.get(name)
  }
  if (elsewhere !== undefined) Object.assign(machine, elsewhere(machine))
  const callbacks = callbacksOf(script, session, (body, frame) => {
    // A callback is plain code. It works with the program's services, and in no task.
    const context = Context.add(machine.context, asyncio.CurrentTask, undefined)
    valueOf(Effect.runSyncExitWith(context)(block(body, frame, machine)))
  })
  return machine
}

/** The coroutine that sets the scene, runs the script's `main` inline and takes the limits away again. */
const mainOf = (machine: Machine): Effect.Effect<unknown, unknown> =>
  Effect.gen(function* () {
    const { script, loop, session } = machine
    machine.context = yield* Effect.context()
    const { deadline } = session
    const task = yield* asyncio.currentTask
    if (script.eager_factory === true) yield* loop.setTaskFactory(noting(asyncio.eagerTaskFactory, machine))
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
