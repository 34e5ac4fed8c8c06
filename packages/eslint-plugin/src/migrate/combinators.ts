/**
 * `Promise.all`, `allSettled` and `race`: gathered tasks, and timeouts that stop the work.
 */
import type { SourceCode } from "eslint"
import type * as ESTree from "estree"
import { enclosingFunction, isFunction, type Node, propertyName, rangeOf, receiverOf, unwrap } from "../internal/ast.ts"
import { isAwaited } from "../internal/awaited.ts"
import { constantValue, isGlobal, variableOf } from "../internal/origin.ts"
import { rejectingDelay } from "../internal/timer.ts"
import type { Draft, Edit } from "./draft.ts"

const insert = (at: number, text: string): Edit => ({ start: at, end: at, text })
const replace = (node: Node, text: string): Edit => ({ start: rangeOf(node)[0], end: rangeOf(node)[1], text })

/** Whether the value is the same an iteration of the loop later, when the task begins. */
const isStable = (source: SourceCode, expression: Node): boolean => {
  const node = unwrap(expression)
  switch (node.type) {
    case "Literal":
    case "ThisExpression":
    case "ArrowFunctionExpression":
    case "FunctionExpression":
      return true
    case "Identifier": {
      const variable = variableOf(source, node)
      return (
        variable === undefined ||
        variable.references.every((reference) => reference.init === true || !reference.isWrite())
      )
    }
    case "MemberExpression":
      return isStable(source, node.object) && (!node.computed || isStable(source, node.property))
    case "TemplateLiteral":
      return node.expressions.every((inner) => isStable(source, inner))
    case "ArrayExpression":
      return node.elements.every((element) => element !== null && isStable(source, element))
    case "ObjectExpression":
      return node.properties.every(
        (property) => property.type === "Property" && !property.computed && isStable(source, property.value)
      )
    case "SpreadElement":
      return isStable(source, node.argument)
    default:
      return false
  }
}

/** A call that can wait until its task begins. */
const canBeginLater = (source: SourceCode, node: Node): node is ESTree.SimpleCallExpression =>
  node.type === "CallExpression" &&
  isStable(source, node.callee) &&
  node.arguments.every((argument) => isStable(source, argument))

const isPromise = (source: SourceCode, expression: Node): boolean => {
  const node = unwrap(expression)
  const variable = variableOf(source, node)
  const value = variable === undefined ? node : constantValue(variable)
  return value?.type === "NewExpression" ? isGlobal(source, value.callee, "Promise") : value?.type === "CallExpression"
}

