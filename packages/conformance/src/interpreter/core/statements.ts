/**
 * Statements as Effects. A statement succeeds with true when a `return` was executed; Python's exceptions are failures,
 * cancellations are what core makes of them. Nothing here costs an iteration of the loop that Python would not take.
 */
import * as compat from "@effect-asyncio/compat"
import * as asyncio from "@effect-asyncio/core"
import * as Effect from "effect/Effect"
import type * as Cause from "effect/Cause"
import type * as Exit from "effect/Exit"
import type { Block, Statement, StatementOf } from "../../script.ts"
import { formatException, isCaughtBy, makeException } from "../exceptions.ts"
import { traceText } from "../expressions.ts"
import { millis, resolveAll, value } from "../machine.ts"
import { type Frame, futureKinds, lockKinds } from "../session.ts"
import { isTruthy } from "../values.ts"
import type { Machine } from "./machine.ts"
import {
  type Action,
  type Joinable,
  onAwaitable,
  onCallback,
  onSlot,
  type Operation,
  reporting,
  type Returned,
  scheduling,
  silent,
  tracedResult,
  unset
} from "./operations.ts"

/** Runs statements in order until one returns. */
export const block = (statements: Block, frame: Frame, machine: Machine): Effect.Effect<Returned, unknown> => {
  if (statements.length === 0) return nothing
  return Effect.gen(function* () {
    for (const statement of statements) {
      // A coroutine that still runs in an abandoned script leaves by the shortest way.
      if (!machine.session.step()) return true
      if ((yield* execute(statement, frame, machine)) === true) return true
    }
    return false
  })
}

const nothing: Effect.Effect<Returned> = Effect.succeed(false)

const execute = (statement: Statement, frame: Frame, machine: Machine): Action =>
  (operations[statement.op] as Operation<Statement["op"]>)(statement, frame, machine)

/** Ends as an exit did: the second half of "take the exit, run the block, give the exit back". */
const giveBack = <A>(exit: Exit.Exit<A, unknown>): Effect.Effect<A, unknown> => exit

// ---- exceptions ------------------------------------------------------------------------------------------------------

/** A body's end: whether it returned, or the exception that left it with what is needed to raise it again. */
type Ending =
  | { readonly returned: Returned }
  | { readonly error: unknown; readonly cause: Cause.Cause<unknown> | undefined }

/**
 * Takes note of how a body ends. Where Python writes `except CancelledError` an Effect program writes `catchCancelled`, so
 * that is what runs here; the other handlers take the exit.
 */
const endingOf = (body: Effect.Effect<Returned, unknown>, cancelled: boolean): Effect.Effect<Ending> => {
  const noted = Effect.map(body, (returned): Ending => ({ returned }))
  const guarded = cancelled
    ? asyncio.catchCancelled(noted, (error): Effect.Effect<Ending> => Effect.succeed({ error, cause: undefined }))
    : noted
  return Effect.catchCause(guarded, (cause) => Effect.succeed<Ending>({ error: asyncio.exceptionOf(cause), cause }))
}

const raiseAgain = (error: unknown, cause: Cause.Cause<unknown> | undefined): Effect.Effect<never, unknown> =>
  cause === undefined ? Effect.fail(error) : Effect.failCause(cause)

const handled = (statement: StatementOf<"try">, frame: Frame, machine: Machine): Effect.Effect<Returned, unknown> => {
  const { session } = machine
  const clauses = statement.except ?? []
  return Effect.gen(function* () {
    const body = block(statement.body, frame, machine)
    const ending = yield* endingOf(
      body,
      clauses.some((clause) => clause.on.includes("CancelledError"))
    )
    if ("returned" in ending) return ending.returned || (yield* block(statement.else ?? [], frame, machine))
    const { error, cause } = ending
    const clause = clauses.find(({ on }) => isCaughtBy(error, on))
    if (clause === undefined) return yield* raiseAgain(error, cause)
    session.trace(`except ${formatException(error)}`)
    frame.caught.push({ error, origin: cause })
    const exit = yield* Effect.exit(block(clause.body, frame, machine))
    frame.caught.pop()
    return yield* giveBack(exit)
  })
}

