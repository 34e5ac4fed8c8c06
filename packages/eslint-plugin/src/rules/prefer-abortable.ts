/**
 * Awaits of plain promises where one that a cancellation ends is at hand.
 */
import type { Rule, SourceCode } from "eslint"
import type * as ESTree from "estree"
import {
  calleeName,
  enclosingFunction,
  mentions,
  type Node,
  parentOf,
  propertyName,
  receiverOf
} from "../internal/ast.ts"
import { unwrap, wrapped } from "../internal/ast.ts"
import { combinators, isAwaited, isCleanup, runsInTask } from "../internal/awaited.ts"
import { calledExport, compatClass, type Reference, referTo } from "../internal/compat.ts"
import { constantValue, isGlobal, type Origin, originOf, usesOf, variableOf } from "../internal/origin.ts"
import { makeRule } from "../internal/rule.ts"
import { runsTasks, settingsOf } from "../internal/settings.ts"
import { callOrigin, type SignalTaker, signalTakerOf, type TimeSignal, timeSignalOf } from "../internal/signals.ts"
import {
  executorOf,
  onlyExpression,
  rejectingDelay,
  type TimerFunction,
  timerFunctionOf,
  timerOf,
  usesTimer
} from "../internal/timer.ts"
import { compatTypeOf, declarationTextOf } from "../internal/types.ts"

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
  const signal = `signal: ${reference.text}()`
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

// Packages whose default export is nothing but a timer.
const timerPackages = new Set(["delay", "sleep-promise"])

