/**
 * Finding tasks.
 */
import * as Effect from "effect/Effect"
import { hasProperty } from "effect/Predicate"
import { checkLabels, checkNoGenerator } from "../model/arguments.ts"
import { checkCopy } from "../model/copy.ts"
import { unexpectedValue } from "../model/hints.ts"
import { isTask, type Labels } from "../model/Task.ts"
import type { TaskQuery } from "../model/TaskQuery.ts"
import type { TaskImpl } from "../task/task.ts"

/** Throws for what is no task of this copy of the package. */
export const checkTask = (task: unknown, operation: string): TaskImpl => {
  if (!isTask(task)) {
    // When: `cancelTree` or `promote` got something that is no task.
    throw unexpectedValue(`a task was expected by ${operation}`, task, "Give it what `createTask` gave you.")
  }
  checkCopy(task.loop)
  return task as unknown as TaskImpl
}

type Test = (task: TaskImpl) => boolean

/** What a query asks of a task. */
const testOf = (query: unknown, operation: string): Test => {
  if (typeof query === "string") return (task) => task.getName() === query
  if (typeof query === "number" && !Number.isNaN(query)) return (task) => task.id === query
  if (typeof query === "function") return byFunction(query as Test, operation)
  if (typeof query === "object" && query !== null && !Effect.isEffect(query) && !hasProperty(query, "then")) {
    return byLabels(query as Labels, operation)
  }
  return notAQuery(query, operation)
}

/** The answer of an async function is a promise: all tasks would be meant. */
const byFunction = (query: Test, operation: string): Test => {
  checkNoGenerator(query, operation, '(task) => task.labels.kind === "import"')
  return (task) => {
    const answer: unknown = query(task)
    if (typeof answer === "boolean") return answer
    if (answer instanceof Promise) answer.catch(() => {})
    // When: the function that `findTasks` or `cancelAndWait` was given to choose tasks gives neither true nor false.
    throw unexpectedValue(
      `true or false was expected of the function that ${operation} was given`,
      answer,
      "Give it a function that says of a task whether it is meant, and is not async."
    )
  }
}

const byLabels = (labels: Labels, operation: string): Test => {
  checkLabels(labels, operation)
  const entries = Object.entries(labels)
  // All tasks would be meant.
  if (entries.length === 0) return notAQuery(labels, operation)
  return (task) => entries.every(([label, value]) => task.labels[label] === value)
}

const notAQuery = (query: unknown, operation: string): never => {
  // When: `findTasks`, `cancelAndWait` or the like got something that says of no task whether it is meant.
  throw unexpectedValue(
    `a name, an id, labels or a function was expected by ${operation} to say which tasks are meant`,
    query,
    'Give it `"worker"`, `task.id`, `{ job: 17 }` or `(task) => Number(task.labels.job) > 17`.'
  )
}

/** The tasks of `tasks` that a query means. */
export const matching = (
  query: TaskQuery,
  tasks: ReadonlyArray<TaskImpl>,
  operation: string
): ReadonlyArray<TaskImpl> => tasks.filter(testOf(query, operation))

/** The tasks that were chosen, and the queries that no task matches. */
export interface Selection {
  readonly tasks: ReadonlySet<TaskImpl>
  readonly notFound: ReadonlyArray<string | number | Labels>
}

/** The tasks that are given or asked for. `searched` is where they are looked for. */
export const select = (given: unknown, searched: ReadonlyArray<TaskImpl>, operation: string): Selection => {
  const tasks = new Set<TaskImpl>()
  const notFound: Array<string | number | Labels> = []
  // All queries are checked before anything is done.
  for (const each of several(given)) {
    if (isTask(each)) {
      tasks.add(each as unknown as TaskImpl)
      continue
    }
    const found = matching(each as TaskQuery, searched, operation)
    for (const task of found) tasks.add(task)
    if (found.length === 0 && typeof each !== "function") notFound.push(each as string | number | Labels)
  }
  return { tasks, notFound }
}

/** A single task or query is given as one of several. */
const several = (given: unknown): ReadonlyArray<unknown> => {
  if (typeof given === "string" || Effect.isEffect(given) || !hasProperty(given, Symbol.iterator)) return [given]
  return [...(given as Iterable<unknown>)]
}