/** What makes tasks of the promises of a list, or why nothing can. */
const asTasks = (source: SourceCode, list: Node): ReadonlyArray<Edit> | string => {
  if (list.type === "ArrayExpression") {
    const edits: Array<Edit> = []
    for (const element of list.elements) {
      const node = element === null ? undefined : unwrap(element)
      if (element === null || node === undefined || node.type === "SpreadElement")
        return "not every element stands there"
      if (canBeginLater(source, node)) edits.push(insert(rangeOf(element)[0], "() => "))
      else if (!isPromise(source, node)) return `nothing here says that \`${source.getText(element)}\` is a promise`
    }
    return edits
  }
  const [callback] = receiverOf(list, "map") === undefined ? [] : (list as ESTree.SimpleCallExpression).arguments
  if (callback?.type !== "ArrowFunctionExpression") return "nothing here says that each of the list is a promise"
  const { body } = callback
  if (callback.async === true) {
    // `async (x) => ...` becomes `(x) => async () => ...`.
    const [start] = rangeOf(callback)
    const from = rangeOf(callback.params[0] ?? body)[0]
    const head = source.text.slice(start, from)
    const keyword = /^async\s*/.exec(head)
    const arrow = source.text.slice(0, rangeOf(body)[0]).lastIndexOf("=>")
    if (keyword === null || arrow < start || hasReturnType(callback)) return "its callback has a type of its own"
    const open = /^(?:async\s*)\(/.test(head) || callback.params.length === 0
    const named = open ? "" : "("
    return [
      { start, end: start + keyword[0].length, text: named },
      ...(open ? [] : [insert(rangeOf(callback.params[0]!)[1], ")")]),
      insert(arrow + 2, " async () =>")
    ]
  }
  const call = unwrap(body)
  if (call.type !== "CallExpression" || hasReturnType(callback))
    return "nothing here says that each of the list is a promise"
  return [insert(rangeOf(body)[0], "() => ")]
}

const hasReturnType = (fn: Node): boolean => Boolean((fn as { readonly returnType?: unknown }).returnType)

const outside = "stands outside of every function, where no task runs"

/** Why a call stays, whatever it is called with. */
const reasonOfPlace = (source: SourceCode, call: ESTree.SimpleCallExpression): string | undefined => {
  if (enclosingFunction(call) === undefined) return outside
  if (!isAwaited(source, call, { among: ["all", "allSettled"], anyFunction: false })) {
    return "is not awaited here: `gather` gives a future, whose owner must be able to cancel it"
  }
  return undefined
}

const gather = (draft: Draft, call: ESTree.SimpleCallExpression, name: string): void => {
  const { source } = draft
  const [list, ...more] = call.arguments
  const reason = reasonOfPlace(source, call)
  const edits = list === undefined || more.length > 0 ? "it has no list" : asTasks(source, unwrap(list))
  if (reason !== undefined) return draft.leave(call, `${name} ${reason}`)
  if (typeof edits === "string")
    return draft.leave(call, `${name}: ${edits}; \`gather\` takes functions, tasks and promises`)
  const options = name === "Promise.allSettled" ? [insert(rangeOf(list!)[1], ", { returnExceptions: true }")] : []
  // Types of the results follow from the list.
  const types = (call as { readonly typeArguments?: Node | null }).typeArguments
  const callee = types ? { start: rangeOf(call.callee)[0], end: rangeOf(types)[1], text: "" } : replace(call.callee, "")
  draft.change(call, `${name} -> gather`, [{ ...callee, text: draft.compat("gather") }, ...edits, ...options])
}

const race = (draft: Draft, call: ESTree.SimpleCallExpression): void => {
  const { source } = draft
  const [list] = call.arguments
  if (enclosingFunction(call) === undefined) return draft.leave(call, `Promise.race ${outside}`)
  const isTaken = isAwaited(source, call, { among: ["all", "allSettled"], anyFunction: true })
  const elements = list?.type === "ArrayExpression" ? list.elements.filter((element) => element !== null) : []
  const limit = elements.find((element) => rejectingDelay(source, element) !== undefined)
  const work = elements.find((element) => element !== limit)
  const delay = limit && rejectingDelay(source, limit)
  if (!isTaken || !delay || !work || elements.length !== 2 || !canBeginLater(source, unwrap(work))) {
    return draft.leave(
      call,
      "Promise.race: somebody has to cancel who loses; `wait(tasks, { returnWhen: FIRST_COMPLETED })` and `cancelAndWait(pending)`, or `timeout`"
    )
  }
  if (source.getCommentsInside(call).length > 0) return draft.leave(call, "Promise.race: a comment would be lost")
  const text = `${draft.compat("timeout")}(${source.getText(delay)}, () => ${source.getText(work)})`
  draft.change(call, "Promise.race -> timeout, which throws TimeoutError", [replace(call, text)])
}

export const combinators = (draft: Draft, node: Node): void => {
  if (node.type !== "CallExpression") return
  const callee = unwrap(node.callee)
  if (callee.type !== "MemberExpression" || isFunction(callee.object)) return
  const method = propertyName(callee)
  if (method === undefined || !isGlobal(draft.source, callee, `Promise.${method}`)) return
  if (method === "all" || method === "allSettled") gather(draft, node, `Promise.${method}`)
  if (method === "race") race(draft, node)
}
