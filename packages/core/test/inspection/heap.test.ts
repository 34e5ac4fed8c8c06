import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { Effect } from "effect"

const meta = {
  node_fields: ["type", "name", "id", "self_size", "edge_count", "detachedness"],
  node_types: [["hidden", "object"]],
  edge_fields: ["type", "name_or_index", "to_node"],
  edge_types: [["context", "element", "property", "internal", "hidden", "shortcut", "weak"]]
}

type Edge = readonly [type: string, name: string | number, to: number]

/** The text of a heap in which node 0 is the root; the ids of nodes are their places. */
const snapshotOf = (nodes: ReadonlyArray<ReadonlyArray<Edge>>): Uint8Array => {
  const strings: Array<string> = ["none"]
  const number = (text: string) => (strings.includes(text) ? strings.indexOf(text) : strings.push(text) - 1)
  const edges = nodes.flat().flatMap(([type, name, to]) => {
    return [meta.edge_types[0]!.indexOf(type), typeof name === "number" ? name : number(name), to * 6]
  })
  const head = JSON.stringify({ snapshot: { meta, node_count: nodes.length, edge_count: nodes.flat().length } })
  const rows = nodes.flatMap((edges, id) => [1, 0, id, 0, edges.length, 0])
  return new TextEncoder().encode(
    `${head.slice(0, -1)},\n"nodes":[${rows.join(",\n")}],\n"edges":[${edges}],\n"trace_tree":[],\n"strings":${JSON.stringify(strings)}}`
  )
}

// Nodes: 0 root, 1 probe, 2 its list of tasks, 3 what it keeps, 4 to 6 tasks, 7 and 8 something else.
const heap = (edges: { readonly [node: number]: ReadonlyArray<Edge> }) =>
  snapshotOf([
    [["property", "global", 1], ...(edges[0] ?? [])],
    [
      ["property", "@effect-asyncio/tasks", 2],
      ["property", "@effect-asyncio/keeps", 3]
    ],
    [
      ["element", 0, 4],
      ["element", 1, 5],
      ["element", 2, 6],
      ["internal", "map", 7]
    ],
    edges[3] ?? [],
    edges[4] ?? [],
    edges[5] ?? [],
    edges[6] ?? [],
    edges[7] ?? [],
    edges[8] ?? []
  ])

const unreached = (edges: Parameters<typeof heap>[0]) => lowlevel.heapFindings([heap(edges)]).unreached

describe("a heap", () => {
  it("shows who is reached, also by way of others", () => {
    assert.deepStrictEqual(unreached({ 0: [["internal", "timer", 4]], 4: [["property", "held", 5]] }), [2])
  })

  it("shows nobody where nothing leads to a task", () => {
    assert.deepStrictEqual(unreached({}), [0, 1, 2])
  })

  it("has weak references, the list of a loop, and what tools keep, which wake nobody", () => {
    assert.deepStrictEqual(
      unreached({
        0: [
          ["weak", "w", 6],
          ["property", "a", 4],
          ["property", "tool", 7]
        ],
        3: [["element", 0, 7]],
        4: [
          ["property", "next", 5],
          ["property", "previous", 5]
        ],
        7: [["property", "task", 6]]
      }),
      [1, 2]
    )
  })

  it("has lists that are not a loop's, by which their members are held", () => {
    assert.deepStrictEqual(
      unreached({
        0: [["property", "list", 7]],
        7: [
          ["property", "next", 4],
          ["property", "previous", 5]
        ]
      }),
      [2]
    )
  })

  it("has those who wake a task and refer to it weakly", () => {
    const heldWeakly: ReadonlyArray<Edge> = [["weak", "target", 4]]

    assert.deepStrictEqual(
      [
        unreached({ 0: [["property", "waker", 7]], 7: [["property", "@effect-asyncio/wakes", 8]], 8: heldWeakly }),
        unreached({ 0: [["property", "other", 7]], 7: [["property", "reference", 8]], 8: heldWeakly })
      ],
      [
        [1, 2],
        [0, 1, 2]
      ]
    )
  })

  it("has weak maps, of which a value is held by its key and not by the map", () => {
    const name = (key: number) => `1 / part of key (K @${key}) -> value (V @5) pair in WeakMap (table @7)`
    const map: ReadonlyArray<Edge> = [["internal", name(4), 5]]

    assert.deepStrictEqual(unreached({ 0: [["property", "map", 7]], 7: map }), [0, 1, 2])
    assert.deepStrictEqual(unreached({ 0: [["property", "map", 7]], 7: map, 4: map }), [0, 1, 2])
    assert.deepStrictEqual(
      unreached({
        0: [
          ["property", "map", 7],
          ["property", "key", 4]
        ],
        7: map,
        4: map
      }),
      [2]
    )
  })

  it("may come in pieces of any length", () => {
    const text = heap({ 0: [["internal", 'quoted " and \\ and )', 4]], 4: [["property", "held", 5]] })
    for (const size of [1, 2, 7, 1000]) {
      const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
        text.subarray(i * size, (i + 1) * size)
      )
      assert.deepStrictEqual(lowlevel.heapFindings(pieces).unreached, [2])
    }
  })

  it.each([
    ["is cut off", heap({}).subarray(0, -20), "the heap snapshot is cut off"],
    ["is another text", new TextEncoder().encode("GIF89a\n"), "this is no heap snapshot of V8"],
    ["has no end of its first line", new TextEncoder().encode("x".repeat(2_000_000)), "this is no heap snapshot of V8"],
    ["is nothing", new Uint8Array(), "the heap snapshot is cut off"],
    ["has no probe", snapshotOf([[]]), "the tasks are not in the heap snapshot"],
    [
      "says other sizes than it has",
      replaced(heap({}), '"node_count":9', '"node_count":10'),
      "this is no heap snapshot of V8"
    ],
    [
      "has fewer references than it says",
      replaced(heap({}), /"edges":\[\d+,\d+,\d+,/, '"edges":['),
      "this is no heap snapshot of V8"
    ],
    ["has no ids", replaced(heap({}), '"id"', '"number"'), "this is no heap snapshot of V8"],
    ["is another text in JSON", new TextEncoder().encode("[1]\n"), "this is no heap snapshot of V8"]
  ])("that %s is refused", (_, text, message) => {
    assert.throws(() => lowlevel.heapFindings([text]), message)
  })
})

function replaced(text: Uint8Array, from: string | RegExp, to: string): Uint8Array {
  return new TextEncoder().encode(new TextDecoder().decode(text).replace(from, to))
}

describe("a probe", () => {
  it("has the tasks that are not done, until it is over", async () => {
    const found = await asyncio.run(
      Effect.gen(function* () {
        const me = yield* asyncio.currentTask
        const worker = yield* asyncio.createTask(asyncio.sleep("1 hour"))
        const probe = lowlevel.leakProbeUnsafe()
        // Other loops of this process may have tasks as well.
        const during = [me, worker].map((task) => probe.tasks().includes(task))
        probe.end()
        return [during, probe.tasks().length]
      })
    )

    assert.deepStrictEqual(found, [[true, true], 0])
  })
})
