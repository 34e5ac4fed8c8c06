/**
 * Looks at what a program passes in, at the call: else a wrong argument becomes an error of the database, or nothing at all.
 */
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import * as Schema from "effect/Schema"
import type { TaskQuery } from "../TaskInfo.ts"
import { checkText, mostOfName } from "./names.ts"

/** The name of a task, by which a program asks for it. */
export const checkName = (name: unknown, operation: string): void => {
  if (typeof name === "string") return checkText(name, "the name of a task")
  // When: a task of a cluster is asked for by something else than its name.
  throw lowlevel.unexpectedValue(
    `a name was expected by ${operation}`,
    name,
    "Give it `task.getName()`, or what `submit` gave."
  )
}

/** The labels of a task, as any database keeps them. */
export const checkLabelTexts = (labels: unknown, operation: string): void => {
  if (typeof labels !== "object" || labels === null || Array.isArray(labels)) {
    // When: the labels of a query to a cluster are no object.
    throw lowlevel.unexpectedValue(`labels were expected by ${operation}`, labels, "Give it an object: `{ job: 17 }`.")
  }
  for (const [label, value] of Object.entries(labels)) {
    checkText(label, "a label of a task")
    if (typeof value === "string") checkText(value, "a label of a task")
    else if (typeof value !== "boolean" && !Number.isFinite(value)) {
      // When: a label of a task or a query of a cluster is no string, no boolean and no number that JSON has: `undefined`, NaN or an object, say.
      throw lowlevel.unexpectedValue(
        `a string, a finite number or a boolean was expected for the label "${label}"`,
        value,
        "Leave out what is not known, and make a string of an object, its id for one."
      )
    }
  }
}

/** What a process is called: others see it as the client and the runner of tasks. */
export const checkProcessName = (name: unknown): void => {
  if (name === undefined) return
  if (typeof name === "string" && name.length > 0 && name.length <= mostOfName) {
    return checkText(name, "the name of a process")
  }
  // When: the `name` of a process of a cluster is empty, for want of a variable of the environment say, too long or no string.
  throw lowlevel.unexpectedValue(
    `a name of 1 to ${mostOfName} characters was expected for a process of a cluster`,
    name,
    "Leave it out for `HOST:PID`."
  )
}

const states: ReadonlySet<unknown> = new Set(["waiting", "running", "succeeded", "failed", "cancelled"])

/** What is asked for by `allTasks`. */
export const checkQuery = (query: TaskQuery): void => {
  const operation = "allTasks()"
  lowlevel.checkOptions(query, operation, '{ state: "running" }')
  const { after, definition, labels, limit, name, state } = query
  if (name !== undefined) checkName(name, operation)
  if (definition !== undefined && typeof definition !== "string") {
    // When: the `definition` of a query to a cluster is the definition itself.
    throw lowlevel.unexpectedValue(
      `a name was expected for the definition of ${operation}`,
      definition,
      "Give it `resize.name`."
    )
  }
  for (const each of Array.isArray(state) ? state : state === undefined ? [] : [state]) {
    if (states.has(each)) continue
    // When: the `state` of a query to a cluster is none of those that a task can be in.
    throw lowlevel.unexpectedValue(
      `a state was expected by ${operation}`,
      each,
      `Ask for one or several of ${[...states].map((known) => `\`"${String(known)}"\``).join(", ")}.`
    )
  }
  if (labels !== undefined) checkLabelTexts(labels, operation)
  if (limit !== undefined) checkCount(limit, `for the limit of ${operation}`, "Leave it out for 100.")
  if (after !== undefined && !(typeof after === "string" && /^\d{1,15}\/./s.test(after))) {
    // When: the `after` of a query to a cluster is not what a page had as its `next`.
    throw lowlevel.unexpectedValue(
      `the next of a page was expected as the after of ${operation}`,
      after,
      "Give it the `next` of the page before as it is."
    )
  }
}

/** What is done where there is a task of the name already. */
export const checkIfExists = (ifExists: unknown): void => {
  if (ifExists === undefined || ifExists === "join" || ifExists === "fail") return
  // When: the option `ifExists` of a task of a cluster is neither `"join"` nor `"fail"`.
  throw lowlevel.unexpectedValue('"join" or "fail" was expected for ifExists', ifExists, 'Leave it out for "join".')
}

/** The longest time that is counted, in milliseconds: some thirty thousand years, to which any date of a database can be added. */
export const longest = 1e15

/** The largest number of a column of a table. */
const mostOfCount = 2 ** 31 - 1

/** How many there may be of something. */
export const checkCount = (count: unknown, what: string, hint: string): void => {
  const isCount = Number.isInteger(count) && (count as number) > 0
  if (isCount && (count as number) <= mostOfCount) return
  // When: the `concurrency` of a worker, the `limit` of a definition or a query, or `maxConnections` is 0, negative, a fraction, or more than 2147483647.
  throw lowlevel.unexpectedValue(
    `a whole number above 0${isCount ? ` and up to ${mostOfCount}` : ""} was expected ${what}`,
    count,
    hint
  )
}

/** What values are told apart and handed over by. */
export const checkSchema = (schema: unknown, what: string): void => {
  if (schema === undefined || Schema.isSchema(schema)) return
  // When: the `payload`, `success`, `error` or `progress` of a definition is no schema of Effect, but its fields say.
  throw lowlevel.unexpectedValue(
    `a schema was expected as the ${what}`,
    schema,
    "Give it one of Effect: `Schema.Struct({ image: Schema.String })`."
  )
}
