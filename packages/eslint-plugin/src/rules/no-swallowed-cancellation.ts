/**
 * A handler around an await that ends a cancellation without saying so.
 */
import type { Rule, SourceCode } from "eslint"
import type * as ESTree from "estree"
import { isBuiltin } from "node:module"
import {
  enclosingFunction,
  type FunctionNode,
  isFunction,
  mentions,
  type Node,
  outsideOfFunctions,
  parentOf,
  receiverOf,
  some,
  unwrap
} from "../internal/ast.ts"
import { combinators, isAwaited } from "../internal/awaited.ts"
import { calledExport, compatClass, referTo } from "../internal/compat.ts"
import { isDeliberate, type Outcome, outcomesOf, outcomesOfWord } from "../internal/outcome.ts"
import { constantValue, isGlobal, originOf, variableOf } from "../internal/origin.ts"
import { makeRule } from "../internal/rule.ts"
import { passesCancellations } from "../internal/settings.ts"
import { freshName, prepend, semicolon } from "../internal/text.ts"

/** Whether awaiting the expression can never reject with the CancelledError of the task around it. */
const isOutOfReach = (sourceCode: SourceCode, expression: Node): boolean => {
  const node = unwrap(expression)
  if (node.type === "Literal") return true
  if (node.type !== "CallExpression") return false
  // A run is the outside of all its tasks.
  if (calledExport(sourceCode, node) === "run") return true
  const runner = receiverOf(node, "run")
  if (runner !== undefined && compatClass(sourceCode, runner) === "Runner") return true
  const origin = originOf(sourceCode, node.callee)
  if (origin?.module === undefined || !isBuiltin(origin.module)) return false
  // Node's own promises know nothing of tasks, unless they are given a signal or call back.
  return !node.arguments.some(
    (argument) => mentions(argument, sourceCode, "signal") || some(argument, sourceCode, isFunction)
  )
}

const awaitsCancellably = (sourceCode: SourceCode, block: ESTree.BlockStatement): boolean =>
  some(
    block,
    sourceCode,
    (node) =>
      (node.type === "AwaitExpression" && !isOutOfReach(sourceCode, node.argument)) ||
      (node.type === "ForOfStatement" && node.await) ||
      (node.type === "VariableDeclaration" && node.kind === "await using") ||
      (node.type === "YieldExpression" && node.delegate && enclosingFunction(node)?.async === true),
    outsideOfFunctions
  )

/** The promise a chain begins with. */
const beginOf = (node: Node): Node => {
  const receiver = receiverOf(node, "then", "catch", "finally")
  return receiver === undefined ? node : beginOf(receiver)
}

/** The function an argument is: written in place, or a function of the file that it names. */
const functionOf = (sourceCode: SourceCode, argument: Node): FunctionNode | undefined => {
  const node = unwrap(argument)
  if (isFunction(node)) return node
  const variable = variableOf(sourceCode, node)
  const [definition] = variable?.defs ?? []
  if (definition?.type === "FunctionName" && isFunction(definition.node)) return definition.node
  const value = variable && constantValue(variable)
  return value !== undefined && isFunction(value) ? value : undefined
}

const withoutRethrows = (outcomes: ReadonlySet<Outcome>): ReadonlyArray<Outcome> =>
  [...outcomes].filter((outcome) => outcome !== "rethrows")

