/**
 * What one writes by hand where there are no tasks. None of it is changed, for what it does beside cannot be seen; but it is on the list of
 * what is left, with the name of what stands for it here.
 */
import { isFunction, type Node, propertyName, unwrap } from "../internal/ast.ts"
import { isGlobal, originOf } from "../internal/origin.ts"
import type { Draft } from "./draft.ts"
import { walk } from "./source.ts"

type Call = Node & { readonly type: "CallExpression" | "NewExpression" }

/** A signal that ends with the task as well needs nothing more. */
const knowsItsTask = (draft: Draft, call: Call): boolean =>
  [...walk(call)].some(
    (node) => node.type === "CallExpression" && originOf(draft.source, node.callee)?.path.at(-1) === "currentSignal"
  )

/** `Array.from({ length: 5 }, worker)`. */
const isManyOfOne = (draft: Draft, node: Node | undefined): boolean => {
  const call = node && unwrap(node)
  if (call?.type !== "CallExpression" || !isGlobal(draft.source, call.callee, "Array.from")) return false
  const [shape] = call.arguments
  return (
    shape?.type === "ObjectExpression" &&
    shape.properties.some((property) => property.type === "Property" && propertyName(property) === "length")
  )
}

/** `new Promise((resolve) => waiters.push(resolve))`: waiters are kept in a list, and woken by the code that takes them from there. */
const isWaiterInList = (call: Call): boolean => {
  const body = call.arguments[0] && unwrap(call.arguments[0])
  if (body === undefined || !isFunction(body)) return false
  const [resolve] = body.params
  if (resolve?.type !== "Identifier") return false
  return [...walk(body.body)].some(
    (node) =>
      node.type === "CallExpression" &&
      node.callee.type === "MemberExpression" &&
      /^(?:push|unshift|add)$/.test(propertyName(node.callee) ?? "") &&
      node.arguments.some((argument) =>
        [...walk(argument)].some((inside) => inside.type === "Identifier" && inside.name === resolve.name)
      )
  )
}

const remarkOn = (draft: Draft, call: Call): string | undefined => {
  const is = (name: string) => isGlobal(draft.source, call.callee, name)
  if (call.type === "NewExpression") {
    return is("Promise") && isWaiterInList(call)
      ? "a list of waiters: `Semaphore`, `Lock`, `Event`, `Condition` and `Queue` keep one that a cancelled waiter leaves"
      : undefined
  }
  if (is("AbortSignal.any") && !knowsItsTask(draft, call))
    return "AbortSignal.any: `currentSignal()` ends with the task, and a signal from outside is an option of `createTask`"
  if (is("Promise.any")) return "Promise.any: `anyOf`, which cancels the others"
  if ((is("Promise.all") || is("Promise.allSettled")) && isManyOfOne(draft, call.arguments[0]))
    return "a pool of workers: `mapTasks(items, f, { concurrency })`, or a `Queue` with workers in a task group"
  return undefined
}

export const byHand = (draft: Draft, node: Node): void => {
  if (node.type !== "CallExpression" && node.type !== "NewExpression") return
  const text = remarkOn(draft, node)
  if (text !== undefined) draft.leave(node, text)
}
