/**
 * Writes the imports of a program as calls, so that it can be run as a function: what it imports is in the playground already.
 *
 *     import * as asyncio from "x"           const asyncio = __import("x")
 *     import { a, b as c } from "x"          const { a, b: c } = __import("x", ["a","b"])
 *
 * Exports, which nobody could import, become plain declarations. Lines keep their numbers.
 */
import { type ModuleDeclaration, type ImportDeclaration, type Node, parse, type Statement } from "acorn"
import { simple } from "acorn-walk"
import { MagicString } from "magic-string"

const nameOf = (node: { readonly type: string; readonly name?: string; readonly value?: unknown }): string =>
  String(node.name ?? node.value)

const callOf = ({ source, specifiers }: ImportDeclaration): string => {
  const from = JSON.stringify(source.value)
  const names: Array<readonly [string, string]> = []
  const calls: Array<string> = []
  for (const specifier of specifiers) {
    if (specifier.type === "ImportNamespaceSpecifier") calls.push(`const ${specifier.local.name} = __import(${from});`)
    else
      names.push([specifier.type === "ImportSpecifier" ? nameOf(specifier.imported) : "default", specifier.local.name])
  }
  if (names.length > 0) {
    const pattern = names.map(([name, local]) => (name === local ? name : `${JSON.stringify(name)}: ${local}`))
    calls.push(`const { ${pattern.join(", ")} } = __import(${from}, ${JSON.stringify(names.map(([name]) => name))});`)
  }
  return calls.length > 0 ? calls.join(" ") : `__import(${from});`
}

export const rewriteImports = (source: string): string => {
  const program = parse(source, { ecmaVersion: "latest", sourceType: "module", allowAwaitOutsideFunction: true })
  const text = new MagicString(source)
  const lines = (node: Node) => "\n".repeat(source.slice(node.start, node.end).split("\n").length - 1)
  for (const node of program.body as ReadonlyArray<Statement | ModuleDeclaration>) {
    if (node.type === "ImportDeclaration") text.update(node.start, node.end, callOf(node) + lines(node))
    else if (node.type === "ExportNamedDeclaration" && node.declaration) text.remove(node.start, node.declaration.start)
    else if (node.type === "ExportDefaultDeclaration") {
      const { declaration } = node
      const isNamed = "id" in declaration && declaration.id !== null
      text.update(node.start, declaration.start, isNamed ? "" : "void ")
    } else if (node.type === "ExportNamedDeclaration" || node.type === "ExportAllDeclaration")
      text.update(node.start, node.end, `;${lines(node)}`)
  }
  simple(program, {
    ImportExpression: (node) => {
      text.update(node.start, node.start + "import".length, "__importLater")
    }
  })
  return text.toString()
}
