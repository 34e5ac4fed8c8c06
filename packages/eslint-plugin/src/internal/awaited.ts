/**
 * What becomes of a promise: whether code in a task waits for it, and whether the code runs in one at all.
 */
import type { SourceCode } from "eslint"
import { ancestors, enclosingFunction, type FunctionNode, isFunction, type Node, outsideOfFunctions } from "./ast.ts"
import { parentOf, receiverOf, some, unwrap, wrapped } from "./ast.ts"
import { calledExport } from "./compat.ts"
import { isGlobal, usesOf, variableOf } from "./origin.ts"

/** The functions of `Promise` that take several. */
export const combinators = ["all", "allSettled", "any", "race"]

const settling = ["then", "catch", "finally"]
// What HTTP clients have on the promise of an answer: `await got(url).json()`.
const reading = ["arrayBuffer", "blob", "buffer", "bytes", "json", "text"]

export interface Waiter {
  /** The combinators among whose promises it may be. */
  readonly among: ReadonlyArray<string>
  /** Whether a function that is not async, and returns the promise, hands it to a caller that waits. */
  readonly anyFunction: boolean
}

/** Whether the value is awaited by an async function: there, as its result, at the end of a chain, or among others. */
export const isAwaited = (sourceCode: SourceCode, value: Node, waiter: Waiter): boolean => {
  const node = wrapped(value)
  const parent = parentOf(node)
  switch (parent?.type) {
    case "AwaitExpression":
      return enclosingFunction(parent) !== undefined
    case "ReturnStatement": {
      const fn = enclosingFunction(parent)
      return fn !== undefined && (waiter.anyFunction || fn.async === true) && !isExecutor(sourceCode, fn)
    }
    case "ArrowFunctionExpression":
      return parent.body === node && (waiter.anyFunction || parent.async === true) && !isExecutor(sourceCode, parent)
    case "ConditionalExpression":
      return parent.test !== node && isAwaited(sourceCode, parent, waiter)
    case "LogicalExpression":
      return parent.right === node && isAwaited(sourceCode, parent, waiter)
    case "MemberExpression": {
      const call = parentOf(wrapped(parent))
      const isChain = call !== undefined && receiverOf(call, ...settling, ...reading) === unwrap(node)
      return isChain && isAwaited(sourceCode, call, waiter)
    }
    case "ArrayExpression": {
      const call = parentOf(wrapped(parent))
      const isCombined =
        call?.type === "CallExpression" &&
        waiter.among.some((name) => isGlobal(sourceCode, call.callee, `Promise.${name}`))
      return isCombined && isAwaited(sourceCode, call, waiter)
    }
    default:
      return false
  }
}

/** Whether `new Promise` is given the function: no code gets what it returns. */
const isExecutor = (sourceCode: SourceCode, fn: FunctionNode): boolean => {
  const parent = parentOf(wrapped(fn))
  return parent?.type === "NewExpression" && isGlobal(sourceCode, parent.callee, "Promise")
}

/** Whether compat is handed the function at this place, so that it runs in a task. */
const isGivenToCompat = (sourceCode: SourceCode, place: Node): boolean => {
  const node = wrapped(place)
  const call = parentOf(node)
  if (call?.type !== "CallExpression" || !call.arguments.some((argument) => argument === node)) return false
  return calledExport(sourceCode, call) !== undefined || receiverOf(call, "createTask") !== undefined
}

const isTaskFunction = (sourceCode: SourceCode, fn: FunctionNode): boolean => {
  if (isGivenToCompat(sourceCode, fn)) return true
  const declarator = parentOf(wrapped(fn))
  const name = fn.type === "FunctionDeclaration" ? fn.id : declarator?.type === "VariableDeclarator" && declarator.id
  const variable = name ? variableOf(sourceCode, name) : undefined
  if (variable !== undefined && usesOf(variable).some((use) => isGivenToCompat(sourceCode, use))) return true
  // It waits for compat already, which only a task can.
  return some(
    fn.body,
    sourceCode,
    (node) => {
      const name = node.type === "AwaitExpression" && calledExport(sourceCode, unwrap(node.argument))
      return typeof name === "string" && name !== "run"
    },
    outsideOfFunctions
  )
}

/** Whether the file shows that the code runs in a task. Outside of one nothing can cancel it. */
export const runsInTask = (sourceCode: SourceCode, node: Node): boolean => {
  for (const parent of ancestors(node)) {
    if (isFunction(parent) && isTaskFunction(sourceCode, parent)) return true
  }
  return false
}

/** Whether the code stands in a handler or a `finally`, where the task may be on its way to its end. */
export const isCleanup = (node: Node): boolean => {
  let inner = node
  for (const parent of ancestors(node)) {
    if (isFunction(parent)) return false
    if (parent.type === "CatchClause" || (parent.type === "TryStatement" && parent.finalizer === inner)) return true
    inner = parent
  }
  return false
}
