/**
 * Reads a heap snapshot of V8 as it comes, and keeps which node refers to which: some ten bytes for each reference, however long the text is.
 *
 *     {"snapshot":{"meta":{...},"node_count":N,"edge_count":M},"nodes":[...],"edges":[...], ... ,"strings":[...]}
 *
 * Names are numbers of strings, and those come last: so the names of references are kept until then, and of the strings only what is asked for.
 */

/** The parts of the text, in the order they come. */
type Part = "head" | "nodes" | "edges" | "between" | "strings" | "end"

interface Meta {
  readonly node_fields: ReadonlyArray<string>
  readonly edge_fields: ReadonlyArray<string>
  readonly edge_types: readonly [ReadonlyArray<string>, ...ReadonlyArray<unknown>]
}

/** What the head of a snapshot says. */
interface Head {
  readonly snapshot: { readonly meta: Meta; readonly node_count: number; readonly edge_count: number }
}

const quote = 0x22
const backslash = 0x5c
const zero = 0x30
const nine = 0x39
const closing = 0x5d
const closingParenthesis = 0x29

// A head is a page long.
const longestHead = 16_000
// No name is longer: from this length on, further pieces of a string are not kept.
const longestString = 16 * 1024
const shortString = 32

export class HeapGraph {
  nodeCount = 0
  edgeCount = 0
  /** By its index: the number of the string that a node is called by, and its id. */
  nodeNames = new Uint32Array(0)
  nodeIds = new Uint32Array(0)
  /** Where the edges of a node begin; those of the next begin where they end. */
  firstEdges = new Uint32Array(1)
  /** Of edges: the type as the meta data numbers them, the number of its name or the index of an element, and the node that it leads to. */
  edgeTypes = new Uint8Array(0)
  edgeNames = new Uint32Array(0)
  edgeTargets = new Uint32Array(0)
  /** The numbers of the types. */
  types: ReadonlyMap<string, number> = new Map()

  readonly #onString: (text: string, number: number) => void
  #part: Part = "head"
  #head = ""
  // What was read of a number, or of a string.
  #number = 0
  #inNumber = false
  #inString = false
  #begun = ""
  #escaped = false
  #strings = 0
  // Where we are: in which node or edge, and in which of its fields.
  #at = 0
  #field = 0
  #nextEdge = 0
  #nodeFields = 0
  #fields = { name: 0, id: 0, edges: 0, edgeType: 0, edgeName: 0, edgeTarget: 0 }
  #edgeFields = 0

  /** `onString` is told of each string that is short, or ends with a parenthesis, with its number; it may be told of others. */
  constructor(onString: (text: string, number: number) => void) {
    this.#onString = onString
  }

  /** Takes some more of the text. */
  add(bytes: Uint8Array): void {
    let from = 0
    while (from < bytes.length) {
      switch (this.#part) {
        case "head":
          from = this.#readHead(bytes, from)
          break
        case "nodes":
          from = this.#readNodes(bytes, from)
          break
        case "edges":
          from = this.#readEdges(bytes, from)
          break
        case "between":
          from = this.#skip(bytes, from)
          break
        case "strings":
          from = this.#readStrings(bytes, from)
          break
        case "end":
          return
      }
    }
  }

