/**
 * What a file has of compat: which of its exports an expression is, and how to write one where a fix needs it.
 */
import type { Rule, Scope, SourceCode } from "eslint"
import type * as ESTree from "estree"
import { type Node, rangeOf, unwrap } from "./ast.ts"
import { constantInit, constantValue, originOf, originOfVariable, variableOf } from "./origin.ts"
import { semicolon } from "./text.ts"

export const compatModule = "@effect-asyncio/compat"

const dynamicImport = new RegExp(`\\b(?:import|require)\\s*\\(\\s*(["'])${compatModule}\\1`)

const imports = (sourceCode: SourceCode): ReadonlyArray<ESTree.ImportDeclaration> =>
  sourceCode.ast.body.filter(
    (statement) => statement.type === "ImportDeclaration" && statement.source.value === compatModule
  ) as ReadonlyArray<ESTree.ImportDeclaration>

const isTypeOnly = (declaration: ESTree.ImportDeclaration): boolean =>
  (declaration as { readonly importKind?: string }).importKind === "type"

/** Whether the file imports compat, be it for its types only: then cancellations may pass through its awaits. */
export const importsCompat = (sourceCode: SourceCode): boolean =>
  imports(sourceCode).length > 0 || dynamicImport.test(sourceCode.text)

/** Whether the file imports compat in order to run something of it. */
export const importsCompatValues = (sourceCode: SourceCode): boolean =>
  imports(sourceCode).some((declaration) => !isTypeOnly(declaration)) || dynamicImport.test(sourceCode.text)

/** The export of compat that the expression is: `sleep` for `asyncio.sleep`. */
export const compatExport = (sourceCode: SourceCode, expression: Node): string | undefined => {
  const origin = originOf(sourceCode, expression)
  return origin?.module === compatModule && origin.path.length === 1 ? origin.path[0] : undefined
}

/** The export of compat that a call calls. */
export const calledExport = (sourceCode: SourceCode, node: Node): string | undefined =>
  node.type === "CallExpression" ? compatExport(sourceCode, node.callee) : undefined

/** The class of compat that the expression is an instance of: `Queue` for the `queue` of `const queue = new Queue()`. */
export const compatClass = (sourceCode: SourceCode, expression: Node): string | undefined => {
  const variable = variableOf(sourceCode, expression)
  const value = variable === undefined ? unwrap(expression) : constantValue(variable)
  return value?.type === "NewExpression" ? compatExport(sourceCode, value.callee) : undefined
}

/** How to write an export of compat at some place, and what has to be added to the file for that. */
export interface Reference {
  readonly text: string
  readonly fixes: (fixer: Rule.RuleFixer) => ReadonlyArray<Rule.Fix>
}

const none = (): ReadonlyArray<Rule.Fix> => []

/** Whether a value declared there is set when control comes to the node. */
const isSetAt = (variable: Scope.Variable, node: Node): boolean => {
  const declarator = constantInit(variable)
  return declarator === undefined || rangeOf(declarator)[1] <= rangeOf(node)[0]
}

const inScope = (sourceCode: SourceCode, name: string, at: Node): string | undefined => {
  const shadowed = new Set<string>()
  for (let scope: Scope.Scope | null = sourceCode.getScope(at); scope !== null; scope = scope.upper) {
    const found: Array<string> = []
    for (const variable of scope.variables) {
      if (shadowed.has(variable.name)) continue
      shadowed.add(variable.name)
      const origin = originOfVariable(sourceCode, variable)
      if (origin?.module !== compatModule || !isSetAt(variable, at)) continue
      if (origin.path.length === 0) found.push(`${variable.name}.${name}`)
      if (origin.path.length === 1 && origin.path[0] === name) found.unshift(variable.name)
    }
    if (found[0] !== undefined) return found[0]
  }
  return undefined
}

const isTaken = (sourceCode: SourceCode, name: string): boolean =>
  sourceCode.scopeManager.scopes.some(
    (scope) => scope.set.has(name) || scope.through.some((reference) => reference.identifier.name === name)
  )

/**
 * The shortest way to write the export at the node: by the names compat was imported by, else with an import that is
 * added. Undefined when the file is no module and nothing can be added.
 */
export const referTo = (sourceCode: SourceCode, name: string, at: Node): Reference | undefined => {
  const known = inScope(sourceCode, name, at)
  if (known !== undefined) return { text: known, fixes: none }
  const alias = `asyncio${name.charAt(0).toUpperCase()}${name.slice(1)}`
  const text = isTaken(sourceCode, name) ? alias : name
  const specifier = text === name ? name : `${name} as ${text}`

  const declarations = imports(sourceCode)
  const last = declarations
    .filter((declaration) => !isTypeOnly(declaration))
    .flatMap((declaration) => declaration.specifiers)
    .findLast((candidate) => candidate.type === "ImportSpecifier")
  if (last !== undefined) return { text, fixes: (fixer) => [fixer.insertTextAfter(last, `, ${specifier}`)] }

  if (sourceCode.ast.sourceType !== "module") return undefined
  const statement = `import { ${specifier} } from "${compatModule}"${semicolon(sourceCode)}`
  const neighbour = declarations.at(-1)
  if (neighbour !== undefined) return { text, fixes: (fixer) => [fixer.insertTextAfter(neighbour, `\n${statement}`)] }
  const lastImport = sourceCode.ast.body.findLast((node) => node.type === "ImportDeclaration")
  if (lastImport !== undefined) return { text, fixes: (fixer) => [fixer.insertTextAfter(lastImport, `\n${statement}`)] }
  // Behind "use strict" and "use client", which are directives only in front of everything else.
  const first = sourceCode.ast.body.find((node) => !("directive" in node) || typeof node.directive !== "string")!
  return { text, fixes: (fixer) => [fixer.insertTextBefore(first, `${statement}\n`)] }
}
