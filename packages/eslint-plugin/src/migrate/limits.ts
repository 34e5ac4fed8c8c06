/**
 * p-limit, p-queue and async-mutex: semaphores and locks, where every use of one is known.
 */
import type { SourceCode } from "eslint"
import type * as ESTree from "estree"
import { ancestors, isFunction, type Node, parentOf, propertyName, rangeOf, unwrap, wrapped } from "../internal/ast.ts"
import { combinators, isAwaited } from "../internal/awaited.ts"
import { constantInit, originOf, usesOf, variableOf } from "../internal/origin.ts"
import type { Draft, Edit } from "./draft.ts"
import { walk } from "./source.ts"

type Maker = ESTree.SimpleCallExpression | ESTree.NewExpression
type Library = "p-limit" | "p-queue" | "async-mutex"

interface Limit {
  readonly library: Library
  readonly made: string
  /** The class of compat, and what its constructor gets. */
  readonly becomes: "Lock" | "Semaphore"
  readonly permits: Node | undefined
}

/** A place that cannot be changed, and why. */
class Obstacle {
  readonly node: Node
  readonly reason: string

  constructor(node: Node, reason: string) {
    this.node = node
    this.reason = reason
  }
}

const concurrencyOf = (argument: Node | undefined): Node | undefined => {
  const node = argument && unwrap(argument)
  if (node?.type !== "ObjectExpression") return node
  const [property, ...more] = node.properties
  const isIt = property?.type === "Property" && propertyName(property) === "concurrency" && more.length === 0
  return isIt ? property.value : undefined
}

const limitOf = (source: SourceCode, maker: Maker): Limit | Obstacle | undefined => {
  const origin = originOf(source, maker.callee)
  const name = origin?.path.join(".") || "default"
  const [argument] = maker.arguments
  if (origin?.module === "async-mutex" && maker.type === "NewExpression") {
    if (name === "Mutex" && argument === undefined) {
      return { library: "async-mutex", made: "Mutex", becomes: "Lock", permits: undefined }
    }
    if (name === "Semaphore" && maker.arguments.length === 1) {
      return { library: "async-mutex", made: "Semaphore", becomes: "Semaphore", permits: argument }
    }
    return /^(?:Mutex|Semaphore)$/.test(name) ? new Obstacle(maker, "its options have no counterpart") : undefined
  }
  const isLimit = origin?.module === "p-limit" && maker.type === "CallExpression" && /^(?:default|pLimit)$/.test(name)
  const isQueue = origin?.module === "p-queue" && maker.type === "NewExpression" && /^(?:default|PQueue)$/.test(name)
  if (!isLimit && !isQueue) return undefined
  const library = isLimit ? "p-limit" : "p-queue"
  const permits = concurrencyOf(argument)
  if (permits === undefined || (isQueue && unwrap(argument!).type !== "ObjectExpression")) {
    const reason =
      "only a concurrency has a counterpart; what comes in intervals or by priority is a `Queue` with workers"
    return new Obstacle(maker, reason)
  }
  return { library, made: library, becomes: "Semaphore", permits }
}

/** Where the limit is used, when all of its uses stand in this file. */
const placesOf = (source: SourceCode, maker: Maker): ReadonlyArray<Node> | Obstacle => {
  const parent = parentOf(wrapped(maker))
  if (parent?.type === "VariableDeclarator" && parent.id.type === "Identifier") {
    const variable = variableOf(source, parent.id)
    const declaration = parentOf(parent)
    const isExported = declaration !== undefined && parentOf(declaration)?.type === "ExportNamedDeclaration"
    if (variable === undefined || constantInit(variable) === undefined)
      return new Obstacle(maker, "it is in no constant")
    if (isExported) return new Obstacle(maker, "it is exported, and other files use it as it is")
    if (hasType(parent.id)) return new Obstacle(maker, "it has a type of the library's")
    return usesOf(variable).filter((use) => use !== parent.id)
  }
  if (parent?.type === "PropertyDefinition" && parent.value === wrapped(maker)) {
    const isPrivate =
      parent.key.type === "PrivateIdentifier" || ("accessibility" in parent && parent.accessibility === "private")
    if (!isPrivate || parent.computed)
      return new Obstacle(maker, "its field is not private, and other files may use it as it is")
    if (hasType(parent)) return new Obstacle(maker, "it has a type of the library's")
    const name = (parent.key as ESTree.Identifier).name
    const whole = [...ancestors(parent)].find((node) => node.type === "ClassBody")!
    return [...walk(whole)].filter(
      (node) =>
        node.type === "MemberExpression" &&
        !node.computed &&
        (node.property as ESTree.Identifier).name === name &&
        node.property.type === parent.key.type &&
        node.object.type === "ThisExpression"
    )
  }
  return new Obstacle(maker, "it is neither in a constant nor in a private field")
}

