// Finds in the sources of core and compat every message that the library can produce: what errors are made with, and what
// goes to the exception handler. Beside each stands when a user meets it, in a comment that begins with "When:", and what to
// do about it, as the hint that the error carries. A `…` stands for what is filled in.
import { globSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"
import { parseAst } from "rolldown/parseAst"
import { isProgram, root } from "../repository.ts"

/** A message that the library can produce. */
export interface ErrorMessage {
  /** With a `…` for each part that is filled in. */
  readonly message: string
  readonly file: string
  /** The class it is made with, empty for a report. */
  readonly kind: string
  /** When a user meets it, `undefined` where the source does not say. */
  readonly when: string | undefined
  /** What to do about it, as the error itself says. */
  readonly hint: string | undefined
}

/** A class of errors, as its docstring explains it. */
export interface ErrorClass {
  readonly name: string
  readonly happened: string
  /** Empty where the source does not say. */
  readonly todo: string
}

/** What a rule of the ESLint plugin says. */
export interface LintMessage {
  readonly rule: string
  readonly message: string
}

/** A node of the syntax tree: whichever it is, with whatever it has. */
// oxlint-disable-next-line typescript/no-explicit-any
type Node = any

/** A text in the sources. */
interface Text {
  readonly text: string
  readonly at: number
}

/** A node with those above it, the nearest first. */
type Found = readonly [node: Node, above: ReadonlyArray<Node>]

const errorClass = /^(?:Runtime|Value|Type|Range|InvalidState|BrokenBarrier|Suppressed)?Error$|^ExceptionGroup$/

/** A message has words. The rest are names of things, and what is passed through. */
const isMessage = (text: string) => /[a-z]{2,} .*[a-z]|invalid state/.test(text)

/** Every node below `node`, with those above it, the nearest first. */
function* nodesOf(node: Node, above: ReadonlyArray<Node> = []): Generator<Found> {
  if (Array.isArray(node)) {
    for (const each of node) yield* nodesOf(each, above)
    return
  }
  if (typeof node?.type !== "string") return
  const found: readonly [Node, ReadonlyArray<Node>] = [node, above]
  yield found
  const inside = [node, ...above]
  for (const value of Object.values(node)) if (typeof value === "object") yield* nodesOf(value, inside)
}

/** A source with its syntax tree, and the constants that are made of text. */
class Source {
  readonly file: string
  readonly text: string
  readonly nodes: ReadonlyArray<Found>
  readonly constants: ReadonlyArray<Found>

  constructor(file: string) {
    this.file = file
    this.text = readFileSync(join(root, file), "utf8")
    this.nodes = [...nodesOf(parseAst(this.text, { lang: "ts" }, file))]
    this.constants = this.nodes.filter(([node]) => node.type === "VariableDeclarator" && node.init != null)
  }

  /** The texts that an expression can be: more than one where it depends. */
  textsOf(node: Node): ReadonlyArray<Text> {
    switch (node?.type) {
      case "Literal":
        return typeof node.value === "string" ? [{ text: node.value, at: node.start }] : []
      case "TemplateLiteral": {
        const parts = node.quasis.map((quasi: Node) => quasi.value.cooked)
        return [{ text: parts.join("…").replace(/…+/g, "…"), at: node.start }]
      }
      case "ConditionalExpression":
        return [...this.textsOf(node.consequent), ...this.textsOf(node.alternate)]
      case "BinaryExpression": {
        const [left, right] = [this.textsOf(node.left)[0]?.text ?? "…", this.textsOf(node.right)[0]?.text ?? "…"]
        return node.operator === "+" ? [{ text: left + right, at: node.start }] : []
      }
      case "Identifier": {
        // The nearest one above, as far as names tell.
        const named = this.constants.filter(([each]) => each.id.name === node.name)
        const [constant] = named.findLast(([each]) => each.start < node.start) ?? named[0] ?? []
        return constant === undefined ? [] : this.textsOf(constant.init)
      }
      default:
        return []
    }
  }

  /** What the comment above `at` says of when the message is met. Other messages in between have comments of their own. */
  whenAt(at: number): string | undefined {
    const lines = this.text.slice(0, at).split("\n").slice(-9)
    const first = lines.findLastIndex((line) => /^\s*(?:[?:] )?\/\/ When: /.test(line))
    if (first < 0) return undefined
    const comment = []
    for (const line of lines.slice(first)) {
      const [, text] = /^\s*(?:[?:] )?\/\/ (.*)$/.exec(line) ?? []
      if (text === undefined) break
      comment.push(text)
    }
    const [begin = "", ...rest] = comment.join(" ").replace("When: ", "")
    return begin.toUpperCase() + rest.join("")
  }
}

const calls = (node: Node, name: string) =>
  node?.type === "CallExpression" && (node.callee.name ?? node.callee.property?.name) === name

const property = (object: Node, name: string) => object.properties.find((each: Node) => each.key?.name === name)?.value

/** The errors and reports that `node` makes: the expressions of the message and of the hint. */
const madeBy = (node: Node, above: ReadonlyArray<Node>, source: Source) => {
  if (node.type === "NewExpression") {
    const kind = node.callee.name ?? node.callee.property?.name
    if (!errorClass.test(kind ?? "") || kind === "Error") return undefined
    const hint = calls(above[0], "withHint") ? above[0].arguments[1] : hintBehind(above, source)
    return { kind, message: node.arguments[0], hint, end: "" }
  }
  if (calls(node, "unexpectedValue")) {
    return { kind: "TypeError", message: node.arguments[0], hint: node.arguments[2], end: ", got …" }
  }
  if (calls(node, "checkIterable") || calls(node, "checkCollection")) {
    return { kind: "TypeError", message: node.arguments[1], hint: undefined, end: ", not …" }
  }
  if (node.type === "ObjectExpression" && property(node, "message") !== undefined) {
    const name = property(node, "name")
    return {
      kind: name === undefined ? "" : (source.textsOf(name)[0]?.text ?? ""),
      message: property(node, "message"),
      hint: property(node, "hint"),
      end: ""
    }
  }
  if (node.type === "CallExpression" && node.callee.type === "Super") return madeBySuper(node, above)
  return undefined
}

/** `const error = new X(...)`, and then `withHint(error, ...)`; or `const make = () => new X(...)`, and then `noteOfLoop(make, ...)`. */
const hintBehind = (above: ReadonlyArray<Node>, source: Source) => {
  const declared = above[0]?.type === "ArrowFunctionExpression" ? above[1] : above[0]
  if (declared?.type !== "VariableDeclarator") return undefined
  const isHint = (node: Node) =>
    (calls(node, "withHint") || calls(node, "noteOfLoop")) && node.arguments[0].name === declared.id.name
  return source.nodes.find(([node]) => isHint(node) && node.start > declared.start)?.[0].arguments[1]
}

/** An error class with a message of its own: the hint is a field. */
const madeBySuper = (node: Node, above: ReadonlyArray<Node>) => {
  const body = above.find(({ type }) => type === "ClassBody")
  const [, owner] = above.slice(above.indexOf(body))
  if (!errorClass.test(owner?.superClass?.name ?? "")) return undefined
  const [text] = [...nodesOf(node.arguments)].map(([each]) => each).filter(({ type }) => type === "Literal")
  return { kind: owner.id.name, message: text, hint: fieldOf(body, "hint"), end: "" }
}

/** The value of a field of a class. */
const fieldOf = (body: Node, name: string) =>
  body.body.find((each: Node) => each.type === "PropertyDefinition" && each.key.name === name)?.value

/** The sources of the packages. */
const sources = () =>
  globSync("packages/{core,compat}/src/**/*.ts", { cwd: root })
    .sort()
    .map((file) => new Source(file))

/** Each message once, by file. */
export const errorMessages = (): ReadonlyArray<ErrorMessage> => {
  const made = sources().flatMap((source) =>
    source.nodes.flatMap(([node, above]) => {
      const error = madeBy(node, above, source)
      const hints = error === undefined ? [] : source.textsOf(error.hint)
      return (error === undefined ? [] : source.textsOf(error.message)).map(({ at, text }, i) => ({
        message: text + error?.end,
        kind: error?.kind ?? "",
        file: source.file,
        when: source.whenAt(at),
        hint: (hints[i] ?? hints.at(-1))?.text
      }))
    })
  )
  // Where a collection is expected, one place says it of all: with the text it is given.
  const collection = made.find(({ message }) => message === "…, not …")
  const found = new Map<string, ErrorMessage>()
  for (const each of made) {
    if (each === collection || found.has(each.message) || !isMessage(each.message)) continue
    const isCollection = each.message.endsWith(", not …") && each.hint === undefined
    found.set(each.message, isCollection ? { ...each, when: collection?.when, hint: collection?.hint } : each)
  }
  return [...found.values()]
}

/**
 * The error classes that core exports: the first paragraph of the docstring, and what it says under "What to do".
 */
export const errorClasses = (): ReadonlyArray<ErrorClass> =>
  sources().flatMap((source) =>
    source.nodes.flatMap(([node, above]) => {
      const name = errorClassOf(node)
      if (name === undefined || !source.file.startsWith("packages/core/")) return []
      const doc = docstringAbove(source.text, above[0].start)
      const hint = node.type === "ClassDeclaration" ? fieldOf(node.body, "hint") : undefined
      const [, todo] = /\*\*What to do\*\*\n\n([\s\S]*?)(?:\n\n|$)/.exec(doc) ?? []
      return [
        { name, happened: flat(doc.split("\n\n")[0] ?? ""), todo: flat(todo ?? source.textsOf(hint)[0]?.text ?? "") }
      ]
    })
  )

/** What the rules of the ESLint plugin say, without their suggestions. */
export const lintMessages = (): ReadonlyArray<LintMessage> =>
  globSync("packages/eslint-plugin/src/rules/*.ts", { cwd: root })
    .sort()
    .flatMap((file) => {
      const source = new Source(file)
      const [messages] = source.nodes
        .filter(([node]) => node.type === "Property" && node.key.name === "messages")
        .map(([node]) => node.value)
      const texts = messages.properties.flatMap((each: Node) => source.textsOf(each.value))
      return texts
        .map(({ text }: Text) => text.replaceAll(/\{\{\w+\}\}/g, "…"))
        .filter((text: string) => text.length > suggestionLength)
        .map((message: string) => ({ rule: basename(file, ".ts"), message }))
    })

// Suggestions are a few words: what they do is seen in the editor.
const suggestionLength = 60

/** The name of the error class that a declaration makes, by `class` or as an alias of one of Effect's. */
const errorClassOf = (node: Node) => {
  if (node.type === "VariableDeclarator" && nameOf(node.init).startsWith("Cause.")) {
    return node.id.name.endsWith("Error") ? node.id.name : undefined
  }
  if (node.type !== "ClassDeclaration") return undefined
  const parent = node.superClass
  const isError = parent?.name === "Error" || /^(?:Data\.)?TaggedError$|^NamedError$/.test(nameOf(parent?.callee))
  return isError ? node.id.name : undefined
}

const nameOf = (node: Node) =>
  node?.type === "MemberExpression" ? `${node.object.name}.${node.property.name}` : (node?.name ?? "")

const docstringAbove = (text: string, at: number) => {
  const before = text.slice(0, at)
  const start = before.lastIndexOf("/**")
  return before
    .slice(start + 3, before.lastIndexOf("*/"))
    .replaceAll(/^ ?\* ?/gm, "")
    .trim()
}

/** Text on one line, links as what they show. */
const flat = (text: string) =>
  text
    .replaceAll(/\{@link ([^}]*)\}/g, "`$1`")
    .replaceAll(/\s+/g, " ")
    .trim()

if (isProgram(import.meta.url)) {
  for (const each of errorMessages())
    console.log(`${each.file}: [${each.kind}] ${each.message}\n    ${each.when}\n    ${each.hint}`)
  console.log(errorClasses())
}