// ---- operations ------------------------------------------------------------------------------------------------------

const operations: { readonly [Op in Statement["op"]]: Operation<Op> } = {
  // core

  trace: (statement, frame, { session }) => Effect.sync(() => session.trace(traceText(statement, frame, session))),

  sleep: ({ t }) => asyncio.sleep(t * 1000),

  busy: ({ t }, _, { loop }) => Effect.sync(() => loop.advanceUnsafe(t * 1000)),

  spawn: ({ to, coro, name, eager, group }, frame, machine) =>
    Effect.suspend(() => {
      const { session } = machine
      const coroutine = machine.forTask(coro)
      if (coroutine === undefined) return unset(coro, machine)
      const options = { name, eagerStart: eager }
      const created = (task: asyncio.Task<unknown, unknown>) => {
        session.store(to, { kind: "task", value: task })
        session.trace(`spawn ${to} -> ${task.getName()}`)
      }
      if (group === undefined) return Effect.map(machine.createTask(coro, options), created)
      const slot = session.find(group, frame)
      if (slot?.kind !== "group") return unset(group, machine)
      return Effect.map(slot.value.createTask(coroutine, options), created)
    }),

  await: reporting(futureKinds, (future) => future),

  call: ({ coro }, _, machine) => {
    const coroutine = machine.coroutine(coro)
    if (coroutine === undefined) return unset(coro, machine)
    return tracedResult(`call ${coro}`, machine, coroutine)
  },

  cancel: reporting(["future", "task", "handle"], (target, { msg }) =>
    asyncio.isFuture(target) ? target.cancel(msg) : target.cancel
  ),

  uncancel: reporting(["task"], (task) => task.uncancel()),

  try: (statement, frame, machine) => {
    const { except, else: otherwise, finally: last } = statement
    const plain = except === undefined && otherwise === undefined
    const body = plain ? block(statement.body, frame, machine) : handled(statement, frame, machine)
    if (last === undefined) return body
    return Effect.gen(function* () {
      const exit = yield* Effect.exit(body)
      if (yield* block(last, frame, machine)) return true
      return yield* giveBack(exit)
    })
  },

  raise: ({ exc, msg }) => Effect.suspend(() => Effect.fail(makeException(exc, msg))),

  reraise: (_, frame, machine) =>
    Effect.suspend(() => {
      const caught = frame.caught.at(-1)
      if (caught === undefined) return unset("reraise", machine)
      return raiseAgain(caught.error, caught.origin as Cause.Cause<unknown> | undefined)
    }),

  return: (statement, frame, machine) =>
    Effect.sync(() => {
      frame.result = value(statement.value, frame, machine)
      return true
    }),

  loop: ({ n, body }, frame, machine) =>
    Effect.gen(function* () {
      const outer = frame.index
      const rounds = Effect.gen(function* () {
        for (let index = 0; index < n; index++) {
          frame.index = index
          if (yield* block(body, frame, machine)) return true
        }
        return false
      })
      const exit = yield* Effect.exit(rounds)
      frame.index = outer
      return yield* giveBack(exit)
    }),

  if: (statement, frame, machine) =>
    Effect.suspend(() => {
      const { cond, then, else: otherwise } = statement
      return block((isTruthy(value(cond, frame, machine)) ? then : otherwise) ?? [], frame, machine)
    }),

  // The body runs in an async function, as Effects that this runs.
  border: ({ body }, frame, machine) => {
    const { eager } = machine
    const inner = Effect.ensuring(
      block(body, frame, machine),
      Effect.sync(() => eager.crossed())
    )
    return compat.toEffect({ try: () => compat.runEffect(inner), catch: (error) => error })
  },

  result: reporting(futureKinds, (future) => future.result()),

  exception: reporting(futureKinds, (future) => future.exception()),

  inc: silent(["counter"], (counter, { by = 1 }) => Effect.sync(() => void (counter.n += by))),

  set_name: silent(["task"], (task, { name }) => task.setName(name)),

  // futures and handles

  future: ({ to }, _, machine) =>
    Effect.map(machine.loop.createFuture<unknown, unknown>(), (future) => machine.session.storeFuture(to, future)),

  set_result: silent(futureKinds, (future, statement, frame, machine) =>
    future.setResult(value(statement.value, frame, machine))
  ),

  set_exception: silent(futureKinds, (future, { exc, msg }) => future.setException(makeException(exc, msg))),

  add_cb: ({ v, cb }, frame, machine) =>
    onSlot(v, futureKinds, frame, machine, (future) =>
      onCallback(cb, machine, (callback) => future.addDoneCallback(callback))
    ),

  remove_cb: ({ v, cb }, frame, machine) =>
    onSlot(v, futureKinds, frame, machine, (future) =>
      onCallback(cb, machine, (callback) =>
        Effect.map(future.removeDoneCallback(callback), (count) =>
          machine.session.trace(`remove_cb ${v} ${cb} -> ${count}`)
        )
      )
    ),

  call_soon: (statement, _, machine) => scheduling(statement, machine, (callback) => machine.loop.callSoon(callback)),

  call_later: (statement, _, machine) =>
    scheduling(statement, machine, (callback) => machine.loop.callLater(statement.t * 1000, callback)),

  call_at: (statement, _, machine) =>
    scheduling(statement, machine, (callback) => machine.loop.callAt(statement.t * 1000, callback)),

  // combining awaitables

  gather: ({ args, re = false, to }, frame, machine) =>
    Effect.suspend(() => {
      const awaitables = resolveAll(args, frame, machine)
      const options = { returnExceptions: re }
      if (to === undefined) return tracedResult("gather", machine, asyncio.gather(awaitables, options))
      return Effect.map(asyncio.gatherFuture(awaitables, options), (future) => machine.session.storeFuture(to, future))
    }),

  wait: ({ args, timeout, when }, frame, machine) =>
    Effect.suspend(() => {
      const futures = resolveAll(args, frame, machine).filter(asyncio.isFuture)
      const { session } = machine
      return Effect.map(asyncio.wait(futures, { timeout: millis(timeout), returnWhen: when }), ({ done, pending }) =>
        session.trace(`wait done=${session.labelsOf(done)} pending=${session.labelsOf(pending)}`)
      )
    }),

  wait_for: ({ arg, t }, frame, machine) =>
    onAwaitable(arg, frame, machine, (awaitable) =>
      tracedResult("wait_for", machine, asyncio.waitFor(awaitable, millis(t)))
    ),

  shield: ({ arg, to }, frame, machine) =>
    onAwaitable(arg, frame, machine, (awaitable) => {
      if (to === undefined) return tracedResult("shield", machine, asyncio.shield(awaitable))
      return Effect.map(asyncio.shieldFuture(awaitable), (future) => machine.session.storeFuture(to, future))
    }),

  as_completed: (statement, frame, machine) =>
    Effect.gen(function* () {
      const { args, timeout, mode, catch: caught = [] } = statement
      const { session } = machine
      const results = yield* asyncio.asCompleted(resolveAll(args, frame, machine), { timeout: millis(timeout) })
      const take = (next: Joinable) =>
        Effect.catchCause(
          Effect.map(next, (result) => session.trace(`as_completed -> ${session.format(result)}`)),
          (cause) => {
            const error = asyncio.exceptionOf(cause)
            if (!isCaughtBy(error, caught)) return Effect.failCause(cause)
            return Effect.sync(() => session.trace(`as_completed except ${formatException(error)}`))
          }
        )
      if (mode !== "async") {
        for (const next of results) yield* take(next)
        return
      }
      for (;;) {
        const future = yield* results.next
        if (future === undefined) return
        session.trace(`as_completed <- ${session.labelOf(future)}`)
        yield* take(future)
      }
    }),

  // scopes

  timeout: ({ to, t, body }, frame, machine) =>
    asyncio.timeout(millis(t), (timeout) =>
      Effect.suspend(() => {
        machine.session.store(to, { kind: "timeout", value: timeout })
        return block(body, frame, machine)
      })
    ),

  timeout_at: ({ to, t, body }, frame, machine) =>
    asyncio.timeoutAt(millis(t), (timeout) =>
      Effect.suspend(() => {
        machine.session.store(to, { kind: "timeout", value: timeout })
        return block(body, frame, machine)
      })
    ),

  reschedule: silent(["timeout"], (timeout, { t }, _, { loop }) =>
    timeout.reschedule(t === null ? undefined : loop.time() + t * 1000)
  ),

  group: ({ to, body }, frame, machine) =>
    asyncio.taskGroup((group: asyncio.TaskGroup) =>
      Effect.suspend(() => {
        machine.session.store(to, { kind: "group", value: group })
        return block(body, frame, machine)
      })
    ),

  with: ({ v, body }, frame, machine) =>
    Effect.suspend(() => {
      const { session } = machine
      const inside = (index?: number) =>
        Effect.suspend(() => {
          session.trace(index === undefined ? `enter ${v}` : `enter ${v} -> ${index}`)
          return block(body, frame, machine)
        })
      const slot = session.find(v, frame)
      switch (slot?.kind) {
        case "lock":
        case "condition":
        case "semaphore":
          return slot.value.use(inside())
        case "barrier":
          return slot.value.use(inside)
        default:
          return unset(v, machine)
      }
    }),

  // synchronisation

  ev_set: silent(["event"], (event) => event.set),
  ev_clear: silent(["event"], (event) => event.clear),
  ev_wait: reporting(["event"], (event) => event.wait),
  acquire: reporting(lockKinds, (lock) => lock.acquire),
  release: silent(lockKinds, (lock) => lock.release),
  cond_wait: reporting(["condition"], (condition) => condition.wait),
  cond_wait_for: reporting(["condition"], (condition, { v, pred }, frame, machine) =>
    condition.waitFor(() => {
      const met = isTruthy(value(pred, frame, machine))
      machine.session.trace(`pred ${v} -> ${machine.session.format(met)}`)
      return met
    })
  ),
  notify: silent(["condition"], (condition, { n }) => condition.notify(n)),
  notify_all: silent(["condition"], (condition) => condition.notifyAll),
  bar_wait: reporting(["barrier"], (barrier) => barrier.wait),
  bar_reset: reporting(["barrier"], (barrier) => barrier.reset),
  bar_abort: reporting(["barrier"], (barrier) => barrier.abort),
  q_put: reporting(["queue"], (queue, statement, frame, machine) => queue.put(value(statement.value, frame, machine))),
  q_put_nowait: silent(["queue"], (queue, statement, frame, machine) =>
    queue.putNowait(value(statement.value, frame, machine))
  ),
  q_get: reporting(["queue"], (queue) => queue.get),
  q_get_nowait: reporting(["queue"], (queue) => queue.getNowait),
  q_task_done: silent(["queue"], (queue) => queue.taskDone),
  q_join: reporting(["queue"], (queue) => queue.join),
  q_shutdown: silent(["queue"], (queue, { immediate }) => queue.shutdown(immediate)),
  ctx_set: silent(["ctxvar"], (variable, statement, frame, machine) => {
    const given = value(statement.value, frame, machine)
    const inTask = machine.session.port.currentTask() !== undefined
    return inTask ? variable.set(given) : Effect.sync(() => variable.setUnsafe(given))
  })
}