const create = (context: Rule.RuleContext): Rule.RuleListener => {
  const { sourceCode } = context
  if (!passesCancellations(context)) return {}

  /** The fix that makes `block` begin with the test; `param` says where the error is bound, or how to bind it. */
  const suggest = (
    block: ESTree.BlockStatement,
    param: ESTree.Pattern | null,
    bind: (fixer: Rule.RuleFixer, name: string) => Rule.Fix
  ): Array<Rule.SuggestionReportDescriptor> => {
    const reference = referTo(sourceCode, "CancelledError", block)
    // A parameter with a default, or one that collects all arguments, cannot move as it is.
    const isMovable = param === null || /^(?:Identifier|ObjectPattern|ArrayPattern)$/.test(param.type)
    if (reference === undefined || !isMovable) return []
    const isNamed = param?.type === "Identifier"
    const name = isNamed ? param.name : freshName(sourceCode, "error", parentOf(block)!)
    const test = `if (${name} instanceof ${reference.text}) throw ${name}`
    // A pattern moves into the handler, where the error can have a name beside it.
    const pattern = isNamed || param === null ? "" : `; const ${sourceCode.getText(param)} = ${name}`
    return [
      {
        messageId: "rethrow",
        data: { test },
        fix: (fixer) => [
          ...reference.fixes(fixer),
          ...(isNamed ? [] : [bind(fixer, name)]),
          prepend(sourceCode, fixer, block, test + pattern)
        ]
      }
    ]
  }

  /** For a handler that is an arrow function without a block. */
  const suggestBlock = (
    handler: ESTree.ArrowFunctionExpression,
    body: ESTree.Expression
  ): Array<Rule.SuggestionReportDescriptor> => {
    const [param] = handler.params
    const reference = referTo(sourceCode, "CancelledError", body)
    if (reference === undefined || (param !== undefined && param.type !== "Identifier")) return []
    const name = param?.name ?? freshName(sourceCode, "error", handler)
    const test = `if (${name} instanceof ${reference.text}) throw ${name}`
    const arrow = sourceCode.getTokenBefore(body, (token) => token.value === "=>")!
    const last = sourceCode.getLastToken(handler)!
    const text = sourceCode.text.slice(arrow.range[1], last.range[1]).trim()
    return [
      {
        messageId: "rethrow",
        data: { test },
        fix: (fixer) => [
          ...reference.fixes(fixer),
          ...(param === undefined ? [bindParameter(handler)(fixer, name)] : []),
          fixer.replaceTextRange(
            [arrow.range[1], last.range[1]],
            ` { ${test}; return ${text}${semicolon(sourceCode)} }`
          )
        ]
      }
    ]
  }

  const bindParameter =
    (handler: FunctionNode) =>
    (fixer: Rule.RuleFixer, name: string): Rule.Fix => {
      const [param] = handler.params
      if (param !== undefined) return fixer.replaceText(param, name)
      const open = sourceCode.getFirstToken(handler, (token) => token.value === "(")!
      return fixer.insertTextAfter(open, name)
    }

  const messageOf = (handler: ESTree.CatchClause | FunctionNode, param: ESTree.Pattern | null): string | undefined => {
    const known = { error: param?.type === "Identifier" ? param : undefined, body: handler.body }
    if (isDeliberate(sourceCode, known, handler)) return undefined
    const left = withoutRethrows(outcomesOf(sourceCode, known))
    const word = outcomesOfWord(sourceCode, known)
    const leftOfWord = word && withoutRethrows(word)
    // An author who lets the word of a library pass has thought of it.
    if (leftOfWord?.length === 0) return undefined
    if (left.length === 0) return leftOfWord === undefined ? undefined : "aborted"
    return left.every((outcome) => outcome === "replaces") ? "replaced" : "swallowed"
  }

  const checkRejectionHandler = (call: ESTree.SimpleCallExpression, argument: Node | undefined): void => {
    const receiver = receiverOf(call, "then", "catch")
    if (receiver === undefined || argument === undefined) return
    const begin = beginOf(receiver)
    const isCompat = calledExport(sourceCode, begin) !== undefined
    const isTaken = isAwaited(sourceCode, call, { among: combinators, anyFunction: true })
    if ((!isCompat && !isTaken) || isOutOfReach(sourceCode, begin)) return

    const origin = originOf(sourceCode, argument)
    if (origin?.module === undefined && origin?.path[0] === "console") {
      context.report({ node: argument, messageId: "swallowed" })
      return
    }
    const handler = functionOf(sourceCode, argument)
    if (handler === undefined) return
    const [param = null] = handler.params
    const messageId = messageOf(handler, param)
    if (messageId === undefined) return
    const inPlace = unwrap(argument) === handler
    let suggestions: Array<Rule.SuggestionReportDescriptor> = []
    if (inPlace) {
      suggestions =
        handler.body.type === "BlockStatement"
          ? suggest(handler.body, param, bindParameter(handler))
          : suggestBlock(handler as ESTree.ArrowFunctionExpression, handler.body)
    }
    context.report({ node: argument, messageId, suggest: suggestions })
  }

  const checkFinally = (statement: ESTree.TryStatement): void => {
    const { block, finalizer, handler } = statement
    if (!finalizer || enclosingFunction(statement)?.async !== true) return
    const isReached =
      awaitsCancellably(sourceCode, block) || (handler ? awaitsCancellably(sourceCode, handler.body) : false)
    const known = { error: undefined, body: finalizer }
    if (!isReached || isDeliberate(sourceCode, known, finalizer)) return
    const leaves = [...outcomesOf(sourceCode, known)].some((outcome) => /^(?:returns|break|continue)/.test(outcome))
    if (leaves) context.report({ loc: sourceCode.getTokenBefore(finalizer)!.loc, messageId: "finally" })
  }

  const checkAllSettled = (call: ESTree.SimpleCallExpression): void => {
    const fn = enclosingFunction(call)
    const [list] = call.arguments
    if (fn === undefined || list === undefined || list.type === "SpreadElement") return
    if (!isAwaited(sourceCode, call, { among: [], anyFunction: false })) return
    const each = list.type === "ArrayExpression" ? list.elements.filter((element) => element !== null) : [list]
    if (each.every((element) => isOutOfReach(sourceCode, element))) return
    // An author who looks for it in the results, or asks afterwards, has thought of it.
    if (mentions(fn, sourceCode, "CancelledError", "isCancelled", "throwIfAborted", "cancelling", "aborted")) return
    const reference = referTo(sourceCode, "gather", call)
    const suggest: Array<Rule.SuggestionReportDescriptor> = []
    if (reference !== undefined) {
      const replacement = `${reference.text}(..., { returnExceptions: true })`
      suggest.push({
        messageId: "gather",
        data: { replacement },
        fix: (fixer) => [
          ...reference.fixes(fixer),
          fixer.replaceText(call.callee, reference.text),
          fixer.insertTextAfter(list, ", { returnExceptions: true }")
        ]
      })
    }
    context.report({ node: call, messageId: "settled", suggest })
  }

  return {
    TryStatement: checkFinally,
    CatchClause(handler) {
      const statement = parentOf(handler) as ESTree.TryStatement
      if (enclosingFunction(statement)?.async !== true || !awaitsCancellably(sourceCode, statement.block)) return
      const messageId = messageOf(handler, handler.param)
      if (messageId === undefined) return
      const keyword = sourceCode.getFirstToken(handler)!
      context.report({
        loc: keyword.loc,
        messageId,
        suggest: suggest(handler.body, handler.param, (fixer, name) =>
          handler.param === null ? fixer.insertTextAfter(keyword, ` (${name})`) : fixer.replaceText(handler.param, name)
        )
      })
    },
    CallExpression(call) {
      if (isGlobal(sourceCode, call.callee, "Promise.allSettled")) checkAllSettled(call)
      const method = receiverOf(call, "catch") === undefined ? 1 : 0
      checkRejectionHandler(call, call.arguments[method])
    }
  }
}

