// Assertions in which only the place of a `true` or a `false` says what it answers: `[done, cancelled]` is `[true, false]`. Where one fails, its
// message does not tell which answer was wrong. An object has a name for each. The answers to one question, of one task after the other, are a
// list and no tuple.
import { childrenOf, isNode, nameOf, type Node, parse } from "./syntax.ts"

/** The last word of an assertion that compares values. */
const comparison = /equal$/i

/** Is in every such array, and in few files: saves parsing all of them. */
const twoBooleans = /[[,]\s*(?:true|false),(?:[^\]]*,)?\s*(?:true|false)\s*[,\]]/

const isComparison = (node: Node): boolean => {
  if (node.type !== "CallExpression") return false
  const { callee } = node
  const called = isNode(callee) && callee.type === "MemberExpression" ? callee["property"] : callee
  return comparison.test(nameOf(called) ?? "")
}

const isBoolean = (node: Node): boolean => node.type === "Literal" && typeof node["value"] === "boolean"

const listOf = (node: Node, key: string): ReadonlyArray<Node> => (node[key] as ReadonlyArray<unknown>).filter(isNode)

const elementsOf = (node: Node | undefined): ReadonlyArray<Node> =>
  node?.type === "ArrayExpression" ? listOf(node, "elements") : []

const isMany = (nodes: ReadonlyArray<Node>): boolean => nodes.length > 1

/** The variables that are tuples: made of several values, or given several at once. */
function* tuplesIn(node: Node): Generator<string | undefined> {
  if (node.type === "VariableDeclarator" && isNode(node["init"]) && isMany(elementsOf(node["init"])))
    yield nameOf(node["id"])
  if (node.type === "CallExpression" && isNode(node["callee"]) && isMany(listOf(node, "arguments"))) {
    const { object, property } = node["callee"]
    if (nameOf(property) === "push") yield nameOf(object)
  }
  for (const [, child] of childrenOf(node)) yield* tuplesIn(child)
}

/** The arrays of `expected` that are tuples with more than one boolean, `actual` being what they are compared with. */
function* tuplesOf(expected: Node, actual: Node | undefined, names: ReadonlySet<string | undefined>): Generator<Node> {
  if (expected.type === "ObjectExpression") {
    const given = actual?.type === "ObjectExpression" ? listOf(actual, "properties") : []
    for (const property of listOf(expected, "properties")) {
      const same = given.find((each) => nameOf(each["key"]) === nameOf(property["key"]))
      if (isNode(property["value"])) yield* tuplesOf(property["value"], same?.["value"] as Node | undefined, names)
    }
  }
  const elements = elementsOf(expected)
  const booleans = elements.filter(isBoolean).length
  const isTuple =
    isMany(elementsOf(actual)) ||
    names.has(nameOf(actual)) ||
    elements.some((each) => each.type === "Literal" && !isBoolean(each))
  if (booleans > 1 && isTuple) yield expected
  for (const [index, element] of elements.entries()) yield* tuplesOf(element, elementsOf(actual)[index], names)
}

function* comparisonsIn(node: Node): Generator<Node> {
  if (isComparison(node)) yield node
  for (const [, child] of childrenOf(node)) yield* comparisonsIn(child)
}

/** The lines of a test's source where it compares with such an array. */
export const booleanTuples = (source: string): ReadonlyArray<number> => {
  if (!twoBooleans.test(source)) return []
  const program = parse(source)
  const names = new Set(tuplesIn(program))
  // What has no name is none.
  names.delete(undefined)
  return Array.from(comparisonsIn(program), (call) => listOf(call, "arguments"))
    .flatMap(([actual, expected]) => (expected === undefined ? [] : [...tuplesOf(expected, actual, names)]))
    .map(({ start }) => source.slice(0, start).split("\n").length)
}
