/**
 * Tasks that nobody can cancel or await any more, waits that nobody waits for, and scopes that nothing ends.
 */
import type { Rule, Scope } from "eslint"
import type * as ESTree from "estree"
import { canAwait, type Node, parentOf, receiverOf, unwrap, wrapped } from "../internal/ast.ts"
import { calledExport, compatClass, compatExport, importsCompatValues } from "../internal/compat.ts"
import { findVariable } from "../internal/origin.ts"
import { makeRule } from "../internal/rule.ts"
import { freshName } from "../internal/text.ts"

const taskMakers = new Set(["createTask", "ensureFuture", "gather", "shield"])

const waits = new Set([
  "abortable",
  "cancelAndWait",
  "catchCancelled",
  "runEffect",
  "sleep",
  "taskGroup",
  "toThread",
  "wait",
  "waitFor"
])

// With a body they wait for it; without one they give a scope for `await using`.
const scopes = new Set(["timeout", "timeoutAt"])

const lock = ["acquire", "hold", "use"]
const queue = ["get", "join", "put"]
const waitingMethods: Readonly<Record<string, ReadonlyArray<string>>> = {
  Barrier: ["wait"],
  BoundedSemaphore: lock,
  Condition: [...lock, "wait", "waitFor"],
  Event: ["wait"],
  LifoQueue: queue,
  Lock: lock,
  PriorityQueue: queue,
  Queue: queue,
  Semaphore: lock
}

/** The statement, `void` or variable a value ends in without being used; undefined when something takes it. */
type Drop =
  | { readonly kind: "statement"; readonly statement: ESTree.ExpressionStatement; readonly whole: Node }
  | { readonly kind: "expression" }
  | { readonly kind: "variable"; readonly name: string }

const isNeverRead = (variable: Scope.Variable): boolean =>
  // A variable of a script is everybody's.
  variable.scope.type !== "global" && !variable.references.some((reference) => reference.isRead())

const isExported = (variable: Scope.Variable): boolean =>
  variable.defs.some((definition) => {
    const declaration = parentOf(definition.node)
    return declaration !== undefined && parentOf(declaration)?.type === "ExportNamedDeclaration"
  })

/** Whether the value is what an arrow function gives to `forEach`, which looks at no result. */
const isForEachBody = (arrow: ESTree.ArrowFunctionExpression, node: Node): boolean => {
  const call = parentOf(wrapped(arrow))
  return (
    unwrap(arrow.body) === unwrap(node) &&
    call?.type === "CallExpression" &&
    call.arguments[0] === wrapped(arrow) &&
    receiverOf(call, "forEach") !== undefined
  )
}

