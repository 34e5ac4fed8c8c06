/**
 * What becomes of a CancelledError in a handler.
 *
 * The handler is run on paper with a CancelledError as the caught error. Every way through it has an outcome; the
 * handler lets a cancellation pass when all of them rethrow it. A condition that the error decides (`instanceof`, a
 * comparison of one of its properties, a predicate that is called with it) takes one branch, any other condition both.
 */
import type { Scope, SourceCode } from "eslint"
import type * as ESTree from "estree"
import {
  ancestors,
  type Call,
  calleeName,
  enclosingFunction,
  isLoop,
  mentions,
  type Node,
  parentOf,
  propertyName,
  rangeOf,
  some,
  outsideOfFunctions,
  unwrap
} from "./ast.ts"
import { compatExport } from "./compat.ts"
import { constantValue, isGlobal, originOf, usesOf, variableOf } from "./origin.ts"
import { alwaysThrows } from "./types.ts"
import { isWordTest } from "./words.ts"

/**
 * - `rethrows`: the caught error leaves the handler
 * - `replaces`: another error leaves it
 * - `next`: control comes to the end of the statement
 * - `returns`, and `break`, `continue` with a label or without: it leaves the statement in another way
 */
export type Outcome = "rethrows" | "replaces" | "next" | "returns" | `${"break" | "continue"} ${string}`
type Outcomes = ReadonlySet<Outcome>

const only = (...outcomes: ReadonlyArray<Outcome>): Outcomes => new Set(outcomes)
const both = (...all: ReadonlyArray<Outcomes>): Outcomes => new Set(all.flatMap((outcomes) => [...outcomes]))

/** The outcomes with `from` taken as `to`. */
const rename = (outcomes: Outcomes, from: ReadonlyArray<Outcome>, to: Outcome): Outcomes =>
  new Set([...outcomes].map((outcome) => (from.includes(outcome) ? to : outcome)))

const without = (outcomes: Outcomes, ...left: ReadonlyArray<Outcome>): Outcomes =>
  new Set([...outcomes].filter((outcome) => !left.includes(outcome)))

/** True, false, or undefined: it depends on something else than the error. */
type Truth = boolean | undefined

const not = (truth: Truth): Truth => (truth === undefined ? undefined : !truth)

// What a CancelledError has. All other properties are undefined.
const truthyProperties = new Set(["name", "_tag", "constructor"])
const openProperties = new Set([
  "message",
  "stack",

  "reason",
  "requestedBy",
  "requestedAt",
  "toString",
  "pipe"
])

// Code that calls these knows about cancellation.
const cancellationQuestion = /cancell(?:ed|ation)|canceled|isInterrupt/i
const cancellationMembers = new Set(["uncancel", "cancelling", "throwIfAborted", "aborted"])

export interface Handler {
  /** The binding of the caught error: undefined when there is none, or a pattern takes it apart. */
  readonly error: ESTree.Identifier | undefined
  readonly body: ESTree.BlockStatement | ESTree.Expression
}

/** Runs a handler on paper. */
export const outcomesOf = (sourceCode: SourceCode, handler: Handler): ReadonlySet<Outcome> =>
  run(new Interpreter(sourceCode, handler.error && variableOf(sourceCode, handler.error)), handler)

/**
 * The same with what a library makes of a cancellation as the caught error: an AbortError, axios' CanceledError. Undefined
 * when the handler asks for no such word.
 */
export const outcomesOfWord = (sourceCode: SourceCode, handler: Handler): ReadonlySet<Outcome> | undefined => {
  const interpreter = new WordInterpreter(sourceCode, handler.error && variableOf(sourceCode, handler.error))
  const outcomes = run(interpreter, handler)
  return interpreter.asked ? outcomes : undefined
}

const run = (interpreter: Interpreter, { body }: Handler): Outcomes =>
  body.type === "BlockStatement" ? interpreter.statement(body) : interpreter.returned(body)

/** Whether the handler shows that its author thought of cancellation, whatever it then does about it. */
export const isDeliberate = (sourceCode: SourceCode, handler: Handler, whole: Node): boolean => {
  const error = handler.error && variableOf(sourceCode, handler.error)
  const isError = (node: Node): boolean => error !== undefined && variableOf(sourceCode, node) === error
  return (
    mentions(whole, sourceCode, "CancelledError") ||
    some(handler.body, sourceCode, (node) => compatExport(sourceCode, node) === "CancelledError") ||
    some(handler.body, sourceCode, (node) => {
      if (node.type === "MemberExpression") return cancellationMembers.has(propertyName(node) ?? "")
      if (node.type !== "CallExpression") return false
      return cancellationQuestion.test(calleeName(node) ?? "") && node.arguments.some(isError)
    }) ||
    (error !== undefined && isThrownLater(sourceCode, handler, error))
  )
}

