/**
 * Signals that are handed through every function. The parameter stays and gets the task's own signal where callers give none: so
 * code that has moved leaves it out, and code that has not still hands one on.
 */
import type * as ESTree from "estree"
import { type FunctionNode, isFunction, type Node, parentOf, propertyName, rangeOf, wrapped } from "../internal/ast.ts"
import { isGlobal } from "../internal/origin.ts"
import type { Draft, Edit } from "./draft.ts"

interface Typed {
  readonly optional?: boolean
  readonly typeAnnotation?: (Node & { readonly typeAnnotation: Node }) | null
}

const isSignal = (draft: Draft, parameter: Node): parameter is ESTree.Identifier => {
  if (parameter.type !== "Identifier") return false
  const { typeAnnotation } = parameter as Typed
  const type = typeAnnotation ? draft.source.getText(typeAnnotation.typeAnnotation) : undefined
  if (type !== undefined) return /^AbortSignal(?:\s*\|\s*undefined)?$/.test(type)
  return parameter.name === "signal" || parameter.name === "abortSignal"
}

/** A library calls it, and gives what it wants to. */
const isCallback = (fn: FunctionNode): boolean => {
  const parent = parentOf(wrapped(fn))
  return parent?.type === "CallExpression" || parent?.type === "NewExpression"
}

const isConstructor = (fn: FunctionNode): boolean => {
  const parent = parentOf(fn)
  return parent?.type === "MethodDefinition" && parent.kind !== "method"
}

/** The edit that gives a parameter its default. */
const withDefault = (draft: Draft, parameter: ESTree.Identifier): ReadonlyArray<Edit> => {
  const [start, end] = rangeOf(parameter)
  const { optional, typeAnnotation } = parameter as unknown as Typed
  const mark = optional === true ? draft.source.text.indexOf("?", start) : -1
  const text = ` = ${draft.compat("currentSignal")}()`
  return [
    ...(mark === -1 ? [] : [{ start: mark, end: mark + 1, text: "" }]),
    {
      start: typeAnnotation ? rangeOf(typeAnnotation)[1] : end,
      end: typeAnnotation ? rangeOf(typeAnnotation)[1] : end,
      text
    }
  ]
}

/** `{ signal }` among the options that a function takes apart. */
const inPatterns = (fn: FunctionNode): ReadonlyArray<ESTree.Identifier> =>
  fn.params
    .map((param) => (param.type === "AssignmentPattern" ? param.left : param))
    .flatMap((param) => (param.type === "ObjectPattern" ? param.properties : []))
    .flatMap((property) =>
      property.type === "Property" && propertyName(property) === "signal" ? [property.value] : []
    )
    .filter((value) => value.type === "Identifier") as ReadonlyArray<ESTree.Identifier>

const checkFunction = (draft: Draft, fn: FunctionNode): void => {
  if (isCallback(fn)) return
  for (const name of isConstructor(fn) ? [] : inPatterns(fn)) {
    draft.change(
      name,
      `the option \`${name.name}\` is the task's signal where nobody gives one`,
      withDefault(draft, name)
    )
  }
  const parameter = fn.params.find((param): param is ESTree.Identifier => isSignal(draft, param))
  if (parameter === undefined) return
  if (isConstructor(fn)) {
    return draft.leave(
      parameter,
      `\`${parameter.name}\` is kept by an object, which may live longer than the task that made it`
    )
  }
  // `f(x, signal)` before: an arrow function may have no parentheses around its only parameter.
  const [start, end] = rangeOf(parameter)
  const text = draft.source.text
  const isBare =
    fn.type === "ArrowFunctionExpression" &&
    fn.params.length === 1 &&
    !/[(,]\s*$/.test(text.slice(rangeOf(fn)[0], start))
  const parentheses = isBare ? [{ start, end: start, text: "(" }] : []
  const close = isBare ? [{ start: end, end, text: ")" }] : []
  draft.change(parameter, `the parameter \`${parameter.name}\` is the task's signal where nobody gives one`, [
    ...parentheses,
    ...withDefault(draft, parameter),
    ...close
  ])
}

export const controllers = (draft: Draft, node: Node): void => {
  if (isFunction(node)) checkFunction(draft, node)
  if (node.type === "NewExpression" && isGlobal(draft.source, node.callee, "AbortController")) {
    draft.leave(node, "an AbortController: where it stops work of this program, keep the task and `cancel()` it")
  }
}