const hasType = (node: Node): boolean => {
  const { typeAnnotation } = node as { readonly typeAnnotation?: unknown }
  return typeAnnotation !== undefined && typeAnnotation !== null
}

const takesNothing = (source: SourceCode, argument: Node | undefined): boolean => {
  if (argument === undefined || argument.type === "SpreadElement") return false
  const node = unwrap(argument)
  if (isFunction(node)) return node.params.length === 0
  const value = variableOf(source, node)?.defs[0]?.node as Node | undefined
  const fn = value?.type === "VariableDeclarator" && value.init ? unwrap(value.init) : value
  return fn !== undefined && isFunction(fn) && fn.params.length === 0
}

/** `limit(fn)` and `limit(fn, a, b)`. */
const fromCall = (place: Node, call: ESTree.SimpleCallExpression): ReadonlyArray<Edit> | Obstacle => {
  const [fn, ...args] = call.arguments
  const at = rangeOf(place)[1]
  if (fn === undefined || call.arguments.some((argument) => argument.type === "SpreadElement")) {
    return new Obstacle(call, "what it is given cannot be seen")
  }
  if (args.length === 0) return [{ start: at, end: at, text: ".use" }]
  if (unwrap(fn).type !== "Identifier")
    return new Obstacle(call, "it hands arguments on: write `limit.use(() => fn(a, b))`")
  const from = rangeOf(fn)[1]
  const [to] = rangeOf(args[0]!)
  return [
    { start: at, end: at, text: ".use" },
    { start: rangeOf(fn)[0], end: rangeOf(fn)[0], text: "() => " },
    { start: from, end: to, text: "(" },
    { start: rangeOf(args.at(-1)!)[1], end: rangeOf(args.at(-1)!)[1], text: ")" }
  ]
}

const editsOf = (source: SourceCode, limit: Limit, place: Node): ReadonlyArray<Edit> | Obstacle => {
  const parent = parentOf(wrapped(place))
  if (limit.library === "p-limit") {
    return parent?.type === "CallExpression" && unwrap(parent.callee) === place
      ? fromCall(place, parent)
      : new Obstacle(place, "it is used for more than calls")
  }
  const call =
    parent?.type === "MemberExpression" && parent.object === wrapped(place) ? parentOf(wrapped(parent)) : undefined
  const method = parent?.type === "MemberExpression" ? propertyName(parent) : undefined
  if (parent?.type !== "MemberExpression" || call?.type !== "CallExpression" || unwrap(call.callee) !== parent) {
    return new Obstacle(place, "it is handed on, or more than called")
  }
  const rename = (name: string): ReadonlyArray<Edit> => {
    const [start, end] = rangeOf(parent.property)
    return [{ start, end, text: name }]
  }
  if (limit.library === "async-mutex") {
    if (method === "isLocked") return rename("locked")
    if (method === "runExclusive" && call.arguments.length === 1 && takesNothing(source, call.arguments[0]))
      return rename("use")
    return new Obstacle(call, `\`${method}\` has another shape here: write \`using held = await lock.hold()\``)
  }
  if (method !== "add" || call.arguments.length !== 1 || !takesNothing(source, call.arguments[0])) {
    return new Obstacle(call, `\`${method}\` has no counterpart: use a \`Queue\` with workers in a task group`)
  }
  return isAwaited(source, call, { among: combinators, anyFunction: true })
    ? rename("use")
    : new Obstacle(call, "nobody awaits what is added: use a `Queue` with workers in a task group")
}

/** The edits of all places, or what stands in their way. */
const allEdits = (source: SourceCode, limit: Limit, places: ReadonlyArray<Node>): ReadonlyArray<Edit> | Obstacle => {
  const edits: Array<Edit> = []
  for (const place of places) {
    const some = editsOf(source, limit, place)
    if (some instanceof Obstacle) return some
    edits.push(...some)
  }
  return edits
}

const isUsedAt = (node: Node): ReadonlyArray<Node> => {
  if (node.type === "Identifier") return [node]
  return node.type === "MemberExpression" ? isUsedAt(node.object) : []
}

export const limits = (draft: Draft, node: Node): void => {
  if (node.type !== "CallExpression" && node.type !== "NewExpression") return
  const { source } = draft
  const limit = limitOf(source, node)
  if (limit === undefined) return
  const module = originOf(source, node.callee)?.module
  const leave = ({ node: place, reason }: Obstacle): void => draft.leave(place, `${module}: ${reason}`)
  if (limit instanceof Obstacle) return leave(limit)
  const places = placesOf(source, node)
  if (places instanceof Obstacle) return leave(places)
  const edits = allEdits(source, limit, places)
  if (edits instanceof Obstacle) return leave(edits)
  const [start, end] = rangeOf(node)
  const text = `new ${draft.compat(limit.becomes)}(${limit.permits === undefined ? "" : source.getText(limit.permits)})`
  draft.change(node, `${limit.made} -> ${limit.becomes}`, [{ start, end, text }, ...edits], isUsedAt(node.callee))
}
