/**
 * What libraries make of a cancellation when the task's signal aborts, and how handlers ask for it.
 */
import { calleeName, type Node, propertyName, unwrap } from "./ast.ts"

const wordNames = /^(?:AbortError|CancelError|CanceledError|APIUserAbortError)$/
const wordClasses = /^(?:AbortError|CancelError|CanceledError|APIUserAbortError|DOMException)$/
const wordCodes = new Set<unknown>(["ABORT_ERR", "ERR_CANCELED", "UND_ERR_ABORTED", 20])
const wordQuestion = /^isCancel$|isCancelError|isAbort/i

/** Whether a condition is true of such an error, and false of others. */
export const isWordTest = (test: Node, isError: (node: Node) => boolean): boolean => {
  if (test.type === "CallExpression") return wordQuestion.test(calleeName(test) ?? "") && test.arguments.some(isError)
  if (test.type !== "BinaryExpression") return false
  const { left, operator, right } = test
  if (operator === "instanceof") return isError(left) && wordClasses.test(nameOf(right) ?? "")
  return /^===?$/.test(operator) && (isWord(left, right, isError) || isWord(right, left, isError))
}

/** `error.name === "AbortError"`, `error.code === "ERR_CANCELED"`. */
const isWord = (side: Node, constant: Node, isError: (node: Node) => boolean): boolean => {
  const member = unwrap(side)
  const literal = unwrap(constant)
  if (member.type !== "MemberExpression" || literal.type !== "Literal" || !isError(member.object)) return false
  const name = propertyName(member)
  return name === "name" ? wordNames.test(String(literal.value)) : name === "code" && wordCodes.has(literal.value)
}

/** The last name of an expression: `AbortError` of `errors.AbortError`. */
const nameOf = (expression: Node): string | undefined => {
  const node = unwrap(expression)
  if (node.type === "Identifier") return node.name
  return node.type === "MemberExpression" ? propertyName(node) : undefined
}
