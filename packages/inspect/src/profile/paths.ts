/**
 * How a function of a profile was reached.
 */
import type { ProfileNode } from "./cpuProfile.ts"

/** The path of a function from the root, the outermost first, without the root. */
export const pathsOf = (nodes: ReadonlyArray<ProfileNode>): ((id: number) => ReadonlyArray<ProfileNode>) => {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const parents = new Map(nodes.flatMap(({ children = [], id }) => children.map((child) => [child, id] as const)))
  const known = new Map<number, ReadonlyArray<ProfileNode>>()
  return (id) => {
    let path = known.get(id)
    if (path === undefined) {
      const up: Array<ProfileNode> = []
      for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
        if (parents.has(at)) up.push(byId.get(at)!)
      }
      known.set(id, (path = up.toReversed()))
    }
    return path
  }
}
