/**
 * Which tasks something can still wake, by a walk over the heap: from its roots, along all references but those by which the loops hold
 * their tasks. What could wake a task refers to it: a timer, a socket, the resolver of a promise, code that could cancel it. Nothing can
 * wake a task that the walk does not come to.
 */
import { HeapGraph } from "./heapGraph.ts"

/** Leads to the tasks that are asked about: by these names it is found in the snapshot. */
export interface Probe {
  readonly "@effect-asyncio/tasks": ReadonlyArray<object>
  /** What leads to tasks and wakes none. */
  readonly "@effect-asyncio/keeps": ReadonlyArray<object>
}

/**
 * What a heap snapshot says of the tasks of a {@link leakProbeUnsafe}.
 *
 * @category models
 * @since 0.1.0
 */
export interface HeapFindings {
  /** Those that nothing can wake any more, by their places among the tasks of the probe. */
  readonly unreached: ReadonlyArray<number>
  /** How large the heap was. */
  readonly nodes: number
  readonly edges: number
}

/** Takes a heap snapshot in pieces, and tells at the end what it shows. */
export class HeapWalk {
  // The strings that say something: the two fields of the probe, that of a waker, and those that chain the tasks of a loop.
  readonly #numbers = new Map<string, number>()
  // Of each reference from a weak map to a value, by its name: the map. It holds only as long as the key is held otherwise.
  readonly #tables = new Map<number, number>()
  readonly #graph = new HeapGraph((text, number) => {
    if (wanted.has(text)) this.#numbers.set(text, number)
    const table = /pair in WeakMap \(table @(\d+)\)$/.exec(text)
    if (table !== null) this.#tables.set(number, Number(table[1]))
  })

  add(bytes: Uint8Array): void {
    this.#graph.add(bytes)
  }

  end(): HeapFindings {
    const graph = this.#graph
    graph.end()
    const probe = this.#probe()
    const tasks = this.#listed(probe, tasksField)
    const opaque = new Uint8Array(graph.nodeCount)
    opaque[probe] = 1
    for (const node of this.#listed(probe, keepsField)) opaque[node] = 1
    const isTask = new Uint8Array(graph.nodeCount)
    for (const task of tasks) isTask[task] = 1
    const seen = this.#walk(opaque, isTask)
    const unreached = Array.from(tasks.keys()).filter((i) => seen[tasks[i]!] === 0)
    return { unreached, nodes: graph.nodeCount, edges: graph.edgeCount }
  }

  #walk(opaque: Uint8Array, isTask: Uint8Array): Uint8Array {
    const { edgeNames, edgeTargets, edgeTypes, firstEdges, nodeIds, nodeCount, types } = this.#graph
    const weak = types.get("weak")!
    const property = types.get("property")!
    const internal = types.get("internal")!
    const next = this.#numbers.get("next") ?? -1
    const previous = this.#numbers.get("previous") ?? -1
    const wakes = this.#numbers.get(wakesField) ?? -1
    const tables = this.#tables
    const seen = new Uint8Array(nodeCount)
    // A waker's weak reference to what it wakes counts as a strong one.
    const isWaking = new Uint8Array(nodeCount)
    const todo = new Uint32Array(nodeCount)
    let left = 1
    // The root of all is the first node.
    seen[0] = 1
    while (left > 0) {
      const node = todo[--left]!
      if (opaque[node] === 1) continue
      const end = firstEdges[node + 1]!
      for (let edge = firstEdges[node]!; edge < end; edge++) {
        const type = edgeTypes[edge]!
        const target = edgeTargets[edge]!
        if ((type === weak && isWaking[node] === 0) || seen[target] === 1) continue
        const name = edgeNames[edge]!
        if (type === property && name === wakes) isWaking[target] = 1
        // The list of a loop is made of its tasks.
        if (type === property && isTask[node] === 1 && (name === next || name === previous)) continue
        if (type === internal && tables.get(name) === nodeIds[node]) continue
        seen[target] = 1
        todo[left++] = target
      }
    }
    return seen
  }

  #probe(): number {
    const { edgeNames, edgeTypes, firstEdges, nodeCount, types } = this.#graph
    const property = types.get("property")
    const name = this.#numbers.get(tasksField)
    for (let node = 0; node < nodeCount; node++) {
      for (let edge = firstEdges[node]!; edge < firstEdges[node + 1]!; edge++) {
        if (edgeNames[edge] === name && edgeTypes[edge] === property) return node
      }
    }
    throw new Error("the tasks are not in the heap snapshot")
  }

  /** The nodes in one of the lists of the probe. */
  #listed(probe: number, field: string): ReadonlyArray<number> {
    const { edgeNames, edgeTargets, edgeTypes, firstEdges, types } = this.#graph
    const [list] = this.#edgesOf(probe).filter(
      (edge) => edgeTypes[edge] === types.get("property") && edgeNames[edge] === this.#numbers.get(field)
    )
    const nodes: Array<number> = []
    if (list === undefined) return nodes
    const node = edgeTargets[list]!
    for (let edge = firstEdges[node]!; edge < firstEdges[node + 1]!; edge++) {
      if (edgeTypes[edge] === types.get("element")) nodes[edgeNames[edge]!] = edgeTargets[edge]!
    }
    return nodes
  }

  #edgesOf(node: number): ReadonlyArray<number> {
    const { firstEdges } = this.#graph
    return Array.from({ length: firstEdges[node + 1]! - firstEdges[node]! }, (_, i) => firstEdges[node]! + i)
  }
}

const tasksField = "@effect-asyncio/tasks"
const keepsField = "@effect-asyncio/keeps"
// See doneEntries.ts.
const wakesField = "@effect-asyncio/wakes"
const wanted = new Set([tasksField, keepsField, wakesField, "next", "previous"])
