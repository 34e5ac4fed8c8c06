/**
 * Writes the async functions of a program as generators, so that the current task can be carried over every await, see
 * asyncLocalStorage.ts:
 *
 *     async function f(x) { return g(await x) }
 *     function f(__0) { return __run.asyncFunction(this, arguments, { *["f"](x) { return g((yield x)) } }["f"]) }
 *
 * Lines keep their numbers: stacks and reprs show them. A method that uses `super` stays as it is, because a generator cannot have
 * it; behind an await in such a method the task is not known.
 */
import { parse } from "acorn"
import { MagicString } from "magic-string"

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: any
}

/** What the code of a function becomes. */
type Kind = "native" | "async" | "asyncGenerator"

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as Node).type === "string"

const childrenOf = (node: Node): ReadonlyArray<Node> =>
  Object.values(node)
    .flatMap((value): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [value]))
    .filter(isNode)

const isFunction = ({ type }: Node): boolean =>
  type === "FunctionDeclaration" || type === "FunctionExpression" || type === "ArrowFunctionExpression"

/** Whether a function uses the `super` of its method, itself or in an arrow function. */
const usesSuper = (node: Node): boolean =>
  childrenOf(node).some(
    (child) =>
      child.type === "Super" || ((child.type === "ArrowFunctionExpression" || !isFunction(child)) && usesSuper(child))
  )

class Rewriting {
  readonly #source: string
  readonly #text: MagicString
  #names = 0

  constructor(source: string) {
    this.#source = source
    this.#text = new MagicString(source)
  }

  get text(): string {
    return this.#text.toString()
  }

