/**
 * Tasks that no code can cancel or await any more, waits that no code awaits, and scopes that nothing ends.
 */
import type { Rule, Scope, SourceCode } from "eslint"
import type * as ESTree from "estree"
import { canAwait, enclosingFunction, type FunctionNode, type Node } from "../internal/ast.ts"
import { parentOf, propertyName, receiverOf, unwrap, wrapped } from "../internal/ast.ts"
import { calledExport, compatClass, compatExport } from "../internal/compat.ts"
import { constantValue, findVariable, originOf, variableOf } from "../internal/origin.ts"
import { makeRule } from "../internal/rule.ts"
import { runsTasks } from "../internal/settings.ts"
import { compatTypeOf } from "../internal/types.ts"
import { freshName } from "../internal/text.ts"

const taskMakers = new Set(["createTask", "ensureFuture", "gather", "shield"])

const waits = new Set([
  "abortable",
  "anyOf",
  "cancelAndWait",
  "catchCancelled",
  "mapTasks",
  "moveOn",
  "race",
  "runEffect",
  "shielded",
  "sleep",
  "staggered",
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
  // All scripts of a page share a variable of a script.
  variable.scope.type !== "global" && !variable.references.some((reference) => reference.isRead())

const isExported = (variable: Scope.Variable): boolean =>
  variable.defs.some((definition) => {
    const declaration = parentOf(definition.node)
    return declaration !== undefined && parentOf(declaration)?.type === "ExportNamedDeclaration"
  })

const listening = ["on", "once", "addListener", "addEventListener", "prependListener", "prependOnceListener"]
const scheduling = ["callSoon", "callLater", "callAt", "callSoonThreadsafe"]
const timers = /^(?:setTimeout|setInterval|setImmediate|queueMicrotask|(?:process\.)?nextTick)$/

/** Whether a call looks at no result of the function that it is given. */
const ignoresResults = (sourceCode: SourceCode, call: ESTree.SimpleCallExpression, fn: Node): boolean => {
  const [first, second] = call.arguments
  if (receiverOf(call, ...listening) !== undefined) return second === fn
  if (receiverOf(call, ...scheduling) !== undefined) return true
  if (first !== fn) return false
  const origin = originOf(sourceCode, call.callee)
  const isTimer = [undefined, "timers", "process"].includes(origin?.module) && timers.test(origin?.path.join(".") ?? "")
  return isTimer || receiverOf(call, "forEach") !== undefined
}

const create = (context: Rule.RuleContext): Rule.RuleListener => {
  const { sourceCode } = context
  if (!runsTasks(context)) return {}

  const intoVariable = (id: Node, kind: string | undefined): Drop | undefined => {
    // `using` reads its variable at the end of the block.
    if (id.type !== "Identifier" || kind?.endsWith("using") === true) return undefined
    const variable = findVariable(sourceCode, id.name, id)
    return variable !== undefined && isNeverRead(variable) && !isExported(variable)
      ? { kind: "variable", name: id.name }
      : undefined
  }

  /** What becomes of what a callback gives: `emitter.on("x", () => value)`, `items.map((item) => value)`. */
  const dropOfResult = (fn: FunctionNode): Drop | undefined => {
    const call = parentOf(wrapped(fn))
    if (call?.type !== "CallExpression") return undefined
    if (ignoresResults(sourceCode, call, wrapped(fn))) return { kind: "expression" }
    const isMapped = receiverOf(call, "map", "flatMap") !== undefined && call.arguments[0] === wrapped(fn)
    return isMapped && dropOf(call) !== undefined ? { kind: "expression" } : undefined
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
        return parent.body === node ? dropOfResult(parent) : undefined
      case "ReturnStatement": {
        const fn = enclosingFunction(parent)
        return fn === undefined ? undefined : dropOfResult(fn)
      }
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

  const suggestionsFor = (call: ESTree.SimpleCallExpression, drop: Drop, isTask: boolean) => {
    const suggestions: Array<Rule.SuggestionReportDescriptor> = []
    const text = sourceCode.getText(call)
    const whole = drop.kind === "statement" ? drop.whole : call
    if (drop.kind !== "expression" && canAwait(call, sourceCode)) {
      suggestions.push({ messageId: "await", fix: (fixer) => fixer.replaceText(whole, `await ${text}`) })
    }
    const isLine =
      drop.kind === "statement" && /^(?:Program|BlockStatement|StaticBlock)$/.test(parentOf(drop.statement)!.type)
    if (isTask && isLine && unwrap(drop.statement.expression) === unwrap(whole)) {
      const wanted = takerOfTask(call)?.endsWith("createTask") === true ? "task" : "future"
      const name = freshName(sourceCode, wanted, sourceCode.ast)
      suggestions.push({
        messageId: "keep",
        data: { name },
        fix: (fixer) => fixer.replaceText(whole, `const ${name} = ${text}`)
      })
    }
    return suggestions
  }

  const classOf = (node: Node): string | undefined => compatClass(sourceCode, node) ?? compatTypeOf(sourceCode, node)

  const waitingMethod = (call: ESTree.SimpleCallExpression): string | undefined => {
    const callee = unwrap(call.callee)
    if (callee.type !== "MemberExpression") return undefined
    const name = classOf(callee.object)
    const method = waitingMethods[name ?? ""]?.find((candidate) => receiverOf(call, candidate) !== undefined)
    return method === undefined ? undefined : sourceCode.getText(callee)
  }

  /** Whether the value is a loop, which holds no task: by its type, its making, or at least its name. */
  const isLoop = (expression: Node): boolean => {
    const type = compatTypeOf(sourceCode, expression)
    if (type !== undefined) return type === "EventLoop"
    const node = unwrap(expression)
    const variable = variableOf(sourceCode, node)
    const value = (variable && constantValue(variable)) ?? node
    if (value.type === "CallExpression") return calledExport(sourceCode, value) === "getRunningLoop"
    const name = value.type === "MemberExpression" ? propertyName(value) : node.type === "Identifier" && node.name
    return /^(?:event)?loop$/i.test(name || "")
  }

  /** The call as the message names it, when it gives a task that nothing else holds. */
  const takerOfTask = (call: ESTree.SimpleCallExpression): string | undefined => {
    const name = calledExport(sourceCode, call)
    if (name !== undefined) return taskMakers.has(name) ? name : undefined
    const receiver = receiverOf(call, "createTask")
    if (receiver !== undefined) return isLoop(receiver) ? sourceCode.getText(call.callee) : undefined
    const type = waitingMethod(call) === undefined ? compatTypeOf(sourceCode, call) : undefined
    return type === "Task" || type === "Future" ? sourceCode.getText(call.callee) : undefined
  }

  /** The end of a chain of `then`, `catch` and `finally`: a scope that it hangs on is not awaited by it. */
  const endOfChain = (node: Node): Node => {
    const member = parentOf(wrapped(node))
    const call = member?.type === "MemberExpression" ? parentOf(wrapped(member)) : undefined
    const isChain = call !== undefined && receiverOf(call, "then", "catch", "finally") === unwrap(node)
    return isChain ? endOfChain(call) : node
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
      const task = takerOfTask(call)
      const isTask = task !== undefined
      const isScope = name === "taskGroup" || (name !== undefined && scopes.has(name))
      const wait = isScope || (name !== undefined && waits.has(name)) ? name : waitingMethod(call)
      if (!isTask && wait === undefined) return
      const end = isScope ? endOfChain(call) : call
      const drop = dropOf(end)
      if (drop === undefined) return
      const suggest = end === call ? suggestionsFor(call, drop, isTask) : []
      if (isTask) {
        const messageId = drop.kind === "variable" ? "unreadTask" : "droppedTask"
        const variable = drop.kind === "variable" ? drop.name : ""
        context.report({ node: call, messageId, data: { name: task, variable }, suggest })
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