  /** The text is over. */
  end(): void {
    if (this.#part !== "end") throw new Error("the heap snapshot is cut off")
  }

  #readHead(bytes: Uint8Array, from: number): number {
    const end = bytes.indexOf(0x0a, from)
    // The head is the first line.
    this.#head += textOf(bytes.subarray(from, end < 0 ? bytes.length : end))
    if (this.#head.length > longestHead) throw notOne()
    if (end < 0) return bytes.length
    const head = parsed(this.#head.replace(/,\s*$/, "}"))
    if (typeof head.snapshot?.meta !== "object") throw notOne()
    const { edge_count: edges, meta, node_count: nodes } = head.snapshot
    const node = (name: string) => meta.node_fields.indexOf(name)
    const edge = (name: string) => meta.edge_fields.indexOf(name)
    this.#nodeFields = meta.node_fields.length
    this.#edgeFields = meta.edge_fields.length
    this.#fields = {
      name: node("name"),
      id: node("id"),
      edges: node("edge_count"),
      edgeType: edge("type"),
      edgeName: edge("name_or_index"),
      edgeTarget: edge("to_node")
    }
    if (Object.values(this.#fields).includes(-1)) throw notOne()
    this.types = new Map(meta.edge_types[0].map((name, i) => [name, i]))
    this.nodeCount = nodes
    this.edgeCount = edges
    this.nodeNames = new Uint32Array(nodes)
    this.nodeIds = new Uint32Array(nodes)
    this.firstEdges = new Uint32Array(nodes + 1)
    this.edgeTypes = new Uint8Array(edges)
    this.edgeNames = new Uint32Array(edges)
    this.edgeTargets = new Uint32Array(edges)
    this.#part = "nodes"
    return end + 1
  }

  #readNodes(bytes: Uint8Array, from: number): number {
    const { firstEdges, nodeIds, nodeNames } = this
    const { edges, id, name } = this.#fields
    const fields = this.#nodeFields
    let [number, inNumber, field, at, nextEdge] = [this.#number, this.#inNumber, this.#field, this.#at, this.#nextEdge]
    let i = from
    let isOver = false
    for (; i < bytes.length && !isOver; i++) {
      const byte = bytes[i]!
      if (byte >= zero && byte <= nine) {
        number = number * 10 + byte - zero
        inNumber = true
        continue
      }
      isOver = byte === closing
      if (!inNumber) continue
      if (field === name) nodeNames[at] = number
      else if (field === id) nodeIds[at] = number
      else if (field === edges) {
        firstEdges[at] = nextEdge
        nextEdge += number
      }
      number = 0
      inNumber = false
      if (++field === fields) {
        field = 0
        at++
      }
    }
    this.#number = number
    this.#inNumber = inNumber
    this.#field = field
    this.#at = at
    this.#nextEdge = nextEdge
    if (isOver) {
      if (at !== this.nodeCount || nextEdge !== this.edgeCount) throw notOne()
      firstEdges[at] = nextEdge
      this.#at = 0
      this.#part = "edges"
    }
    return i
  }

  #readEdges(bytes: Uint8Array, from: number): number {
    const { edgeNames, edgeTargets, edgeTypes } = this
    const { edgeName, edgeTarget, edgeType } = this.#fields
    const fields = this.#edgeFields
    const nodeFields = this.#nodeFields
    let [number, inNumber, field, at] = [this.#number, this.#inNumber, this.#field, this.#at]
    let i = from
    let isOver = false
    for (; i < bytes.length && !isOver; i++) {
      const byte = bytes[i]!
      if (byte >= zero && byte <= nine) {
        number = number * 10 + byte - zero
        inNumber = true
        continue
      }
      isOver = byte === closing
      if (!inNumber) continue
      if (field === edgeTarget) edgeTargets[at] = number / nodeFields
      else if (field === edgeName) edgeNames[at] = number
      else if (field === edgeType) edgeTypes[at] = number
      number = 0
      inNumber = false
      if (++field === fields) {
        field = 0
        at++
      }
    }
    this.#number = number
    this.#inNumber = inNumber
    this.#field = field
    this.#at = at
    if (isOver) {
      if (at !== this.edgeCount) throw notOne()
      this.#head = ""
      this.#part = "between"
    }
    return i
  }

  /** What comes before the strings: no other list has a string in it that could look like their name. */
  #skip(bytes: Uint8Array, from: number): number {
    const name = '"strings":['
    for (let i = from; i < bytes.length; i++) {
      const character = String.fromCharCode(bytes[i]!)
      this.#head = name.startsWith(this.#head + character) ? this.#head + character : character === '"' ? '"' : ""
      if (this.#head === name) {
        this.#part = "strings"
        return i + 1
      }
    }
    return bytes.length
  }

  #readStrings(bytes: Uint8Array, from: number): number {
    let i = from
    while (i < bytes.length) {
      if (!this.#inString) {
        const byte = bytes[i++]!
        if (byte === quote) this.#inString = true
        else if (byte === closing) {
          this.#part = "end"
          return i
        }
        continue
      }
      const begin = i
      for (; i < bytes.length; i++) {
        if (this.#escaped) this.#escaped = false
        else if (bytes[i] === backslash) this.#escaped = true
        else if (bytes[i] === quote) break
      }
      // The beginning may have come in another piece.
      if (i === bytes.length) {
        if (this.#begun.length < longestString) this.#begun += textOf(bytes.subarray(begin, i))
        return i
      }
      if (this.#begun !== "" || this.#isWanted(bytes, begin, i)) {
        this.#onString(this.#begun + textOf(bytes.subarray(begin, i)), this.#strings)
      }
      this.#begun = ""
      this.#strings++
      this.#inString = false
      i++
    }
    return i
  }

  /** Whether a string may be one that is asked for: most are not even made. */
  #isWanted(bytes: Uint8Array, begin: number, end: number): boolean {
    return end - begin <= shortString || bytes[end - 1] === closingParenthesis
  }
}

/** What stands in a snapshot beyond ASCII is escaped. */
const textOf = (bytes: Uint8Array): string => String.fromCharCode(...bytes.subarray(0, longestString))

const notOne = (): Error => new Error("this is no heap snapshot of V8")

const parsed = (text: string): Head => {
  try {
    return JSON.parse(text) as Head
  } catch {
    throw notOne()
  }
}