  /** Nodes are visited before what is in them, so that what is put around a node is put around all of it. */
  #around(node: Node, before: string, after: string): void {
    this.#text.appendRight(node.start, before)
    this.#text.prependLeft(node.end, after)
  }

  /** Replaces text, and keeps its lines. */
  #replace(start: number, end: number, text: string): void {
    if (start === end) return void this.#text.appendLeft(start, text)
    this.#text.update(start, end, text + "\n".repeat(this.#source.slice(start, end).split("\n").length - 1))
  }

  /** Takes a word out that stands between two places. */
  #remove(word: RegExp, start: number, end: number): void {
    const found = word.exec(this.#source.slice(start, end))
    if (found !== null) this.#text.update(start + found.index, start + found.index + found[0].length, " ")
  }

  visit(node: Node, kind: Kind, name = ""): void {
    switch (node.type) {
      case "FunctionDeclaration":
      case "FunctionExpression":
      case "ArrowFunctionExpression":
        return this.#function(node, name)
      case "MethodDefinition":
      case "Property":
        return this.#member(node, kind)
      case "VariableDeclarator":
        return this.#children(node, kind, node.id.name)
      case "AssignmentExpression":
        return this.#children(node, kind, node.left.name)
      case "PropertyDefinition":
        return this.#children(node, "native", node.computed ? "" : node.key.name)
      case "StaticBlock":
        return this.#children(node, "native")
      case "Program":
      case "BlockStatement":
        this.#resources(node, kind)
        return this.#children(node, kind)
      case "LabeledStatement":
        if (kind === "native" || node.body.type !== "ForOfStatement" || !node.body.await) break
        this.#replace(node.start, node.body.start, "")
        return this.#forAwait(node.body, kind, `${node.label.name}: `)
      case "ForStatement":
      case "ForOfStatement":
        if ((node.init ?? node.left)?.kind === "await using") {
          const line = this.#source.slice(0, node.start).split("\n").length
          const message = "the playground does not know `await using` in the head of a loop: write it into the body"
          throw Object.assign(new SyntaxError(message), { loc: { line } })
        }
        if (kind !== "native" && node.await) return this.#forAwait(node, kind, "")
        break
      case "ExpressionStatement":
        // What comes to begin with a parenthesis would go on with the line above.
        if (kind !== "native" && /^await\b/.test(this.#source.slice(node.start))) this.#around(node, "{", "}")
        break
      case "AwaitExpression":
        if (kind !== "native") this.#await(node, kind)
        break
      case "YieldExpression":
        if (kind === "asyncGenerator" && node.delegate) this.#around(node.argument, "__run.delegate(", ")")
        break
      case "ReturnStatement":
        if (kind === "asyncGenerator" && node.argument) this.#around(node.argument, "(yield __run.awaited(", "))")
        break
    }
    this.#children(node, kind)
  }

  #children(node: Node, kind: Kind, name = ""): void {
    for (const child of childrenOf(node)) this.visit(child, kind, name)
  }

  #await(node: Node, kind: Kind): void {
    const isGenerator = kind === "asyncGenerator"
    this.#text.update(node.start, node.start + "await".length, isGenerator ? "(yield __run.awaited(" : "(yield")
    this.#text.prependLeft(node.end, isGenerator ? "))" : ")")
  }

  #member(node: Node, kind: Kind): void {
    const { computed, key, value } = node
    if (computed) this.visit(key, kind)
    const name = computed ? "" : String(key.name ?? key.value)
    const isMethod = node.method === true || node.type === "MethodDefinition"
    if (!isMethod || value.async !== true || usesSuper(value)) {
      return isMethod ? this.#children(value, "native") : this.visit(value, kind, name)
    }
    this.#remove(/\basync\b/, node.start, key.start)
    if (value.generator) this.#remove(/\*/, node.start, key.start)
    this.#around(value, this.#head(value, name), this.#foot(name))
    this.#children(value, value.generator ? "asyncGenerator" : "async")
  }

  /** The function around the generator: what looks at its length finds the same. */
  #head(node: Node, name: string): string {
    const isArrow = node.type === "ArrowFunctionExpression"
    const optional = node.params.findIndex(({ type }: Node) => type === "AssignmentPattern" || type === "RestElement")
    const required = node.params.slice(0, optional < 0 ? undefined : optional).map((_: Node, n: number) => `__${n}`)
    const parameters = isArrow ? [...required, "...__rest"] : required
    const given = isArrow ? `[${parameters.join(", ")}]` : "arguments"
    const call = `__run.async${node.generator ? "Generator" : "Function"}(this, ${given}, `
    return `(${parameters.join(", ")}) ${isArrow ? "=> " : ""}{ return ${call}{ *[${JSON.stringify(name)}]`
  }

  #foot(name: string): string {
    return ` }[${JSON.stringify(name)}]) }`
  }

  #function(node: Node, assigned: string): void {
    if (!node.async || usesSuper(node)) return this.#children(node, "native")
    const name = node.id?.name ?? assigned
    const kind = node.generator ? "asyncGenerator" : "async"
    if (node.type === "ArrowFunctionExpression") this.#arrow(node, name)
    else {
      const parameters = this.#source.indexOf("(", node.id?.end ?? node.start)
      this.#remove(/\basync\b/, node.start, parameters)
      if (node.generator) this.#remove(/\*/, node.start, parameters)
      this.#text.appendRight(parameters, this.#head(node, name))
      this.#text.prependLeft(node.end, this.#foot(name))
    }
    this.#children(node, kind)
  }

  #arrow(node: Node, name: string): void {
    const { params } = node
    const start = node.start + "async".length
    const beforeArrow: number = params.at(-1)?.end ?? start
    const arrow = this.#source.indexOf("=>", beforeArrow)
    const isBare = params.length === 1 && !this.#source.slice(start, params[0].start).includes("(")
    this.#text.update(node.start, start, this.#head(node, name) + (isBare ? "(" : ""))
    this.#text.update(arrow, arrow + "=>".length, (isBare ? ")" : "") + (node.expression ? "{ return (" : ""))
    this.#text.prependLeft(node.end, (node.expression ? ") }" : "") + this.#foot(name))
  }

  #forAwait(node: Node, kind: Kind, label: string): void {
    const { body, left, right } = node
    const n = ++this.#names
    const yielded = (value: string) => (kind === "asyncGenerator" ? `yield __run.awaited(${value})` : `yield ${value}`)
    const item = this.#source.slice(left.start, left.end)
    this.#replace(node.start, right.start, `{ const __loop${n} = __run.iterate(`)
    this.#replace(
      right.end,
      body.start,
      `); try { ${label}for (let __item${n}; __loop${n}.goesOn(__item${n} = ${yielded(`__loop${n}.next()`)});) { ${item} = __item${n}.value; `
    )
    this.#text.prependLeft(
      node.end,
      `} } catch (__error) { __loop${n}.fail(__error) } finally { if (__loop${n}.open) try { ${yielded(`__loop${n}.close()`)} } catch (__error) { __loop${n}.closingFailed(__error) } } }`
    )
    this.visit(right, kind)
    this.visit(body, kind)
  }

  #resources(block: Node, kind: Kind): void {
    const declarations = (block.body as ReadonlyArray<Node>).filter(
      ({ kind: word }) => word === "using" || (word === "await using" && kind !== "native")
    )
    const first = declarations[0]
    if (first === undefined) return
    const name = `__resources${++this.#names}`
    const waits = declarations.some(({ kind }) => kind === "await using")
    for (const declaration of declarations) {
      const before = declaration === first ? `const ${name} = __run.resources(); try { ` : ""
      this.#replace(declaration.start, declaration.declarations[0].start, `${before}const `)
      for (const { init } of declaration.declarations) {
        this.#around(init, `${name}.use(`, `, ${declaration.kind === "await using"})`)
      }
    }
    const disposal = kind === "asyncGenerator" ? "disposalsAwaited" : "disposals"
    const dispose = waits ? `yield* ${name}.${disposal}()` : `${name}.disposeNow()`
    const end = block.type === "BlockStatement" ? block.end - 1 : block.end
    this.#text.appendLeft(end, `} catch (__error) { ${name}.fail(__error) } finally { ${dispose} }`)
  }
}

/** Rewrites what may stand in an async function: the top level of a program, with its imports gone. */
export const rewriteAsyncFunctions = (source: string): string => {
  const program = parse(source, { ecmaVersion: "latest", sourceType: "module", allowAwaitOutsideFunction: true })
  const rewriting = new Rewriting(source)
  rewriting.visit(program, "async")
  return rewriting.text
}
