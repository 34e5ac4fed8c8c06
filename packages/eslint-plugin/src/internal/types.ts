/**
 * What TypeScript knows, where the parser of typescript-eslint was given a project. Without it every question has the
 * answer "nobody knows", and the rules decide by the file alone.
 */
import type { SourceCode } from "eslint"
import type { Call, Node } from "./ast.ts"
import { variableOf } from "./origin.ts"

// The part of TypeScript's API that is used here, so that the plugin needs no TypeScript.
interface TypeSymbol {
  readonly flags: number
  readonly declarations?: ReadonlyArray<{ getText(): string; getSourceFile(): { readonly isDeclarationFile: boolean } }>
}
interface Type {
  readonly symbol?: TypeSymbol
  readonly aliasSymbol?: TypeSymbol
}
interface Checker {
  getTypeAtLocation(node: unknown): Type
  getNonNullableType(type: Type): Type
  getNeverType(): Type
  getFullyQualifiedName(symbol: TypeSymbol): string
  getSymbolAtLocation(node: unknown): TypeSymbol | undefined
  getAliasedSymbol(symbol: TypeSymbol): TypeSymbol
}
interface Services {
  readonly program?: { getTypeChecker(): Checker } | null
  readonly esTreeNodeToTSNodeMap?: { get(node: Node): unknown }
}

/** TypeScript's `SymbolFlags.Alias`: what an import binds. */
const aliasFlag = 2_097_152

const ofCompat = /@effect-asyncio[\\/+]compat(?:$|[\\/])|[\\/]packages[\\/]compat[\\/](?:src|dist)[\\/]/

/** A type that has a name, and the module that declares it: a specifier or a path without its extension. */
export interface NamedType {
  readonly module: string | undefined
  readonly name: string
}

/**
 * Asks TypeScript about a node. There is no answer without a program, and none where TypeScript itself throws: what is linted a
 * second time in a single run, as with `--fix` in CI, gets a program of that one file, with a host that lacks half of it.
 */
const ask = <A>(
  sourceCode: SourceCode,
  node: Node,
  question: (checker: Checker, found: unknown) => A
): A | undefined => {
  const services = sourceCode.parserServices as Services | undefined
  const program = services?.program
  const found = program ? services.esTreeNodeToTSNodeMap?.get(node) : undefined
  if (!program || found === undefined) return undefined
  try {
    return question(program.getTypeChecker(), found)
  } catch {
    return undefined
  }
}

/** Whether the value of the expression has the type `never`: a call that always throws. */
const hasTypeNever = (sourceCode: SourceCode, node: Node): boolean =>
  ask(sourceCode, node, (checker, found) => checker.getTypeAtLocation(found) === checker.getNeverType()) === true

export const namedTypeOf = (sourceCode: SourceCode, node: Node): NamedType | undefined =>
  ask(sourceCode, node, (checker, found) => {
    const { aliasSymbol, symbol } = checker.getNonNullableType(checker.getTypeAtLocation(found))
    const named = symbol ?? aliasSymbol
    if (named === undefined) return undefined
    const [, module, name = ""] = /^(?:"(.*)"\.)?(.*)$/.exec(checker.getFullyQualifiedName(named)) ?? []
    return { module, name }
  })

/** The class of compat that the value has by its type. */
export const compatTypeOf = (sourceCode: SourceCode, node: Node): string | undefined => {
  const type = namedTypeOf(sourceCode, node)
  return type?.module !== undefined && ofCompat.test(type.module) ? type.name : undefined
}

/** How a function was written that the expression names, in this file or in another one of the program. */
export const declarationTextOf = (sourceCode: SourceCode, node: Node): string | undefined =>
  ask(sourceCode, node, (checker, found) => {
    const symbol = checker.getSymbolAtLocation(found)
    if (symbol === undefined) return undefined
    const target = (symbol.flags & aliasFlag) === 0 ? symbol : checker.getAliasedSymbol(symbol)
    const [declaration] = target.declarations ?? []
    return declaration === undefined || declaration.getSourceFile().isDeclarationFile
      ? undefined
      : declaration.getText()
  })

const isNever = (annotation: Annotation | undefined): boolean => annotation?.typeAnnotation.type === "TSNeverKeyword"

/** Whether the call has the type `never`, by TypeScript or as the file declares its function. */
export const alwaysThrows = (sourceCode: SourceCode, call: Call): boolean => {
  if (hasTypeNever(sourceCode, call)) return true
  const [definition] = variableOf(sourceCode, call.callee)?.defs ?? []
  if (definition === undefined) return false
  const declared = definition.node as MaybeTyped & { readonly init?: MaybeTyped | null; readonly id?: MaybeTyped }
  const ofVariable = declared.id?.typeAnnotation?.typeAnnotation.returnType
  return isNever(declared.returnType) || isNever(declared.init?.returnType) || isNever(ofVariable)
}

interface Annotation {
  readonly typeAnnotation: { readonly type: string; readonly returnType?: Annotation }
}
interface MaybeTyped {
  readonly returnType?: Annotation
  readonly typeAnnotation?: Annotation
}
