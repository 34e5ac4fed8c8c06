// Which files of core's and compat's insides decide something, and have no guard in the list.
import { readFileSync } from "node:fs"
import { mutations, pathsOf, sourcesOf } from "./mutationList.ts"
import { childrenOf, type Node, parse } from "./syntax.ts"

const branches = new Set(["IfStatement", "ConditionalExpression", "LogicalExpression", "SwitchStatement"])
const assignments = new Set(["&&=", "||=", "??="])

const isBranch = ({ operator, type }: Node): boolean =>
  branches.has(type) || (type === "AssignmentExpression" && assignments.has(String(operator)))

const hasBranchIn = (node: Node): boolean => {
  if (isBranch(node)) return true
  for (const [, child] of childrenOf(node)) if (hasBranchIn(child)) return true
  return false
}

/** Whether a source takes one way or another: with an `if`, a `switch`, `?:`, `&&`, `||` or `??`. */
export const hasBranch = (source: string): boolean => hasBranchIn(parse(source))

/**
 * The files, below `packages`, that have a branch and no guard. One whose branches no test can miss has a guard with that reason.
 */
export const gaps = (packages: URL): ReadonlyArray<string> => {
  const guarded = new Set(mutations.flatMap(([file]) => pathsOf(packages, file)))
  return ["core", "compat"]
    .flatMap((name) => sourcesOf(packages, name).filter((path) => path.startsWith(`${name}/src/internal/`)))
    .filter((path) => !guarded.has(path) && hasBranch(readFileSync(new URL(path, packages), "utf8")))
    .toSorted()
}
