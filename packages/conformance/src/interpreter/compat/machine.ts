/**
 * A script on `@effect-asyncio/compat`: its loop, its coroutines and callbacks.
 */
import * as asyncio from "@effect-asyncio/compat"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { makeVirtualTimeLoop, type VirtualTimeLoop } from "@effect-asyncio/compat/testing"
import { type Block, hasEagerStarts, type Script } from "../../script.ts"
import { callbacksOf, entryOf, type MachineOf } from "../machine.ts"
import { Frame, type Port, Session } from "../session.ts"
import { EagerStarts } from "./eager.ts"
import { type CompatTypes, makeObject } from "./slots.ts"
import { block, blockNow } from "./statements.ts"
import { waits } from "./waits.ts"

/** A coroutine that is not awaited yet is a function that was not called: an async one, or one that does not wait. */
export type Coroutine = () => unknown

/** The run of a script, as statements see it. */
export interface Machine extends MachineOf<CompatTypes, Coroutine> {
  readonly eager: EagerStarts
}

/** Runs a script to its end and returns the trace. */
export const runScript = (script: Script): Promise<ReadonlyArray<string>> => {
  const runner = new asyncio.Runner({ handleSigint: false, loopFactory: makeVirtualTimeLoop })
  const loop = runner.getLoop()
  const session = new Session<CompatTypes>(script, portOf(loop), () => loop.stop())
  if (script.unretrieved === true) loop.setTaskFactory(remembering((make, options) => make(options), session))
  loop.setExceptionHandler((_, context) => session.handle(context))
  const machine = makeMachine(script, loop.core as VirtualTimeLoop, session)
  const program = async () => {
    try {
      return await runner.run(() => main(machine))
    } finally {
      await runner.close()
    }
  }
  return session.follow(program())
}

/** A task factory that takes note of every task it makes, those inside `gather` and the like included. */
const remembering =
  (factory: asyncio.TaskFactory, session: Session<CompatTypes>): asyncio.TaskFactory =>
  (make, options) => {
    const task = factory(make, options)
    session.remember(task)
    return task
  }

const portOf = (loop: asyncio.EventLoop): Port => ({
  time: () => loop.time() / 1000,
  currentTask: () => (loop.isRunning() ? asyncio.currentTask() : undefined),
  allTasks: () => [...asyncio.allTasks()],
  isFuture: asyncio.isFuture,
  isTask: asyncio.isTask,
  exceptionRetrieved: (future) => lowlevel.exceptionRetrieved((future as asyncio.Future<unknown>).core),
  result: (future) => (future as asyncio.Future<unknown>).result(),
  exception: (future) => (future as asyncio.Future<unknown>).exception(),
  contextValue: (variable) => (variable as asyncio.ContextVar<unknown>).get()
})

const makeMachine = (script: Script, loop: VirtualTimeLoop, session: Session<CompatTypes>): Machine => {
  // An async function that returns at once is done a few microtasks later. Only eager starts tell that from a plain one.
  const eagerScript = hasEagerStarts(script)
  const isAsync = (body: Block) => !eagerScript || body.some((statement) => waits(statement, script))
  const machine: Machine = {
    script,
    loop,
    session,
    coroutine: (name) => {
      const body = entryOf(script.coros, name)
      if (body === undefined) return undefined
      const call = async (frame: Frame) => {
        await block(body, frame, machine)
        return frame.result
      }
      const callNow = (frame: Frame) => {
        blockNow(body, frame, machine)
        return frame.result
      }
      return isAsync(body) ? () => call(new Frame()) : () => callNow(new Frame())
    },
    forTask: (name) => machine.coroutine(name),
    callback: (name) => callbacks.get(name),
    eager: new EagerStarts((reason) => session.giveUp(reason))
  }
  const callbacks = callbacksOf(script, session, (body, frame) => void blockNow(body, frame, machine))
  return machine
}

/** The coroutine that sets the scene, runs the script's `main` inline and takes the limits away again. */
const main = async (machine: Machine): Promise<unknown> => {
  const { script, session } = machine
  const loop = asyncio.getRunningLoop()
  const task = asyncio.currentTask()!
  const { deadline } = session
  if (script.eager_factory === true) loop.setTaskFactory(remembering(machine.eager.factory, session))
  const onDeadline = loop.callAt(deadline * 1000, () => {
    session.trace("deadline")
    task.cancel("deadline")
  })
  loop.callAt(2 * deadline * 1000, () => session.abandon("!deadline"))
  try {
    for (const [name, declaration] of Object.entries(script.objects ?? {})) {
      session.store(name, makeObject(name, declaration, machine))
    }
    return await machine.coroutine("main")!()
  } finally {
    onDeadline.cancel()
  }
}