/**
 * `catch (error) { failure = error }` with a `throw failure` behind it, and not first another round of a loop: the
 * cancellation is on its way.
 */
const isThrownLater = (sourceCode: SourceCode, handler: Handler, error: Scope.Variable): boolean =>
  some(
    handler.body,
    sourceCode,
    (node) => {
      if (node.type !== "AssignmentExpression" || !["=", "??=", "||="].includes(node.operator)) return false
      if (variableOf(sourceCode, node.right) !== error) return false
      const kept = variableOf(sourceCode, node.left)
      return kept !== undefined && usesOf(kept).some((use) => isThrowBehind(use, handler))
    },
    outsideOfFunctions
  )

const isThrowBehind = (identifier: Node, handler: Handler): boolean => {
  let statement = parentOf(identifier)
  while (statement !== undefined && unwrap(statement) === identifier) statement = parentOf(statement)
  if (statement?.type !== "ThrowStatement" || rangeOf(statement)[0] < rangeOf(handler.body)[1]) return false
  if (enclosingFunction(statement) !== enclosingFunction(handler.body)) return false
  const around = new Set(ancestors(statement))
  for (const node of ancestors(handler.body)) {
    if (around.has(node)) return true
    if (isLoop(node)) return false
  }
  return false
}

class Interpreter {
  readonly #sourceCode: SourceCode
  readonly #error: Scope.Variable | undefined

  /** Whether a condition says what only a library's word for a cancellation meets. */
  protected isWordTest(_test: Node, _isError: (node: Node) => boolean): boolean {
    return false
  }

  constructor(sourceCode: SourceCode, error: Scope.Variable | undefined) {
    this.#sourceCode = sourceCode
    this.#error = error
  }

