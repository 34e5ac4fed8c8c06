// How large the sources of core and compat are, and the heart of core: what `npm run dev -- trace` prints beside the calls.
import { globSync, readFileSync } from "node:fs"
import { stripTypeScriptTypes } from "node:module"
import { basename, join } from "node:path"
import { root } from "../repository.ts"
import { type Circles, circlesIn } from "./circles.ts"
import { childrenOf, nameOf, type Node, parse } from "./syntax.ts"

/**
 * The heart, in files of internal/task: future, task, both kinds of it, wait, suspend, scopes, own fiber, cancellation, request, and how
 * requests are counted and kept. Not what stands beside these: entries, timers, who is current, what timeouts cancel, texts, frames, the
 * trees of tasks, Effect's fibers made faster, parts that are nested too deep, the end of a scope, and what comes after it.
 */
const heart: ReadonlyArray<string> = [
  "request",
  "requestCounts",
  "kept",
  "cancellation",
  "cancelWalk",
  "future",
  "task",
  "fiberTask",
  "callbackTask",
  "scope",
  "fiberScope",
  "callbackScope",
  "shieldedScope",
  "wait",
  "fiberWait",
  "suspend",
  "boundary",
  "ownFiber"
]

/** What is true of a request, whatever it meets: all fields of these. */
const isFact = (field: string): boolean => /^Cancel(?:Request|ledError)\./.test(field)

/** What leads from an error to the rest that is known of its request, also from one that another copy of the package has made. */
const leads = new Set(["CancelledError.#request", "requestsOfOthers"])

/**
 * What the other fields of core and compat that refer to requests are there for. One that is missing here counts as a place of a due
 * request.
 */
const requestFields: Readonly<Record<string, "due" | "put off" | "made" | "met">> = {
  // One field of one interface. It is written once in each kind of scope.
  "FiberScope.due": "due",
  "CallbackScope.due": "due",
  // Which request somebody has met: that is known to them only, and no step of theirs has to deliver it. A future was ended by it.
  "FutureImpl.cancellation": "met",
  // What is awaited has taken it: if it ends cancelled, that is the end of the wait.
  "Wait.forwarded": "met",
  // It went to the fiber as a native interrupt, and Effect delivers it. The boundary takes it back at its end.
  "BoundaryFrame.interruptions": "met",
  // Those that ended awaits of the coroutine: to end with one of them is to end cancelled.
  "CallbackScope.#delivered": "met",
  // Refused, and so due around the shield. It is asked for inside when the shield falls.
  "ShieldedScope.#held": "met",
  // The last one that a task had to keep: `_cancel_message` of an asyncio task, which outlives the request.
  kept: "met",
  // What is asked for at this moment, on the stack.
  "Walk.#error": "met",
  // A gather that was cancelled, and a task that did not say in time that it is ready: each ends with it.
  "Gathering.#cancelRequested": "met",
  "Readiness.#asked": "met",
  // What compat's drivers are told, and what signals have told of. The scope has it in `due`, or an await has taken it.
  "Driver.lastRequest": "met",
  "Driver.unheard": "met",
  "Signals.#toldBefore": "met",
  "Signals.#pressed": "met",
  // Whose end an error tells of.
  scopesOfEnds: "met",
  // Errors that libraries have made of a cancellation.
  recognized: "met",
  // A step of core has taken it, and compat keeps it from code that seems to be cleaning up: for five seconds, or until that looks.
  "Signals.#putOff": "put off",
  // A timeout and a group have made it, and withdraw it at their end.
  "Deadline.#request": "made",
  "TaskGroupImpl.#request": "made",
  // What a group has cancelled its tasks with, and cancels those with that join it later.
  "TaskGroupImpl.#aborted": "made"
}

