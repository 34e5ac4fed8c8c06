// Files that import each other, directly or by way of others.
import { posix } from "node:path"
import { childrenOf, type Node, parse } from "./syntax.ts"

export interface Circles {
  /** The files that are in a circle when the program runs. */
  readonly atRunTime: ReadonlyArray<string>
  /** Those that are in one if types are counted. */
  readonly withTypes: ReadonlyArray<string>
}

/** Whether an import, or an export from another file, is of types only. */
const isOfTypes = (node: Node): boolean => {
  if (node["importKind"] === "type" || node["exportKind"] === "type") return true
  const specifiers = node["specifiers"] as ReadonlyArray<Node> | undefined
  return (
    specifiers !== undefined &&
    specifiers.length > 0 &&
    specifiers.every((each) => each["importKind"] === "type" || each["exportKind"] === "type")
  )
}

/** The files that `source`, of `file`, imports. */
const importsOf = (file: string, source: string, withTypes: boolean): ReadonlyArray<string> =>
  Array.from(childrenOf(parse(source)), ([, node]) => node)
    .filter((node) => withTypes || !isOfTypes(node))
    .map((node) => (node["source"] as { readonly value: string } | null | undefined)?.value)
    .filter((from) => from?.startsWith(".") === true)
    .map((from) => posix.join(posix.dirname(file), from!))

/** The files that lead back to themselves. */
const inCircles = (imports: ReadonlyMap<string, ReadonlyArray<string>>): ReadonlyArray<string> =>
  Array.from(imports.keys()).filter((file) => {
    const reached = new Set(imports.get(file))
    // A set gives what is added while it is gone through, too.
    for (const at of reached) for (const next of imports.get(at) ?? []) reached.add(next)
    return reached.has(file)
  })

/** The circles among `sources`, by their names. */
export const circlesIn = (sources: ReadonlyMap<string, string>): Circles => {
  const imports = (withTypes: boolean) =>
    new Map(Array.from(sources, ([file, source]) => [file, importsOf(file, source, withTypes)]))
  return { atRunTime: inCircles(imports(false)), withTypes: inCircles(imports(true)) }
}
