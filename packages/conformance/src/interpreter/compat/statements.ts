/**
 * Statements as async functions. A statement that waits gives a promise; any other is done when it returns, so that it may
 * stand in a callback. Both give true when a `return` was executed. Python's exceptions and cancellations are JavaScript's,
 * and so is `try`.
 */
import * as asyncio from "@effect-asyncio/compat"
import { type Block, startsEagerly, type Statement, type StatementOf } from "../../script.ts"
import { formatException, isCaughtBy, makeException } from "../exceptions.ts"
import { traceText } from "../expressions.ts"
import { millis, resolveAll, value } from "../machine.ts"
import { type Frame, futureKinds, lockKinds } from "../session.ts"
import { isTruthy } from "../values.ts"
import type { Machine } from "./machine.ts"
import {
  type Action,
  onAwaitable,
  onCallback,
  onSlot,
  type Operation,
  reporting,
  scheduling,
  silent,
  tracedResult,
  waiting
} from "./operations.ts"
import { waits } from "./waits.ts"

/** Runs statements in order until one returns. */
export const block = async (statements: Block, frame: Frame, machine: Machine): Promise<boolean> => {
  for (const statement of statements) {
    // A coroutine that still runs in an abandoned script leaves by the shortest way.
    if (!machine.session.step()) return true
    const action = execute(statement, frame, machine)
    // An `await` too many would part an eager first step from its task's creation.
    if ((action instanceof Promise ? await action : action) === true) return true
  }
  return false
}

/** {@link block} for statements that do not wait. */
export const blockNow = (statements: Block, frame: Frame, machine: Machine): boolean => {
  for (const statement of statements) {
    if (!machine.session.step()) return true
    const action = execute(statement, frame, machine)
    if (action instanceof Promise) {
      machine.session.giveUp("an eager start in a callback that goes on behind an await")
      // The script is abandoned.
      action.catch(() => {})
    }
    if (action === true) return true
  }
  return false
}

const execute = (statement: Statement, frame: Frame, machine: Machine): Action =>
  (operations[statement.op] as Operation<Statement["op"]>)(statement, frame, machine)

// ---- compound statements ---------------------------------------------------------------------------------------------

type Try = StatementOf<"try">

/** The clause that catches an error; throws it again when there is none. */
const clauseFor = (error: unknown, { except = [] }: Try, frame: Frame, { session }: Machine): Block => {
  const clause = except.find(({ on }) => isCaughtBy(error, on))
  if (clause === undefined) throw error
  session.trace(`except ${formatException(error)}`)
  frame.caught.push({ error, origin: undefined })
  return clause.body
}

const attempt = async (statement: Try, frame: Frame, machine: Machine): Promise<boolean> => {
  let returned: boolean
  try {
    returned = await block(statement.body, frame, machine)
  } catch (error) {
    const body = clauseFor(error, statement, frame, machine)
    try {
      return await block(body, frame, machine)
    } finally {
      frame.caught.pop()
    }
  }
  return returned || block(statement.else ?? [], frame, machine)
}

const attemptFinally = async (statement: Try, last: Block, frame: Frame, machine: Machine): Promise<boolean> => {
  try {
    return await attempt(statement, frame, machine)
  } finally {
    // oxlint-disable-next-line no-unsafe-finally -- as in Python, a `return` here swallows an exception on its way
    if (await block(last, frame, machine)) return true
  }
}

const repeat = async ({ n, body }: StatementOf<"loop">, frame: Frame, machine: Machine): Promise<boolean> => {
  const outer = frame.index
  try {
    for (let index = 0; index < n; index++) {
      frame.index = index
      if (await block(body, frame, machine)) return true
    }
    return false
  } finally {
    frame.index = outer
  }
}

const branchOf = (statement: StatementOf<"if">, frame: Frame, machine: Machine): Block =>
  (isTruthy(value(statement.cond, frame, machine)) ? statement.then : statement.else) ?? []

// The same for statements that do not wait: an async function that is done at once is still awaited, and in a callback
// nothing can be.

const attemptNow = (statement: Try, frame: Frame, machine: Machine): boolean => {
  let returned: boolean
  try {
    returned = blockNow(statement.body, frame, machine)
  } catch (error) {
    const body = clauseFor(error, statement, frame, machine)
    try {
      return blockNow(body, frame, machine)
    } finally {
      frame.caught.pop()
    }
  }
  return returned || blockNow(statement.else ?? [], frame, machine)
}

const attemptFinallyNow = (statement: Try, last: Block, frame: Frame, machine: Machine): boolean => {
  try {
    return attemptNow(statement, frame, machine)
  } finally {
    // oxlint-disable-next-line no-unsafe-finally -- as above
    if (blockNow(last, frame, machine)) return true
  }
}

const repeatNow = ({ n, body }: StatementOf<"loop">, frame: Frame, machine: Machine): boolean => {
  const outer = frame.index
  try {
    for (let index = 0; index < n; index++) {
      frame.index = index
      if (blockNow(body, frame, machine)) return true
    }
    return false
  } finally {
    frame.index = outer
  }
}

