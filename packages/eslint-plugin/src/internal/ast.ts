/**
 * Questions about the syntax tree that need no scopes.
 *
 * The trees come from espree, from a TypeScript parser or from oxlint: all of them are ESTree, with nodes of TypeScript
 * that ESTree's types do not know.
 */
import type { SourceCode } from "eslint"
import type * as ESTree from "estree"

export type Node = ESTree.Node
export type FunctionNode = ESTree.FunctionDeclaration | ESTree.FunctionExpression | ESTree.ArrowFunctionExpression
export type Call = ESTree.SimpleCallExpression | ESTree.NewExpression

/** Every linter sets `parent` before a rule sees the node. */
export const parentOf = (node: Node): Node | undefined =>
  (node as { readonly parent?: Node | null }).parent ?? undefined

export const rangeOf = (node: Node): readonly [number, number] => node.range!

// What stands around an expression without changing its value.
const wrappers = new Set<string>([
  "ChainExpression",
  "ParenthesizedExpression",
  "TSAsExpression",
  "TSNonNullExpression",
  "TSSatisfiesExpression",
  "TSTypeAssertion"
])

/** The expression inside of parentheses, optional chains and type assertions. */
export const unwrap = (node: Node): Node => {
  let inner = node
  while (wrappers.has(inner.type)) inner = (inner as unknown as { readonly expression: Node }).expression
  return inner
}

/** The opposite of {@link unwrap}: the outermost node that has the value of this one. */
export const wrapped = (node: Node): Node => {
  let outer = node
  for (let parent = parentOf(outer); parent !== undefined && wrappers.has(parent.type); parent = parentOf(outer)) {
    outer = parent
  }
  return outer
}

export const isFunction = (node: Node): node is FunctionNode =>
  node.type === "FunctionDeclaration" || node.type === "FunctionExpression" || node.type === "ArrowFunctionExpression"

export const isLoop = (node: Node): boolean =>
  node.type === "ForStatement" ||
  node.type === "ForInStatement" ||
  node.type === "ForOfStatement" ||
  node.type === "WhileStatement" ||
  node.type === "DoWhileStatement"

/** The nodes around this one, from the inside out. */
export function* ancestors(node: Node): Generator<Node> {
  for (let parent = parentOf(node); parent !== undefined; parent = parentOf(parent)) yield parent
}

/** The function the node stands in, undefined at the top level. */
export const enclosingFunction = (node: Node): FunctionNode | undefined => {
  for (const parent of ancestors(node)) {
    if (isFunction(parent)) return parent
  }
  return undefined
}

/** Whether an `await` may be written where the node stands. */
export const canAwait = (node: Node, sourceCode: SourceCode): boolean => {
  for (const parent of ancestors(node)) {
    if (isFunction(parent)) return parent.async === true
    if (parent.type === "StaticBlock") return false
  }
  return sourceCode.ast.sourceType === "module"
}

/** The name that `a.name`, `a["name"]` or the key of a property says, undefined when it is computed. */
export const propertyName = (node: ESTree.MemberExpression | ESTree.Property): string | undefined => {
  const key = node.type === "MemberExpression" ? node.property : node.key
  if (!node.computed && key.type === "Identifier") return key.name
  if (key.type === "Literal" && typeof key.value === "string") return key.value
  return undefined
}

/** The last name of a callee: `f` of `f()` and of `a.b.f()`. */
export const calleeName = (call: Call): string | undefined => {
  const callee = unwrap(call.callee)
  if (callee.type === "Identifier") return callee.name
  return callee.type === "MemberExpression" ? propertyName(callee) : undefined
}

/** The object of a method call when it calls the method of that name. */
export const receiverOf = (node: Node, ...methods: ReadonlyArray<string>): Node | undefined => {
  if (node.type !== "CallExpression") return undefined
  const callee = unwrap(node.callee)
  if (callee.type !== "MemberExpression" || !methods.includes(propertyName(callee) ?? "")) return undefined
  return unwrap(callee.object)
}

const childrenOf = (node: Node, keys: SourceCode.VisitorKeys): ReadonlyArray<Node> =>
  (keys[node.type] ?? []).flatMap((key) => {
    const value = (node as unknown as Record<string, unknown>)[key]
    return (Array.isArray(value) ? value : [value]).filter(
      (child): child is Node => child !== null && child !== undefined
    )
  })

/** Whether the node or anything below it fits; `enter` says which nodes to look into. */
export const some = (
  node: Node,
  sourceCode: SourceCode,
  fits: (node: Node) => boolean,
  enter: (node: Node) => boolean = () => true
): boolean => {
  if (fits(node)) return true
  if (!enter(node)) return false
  return childrenOf(node, sourceCode.visitorKeys).some((child) => some(child, sourceCode, fits, enter))
}

/** For {@link some}: leaves out what runs at another time, or in another function. */
export const outsideOfFunctions = (node: Node): boolean => !isFunction(node)

/** Whether the name is written anywhere in the node, as a variable, a property or a string. */
export const mentions = (node: Node, sourceCode: SourceCode, ...names: ReadonlyArray<string>): boolean =>
  some(
    node,
    sourceCode,
    (inner) =>
      (inner.type === "Identifier" && names.includes(inner.name)) ||
      (inner.type === "Literal" && typeof inner.value === "string" && names.includes(inner.value))
  )