  statement(node: ESTree.Statement): Outcomes {
    switch (node.type) {
      case "BlockStatement":
        return this.#sequence(node.body)
      case "ThrowStatement":
        return this.#thrown(node.argument)
      case "ReturnStatement":
        return node.argument ? this.returned(node.argument) : only("returns")
      case "BreakStatement":
        return only(`break ${node.label?.name ?? ""}`)
      case "ContinueStatement":
        return only(`continue ${node.label?.name ?? ""}`)
      case "ExpressionStatement":
        return this.#expression(node.expression)
      case "IfStatement":
        return this.#branches(
          node.test,
          () => this.statement(node.consequent),
          () => (node.alternate ? this.statement(node.alternate) : only("next"))
        )
      case "SwitchStatement":
        return this.#switch(node)
      case "TryStatement":
        return this.#try(node)
      case "LabeledStatement": {
        const { name } = node.label
        return rename(this.statement(node.body), [`break ${name}`, `continue ${name}`], "next")
      }
      case "WhileStatement":
      case "DoWhileStatement":
      case "ForStatement":
      case "ForInStatement":
      case "ForOfStatement":
        return this.#loop(node)
      default:
        return only("next")
    }
  }

  #sequence(statements: ReadonlyArray<ESTree.Statement>): Outcomes {
    let outcomes = only("next")
    for (const statement of statements) {
      if (!outcomes.has("next")) return outcomes
      outcomes = both(without(outcomes, "next"), this.statement(statement))
    }
    return outcomes
  }

  #branches(test: Node, yes: () => Outcomes, no: () => Outcomes): Outcomes {
    const truth = this.#truth(test)
    if (truth === undefined) return both(yes(), no())
    return truth ? yes() : no()
  }

  #switch(node: ESTree.SwitchStatement): Outcomes {
    // `switch (error.code)` has no case for an error without a code.
    const decided = this.#isUndefinedProperty(node.discriminant)
    const entries = node.cases.map((_, index) => index).filter((index) => !decided || node.cases[index]!.test === null)
    const ways = entries.map((index) => this.#sequence(node.cases.slice(index).flatMap((entry) => entry.consequent)))
    const hasDefault = node.cases.some((entry) => entry.test === null)
    return rename(both(...ways, hasDefault ? only() : only("next")), ["break "], "next")
  }

  #try(node: ESTree.TryStatement): Outcomes {
    let outcomes = this.statement(node.block)
    if (node.handler) outcomes = both(without(outcomes, "rethrows", "replaces"), this.statement(node.handler.body))
    if (!node.finalizer) return outcomes
    const last = this.statement(node.finalizer)
    return last.has("next") ? both(outcomes, without(last, "next")) : last
  }

  #loop(
    node: ESTree.Statement & { readonly body: ESTree.Statement; readonly test?: ESTree.Expression | null | undefined }
  ): Outcomes {
    const body = this.statement(node.body)
    const test = node.test ? this.#truth(node.test) : node.type === "ForStatement" || undefined
    const inside = without(body, "next", "break ", "continue ")
    // An endless loop is left by `break` only.
    const ends = test !== true || body.has("break ")
    const entered = node.type === "DoWhileStatement" || test === true || undefined
    if (entered === true && !body.has("next") && !body.has("break ") && !body.has("continue ")) return inside
    return ends ? both(inside, only("next")) : inside
  }

  /** What `throw expression` does. */
  #thrown(expression: Node): Outcomes {
    const node = this.#resolve(expression)
    if (this.#isError(node)) return only("rethrows")
    switch (node.type) {
      case "ConditionalExpression":
        return this.#branches(
          node.test,
          () => this.#thrown(node.consequent),
          () => this.#thrown(node.alternate)
        )
      case "LogicalExpression":
        return node.operator === "&&" ? this.#thrown(node.right) : this.#thrown(node.left)
      case "NewExpression":
      case "Literal":
      case "TemplateLiteral":
      case "ObjectExpression":
        return only("replaces")
      case "CallExpression":
        // `throw toHttpError(error)` may give a cancellation back as it is; `throw Error("...")` cannot.
        return this.#concernsError(node) && !isGlobal(this.#sourceCode, node.callee, "Error")
          ? only("rethrows")
          : only("replaces")
      default:
        return only("rethrows")
    }
  }

  /** What `return expression` does, and an arrow function whose body is the expression. */
  returned(expression: Node): Outcomes {
    const node = unwrap(expression)
    if (node.type === "ConditionalExpression") {
      return this.#branches(
        node.test,
        () => this.returned(node.consequent),
        () => this.returned(node.alternate)
      )
    }
    return rename(this.#expression(node), ["next"], "returns")
  }

  /** What the evaluation of an expression does. */
  #expression(expression: Node): Outcomes {
    const node = unwrap(expression)
    if (node.type === "AwaitExpression") return this.#expression(node.argument)
    if (node.type === "UnaryExpression") return this.#expression(node.argument)
    if (node.type === "SequenceExpression") {
      return node.expressions.some((inner) => !this.#expression(inner).has("next")) ? only("rethrows") : only("next")
    }
    if (node.type !== "CallExpression") return only("next")
    const origin = originOf(this.#sourceCode, node.callee)
    const path = origin?.path.join(".")
    const isProcess = origin?.module === undefined || origin.module === "process"
    // The process ends here.
    if (isProcess && (path === "process.exit" || (origin?.module !== undefined && path === "exit"))) return only()
    const throws = this.#passesOn(node) || alwaysThrows(this.#sourceCode, node)
    return throws ? only("rethrows") : only("next")
  }

  /** `reject(error)`, `rethrow(error)`: a call that hands the error on by its name. */
  #passesOn(node: Call): boolean {
    return /^reject$|throw/i.test(calleeName(node) ?? "") && node.arguments.some((argument) => this.#isError(argument))
  }

  #truth(expression: Node): Truth {
    const node = unwrap(expression)
    if (this.#isError(node) || this.isWordTest(node, (inner) => this.#isError(inner))) return true
    switch (node.type) {
      case "Literal":
        return Boolean(node.value)
      case "Identifier": {
        const value = this.#resolve(node)
        return value === node || !this.#concernsError(value) ? undefined : this.#truth(value)
      }
      case "UnaryExpression":
        return node.operator === "!" ? not(this.#truth(node.argument)) : undefined
      case "LogicalExpression": {
        const left = this.#truth(node.left)
        if (node.operator === "??")
          return left ?? (this.#concernsError(node.left) ? this.#truth(node.right) : undefined)
        const decisive = node.operator === "||"
        if (left === decisive) return left
        const right = this.#truth(node.right)
        return right === decisive || left !== undefined ? right : undefined
      }
      case "ConditionalExpression": {
        const test = this.#truth(node.test)
        return test === undefined ? undefined : this.#truth(test ? node.consequent : node.alternate)
      }
      case "MemberExpression":
        if (this.#isUndefinedProperty(node)) return false
        return this.#isError(node.object) && truthyProperties.has(propertyName(node) ?? "") ? true : undefined
      case "BinaryExpression":
        return this.#comparison(node)
      case "CallExpression":
        if (/^(?:Boolean|isError|isNativeError)$/.test(calleeName(node) ?? "")) {
          return node.arguments.some((argument) => this.#isError(argument)) ? true : undefined
        }
        // A predicate tells some errors from all others, and CancelledError is not among those it was written for.
        return this.#concernsError(node) ? false : undefined
      default:
        return undefined
    }
  }

  #comparison(node: ESTree.BinaryExpression): Truth {
    const { left, operator, right } = node
    if (operator === "instanceof") {
      if (this.#isError(left)) return ["Error", "Object"].some((name) => isGlobal(this.#sourceCode, right, name))
      return this.#concernsError(left) ? false : undefined
    }
    if (operator === "in") {
      const key = unwrap(left)
      if (!this.#isError(right) || key.type !== "Literal") return undefined
      const name = String(key.value)
      return openProperties.has(name) ? undefined : truthyProperties.has(name)
    }
    if (operator === "===" || operator === "==") return this.#equal(left, right) ?? this.#equal(right, left)
    if (operator === "!==" || operator === "!=") return not(this.#equal(left, right) ?? this.#equal(right, left))
    // `error.status >= 500` is false for undefined, as every other order is.
    const ordered = ["<", "<=", ">", ">="].includes(operator)
    return ordered && (this.#isUndefinedProperty(left) || this.#isUndefinedProperty(right)) ? false : undefined
  }

  /** Whether something of the error equals the other side. */
  #equal(one: Node, other: Node): Truth {
    const side = unwrap(one)
    const constant = unwrap(other)
    const isNothing =
      (constant.type === "Literal" && constant.value === null) || isGlobal(this.#sourceCode, constant, "undefined")
    if (this.#isError(side)) return isNothing || constant.type === "Literal" ? false : undefined
    if (side.type === "UnaryExpression" && side.operator === "typeof") {
      return this.#isError(side.argument) && constant.type === "Literal" ? constant.value === "object" : undefined
    }
    if (this.#isUndefinedProperty(side)) return isNothing
    if (side.type !== "MemberExpression" || !this.#isError(side.object)) return undefined
    // Its name and its class: the handler would have to say "CancelledError", and then it is deliberate.
    return truthyProperties.has(propertyName(side) ?? "") ? false : undefined
  }

  /** Whether the expression is a property that a CancelledError does not have, or a property of one. */
  #isUndefinedProperty(expression: Node): boolean {
    const node = this.#resolve(expression)
    if (node.type !== "MemberExpression") return false
    if (this.#isUndefinedProperty(node.object)) return true
    if (!this.#isError(node.object)) return false
    const name = propertyName(node)
    return name !== undefined && !openProperties.has(name) && !truthyProperties.has(name)
  }

  /** Whether the expression is the caught error itself, by whatever name. */
  #isError(expression: Node): boolean {
    const node = this.#resolve(expression)
    if (node.type === "ConditionalExpression") {
      const test = this.#truth(node.test)
      return test !== undefined && this.#isError(test ? node.consequent : node.alternate)
    }
    return this.#error !== undefined && variableOf(this.#sourceCode, node) === this.#error
  }

  /** The expression, with a constant replaced by what it was declared with. */
  #resolve(expression: Node): Node {
    const node = unwrap(expression)
    const variable = node.type === "Identifier" ? variableOf(this.#sourceCode, node) : undefined
    const value = variable === undefined || variable === this.#error ? undefined : constantValue(variable)
    // Only what stands in the handler: further out nothing can be made of the error, and constants may refer to each
    // other in a ring.
    return value !== undefined && rangeOf(value)[1] < rangeOf(node)[0] && this.#concernsError(value)
      ? this.#resolve(value)
      : node
  }

  /** Whether the error is used anywhere in the expression. */
  #concernsError(expression: Node): boolean {
    return (
      this.#error !== undefined &&
      usesOf(this.#error).some((use) => {
        const [start, end] = rangeOf(expression)
        const [from] = rangeOf(use)
        return from >= start && from < end
      })
    )
  }
}

class WordInterpreter extends Interpreter {
  /** Whether the handler asks for such a word where control comes by. */
  asked = false

  protected override isWordTest(test: Node, isError: (node: Node) => boolean): boolean {
    if (!isWordTest(test, isError)) return false
    this.asked = true
    return true
  }
}