export interface Measures {
  /** Lines of the heart that are no comments, and not blank. */
  readonly codeLinesOfHeart: number
  readonly largestFile: { readonly file: string; readonly lines: number }
  readonly largestFunction: { readonly file: string; readonly lines: number }
  /** Where a request is that is due: the next step has to deliver it, and nothing else refers to it. */
  readonly placesOfDueRequests: ReadonlyArray<string>
  /** Where a request is that core has delivered to compat, and that the code of the scope has not got yet. */
  readonly placesOfPutOffRequests: ReadonlyArray<string>
  /** What timeouts and groups know of the requests that they have made. */
  readonly madeRequests: ReadonlyArray<string>
  /** What is known of a request. */
  readonly factsOfRequests: ReadonlyArray<string>
  /** What others know of requests that they have met. */
  readonly metRequests: ReadonlyArray<string>
  readonly circles: Circles
}

export const linesOf = (text: string): number => text.trimEnd().split("\n").length

/** The lines that are no comments, and not blank. Nothing here has code behind a comment, or a comment in a string. */
const codeLines = (source: string): number =>
  source.split("\n").filter((line) => line.trim() !== "" && !/^\s*(?:\/\/|\/?\*)/.test(line)).length

/** The code lines of the longest function in a source, without those of the functions in it. */
export const longestFunction = (source: string): number => {
  const code = stripTypeScriptTypes(source)
  let longest = 0
  /** Gives how many code lines of `node` are functions. */
  const visit = (node: Node): number => {
    let inner = 0
    for (const [, child] of childrenOf(node)) inner += visit(child)
    if (!/Function/.test(node.type)) return inner
    const lines = codeLines(code.slice(node.start, node.end))
    longest = Math.max(longest, lines - inner)
    return lines
  }
  visit(parse(code))
  return longest
}

/** The fields of classes that are typed as a request, or as several, and the tables of requests beside classes. */
const fieldsOfRequests = (source: string): ReadonlyArray<string> => {
  const fields: Array<string> = []
  const visit = (node: Node, owner: string | undefined): void => {
    const inside = /^Class(?:Declaration|Expression)$/.test(node.type) ? nameOf(node["id"]) : owner
    const type = node.type === "PropertyDefinition" ? (node["typeAnnotation"] as Node | null) : null
    const text = type === null ? "" : source.slice(type.start, type.end)
    // How something ended is no request any more.
    const field = `${inside}.${nameOf(node["key"])}`
    if (type !== null && (isFact(field) || (isRequest.test(text) && !/\bExit\b/.test(text)))) fields.push(field)
    const init = node.type === "VariableDeclarator" ? (node["init"] as Node | null) : null
    const made = init?.type === "NewExpression" ? source.slice(init.start, init.end) : ""
    if (inside === undefined && isRequest.test(made) && /^new (?:Weak)?(?:Map|Set)</.test(made))
      fields.push(String(nameOf(node["id"])))
    for (const [, child] of childrenOf(node)) visit(child, inside)
  }
  visit(parse(source), undefined)
  return fields
}

const isRequest = /\bCancel(?:ledError|Request)\b/

export const measure = (): Measures => {
  const files = globSync("packages/{core,compat}/src/**/*.ts", { cwd: root })
  const sources = files.map((file) => ({ file, source: readFileSync(join(root, file), "utf8") }))
  const ofHeart = sources.filter(
    ({ file }) => file.includes("/internal/task/") && heart.includes(basename(file, ".ts"))
  )
  const fields = sources.flatMap(({ source }) => fieldsOfRequests(source)).filter((field) => !leads.has(field))
  const others = (use: "due" | "put off" | "made" | "met") =>
    fields.filter((field) => !isFact(field) && (requestFields[field] ?? "due") === use)
  const largest = (size: (source: string) => number) =>
    sources
      .map(({ file, source }) => ({ file: file.replace("packages/", ""), lines: size(source) }))
      .reduce((a, b) => (b.lines > a.lines ? b : a))
  return {
    codeLinesOfHeart: ofHeart.reduce((sum, { source }) => sum + codeLines(source), 0),
    largestFile: largest(linesOf),
    largestFunction: largest(longestFunction),
    placesOfDueRequests: others("due"),
    placesOfPutOffRequests: others("put off"),
    madeRequests: others("made"),
    factsOfRequests: fields.filter(isFact),
    metRequests: others("met"),
    circles: circlesIn(new Map(sources.map(({ file, source }) => [file, source])))
  }
}
