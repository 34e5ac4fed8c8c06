/**
 * Promises that are nothing but a timer: `new Promise((resolve) => setTimeout(resolve, ms))` and its spellings.
 */
import type { SourceCode } from "eslint"
import type * as ESTree from "estree"
import { type FunctionNode, isFunction, type Node, some, unwrap } from "./ast.ts"
import { constantValue, isGlobal, originOf, variableOf } from "./origin.ts"

export interface Timer {
  /** The milliseconds, undefined for none. */
  readonly delay: Node | undefined
  /** What it resolves with, undefined for nothing. */
  readonly result: Node | undefined
}

const isHostTimer = (sourceCode: SourceCode, callee: Node): boolean => {
  const origin = originOf(sourceCode, callee)
  return (origin?.module === undefined || origin.module === "timers") && origin?.path.join(".") === "setTimeout"
}

/** The function given to `new Promise`, when it is written there. */
export const executorOf = (sourceCode: SourceCode, node: Node): FunctionNode | undefined => {
  if (node.type !== "NewExpression" || !isGlobal(sourceCode, node.callee, "Promise")) return undefined
  const executor = node.arguments[0] && unwrap(node.arguments[0])
  return executor !== undefined && isFunction(executor) ? executor : undefined
}

/** The only expression of a function: its body, or that of its only statement. */
export const onlyExpression = (fn: FunctionNode): Node | undefined => {
  if (fn.body.type !== "BlockStatement") return withoutVoid(fn.body)
  const [statement, ...more] = fn.body.body
  if (more.length > 0) return undefined
  if (statement?.type === "ExpressionStatement") return withoutVoid(statement.expression)
  return statement?.type === "ReturnStatement" && statement.argument ? withoutVoid(statement.argument) : undefined
}

const withoutVoid = (expression: Node): Node => {
  const node = unwrap(expression)
  return node.type === "UnaryExpression" && node.operator === "void" ? unwrap(node.argument) : node
}

/** The call of `setTimeout` that is all an executor does. */
const timeoutIn = (sourceCode: SourceCode, executor: FunctionNode): ESTree.SimpleCallExpression | undefined => {
  const call = onlyExpression(executor)
  return call?.type === "CallExpression" && isHostTimer(sourceCode, call.callee) ? call : undefined
}

const isSettler = (sourceCode: SourceCode, executor: FunctionNode, index: number, node: Node | undefined): boolean => {
  const parameter = executor.params[index]
  if (parameter?.type !== "Identifier" || node === undefined) return false
  const variable = variableOf(sourceCode, parameter)
  return variable !== undefined && variableOf(sourceCode, node) === variable
}

/** What a callback of `setTimeout` settles the promise with: `() => resolve(result)`. */
const settles = (
  sourceCode: SourceCode,
  executor: FunctionNode,
  index: number,
  callback: Node
): ReadonlyArray<Node> | undefined => {
  if (!isFunction(callback) || callback.params.length > 0 || callback.async === true) return undefined
  const call = onlyExpression(callback)
  if (call?.type !== "CallExpression" || !isSettler(sourceCode, executor, index, call.callee)) return undefined
  return call.arguments
}

/** Whether the expression means something else outside of the executor. */
const belongsTo = (sourceCode: SourceCode, executor: FunctionNode, node: Node | undefined): boolean =>
  node !== undefined &&
  some(
    node,
    sourceCode,
    (inner) =>
      executor.params.some((_, index) => isSettler(sourceCode, executor, index, inner)) ||
      (executor.type === "FunctionExpression" &&
        (inner.type === "ThisExpression" || (inner.type === "Identifier" && inner.name === "arguments")))
  )

/** The timer that a promise is, when it is that and nothing else. */
export const timerOf = (sourceCode: SourceCode, expression: Node): Timer | undefined => {
  const node = unwrap(expression)
  const executor = executorOf(sourceCode, node)
  const call = executor && timeoutIn(sourceCode, executor)
  if (executor === undefined || call === undefined || executor.async === true) return undefined
  if (call.arguments.some((argument) => argument.type === "SpreadElement")) return undefined
  const [callback, delay, argument, ...more] = call.arguments
  if (callback === undefined || belongsTo(sourceCode, executor, delay)) return undefined
  if (isSettler(sourceCode, executor, 0, callback)) {
    return more.length === 0 && !belongsTo(sourceCode, executor, argument) ? { delay, result: argument } : undefined
  }
  const results = argument === undefined ? settles(sourceCode, executor, 0, unwrap(callback)) : undefined
  if (results === undefined || results.length > 1) return undefined
  // Computed when the timer fires: only what can be computed at once just as well may move.
  const [result] = results
  return result === undefined || result.type === "Literal" ? { delay, result } : undefined
}

/** The delay of a promise that does nothing but reject after a time. */
export const rejectingDelay = (sourceCode: SourceCode, expression: Node): Node | undefined => {
  const executor = executorOf(sourceCode, unwrap(expression))
  const call = executor && timeoutIn(sourceCode, executor)
  const [callback, delay] = call?.arguments ?? []
  if (executor === undefined || callback === undefined || delay === undefined) return undefined
  if (isSettler(sourceCode, executor, 1, callback)) return delay
  return settles(sourceCode, executor, 1, unwrap(callback)) === undefined ? undefined : delay
}

/** Whether the promise has a timer in it that settles it, among other things. */
export const usesTimer = (sourceCode: SourceCode, expression: Node): boolean => {
  const executor = executorOf(sourceCode, unwrap(expression))
  return (
    executor !== undefined &&
    some(executor.body, sourceCode, (node) => node.type === "CallExpression" && isHostTimer(sourceCode, node.callee))
  )
}

/** A function of the file that only makes a timer, and which of its parameters is the delay. */
export interface TimerFunction {
  readonly timer: Timer
  readonly parameter: number
}

/** What `delay` is after `const delay = (ms) => new Promise((resolve) => setTimeout(resolve, ms))`. */
export const timerFunctionOf = (sourceCode: SourceCode, callee: Node): TimerFunction | undefined => {
  const variable = variableOf(sourceCode, callee)
  if (variable === undefined) return undefined
  const [definition] = variable.defs
  const value = definition?.type === "FunctionName" ? (definition.node as Node) : constantValue(variable)
  if (value === undefined || !isFunction(value)) return undefined
  let expression = onlyExpression(value)
  if (expression?.type === "AwaitExpression") expression = unwrap(expression.argument)
  const timer = expression && timerOf(sourceCode, expression)
  if (timer === undefined) return undefined
  const delay = timer.delay && variableOf(sourceCode, timer.delay)
  const parameter = value.params.findIndex(
    (param) => param.type === "Identifier" && delay !== undefined && variableOf(sourceCode, param) === delay
  )
  return { timer, parameter }
}
