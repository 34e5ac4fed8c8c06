/**
 * Expressions: literals and questions. Evaluating one never raises; what Python raises becomes the value.
 */
import { CancelledError } from "@effect-asyncio/core"
import { type Expression, isQuery, type Query, type StatementOf } from "../script.ts"
import {
  type Frame,
  type FutureLike,
  futureKinds,
  type Kind,
  lockKinds,
  type Session,
  type SlotTypes,
  type TaskLike
} from "./session.ts"
import { Bare } from "./values.ts"

/** The value of an expression. */
export const evaluate = (expression: Expression | undefined, frame: Frame, session: Session): unknown => {
  if (!isQuery(expression)) return expression ?? null
  const { port } = session
  switch (expression.q) {
    case "time":
      return port.time()
    case "i":
      return frame.index
    case "tasks":
      return port
        .allTasks()
        .map((task) => task.getName())
        .sort()
        .map((name) => new Bare(name))
    case "current": {
      const task = port.currentTask()
      return task === undefined ? null : new Bare(task.getName())
    }
    case "caught":
      return frame.caught.at(-1)?.error ?? null
    case "cause":
      return causeOf(frame.caught.at(-1)?.error)
    default:
      return evaluateOnSlot(expression, frame, session)
  }
}

/**
 * What asyncio knows as the cause of an error. What has led to a cancellation, such as the failure of a sibling, is ours: there its
 * cause is another cancellation, or none.
 */
const causeOf = (error: unknown): unknown => {
  const cause = (error as Error | undefined)?.cause ?? null
  return error instanceof CancelledError && !(cause instanceof CancelledError) ? null : cause
}

/** How an expression shows in a trace before its value: `done(t1)`, nothing for a literal. */
const expressionText = (expression: Expression): string | undefined => {
  if (!isQuery(expression)) return undefined
  const { q, v = "", n } = expression
  return n === undefined ? `${q}(${v})` : `${q}(${v},${n})`
}

/** What a `trace` statement traces. */
export const traceText = ({ msg = "", x = [] }: StatementOf<"trace">, frame: Frame, session: Session): string => {
  const parts = x.map((expression) => {
    const text = expressionText(expression)
    const printed = session.format(evaluate(expression, frame, session))
    return text === undefined ? printed : `${text}=${printed}`
  })
  return [msg, ...parts].filter((part, index) => index > 0 || part !== "").join(" ")
}

const evaluateOnSlot = (query: Query, frame: Frame, session: Session): unknown => {
  const slot = session.find(query.v!, frame)
  if (slot === undefined) return "unset"
  const question = questions[query.q]!
  if (!question.kinds.includes(slot.kind)) return "unset"
  try {
    return question.ask(slot.value, query, session)
  } catch (error) {
    return error
  }
}

interface Question {
  readonly kinds: ReadonlyArray<Kind>
  ask(value: unknown, query: Query, session: Session): unknown
}

const on = <K extends Kind>(
  kinds: ReadonlyArray<K>,
  ask: (value: SlotTypes[K], query: Query, session: Session) => unknown
): Question => ({ kinds, ask })

const seconds = (millis: number | undefined): number | null => (millis === undefined ? null : millis / 1000)

const questions: { readonly [name: string]: Question } = {
  done: on(futureKinds, (future: FutureLike) => future.done()),
  cancelled: on(futureKinds, (future: FutureLike) => future.cancelled()),
  result: on(futureKinds, (future: FutureLike, _, { port }) => port.result(future)),
  exc: on(futureKinds, (future: FutureLike, _, { port }) => port.exception(future)),
  cancelling: on(["task"], (task: TaskLike) => task.cancelling()),
  name: on(["task"], (task: TaskLike) => new Bare(task.getName())),
  locked: on(lockKinds, (lock) => lock.locked()),
  is_set: on(["event"], (event) => event.isSet()),
  qsize: on(["queue"], (queue) => queue.qsize()),
  empty: on(["queue"], (queue) => queue.empty()),
  full: on(["queue"], (queue) => queue.full()),
  n_waiting: on(["barrier"], (barrier) => barrier.nWaiting()),
  broken: on(["barrier"], (barrier) => barrier.broken()),
  expired: on(["timeout"], (timeout) => timeout.expired()),
  when: on(["timeout"], (timeout) => seconds(timeout.when())),
  hcancelled: on(["handle"], (handle) => handle.cancelled()),
  ctx: on(["ctxvar"], (variable, _, { port }) => port.contextValue(variable)),
  count: on(["counter"], (counter) => counter.n),
  ge: on(["counter"], (counter, { n }) => counter.n >= n!)
}
