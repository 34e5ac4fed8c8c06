/**
 * Where a value comes from, as far as the file itself tells: the import tracking that all rules share.
 *
 * An origin is a module and a path into it: `asyncio.sleep` after `import * as asyncio from "@effect-asyncio/compat"`
 * is `sleep` of that module, and so is `nap` after `import { sleep as nap }`, `const { sleep: nap } = asyncio` or
 * `const nap = (await import("@effect-asyncio/compat")).sleep`. Globals have no module.
 */
import type { Scope, SourceCode } from "eslint"
import type * as ESTree from "estree"
import { type Node, propertyName, unwrap } from "./ast.ts"

export interface Origin {
  /** The specifier of the import without `node:`, undefined for a global. */
  readonly module: string | undefined
  readonly path: ReadonlyArray<string>
}

/** The innermost variable of that name that is visible where the node stands. */
export const findVariable = (sourceCode: SourceCode, name: string, node: Node): Scope.Variable | undefined => {
  for (let scope: Scope.Scope | null = sourceCode.getScope(node); scope !== null; scope = scope.upper) {
    const variable = scope.set.get(name)
    if (variable !== undefined) return variable
  }
  return undefined
}

/** The variable an expression names, when it is nothing but a name. */
export const variableOf = (sourceCode: SourceCode, node: Node): Scope.Variable | undefined => {
  const inner = unwrap(node)
  return inner.type === "Identifier" ? findVariable(sourceCode, inner.name, inner) : undefined
}

/** The places where a variable is used. ESLint's types think of JSX, whose lower-case names are no variables. */
export const usesOf = (variable: Scope.Variable): ReadonlyArray<Node> =>
  variable.references.map(({ identifier }) => identifier as Node)

/** What a variable was declared with, when it never holds anything else. */
export const constantInit = (variable: Scope.Variable): ESTree.VariableDeclarator | undefined => {
  const [definition, ...more] = variable.defs
  if (definition?.type !== "Variable" || more.length > 0) return undefined
  // `using` and `await using` cannot be assigned to either.
  return definition.parent.kind === "let" || definition.parent.kind === "var" ? undefined : definition.node
}

/** The expression a constant stands for: the initializer of `const name = expression`. */
export const constantValue = (variable: Scope.Variable): Node | undefined => {
  const declarator = constantInit(variable)
  return declarator?.id.type === "Identifier" && declarator.init ? unwrap(declarator.init) : undefined
}

const isTypeOnly = (node: Node): boolean => (node as { readonly importKind?: string }).importKind === "type"

const exportName = (name: ESTree.Identifier | ESTree.Literal): string =>
  name.type === "Identifier" ? name.name : String(name.value)

const ofImport = (definition: Extract<Scope.Definition, { type: "ImportBinding" }>): Origin | undefined => {
  const { node, parent } = definition
  if (isTypeOnly(node) || isTypeOnly(parent) || typeof parent.source.value !== "string") return undefined
  const module = parent.source.value.replace(/^node:/, "")
  if (node.type === "ImportNamespaceSpecifier") return { module, path: [] }
  return { module, path: [node.type === "ImportSpecifier" ? exportName(node.imported) : "default"] }
}

/** The path from the root of a pattern to the name it binds: `["b"]` for `a` in `{ b: a }`. */
const pathInPattern = (pattern: Node, name: ESTree.Identifier): ReadonlyArray<string> | undefined => {
  if (pattern === name) return []
  if (pattern.type !== "ObjectPattern") return undefined
  for (const property of pattern.properties) {
    if (property.type !== "Property") continue
    const rest = pathInPattern(property.value, name)
    const key = propertyName(property)
    if (rest !== undefined && key !== undefined) return [key, ...rest]
  }
  return undefined
}

const member = (origin: Origin | undefined, path: ReadonlyArray<string>): Origin | undefined => {
  if (origin === undefined) return undefined
  const all = [...origin.path, ...path]
  // The default export of one of Node's modules is the module itself, and the global object is where globals are.
  const transparent = origin.module === undefined ? /^(?:globalThis|window|self)$/ : /^default$/
  while (all.length > 1 && transparent.test(all[0]!)) all.shift()
  return { module: origin.module, path: all }
}

export const originOfVariable = (
  sourceCode: SourceCode,
  variable: Scope.Variable,
  seen: ReadonlySet<Scope.Variable> = new Set()
): Origin | undefined => {
  const [definition] = variable.defs
  if (definition === undefined) return { module: undefined, path: [variable.name] }
  if (definition.type === "ImportBinding") return ofImport(definition)
  const declarator = constantInit(variable)
  // `const a = b, b = a` is an error at run time, and no reason for a linter to hang.
  if (!declarator?.init || definition.type !== "Variable" || seen.has(variable)) return undefined
  const path = pathInPattern(declarator.id, definition.name)
  if (path === undefined) return undefined
  return member(originOf(sourceCode, declarator.init, new Set([...seen, variable])), path)
}

/** Where the value of an expression comes from, undefined when the file does not say. */
export const originOf = (
  sourceCode: SourceCode,
  expression: Node,
  seen?: ReadonlySet<Scope.Variable>
): Origin | undefined => {
  const node = unwrap(expression)
  if (node.type === "Identifier") {
    const variable = findVariable(sourceCode, node.name, node)
    return variable === undefined
      ? { module: undefined, path: [node.name] }
      : originOfVariable(sourceCode, variable, seen)
  }
  if (node.type === "MemberExpression") {
    const name = propertyName(node)
    if (name === undefined || node.object.type === "Super") return undefined
    return member(originOf(sourceCode, node.object, seen), [name])
  }
  if (node.type === "AwaitExpression") {
    const { argument } = node
    if (argument.type !== "ImportExpression" || argument.source.type !== "Literal") return undefined
    return { module: String(argument.source.value).replace(/^node:/, ""), path: [] }
  }
  return requiredModule(node)
}

/** `require("module")` of CommonJS. */
const requiredModule = (node: Node): Origin | undefined => {
  if (node.type !== "CallExpression" || node.callee.type !== "Identifier" || node.callee.name !== "require")
    return undefined
  const [name, ...more] = node.arguments
  if (more.length > 0 || name?.type !== "Literal" || typeof name.value !== "string") return undefined
  return { module: name.value.replace(/^node:/, ""), path: [] }
}

/** Whether the expression is that global, which nothing in the file shadows. */
export const isGlobal = (sourceCode: SourceCode, expression: Node, name: string): boolean => {
  const origin = originOf(sourceCode, expression)
  return origin !== undefined && origin.module === undefined && origin.path.join(".") === name
}
