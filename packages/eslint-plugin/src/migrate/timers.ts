/**
 * Timers in promises: `sleep`.
 */
import { enclosingFunction, type Node, rangeOf } from "../internal/ast.ts"
import { isAwaited } from "../internal/awaited.ts"
import { callOrigin } from "../internal/signals.ts"
import { timerOf, usesTimer } from "../internal/timer.ts"
import type { Draft } from "./draft.ts"

/** The names by which the expression uses imports, so that they can go with it. */
const namesIn = (node: Node): ReadonlyArray<Node> => {
  if (node.type === "Identifier") return [node]
  return node.type === "MemberExpression" ? namesIn(node.object) : []
}

const toSleep = (draft: Draft, node: Node, what: string, delay: Node | undefined, result: Node | undefined): void => {
  const { source } = draft
  if (enclosingFunction(node) === undefined) {
    return draft.leave(node, `${what} stands outside of every function, where no task runs`)
  }
  const args = [
    delay === undefined ? "0" : source.getText(delay),
    ...(result === undefined ? [] : [source.getText(result)])
  ]
  const isKept = [delay, result].flatMap((kept) => (kept === undefined ? [] : source.getCommentsInside(kept)))
  if (source.getCommentsInside(node).length > isKept.length)
    return draft.leave(node, `${what}: a comment would be lost`)
  const [start, end] = rangeOf(node)
  const gone = node.type === "CallExpression" ? namesIn(node.callee) : []
  draft.change(node, `${what} -> sleep`, [{ start, end, text: `${draft.compat("sleep")}(${args.join(", ")})` }], gone)
}

export const timers = (draft: Draft, node: Node): void => {
  const { source } = draft
  const isTaken = (): boolean =>
    isAwaited(source, node, { among: ["all", "allSettled", "any", "race"], anyFunction: true })
  if (node.type === "NewExpression") {
    const timer = timerOf(source, node)
    if (timer !== undefined && isTaken()) return toSleep(draft, node, "a timer in a promise", timer.delay, timer.result)
    if (usesTimer(source, node)) {
      draft.leave(
        node,
        "a promise that does more than wait for a timer: `sleep`, `timeout` or `abortable`, as it is meant"
      )
    }
    return
  }
  if (node.type !== "CallExpression") return
  const origin = callOrigin(source, node.callee)
  const name = origin?.path.join(".")
  const isNode = origin?.module === "timers/promises" && (name === "setTimeout" || name === "scheduler.wait")
  const isPromisified = (origin?.module ?? "timers") === "timers" && name === "promisify.setTimeout"
  const isPackage = origin?.module === "delay" && /^(?:default|delay)$/.test(name ?? "")
  if (!isNode && !isPromisified && !isPackage) return
  const [delay, result, options] = node.arguments
  const isPlain = options === undefined && (result === undefined || (!isPackage && name !== "scheduler.wait"))
  const what = isPackage ? "delay" : `${name === "scheduler.wait" ? "scheduler.wait" : "setTimeout"} as a promise`
  if (!isPlain || node.arguments.some((argument) => argument.type === "SpreadElement")) {
    return draft.leave(node, `${what}: its options may be meant; with \`sleep\` it needs no signal`)
  }
  if (isTaken()) toSleep(draft, node, what, delay, result)
}