/** Whether a callee of the program makes a timer and nothing else, as far as its name and its types tell. */
const isTimerElsewhere = (sourceCode: SourceCode, callee: Node, origin: Origin): boolean => {
  if (timerPackages.has(origin.module ?? "")) return /^(?:default|delay)$/.test(origin.path.join("."))
  if (origin.module?.startsWith(".") !== true) return false
  const text = declarationTextOf(sourceCode, callee)
  return text !== undefined && text.length < 300 && /new Promise[^]*setTimeout\(/.test(text) && !/signal/i.test(text)
}

/** `new Promise(setImmediate)`: over before a cancellation could come. */
const comesAtOnce = (sourceCode: SourceCode, node: ESTree.NewExpression): boolean => {
  const isQuick = (callee: Node): boolean => {
    const path = originOf(sourceCode, callee)?.path.join(".") ?? ""
    return /^(?:setImmediate|queueMicrotask|(?:process\.)?nextTick)$/.test(path)
  }
  const [argument] = node.arguments
  if (argument !== undefined && isQuick(argument)) return true
  const executor = executorOf(sourceCode, node)
  const call = executor && onlyExpression(executor)
  return call?.type === "CallExpression" && (isQuick(call.callee) || receiverOf(call, "listen") !== undefined)
}

/** Options that stand behind any number of streams: an object, or something that is called so. */
const optionsIn = (last: Node | undefined): Node | undefined => {
  if (last === undefined) return undefined
  const node = unwrap(last)
  return node.type === "ObjectExpression" || (node.type === "Identifier" && /opt|signal/i.test(node.name))
    ? node
    : undefined
}

const create = (context: Rule.RuleContext): Rule.RuleListener => {
  const { sourceCode } = context
  if (!runsTasks(context)) return {}
  const { allFiles } = settingsOf(context)
  const inTask = (node: Node): boolean => allFiles || runsInTask(sourceCode, node)

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
    const isSafe = inTask(node) && sourceCode.getCommentsInside(node).length === 0
    context.report(
      isSafe
        ? { node, messageId, fix }
        : { node, messageId, suggest: [{ messageId: "replace", data: { replacement }, fix }] }
    )
  }

  /** Reports a call that takes a signal, and has none. */
  const checkSignal = (call: ESTree.SimpleCallExpression, { messageId, place }: SignalTaker): void => {
    const { length } = call.arguments
    if (call.arguments.some((argument) => argument.type === "SpreadElement")) return
    const last = length > 1 ? call.arguments.at(-1) : undefined
    const options = typeof place === "number" ? call.arguments[place] : place === "last" ? optionsIn(last) : undefined
    const given = options && unwrap(options)
    // Options that come from elsewhere may have a signal in them.
    if (given !== undefined && !isObjectWithoutSignal(given)) return
    if (place === "second" && length > 1) return
    if (typeof place === "number" && call.arguments.slice(0, place).some(bringsSignal)) return
    const reference = referTo(sourceCode, "currentSignal", call)
    const data = { name: textOf(call.callee) }
    if (reference === undefined || (typeof place === "number" && length < place) || length === 0) {
      context.report({ node: call, messageId, data })
      return
    }
    const fix: Fixer =
      place === "second"
        ? (fixer) => [...reference.fixes(fixer), fixer.insertTextAfter(call.arguments[0]!, `, ${reference.text}()`)]
        : addSignal(call, given, reference)
    // A cleanup that asks for the signal of a task that ends would not begin.
    const isSafe = inTask(call) && !isCleanup(call)
    context.report({
      node: call,
      messageId,
      data,
      ...(isSafe ? { fix } : { suggest: [{ messageId: "addSignal", fix }] })
    })
  }

  /** Reports a call whose signal knows of the time, and not of the task. */
  const checkTimeSignal = (call: ESTree.SimpleCallExpression, { property, signal }: TimeSignal): void => {
    const reference = referTo(sourceCode, "currentSignal", call)
    const data = { name: textOf(call.callee) }
    if (reference === undefined) {
      context.report({ node: property, messageId: "timeSignal", data })
      return
    }
    const replacement = `signal: AbortSignal.any([${reference.text}(), ${textOf(signal)}])`
    const fix: Fixer = (fixer) => [...reference.fixes(fixer), fixer.replaceText(property, replacement)]
    const isSafe = inTask(call) && !isCleanup(call) && sourceCode.getCommentsInside(property).length === 0
    context.report({
      node: property,
      messageId: "timeSignal",
      data,
      ...(isSafe ? { fix } : { suggest: [{ messageId: "addSignal", fix }] })
    })
  }

  /** A request object, which may have been made with a signal. */
  const bringsSignal = (argument: Node): boolean =>
    unwrap(argument).type !== "ObjectExpression" && mentions(argument, sourceCode, "signal")

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

  /** Whether a promise of a race is compat's: a task, a wait, or what has such a type. */
  const isOfCompat = (element: Node): boolean => {
    const node = unwrap(element)
    const variable = variableOf(sourceCode, node)
    const value = (variable && constantValue(variable)) ?? node
    const called = calledExport(sourceCode, value)
    if (called !== undefined) return called !== "run"
    const receiver = receiverOf(value, "acquire", "createTask", "get", "join", "put", "use", "wait")
    if (receiver !== undefined && compatClass(sourceCode, receiver) !== undefined) return true
    return /^(?:Task|Future)$/.test(compatTypeOf(sourceCode, node) ?? "")
  }

  const checkRace = (call: ESTree.SimpleCallExpression): void => {
    const [list] = call.arguments
    if (list?.type !== "ArrayExpression") return
    const elements = list.elements.filter((element) => element !== null)
    const deadline = elements.find(isDeadline)
    if (deadline === undefined) {
      if (elements.some(isOfCompat))
        context.report({ node: call, messageId: "raceTasks", data: { name: textOf(call.callee) } })
      return
    }
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
    if (comesAtOnce(sourceCode, node)) return
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

  const awaited = (node: Node, among: ReadonlyArray<string>): boolean =>
    isAwaited(sourceCode, node, { among, anyFunction: allFiles })

  const isLoopOver = (call: ESTree.SimpleCallExpression): boolean => {
    const places: ReadonlyArray<Node> = [call, ...usesOfConstant(sourceCode, call)]
    return places.some((place) => {
      const loop = parentOf(wrapped(place))
      const isLoop = loop?.type === "ForOfStatement" && loop.await && unwrap(loop.right) === place
      return isLoop && enclosingFunction(loop) !== undefined
    })
  }

  /** Timers under other names: those of Node's promises, of `promisify(setTimeout)`, of packages and of other files. */
  const checkTimerCall = (call: ESTree.SimpleCallExpression, origin: Origin): void => {
    const name = origin.path.join(".")
    const isNode = origin.module === "timers/promises" && (name === "setTimeout" || name === "scheduler.wait")
    const isPromisified = (origin.module ?? "timers") === "timers" && name === "promisify.setTimeout"
    const isElsewhere = !isNode && !isPromisified && isTimerElsewhere(sourceCode, call.callee, origin)
    if (!isNode && !isPromisified && !isElsewhere) return
    const [delay, result, ...more] = call.arguments
    // With options it has a signal, or says that it does not keep the process alive.
    const isPlain = more.length === 0 && (result === undefined || (!isElsewhere && name !== "scheduler.wait"))
    const isSpread = call.arguments.some((argument) => argument.type === "SpreadElement")
    if (!isPlain || isSpread || !awaited(call, ["all", "allSettled"])) return
    reportTimer(call, isNode ? "nodeTimer" : "helper", delay, result)
  }

  return {
    NewExpression(node) {
      if (!isGlobal(sourceCode, node.callee, "Promise")) return
      const timer = timerOf(sourceCode, node)
      if (timer !== undefined && awaited(node, ["all", "allSettled"])) {
        reportTimer(node, "timer", timer.delay, timer.result)
      } else if (timer === undefined && awaited(node, [])) {
        checkPromise(node)
      }
    },

    CallExpression(call) {
      const origin = callOrigin(sourceCode, call.callee)
      if (origin?.module === undefined && /^Promise\.race$/.test(origin?.path.join(".") ?? "") && awaited(call, [])) {
        checkRace(call)
      }
      if (
        origin?.module === "async-retry" &&
        awaited(call, []) &&
        !mentions(call, sourceCode, "CancelledError", "isCancelled")
      ) {
        context.report({ node: call, messageId: "retryBlind", data: { name: textOf(call.callee) } })
      }
      const taker = signalTakerOf(sourceCode, call)
      if (taker !== undefined && (taker.isLoop === true ? isLoopOver(call) : awaited(call, combinators)))
        checkSignal(call, taker)
      const ofTime = timeSignalOf(sourceCode, call)
      if (ofTime !== undefined && awaited(call, combinators)) checkTimeSignal(call, ofTime)
      if (origin !== undefined) checkTimerCall(call, origin)

      const helper = origin === undefined ? timerFunctionOf(sourceCode, call.callee) : undefined
      if (helper !== undefined && awaited(call, ["all", "allSettled"])) checkHelper(call, helper)
    }
  }
}

/** Where the constant is used that a call is kept in. */
const usesOfConstant = (sourceCode: SourceCode, call: ESTree.SimpleCallExpression): ReadonlyArray<Node> => {
  const declarator = parentOf(wrapped(call))
  const variable = declarator?.type === "VariableDeclarator" ? variableOf(sourceCode, declarator.id) : undefined
  return variable !== undefined && constantValue(variable) === call ? usesOf(variable) : []
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
    noSignal:
      "`cancel()` cannot end `{{name}}`: without a signal, the task goes on only when it is done. Give it the signal of the task.",
    timeSignal:
      "`cancel()` cannot end `{{name}}`: its signal knows of the time, and not of the task. Give it both, or limit the time with `timeout` of compat and give it the signal of the task.",
    retry:
      "`{{name}}` takes a cancellation for a failure: it tries again, and its pauses do not end when the task is cancelled. Give it the signal of the task.",
    retryBlind:
      "`{{name}}` takes a cancellation for a failure, tries again, and takes no signal. Bail out when `isCancelled(error)` of compat says so, or write the loop with `sleep`.",
    promise:
      "`cancel()` cannot end this wait: the task goes on only when the plain promise settles, which may be never. `abortable` of compat makes any promise a place where a cancellation arrives.",
    race: "The loser of this race goes on unseen: its work is not cancelled, and its timer keeps running. `timeout` and `waitFor` of compat cancel what took too long, and throw TimeoutError.",
    raceTasks:
      "The losers of `{{name}}` go on unseen, and nobody can cancel them. `race` of compat ends with the first as well, cancels the others and waits for their cleanup; `wait` with `returnWhen: FIRST_COMPLETED` says which tasks are pending.",
    replace: "Write `{{replacement}}`.",
    addSignal: "Give it the signal of the task."
  },
  create
})
