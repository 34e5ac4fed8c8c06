// A generator function runs nothing when it is called: wherever a function is called, it is refused with a hint.
import { assert, describe, it } from "vitest"
import * as asyncio from "@effect-asyncio/compat"
import { makeVirtualTimeLoop } from "@effect-asyncio/compat/testing"
import { rejection, run, self } from "../support.ts"

function* generator() {}
const given = generator as never
const later = async () => {}
const loop = () => asyncio.getRunningLoop()
const locked = async (use: (condition: asyncio.Condition) => unknown) => {
  const condition = new asyncio.Condition()
  await condition.use(async () => await use(condition))
}

/** Every place where promise code gives a function that is called. */
const places: Record<string, () => unknown> = {
  run: () => asyncio.run(given),
  "Runner.run": () => new asyncio.Runner().run(given),
  "Runner loopFactory": () => new asyncio.Runner({ loopFactory: given }).getLoop(),
  "makeVirtualTimeLoop onEvent": () => makeVirtualTimeLoop({ onEvent: given }),
  createTask: () => asyncio.createTask(given),
  "loop.createTask": () => loop().createTask(given),
  "task.run": () => self().run(given),
  ensureFuture: () => asyncio.ensureFuture(given),
  gather: () => asyncio.gather([given]),
  shield: () => asyncio.shield(given),
  shielded: () => asyncio.shielded(given),
  waitFor: () => asyncio.waitFor(given, 10),
  timeout: () => asyncio.timeout(10, given),
  "timeout discard": () => asyncio.timeout(10, later, { discard: given }),
  timeoutAt: () => asyncio.timeoutAt(10, given),
  moveOn: () => asyncio.moveOn(10, given),
  asCompleted: () => [...asyncio.asCompleted([given])],
  race: () => asyncio.race([given]),
  "race discard": () => asyncio.race([later], { discard: given }),
  anyOf: () => asyncio.anyOf([given]),
  "anyOf discard": () => asyncio.anyOf([later], { discard: given }),
  staggered: () => asyncio.staggered(1, [given]),
  "staggered discard": () => asyncio.staggered(1, [later], { discard: given }),
  mapTasks: () => asyncio.mapTasks([1], given, { concurrency: 1 }),
  restart: () => asyncio.restart(given),
  "restart onRestart": () => asyncio.restart(later, { onRestart: given }),
  taskGroup: () => asyncio.taskGroup(given),
  "taskGroup onFailure": () => asyncio.taskGroup(later, { onFailure: given }),
  "group.createTask": () => asyncio.taskGroup((group) => void group.createTask(given)),
  "group.start": () => asyncio.taskGroup(async (group) => await group.start(given)),
  catchCancelled: () => asyncio.catchCancelled(given, () => {}),
  "catchCancelled handler": () => asyncio.catchCancelled(later, given),
  "catchCancelled handler of a kind": () => asyncio.catchCancelled(later, { timeout: given }),
  catchGroup: () => asyncio.catchGroup(given, Error, () => {}),
  "catchGroup handler": () => asyncio.catchGroup(later, Error, given),
  "catchGroup second handler": () => asyncio.catchGroup(later, TypeError, () => {}, RangeError, given),
  "abortable onCancel": () => asyncio.abortable(Promise.resolve(), { onCancel: given }),
  "abortable discard": () => asyncio.abortable(Promise.resolve(), { discard: given }),
  recognizeCancellation: () => asyncio.recognizeCancellation(given),
  bind: () => asyncio.bind(given),
  "Lock.use": () => new asyncio.Lock().use(given),
  "Semaphore.use": () => new asyncio.Semaphore(1).use(given),
  "Condition.use": () => new asyncio.Condition().use(given),
  "Condition.waitFor": () => locked((condition) => condition.waitFor(given)),
  "Barrier.use": () => new asyncio.Barrier(1).use(given),
  "PriorityQueue order": () => new asyncio.PriorityQueue({ order: given }),
  "ContextVars.run": () => asyncio.copyContext().run(given),
  "BackgroundTasks.createTask": () => new asyncio.BackgroundTasks().createTask(given),
  "BackgroundTasks onError": () => new asyncio.BackgroundTasks({ onError: given }),
  findTasks: () => asyncio.findTasks(given),
  cancelAndWait: () => asyncio.cancelAndWait([given]),
  toThread: () => asyncio.toThread(given),
  toEffect: () => asyncio.toEffect(given),
  "toEffect catch": () => asyncio.toEffect({ try: later, catch: given }),
  "ExceptionGroup.split": () => new asyncio.ExceptionGroup("group", [1]).split(given),
  addDoneCallback: () => self().addDoneCallback(given),
  callSoon: () => loop().callSoon(given),
  callSoonThreadsafe: () => loop().callSoonThreadsafe(given),
  callLater: () => loop().callLater(1, given),
  callAt: () => loop().callAt(1, given),
  addSignalHandler: () => loop().addSignalHandler("SIGUSR2", given),
  setExceptionHandler: () => loop().setExceptionHandler(given),
  setTaskFactory: () => loop().setTaskFactory(given)
}

/** An error at the call as a rejection. */
const attempt = async (place: () => unknown): Promise<unknown> => await place()

describe("a generator function", () => {
  for (const [name, place] of Object.entries(places)) {
    it(`is refused with a hint by ${name}`, () =>
      run(async () => {
        let error = (await rejection(attempt(place))) as Error & asyncio.ErrorNotes
        while (error instanceof asyncio.ExceptionGroup) error = error.errors[0] as Error & asyncio.ErrorNotes

        assert.match(String(error), /^TypeError: .*(generator function|coroutines cannot be used with)/)
        assert.isString(error.hint)
      }))
  }
})
