/**
 * Functions that are sent to a thread as text, and use what is not there.
 */
import type { Rule, Scope } from "eslint"
import type * as ESTree from "estree"
import {
  ancestors,
  type FunctionNode,
  isFunction,
  type Node,
  propertyName,
  rangeOf,
  receiverOf,
  some,
  unwrap
} from "../internal/ast.ts"
import { compatModule } from "../internal/compat.ts"
import { constantValue, originOf, variableOf } from "../internal/origin.ts"
import { makeRule } from "../internal/rule.ts"

const modules = new Set([compatModule, "@effect-asyncio/core"])

/** What a function uses that is declared around it: one use of each name. */
type Uses = ReadonlyMap<string, Scope.Reference>

// Types are gone when the function is sent.
const isType = (reference: Scope.Reference, fn: Node): boolean => {
  if ((reference as { readonly isTypeReference?: boolean }).isTypeReference === true) return true
  for (const node of ancestors(reference.identifier as Node)) {
    if (node === fn) return false
    if (/^TS(?:Type|Interface)/.test(node.type) && node.type !== ("TSTypeAssertion" as string)) return true
  }
  return false
}

/** A method of the class that the code stands in. */
const isMethod = (node: Node): boolean => {
  if (node.type !== "MemberExpression" || node.object.type !== "ThisExpression") return false
  const name = propertyName(node)
  const body = [...ancestors(node)].find((each) => each.type === "ClassBody")
  return (
    body?.type === "ClassBody" &&
    body.body.some((each) => {
      if (each.type !== "MethodDefinition" || each.computed || each.static) return false
      return each.key.type === "Identifier" && each.key.name === name
    })
  )
}

const create = (context: Rule.RuleContext): Rule.RuleListener => {
  const { sourceCode } = context
  const reported = new Set<Node>()

  const exportOf = (expression: Node): string | undefined => {
    const origin = originOf(sourceCode, expression)
    return modules.has(origin?.module ?? "") && origin!.path.length === 1 ? origin!.path[0] : undefined
  }

  /** Whether a callee is `toThread`, or what `threadPool` gives. */
  const isToThread = (callee: Node): boolean => {
    if (exportOf(callee) === "toThread") return true
    const variable = variableOf(sourceCode, callee)
    const value = variable && constantValue(variable)
    return value?.type === "CallExpression" && exportOf(value.callee) === "threadPool"
  }

  /** The function that an argument is, where this file says so. */
  const functionOf = (argument: Node): FunctionNode | undefined => {
    const node = unwrap(argument)
    if (isFunction(node)) return node
    const variable = variableOf(sourceCode, node)
    const declared = variable?.defs[0]
    if (variable === undefined || variable.defs.length !== 1) return undefined
    if (declared?.type === "FunctionName") return declared.node
    const value = constantValue(variable)
    return value !== undefined && isFunction(value) ? value : undefined
  }

  const usesIn = (fn: FunctionNode): Uses => {
    const uses = new Map<string, Scope.Reference>()
    const scope = sourceCode.scopeManager.acquire(fn)
    for (const reference of scope?.through ?? []) {
      const { identifier, resolved } = reference
      const { name } = identifier as ESTree.Identifier
      // A declaration goes with its name.
      const isOwnName = fn.type === "FunctionDeclaration" && fn.id?.name === name
      if (resolved === null || resolved.defs.length === 0 || isOwnName || isType(reference, fn)) continue
      if (!uses.has(name)) uses.set(name, reference)
    }
    return uses
  }

  /** How to hand a variable over, where the call is written so that it can. */
  const handOver = (call: ESTree.SimpleCallExpression, fn: FunctionNode, reference: Scope.Reference) => {
    const { name } = reference.identifier as ESTree.Identifier
    const [argument, ...given] = call.arguments
    const definition = reference.resolved!.defs[0]!
    const isValue = definition.type === "Parameter" || definition.type === "Variable"
    const value = constantValue(reference.resolved!)
    const isPlain = fn.params.every((param) => param.type === "Identifier") && fn.params.length === given.length
    const isSpread = given.some((each) => each.type === "SpreadElement")
    const holdsFunction = value !== undefined && (isFunction(value) || value.type === "ClassExpression")
    if (unwrap(argument!) !== fn || !isValue || !isPlain || isSpread || holdsFunction || reference.isWrite()) return []
    const last = fn.params.at(-1)
    // `n => n` and `async n => n`, which have no parentheses.
    const isBare = last !== undefined && /^(?:async\s+)?$/.test(sourceCode.text.slice(rangeOf(fn)[0], rangeOf(last)[0]))
    const open = sourceCode.getFirstToken(fn, { filter: ({ value }) => value === "(" })
    if (last === undefined && open === null) return []
    const fix = (fixer: Rule.RuleFixer): Array<Rule.Fix> => [
      last === undefined
        ? fixer.insertTextAfter(open!, name)
        : isBare
          ? fixer.replaceText(last, `(${sourceCode.getText(last)}, ${name})`)
          : fixer.insertTextAfter(last, `, ${name}`),
      fixer.insertTextAfter(call.arguments.at(-1)!, `, ${name}`)
    ]
    return [{ messageId: "handOver", data: { name }, fix }]
  }

  const report = (
    node: Node,
    descriptor: Omit<Rule.ReportDescriptor & { readonly messageId: string }, "node" | "loc">
  ) => {
    // A function may be given to several calls.
    if (reported.has(node)) return
    reported.add(node)
    context.report({ ...descriptor, node })
  }

  const checkFunction = (call: ESTree.SimpleCallExpression, fn: FunctionNode): void => {
    for (const [name, reference] of usesIn(fn)) {
      const suggest = handOver(call, fn, reference)
      report(reference.identifier as Node, { messageId: "closure", data: { name }, suggest })
    }
    if (fn.type !== "ArrowFunctionExpression") return
    some(
      fn.body,
      sourceCode,
      (node) => {
        if (node.type !== "ThisExpression" && node.type !== "Super") return false
        report(node, { messageId: "closure", data: { name: sourceCode.getText(node) } })
        return true
      },
      (node) => !/^Class|^Function/.test(node.type)
    )
  }

  return {
    CallExpression(call) {
      const [run, ...args] = call.arguments
      if (run === undefined || !isToThread(call.callee)) return
      const node = unwrap(run)
      const fn = functionOf(run)
      if (fn !== undefined) checkFunction(call, fn)
      else if (isMethod(node)) report(node, { messageId: "method", data: { name: sourceCode.getText(node) } })
      else if (receiverOf(node, "bind") !== undefined)
        report(node, { messageId: "bound", data: { name: sourceCode.getText(node) } })
      for (const each of args) if (functionOf(each) !== undefined) report(each, { messageId: "argument" })
    }
  }
}

export const noClosureInThread = makeRule({
  name: "no-closure-in-thread",
  type: "problem",
  description: "Disallow functions on a thread that use what is around them",
  messages: {
    closure:
      "There is no `{{name}}` on the thread: `toThread` sends the function as text, without the variables and imports around it. Hand over what it needs as an argument, `await import(...)` inside of it, or give `{ module, name }` of an exported function.",
    method:
      "`{{name}}` is a method, and cannot be sent to a thread: it goes as text, and without its object. Write a function around what it does, and hand over what it needs.",
    bound:
      "`{{name}}` has no text that could be sent to a thread. Hand over what it is bound to as arguments, to a function that uses nothing else.",
    argument:
      "A function cannot be copied to a thread. Hand over plain data, and let the function itself have the code.",
    handOver: "Hand `{{name}}` over as an argument."
  },
  create
})
