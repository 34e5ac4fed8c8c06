/**
 * Awaits of plain promises where one that a cancellation ends is at hand.
 */
import type { Rule, SourceCode } from "eslint"
import type * as ESTree from "estree"
import {
  ancestors,
  calleeName,
  enclosingFunction,
  type FunctionNode,
  mentions,
  type Node,
  outsideOfFunctions,
  parentOf,
  propertyName,
  receiverOf,
  some,
  unwrap,
  wrapped
} from "../internal/ast.ts"
import { calledExport, importsCompatValues, type Reference, referTo } from "../internal/compat.ts"
import { constantValue, isGlobal, originOf, usesOf, variableOf } from "../internal/origin.ts"
import { makeRule } from "../internal/rule.ts"
import {
  executorOf,
  rejectingDelay,
  type TimerFunction,
  timerFunctionOf,
  timerOf,
  usesTimer
} from "../internal/timer.ts"

const combinators = ["all", "allSettled", "any", "race"]

/** Whether the value is awaited by an async function: there, as its result, at the end of a chain, or among others. */
const isAwaited = (sourceCode: SourceCode, value: Node, among: ReadonlyArray<string>): boolean => {
  const node = wrapped(value)
  const parent = parentOf(node)
  switch (parent?.type) {
    case "AwaitExpression":
      return enclosingFunction(parent) !== undefined
    case "ReturnStatement":
      return enclosingFunction(parent)?.async === true
    case "ArrowFunctionExpression":
      return parent.async === true && parent.body === node
    case "ConditionalExpression":
      return parent.test !== node && isAwaited(sourceCode, parent, among)
    case "LogicalExpression":
      return parent.right === node && isAwaited(sourceCode, parent, among)
    case "MemberExpression": {
      const call = parentOf(wrapped(parent))
      const isChain = call !== undefined && receiverOf(call, "then", "catch", "finally") === unwrap(node)
      return isChain && isAwaited(sourceCode, call, among)
    }
    case "ArrayExpression": {
      const call = parentOf(wrapped(parent))
      const isCombined =
        call?.type === "CallExpression" && among.some((name) => isGlobal(sourceCode, call.callee, `Promise.${name}`))
      return isCombined && isAwaited(sourceCode, call, among)
    }
    default:
      return false
  }
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

/** Whether the code is known to run in a task. Outside of one, compat's awaits reject. */
const runsInTask = (sourceCode: SourceCode, node: Node): boolean => {
  for (const parent of ancestors(node)) {
    const isFn =
      parent.type === "FunctionDeclaration" ||
      parent.type === "FunctionExpression" ||
      parent.type === "ArrowFunctionExpression"
    if (isFn && isTaskFunction(sourceCode, parent)) return true
  }
  return false
}

type Fixer = (fixer: Rule.RuleFixer) => Array<Rule.Fix>

const isObjectWithoutSignal = (node: Node): node is ESTree.ObjectExpression =>
  node.type === "ObjectExpression" &&
  node.properties.every((property) => {
    const name = property.type === "Property" ? propertyName(property) : undefined
    return name !== undefined && name !== "signal"
  })

const addSignal = (
  call: ESTree.SimpleCallExpression,
  options: ESTree.ObjectExpression | undefined,
  reference: Reference
): Fixer => {
  const signal = `signal: ${reference.text}()?.signal`
  const lastProperty = options?.properties.at(-1)
  const lastArgument = call.arguments.at(-1)!
  return (fixer) => [
    ...reference.fixes(fixer),
    options === undefined
      ? fixer.insertTextAfter(lastArgument, `, { ${signal} }`)
      : lastProperty === undefined
        ? fixer.replaceText(options, `{ ${signal} }`)
        : fixer.insertTextAfter(lastProperty, `, ${signal}`)
  ]
}

const create = (context: Rule.RuleContext): Rule.RuleListener => {
  const { sourceCode } = context
  if (!importsCompatValues(sourceCode)) return {}

  const textOf = (node: Node): string => sourceCode.getText(node)

  /** Reports an await of nothing but time. */
  const reportTimer = (node: Node, messageId: string, delay: Node | undefined, result: Node | undefined): void => {
    const reference = referTo(sourceCode, "sleep", node)
    if (reference === undefined) {
      context.report({ node, messageId })
      return
    }
    const args = [delay === undefined ? "0" : textOf(delay), ...(result === undefined ? [] : [textOf(result)])]
    const replacement = `${reference.text}(${args.join(", ")})`
    const fix: Fixer = (fixer) => [...reference.fixes(fixer), fixer.replaceText(node, replacement)]
    const isSafe = runsInTask(sourceCode, node) && sourceCode.getCommentsInside(node).length === 0
    context.report(
      isSafe
        ? { node, messageId, fix }
        : { node, messageId, suggest: [{ messageId: "replace", data: { replacement }, fix }] }
    )
  }

  /** Reports a call that takes a signal as a property of its last argument, and has none. */
  const reportMissingSignal = (call: ESTree.SimpleCallExpression, messageId: string, position: number): void => {
    const options = call.arguments[position]
    const given = options && unwrap(options)
    if (call.arguments.some((argument) => argument.type === "SpreadElement")) return
    // Options that come from elsewhere may have a signal in them.
    if (given !== undefined && !isObjectWithoutSignal(given)) return
    const reference = referTo(sourceCode, "currentTask", call)
    const suggest: Array<Rule.SuggestionReportDescriptor> = []
    if (reference !== undefined && call.arguments.length >= position) {
      suggest.push({ messageId: "addSignal", fix: addSignal(call, given, reference) })
    }
    context.report({ node: call, messageId, suggest })
  }

  /** Whether a promise of a race stands for "too late". */
  const isDeadline = (element: Node): boolean => {
    const node = unwrap(element)
    if (usesTimer(sourceCode, node)) return true
    if (node.type === "Identifier") {
      const variable = variableOf(sourceCode, node)
      const value = variable && constantValue(variable)
      return value !== undefined && value.type !== "Identifier"
        ? isDeadline(value)
        : /timeout|deadline/i.test(node.name)
    }
    if (node.type !== "CallExpression") return false
    const chained = receiverOf(node, "then", "catch", "finally")
    if (chained !== undefined) return isDeadline(chained)
    const origin = originOf(sourceCode, node.callee)
    return (
      calledExport(sourceCode, node) === "sleep" ||
      (origin?.module === "timers/promises" && origin.path.at(-1) === "setTimeout") ||
      timerFunctionOf(sourceCode, node.callee) !== undefined ||
      /timeout|deadline|^(?:sleep|delay)/i.test(calleeName(node) ?? "")
    )
  }

  const checkRace = (call: ESTree.SimpleCallExpression): void => {
    const [list] = call.arguments
    if (list?.type !== "ArrayExpression") return
    const elements = list.elements.filter((element) => element !== null)
    const deadline = elements.find(isDeadline)
    if (deadline === undefined) return
    const [other, ...more] = elements.filter((element) => element !== deadline)
    const delay = rejectingDelay(sourceCode, deadline)
    const reference = referTo(sourceCode, "waitFor", call)
    const suggest: Array<Rule.SuggestionReportDescriptor> = []
    if (other && other.type !== "SpreadElement" && more.length === 0 && delay && reference) {
      const replacement = `${reference.text}(${textOf(other)}, ${textOf(delay)})`
      suggest.push({
        messageId: "replace",
        data: { replacement },
        fix: (fixer) => [...reference.fixes(fixer), fixer.replaceText(call, replacement)]
      })
    }
    context.report({ node: call, messageId: "race", suggest })
  }

  const checkPromise = (node: ESTree.NewExpression): void => {
    const executor = executorOf(sourceCode, node)
    // One that looks at a signal is abortable already.
    if (executor !== undefined && mentions(executor, sourceCode, "signal", "aborted")) return
    const reference = referTo(sourceCode, "abortable", node)
    const suggest: Array<Rule.SuggestionReportDescriptor> = []
    if (reference !== undefined) {
      const replacement = `${reference.text}(new Promise(...))`
      suggest.push({
        messageId: "replace",
        data: { replacement },
        fix: (fixer) => [
          ...reference.fixes(fixer),
          fixer.insertTextBefore(node, `${reference.text}(`),
          fixer.insertTextAfter(node, ")")
        ]
      })
    }
    context.report({ node, messageId: "promise", suggest })
  }

  const checkHelper = (call: ESTree.SimpleCallExpression, { parameter, timer: { result } }: TimerFunction): void => {
    const delay = call.arguments[parameter]
    const isPlain = delay !== undefined && delay.type !== "SpreadElement" && call.arguments.length === 1
    if (isPlain && result === undefined) reportTimer(call, "helper", delay, undefined)
    else context.report({ node: call, messageId: "helper" })
  }

  return {
    NewExpression(node) {
      if (!isGlobal(sourceCode, node.callee, "Promise")) return
      const timer = timerOf(sourceCode, node)
      if (timer !== undefined && isAwaited(sourceCode, node, ["all", "allSettled"])) {
        reportTimer(node, "timer", timer.delay, timer.result)
      } else if (timer === undefined && isAwaited(sourceCode, node, [])) {
        checkPromise(node)
      }
    },

    CallExpression(call) {
      const origin = originOf(sourceCode, call.callee)
      const name = origin?.path.join(".") ?? ""
      const awaited = (...among: ReadonlyArray<string>) => isAwaited(sourceCode, call, among)

      if (origin?.module === undefined) {
        if (name === "fetch" && awaited(...combinators)) {
          const [request] = call.arguments
          if (request === undefined || !mentions(request, sourceCode, "signal")) reportMissingSignal(call, "fetch", 1)
        }
        if (name === "Promise.race" && awaited()) checkRace(call)
      } else if (origin.module === "timers/promises") {
        const isTimer = name === "setTimeout" || name === "scheduler.wait"
        // With options it has a signal, or says that it does not keep the process alive.
        const isPlain = call.arguments.length <= (name === "setTimeout" ? 2 : 1)
        const isSpread = call.arguments.some((argument) => argument.type === "SpreadElement")
        if (isTimer && isPlain && !isSpread && awaited("all", "allSettled")) {
          reportTimer(call, "nodeTimer", call.arguments[0], call.arguments[1])
        }
      } else if (origin.module === "events") {
        const method = origin.path.at(-1)
        if (method === "once" && awaited(...combinators)) reportMissingSignal(call, "once", 2)
        const loop = parentOf(wrapped(call))
        const isLoop = loop?.type === "ForOfStatement" && loop.await && unwrap(loop.right) === call
        if (method === "on" && isLoop && enclosingFunction(loop) !== undefined) reportMissingSignal(call, "on", 2)
      }

      const helper = origin === undefined ? timerFunctionOf(sourceCode, call.callee) : undefined
      if (helper !== undefined && awaited("all", "allSettled")) checkHelper(call, helper)
    }
  }
}

export const preferAbortable = makeRule({
  name: "prefer-abortable",
  type: "suggestion",
  description: "Prefer awaits that a cancellation ends over plain promises",
  fixable: true,
  messages: {
    timer:
      "`cancel()` cannot end this wait: it is a plain promise, and the task goes on only when the timer has fired. `sleep` of compat waits as long, ends at once when the task is cancelled, and removes its timer.",
    nodeTimer:
      "`cancel()` cannot end this wait: without a signal the task goes on only when the timer has fired. `sleep` of compat waits as long, ends at once when the task is cancelled, and removes its timer.",
    helper:
      "`cancel()` cannot end this wait: the function makes a plain promise around a timer, and the task goes on only when it has fired. `sleep` of compat waits as long, ends at once when the task is cancelled, and removes its timer.",
    fetch:
      "`cancel()` cannot end this request: without a signal, the task goes on only when the answer is there. Give it the signal of the task.",
    once: "`cancel()` cannot end this wait: without a signal, the task goes on only when the event comes, which may be never. Give it the signal of the task.",
    on: "`cancel()` cannot end this loop: without a signal, it goes on with the next event, which may never come. Give it the signal of the task.",
    promise:
      "`cancel()` cannot end this wait: the task goes on only when the plain promise settles, which may be never. `abortable` of compat makes any promise a place where a cancellation arrives.",
    race: "The loser of this race goes on unseen: its work is not cancelled, and its timer keeps running. `timeout` and `waitFor` of compat cancel what took too long, and throw TimeoutError.",
    replace: "Write `{{replacement}}`.",
    addSignal: "Give it the signal of the task."
  },
  create
})