const create = (context: Rule.RuleContext): Rule.RuleListener => {
  const { sourceCode } = context
  if (!importsCompatValues(sourceCode)) return {}

  const intoVariable = (id: Node, kind: string | undefined): Drop | undefined => {
    // `using` reads its variable at the end of the block.
    if (id.type !== "Identifier" || kind?.endsWith("using") === true) return undefined
    const variable = findVariable(sourceCode, id.name, id)
    return variable !== undefined && isNeverRead(variable) && !isExported(variable)
      ? { kind: "variable", name: id.name }
      : undefined
  }

  const dropOf = (value: Node, whole: Node = value): Drop | undefined => {
    const node = wrapped(value)
    const parent = parentOf(node)
    switch (parent?.type) {
      case "ExpressionStatement":
        return { kind: "statement", statement: parent, whole }
      case "UnaryExpression":
        return parent.operator === "void" ? (dropOf(parent, parent) ?? { kind: "expression" }) : undefined
      case "SequenceExpression":
        return parent.expressions.at(-1) === node ? dropOf(parent, whole) : { kind: "expression" }
      case "LogicalExpression":
        return parent.right === node ? dropOf(parent, whole) : undefined
      case "ConditionalExpression":
        return parent.test === node ? undefined : dropOf(parent, whole)
      case "ArrowFunctionExpression":
        return isForEachBody(parent, node) ? { kind: "expression" } : undefined
      case "VariableDeclarator":
        return intoVariable(parent.id, (parentOf(parent) as ESTree.VariableDeclaration).kind)
      case "AssignmentExpression":
        return parent.operator === "=" && parent.right === node && parentOf(parent)?.type === "ExpressionStatement"
          ? intoVariable(parent.left, undefined)
          : undefined
      default:
        return undefined
    }
  }

  const suggestionsFor = (call: ESTree.CallExpression, drop: Drop, isTask: boolean) => {
    const suggestions: Array<Rule.SuggestionReportDescriptor> = []
    const text = sourceCode.getText(call)
    const whole = drop.kind === "statement" ? drop.whole : call
    if (drop.kind !== "expression" && canAwait(call, sourceCode)) {
      suggestions.push({ messageId: "await", fix: (fixer) => fixer.replaceText(whole, `await ${text}`) })
    }
    const isLine =
      drop.kind === "statement" && /^(?:Program|BlockStatement|StaticBlock)$/.test(parentOf(drop.statement)!.type)
    if (isTask && isLine && unwrap(drop.statement.expression) === unwrap(whole)) {
      const name = freshName(
        sourceCode,
        calledExport(sourceCode, call) === "createTask" ? "task" : "future",
        sourceCode.ast
      )
      suggestions.push({
        messageId: "keep",
        data: { name },
        fix: (fixer) => fixer.replaceText(whole, `const ${name} = ${text}`)
      })
    }
    return suggestions
  }

  const waitingMethod = (call: ESTree.SimpleCallExpression): string | undefined => {
    const callee = unwrap(call.callee)
    if (callee.type !== "MemberExpression") return undefined
    const name = compatClass(sourceCode, callee.object)
    const method = waitingMethods[name ?? ""]?.find((candidate) => receiverOf(call, candidate) !== undefined)
    return method === undefined ? undefined : sourceCode.getText(callee)
  }

  /** Where the value is used for nothing but its members: `group` in `group.createTask(work)`. */
  const isOnlyCalledUpon = (id: ESTree.Identifier): boolean => {
    const variable = findVariable(sourceCode, id.name, id)
    return (
      variable !== undefined &&
      variable.scope.type !== "global" &&
      !isExported(variable) &&
      variable.references.every((reference) => {
        const parent = parentOf(reference.identifier as ESTree.Identifier)
        // Computed, it may be the method that closes.
        return !reference.isRead() || (parent?.type === "MemberExpression" && !parent.computed)
      })
    )
  }

  /** A scope that begins here, and that nothing will end. */
  const checkScope = (scope: ESTree.CallExpression | ESTree.NewExpression, name: string): void => {
    const node = wrapped(scope)
    const parent = parentOf(node)
    const declarator = parent?.type === "VariableDeclarator" && parent.id.type === "Identifier" ? parent : undefined
    const declaration = declarator && (parentOf(declarator) as ESTree.VariableDeclaration)
    const isOpen =
      parent?.type === "ExpressionStatement" ||
      (declaration !== undefined &&
        declaration.kind !== "await using" &&
        (declaration.kind === "using" || isOnlyCalledUpon(declarator!.id as ESTree.Identifier)))
    if (!isOpen) return
    const suggest: Array<Rule.SuggestionReportDescriptor> = []
    const keyword = declaration && sourceCode.getFirstToken(declaration)
    if (keyword && declaration.declarations.length === 1 && canAwait(scope, sourceCode)) {
      suggest.push({ messageId: "using", fix: (fixer) => fixer.replaceText(keyword, "await using") })
    }
    context.report({ node: scope, messageId: "openScope", data: { name }, suggest })
  }

  return {
    NewExpression(created) {
      if (compatExport(sourceCode, created.callee) === "TaskGroup") checkScope(created, "new TaskGroup()")
    },
    CallExpression(call) {
      const name = calledExport(sourceCode, call)
      if (name !== undefined && scopes.has(name) && call.arguments.length === 1) return checkScope(call, `${name}()`)
      const isTask = name !== undefined && taskMakers.has(name)
      const isWait = name !== undefined && (waits.has(name) || (scopes.has(name) && call.arguments.length > 1))
      const wait = isWait ? name : waitingMethod(call)
      if (!isTask && wait === undefined) return
      const drop = dropOf(call)
      if (drop === undefined) return
      const suggest = suggestionsFor(call, drop, isTask)
      if (isTask) {
        const messageId = drop.kind === "variable" ? "unreadTask" : "droppedTask"
        const variable = drop.kind === "variable" ? drop.name : ""
        context.report({ node: call, messageId, data: { name, variable }, suggest })
      } else {
        context.report({ node: call, messageId: "droppedWait", data: { name: wait! }, suggest })
      }
    }
  }
}

export const noDroppedTask = makeRule({
  name: "no-dropped-task",
  type: "problem",
  description: "Disallow tasks that nobody holds, and waits that nobody awaits",
  messages: {
    droppedTask:
      "Nobody holds what `{{name}}` gives. The loop keeps it running, but nobody can cancel it or wait for it, and its failure is reported only when it is collected or the run ends. Await it, keep it in a variable that is used, or create it in a task group.",
    unreadTask:
      "`{{variable}}` is never read, so nobody holds what `{{name}}` gives. The loop keeps it running, but nobody can cancel it or wait for it, and its failure is reported only when it is collected or the run ends. Await it, or create it in a task group.",
    droppedWait:
      "`{{name}}` has started, but nobody awaits it: the code goes on at once, and never learns of its result, its error or its cancellation. Await it, or give it to createTask as a function and keep the task.",
    openScope:
      "Nothing ends the scope that `{{name}}` begins: nobody waits for a group's tasks or learns of their failures, and a timeout cancels what comes later. Give it a body, as `taskGroup` and `timeout` take one, or put `await using` before it.",
    await: "Await it.",
    using: "Put `await using` before it.",
    keep: "Keep it in `{{name}}`."
  },
  create
})