// ---- operations ------------------------------------------------------------------------------------------------------

const operations: { readonly [Op in Statement["op"]]: Operation<Op> } = {
  // core

  trace: (statement, frame, { session }) => session.trace(traceText(statement, frame, session)),

  sleep: ({ t }, _, { eager }) => (t > 0 ? asyncio.sleep(t * 1000) : eager.letOthersGo(asyncio.sleep(t * 1000))),

  busy: ({ t }, _, { loop }) => loop.advanceUnsafe(t * 1000),

  spawn: (statement, frame, machine) => {
    const { to, coro, name, eager, group } = statement
    const { script, session } = machine
    const coroutine = machine.coroutine(coro)
    if (coroutine === undefined) return session.traceUnset(coro)
    const owner = group === undefined ? asyncio : session.findAs(group, ["group"], frame)
    if (owner === undefined) return session.traceUnset(group!)
    const make = () => owner.createTask(coroutine, { name, eagerStart: eager })
    const made = (task: asyncio.Task<unknown>) => {
      session.store(to, { kind: "task", value: task })
      session.trace(`spawn ${to} -> ${task.getName()}`)
    }
    return startsEagerly(statement, script) ? machine.eager.start(make, made) : made(make())
  },

  await: waiting(futureKinds, (future, _, __, { eager }) =>
    // To await oneself fails, in the next iteration.
    future === asyncio.currentTask() ? eager.letOthersGo(future) : future
  ),

  call: ({ coro }, _, machine) => {
    const coroutine = machine.coroutine(coro)
    if (coroutine === undefined) return machine.session.traceUnset(coro)
    return tracedResult(`call ${coro}`, machine, coroutine())
  },

  cancel: reporting(["future", "task", "handle"], (target, { msg }, _, { eager }) => {
    eager.beforeCancel(target)
    return asyncio.isFuture(target) ? target.cancel(msg) : target.cancel()
  }),

  uncancel: reporting(["task"], (task) => task.uncancel()),

  try: (statement, frame, machine) => {
    const { finally: last } = statement
    if (waits(statement, machine.script)) {
      return last === undefined ? attempt(statement, frame, machine) : attemptFinally(statement, last, frame, machine)
    }
    return last === undefined
      ? attemptNow(statement, frame, machine)
      : attemptFinallyNow(statement, last, frame, machine)
  },

  raise: ({ exc, msg }) => {
    throw makeException(exc, msg)
  },

  reraise: (_, frame, { session }) => {
    const caught = frame.caught.at(-1)
    if (caught === undefined) return session.traceUnset("reraise")
    throw caught.error
  },

  return: (statement, frame, machine) => {
    frame.result = value(statement.value, frame, machine)
    return true
  },

  loop: (statement, frame, machine) =>
    waits(statement, machine.script) ? repeat(statement, frame, machine) : repeatNow(statement, frame, machine),

  if: (statement, frame, machine) => {
    const branch = branchOf(statement, frame, machine)
    return waits(statement, machine.script) ? block(branch, frame, machine) : blockNow(branch, frame, machine)
  },

  // The body runs in an Effect, as async functions that this runs.
  border: ({ body }, frame, machine) =>
    asyncio.runEffect(asyncio.toEffect({ try: () => block(body, frame, machine), catch: (error) => error })),

  result: reporting(futureKinds, (future) => future.result()),

  exception: reporting(futureKinds, (future) => future.exception()),

  inc: silent(["counter"], (counter, { by = 1 }) => (counter.n += by)),

  set_name: silent(["task"], (task, { name }) => task.setName(name)),

  // futures and handles

  future: ({ to }, _, { session }) => session.storeFuture(to, asyncio.getRunningLoop().createFuture<unknown>()),

  set_result: silent(futureKinds, (future, statement, frame, machine) =>
    future.setResult(value(statement.value, frame, machine))
  ),

  set_exception: silent(futureKinds, (future, { exc, msg }) => future.setException(makeException(exc, msg))),

  add_cb: onSlot(futureKinds, (future, { cb }, _, machine) =>
    onCallback(cb, machine, (callback) => future.addDoneCallback(callback))
  ),

  remove_cb: onSlot(futureKinds, (future, { v, cb }, _, machine) =>
    onCallback(cb, machine, (callback) =>
      machine.session.trace(`remove_cb ${v} ${cb} -> ${future.removeDoneCallback(callback)}`)
    )
  ),

  call_soon: (statement, _, machine) =>
    scheduling(statement, machine, (callback) => asyncio.getRunningLoop().callSoon(callback)),

  call_later: (statement, _, machine) =>
    scheduling(statement, machine, (callback) => asyncio.getRunningLoop().callLater(statement.t * 1000, callback)),

  call_at: (statement, _, machine) =>
    scheduling(statement, machine, (callback) => asyncio.getRunningLoop().callAt(statement.t * 1000, callback)),

  // combining awaitables

  gather: ({ args, re = false, to }, frame, machine) => {
    const future = asyncio.gather(resolveAll(args, frame, machine), { returnExceptions: re })
    return to === undefined ? tracedResult("gather", machine, future) : machine.session.storeFuture(to, future)
  },

  wait: async ({ args, timeout, when }, frame, machine) => {
    const { session } = machine
    const futures = resolveAll(args, frame, machine).filter(asyncio.isFuture)
    const { done, pending } = await asyncio.wait(futures, { timeout: millis(timeout), returnWhen: when })
    session.trace(`wait done=${session.labelsOf(done)} pending=${session.labelsOf(pending)}`)
  },

  wait_for: ({ arg, t }, frame, machine) =>
    onAwaitable(arg, frame, machine, (awaitable) =>
      tracedResult("wait_for", machine, asyncio.waitFor(awaitable, millis(t)))
    ),

  shield: ({ arg, to }, frame, machine) =>
    onAwaitable(arg, frame, machine, (awaitable) => {
      const future = asyncio.shield(awaitable)
      return to === undefined ? tracedResult("shield", machine, future) : machine.session.storeFuture(to, future)
    }),

  as_completed: async (statement, frame, machine) => {
    const { args, timeout, mode, catch: caught = [] } = statement
    const { session } = machine
    const results = asyncio.asCompleted(resolveAll(args, frame, machine), { timeout: millis(timeout) })
    const take = async (next: PromiseLike<unknown>) => {
      try {
        session.trace(`as_completed -> ${session.format(await next)}`)
      } catch (error) {
        if (!isCaughtBy(error, caught)) throw error
        session.trace(`as_completed except ${formatException(error)}`)
      }
    }
    if (mode !== "async") {
      for (const next of results) await take(next)
      return
    }
    for await (const future of results) {
      session.trace(`as_completed <- ${session.labelOf(future)}`)
      await take(future)
    }
  },

  // scopes

  timeout: ({ to, t, body }, frame, machine) =>
    asyncio.timeout(millis(t), (timeout) => {
      machine.session.store(to, { kind: "timeout", value: timeout })
      return block(body, frame, machine)
    }),

  timeout_at: ({ to, t, body }, frame, machine) =>
    asyncio.timeoutAt(millis(t), (timeout) => {
      machine.session.store(to, { kind: "timeout", value: timeout })
      return block(body, frame, machine)
    }),

  reschedule: silent(["timeout"], (timeout, { t }, _, { loop }) =>
    timeout.reschedule(t === null ? undefined : loop.time() + t * 1000)
  ),

  group: ({ to, body }, frame, machine) =>
    asyncio.taskGroup((group) => {
      machine.session.store(to, { kind: "group", value: group })
      return block(body, frame, machine)
    }),

  with: ({ v, body }, frame, machine) => {
    const { session } = machine
    const inside = (index?: number) => {
      session.trace(index === undefined ? `enter ${v}` : `enter ${v} -> ${index}`)
      return block(body, frame, machine)
    }
    const lock = session.findAs(v, lockKinds, frame)
    if (lock !== undefined) return lock.use(() => inside())
    return session.findAs(v, ["barrier"], frame)?.use(inside) ?? session.traceUnset(v)
  },

  // synchronisation

  ev_set: silent(["event"], (event) => event.set()),
  ev_clear: silent(["event"], (event) => event.clear()),
  ev_wait: waiting(["event"], (event) => event.wait()),
  acquire: waiting(lockKinds, (lock) => lock.acquire()),
  release: silent(lockKinds, (lock) => lock.release()),
  cond_wait: waiting(["condition"], (condition) => condition.wait()),
  cond_wait_for: waiting(["condition"], (condition, { v, pred }, frame, machine) =>
    condition.waitFor(() => {
      const met = isTruthy(value(pred, frame, machine))
      machine.session.trace(`pred ${v} -> ${machine.session.format(met)}`)
      return met
    })
  ),
  notify: silent(["condition"], (condition, { n }) => condition.notify(n)),
  notify_all: silent(["condition"], (condition) => condition.notifyAll()),
  bar_wait: waiting(["barrier"], (barrier) => barrier.wait()),
  bar_reset: waiting(["barrier"], (barrier) => barrier.reset()),
  bar_abort: waiting(["barrier"], (barrier) => barrier.abort()),
  q_put: waiting(["queue"], (queue, statement, frame, machine) => queue.put(value(statement.value, frame, machine))),
  q_put_nowait: silent(["queue"], (queue, statement, frame, machine) =>
    queue.putNowait(value(statement.value, frame, machine))
  ),
  q_get: waiting(["queue"], (queue) => queue.get()),
  q_get_nowait: reporting(["queue"], (queue) => queue.getNowait()),
  q_task_done: silent(["queue"], (queue) => queue.taskDone()),
  q_join: waiting(["queue"], (queue) => queue.join()),
  q_shutdown: silent(["queue"], (queue, { immediate }) => queue.shutdown(immediate)),
  ctx_set: silent(["ctxvar"], (variable, statement, frame, machine) =>
    variable.set(value(statement.value, frame, machine))
  )
}