export const noSwallowedCancellation = makeRule({
  name: "no-swallowed-cancellation",
  type: "problem",
  description: "Disallow handlers that end a cancellation without testing for CancelledError",
  messages: {
    swallowed:
      "This handler also catches the CancelledError of its task and goes on: whoever cancelled the task waits in vain, and timeouts and task groups around it do not end. Rethrow CancelledError first, or test for it where ending it is meant.",
    replaced:
      "This handler also catches the CancelledError of its task and throws another error in its place: the task ends as failed instead of cancelled, and timeouts and task groups around it see a failure. Rethrow CancelledError first.",
    aborted:
      "This handler ends what a library makes of a cancellation when the task's signal aborts: whoever cancelled the task waits in vain, and timeouts and task groups around it do not end. Rethrow CancelledError first: `instanceof` says yes to such an error too, and no to the abort of a controller of your own.",
    finally:
      "This `finally` leaves by a jump of its own, and drops the CancelledError that is on its way through it: whoever cancelled the task waits in vain. Let the block end, and return behind it.",
    settled:
      "`Promise.allSettled` makes one of its results of the CancelledError, and the code goes on: whoever cancelled the task waits in vain. `gather` of compat with `returnExceptions` gives the same results, and ends with the task.",
    gather: "Write `{{replacement}}`.",
    rethrow: "Begin the handler with `{{test}}`."
  },
  create
})
