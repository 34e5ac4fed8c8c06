// What is called when a task is created, awaited and cancelled: the sources of core and compat are loaded with a note at the
// beginning of each function.
import { readFileSync } from "node:fs"
import { registerHooks, stripTypeScriptTypes } from "node:module"
import { join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { root } from "../repository.ts"
import { childrenOf, nameOf, type Node, parse } from "./syntax.ts"

/** A call of one function. */
export interface Call {
  /** Below `packages`, as in `core/src/internal/task/task.ts`. */
  readonly file: string
  readonly name: string
}

/** The functions of the sources, by the number that their notes give. */
const functions: Array<Call> = []

// The numbers of the calls, while somebody records them.
let recorded: Array<number> | undefined

const note = (id: number): void => void recorded?.push(id)

const sources = /\/packages\/(?:core|compat)\/src\/.*\.ts$/

/** Has the sources of core and compat note their calls. To be called before they are imported. */
export const noteCalls = (): void => {
  Object.assign(globalThis, { noteCall: note })
  registerHooks({
    load: (url, context, next) => {
      if (!url.startsWith("file:") || !sources.test(url)) return next(url, context)
      const path = fileURLToPath(url)
      const source = withNotes(relative(join(root, "packages"), path), readFileSync(path, "utf8"))
      return { format: "module", shortCircuit: true, source }
    }
  })
}

/** Begins to record calls. */
export const beginRecording = (): void => void (recorded = [])

/** Ends {@link beginRecording}, and gives what was called since. */
export const endRecording = (): ReadonlyArray<Call> => {
  const ids = recorded ?? []
  recorded = undefined
  return ids.map((id) => functions[id]!)
}

// ---- notes at the beginning of functions ---------------------------------------------------------------------------

const functionTypes = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"])

/** Gives `source`, of TypeScript, as JavaScript that notes each call of a function in it. */
const withNotes = (file: string, source: string): string => {
  const code = stripTypeScriptTypes(source)
  const insertions: Array<readonly [at: number, text: string]> = []
  const visit = (node: Node, owner: string | undefined, name: string | undefined): void => {
    const ofClass = node.type === "ClassDeclaration" || node.type === "ClassExpression"
    const inside = ofClass ? (nameOf(node["id"]) ?? name ?? "class") : owner
    if (functionTypes.has(node.type)) {
      const called = name ?? nameOf(node["id"]) ?? "(function)"
      const noted = `noteCall(${functions.push({ file, name: called }) - 1})`
      const body = node["body"] as Node
      if (body.type === "BlockStatement") insertions.push([body.start + 1, `${noted};`])
      else insertions.push([body.start, `(${noted},`], [body.end, ")"])
    }
    for (const [key, child] of childrenOf(node)) visit(child, inside, nameFor(node, key, inside))
  }
  visit(parse(code), undefined, undefined)
  insertions.sort(([a], [b]) => b - a)
  return insertions.reduce((text, [at, inserted]) => text.slice(0, at) + inserted + text.slice(at), code)
}

/** The name of a function that is the child `key` of `parent`. */
const nameFor = (parent: Node, key: string, owner: string | undefined): string | undefined => {
  if (parent.type === "MethodDefinition" || parent.type === "PropertyDefinition") {
    return key === "value" ? `${owner ?? "class"}.${nameOf(parent["key"]) ?? "[computed]"}` : undefined
  }
  if (parent.type === "VariableDeclarator" && key === "init") return nameOf(parent["id"])
  if (parent.type === "Property" && key === "value") return nameOf(parent["key"])
  return parent.type === "AssignmentExpression" && key === "right" ? nameOf(parent["left"]) : undefined
}

// ---- counting ------------------------------------------------------------------------------------------------------

/**
 * How a trace reads: a move is a call into another file than that of the call before, back one into a file that was left; a noun is a
 * class of which something is called, a verb what it does, or a function does.
 */
export interface Figures {
  readonly calls: number
  readonly functions: number
  readonly files: number
  readonly moves: number
  readonly back: number
  readonly folders: number
  readonly nouns: number
  readonly verbs: number
}

export const figuresOf = (calls: ReadonlyArray<Call>): Figures => {
  const files = new Set<string>()
  let moves = 0
  let back = 0
  let at: string | undefined
  for (const { file } of calls) {
    if (at !== undefined && file !== at) {
      moves++
      if (files.has(file)) back++
    }
    files.add(file)
    at = file
  }
  const words = calls.map(({ name }) => name.split("."))
  return {
    calls: calls.length,
    functions: new Set(calls.map(({ file, name }) => `${file} ${name}`)).size,
    files: files.size,
    moves,
    back,
    folders: new Set(Array.from(files, (file) => file.slice(0, file.lastIndexOf("/")))).size,
    nouns: new Set(words.filter(({ length }) => length > 1).map(([noun]) => noun)).size,
    verbs: new Set(words.map((each) => each.at(-1)!.replace("#", "")).filter((verb) => verb !== "constructor")).size
  }
}
