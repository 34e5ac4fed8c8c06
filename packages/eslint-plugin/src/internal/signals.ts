/**
 * Calls that listen to an AbortSignal when they are given one, and where they take it.
 */
import type { SourceCode } from "eslint"
import type * as ESTree from "estree"
import { type Node, propertyName, unwrap } from "./ast.ts"
import { constantValue, isGlobal, type Origin, originOf, variableOf } from "./origin.ts"
import { namedTypeOf } from "./types.ts"

type Call = ESTree.SimpleCallExpression

/**
 * - a number: as a property of the options at that position
 * - `last`: as a property of options behind all other arguments, however many
 * - `second`: the signal itself, as the second argument
 */
export type Place = number | "last" | "second"

export interface SignalTaker {
  readonly place: Place
  /** Where a call that waits is no await: the loop over it is. */
  readonly isLoop?: boolean
  /** The message of the rule for it. */
  readonly messageId: "fetch" | "once" | "on" | "noSignal" | "retry"
}

type Entry = Place | ((call: Call) => Place | undefined)

const isText = (node: Node | undefined): boolean => node?.type === "Literal" || node?.type === "TemplateLiteral"

/** `axios(config)` or `axios(url, config)`: what is neither a text nor an object may be either. */
const afterUrl = (call: Call): Place | undefined => {
  const first = call.arguments[0] && unwrap(call.arguments[0])
  if (first?.type === "ObjectExpression") return 0
  return isText(first) || call.arguments.length > 1 ? 1 : undefined
}

/** `execFile(file)`, `execFile(file, options)` or `execFile(file, args, options)`. */
const afterArgs = (call: Call): Place =>
  call.arguments.length > 2 || (call.arguments[1] && unwrap(call.arguments[1]).type !== "ObjectExpression") ? 2 : 1

const all = (names: string, entry: Entry): ReadonlyArray<readonly [string, Entry]> =>
  names.split(" ").map((name) => [name, entry] as const)

const clients = (entry: Entry): ReadonlyMap<string, Entry> =>
  new Map(all("default get post put patch head delete", entry))

const calls: Readonly<Record<string, ReadonlyMap<string, Entry>>> = {
  axios: new Map([
    ...all("default", afterUrl),
    ...all("get delete head options", 1),
    ...all("post put patch postForm putForm patchForm", 2),
    ...all("request", 0)
  ]),
  child_process: new Map([...all("promisify.exec", 1), ...all("promisify.execFile", afterArgs)]),
  got: new Map([...clients(1), ...all("default got", afterUrl)]),
  ky: clients(1),
  "node-fetch": new Map(all("default", 1)),
  readline: new Map(all("promisify.question", 1)),
  "readline/promises": new Map(all("interface.question", 1)),
  stream: new Map([
    ...all("promises.pipeline promisify.pipeline", "last"),
    ...all("promises.finished promisify.finished", 1)
  ]),
  "stream/promises": new Map([...all("pipeline", "last"), ...all("finished", 1)]),
  undici: new Map([...all("fetch request stream pipeline", 1), ...all("dispatcher.request dispatcher.stream", 0)])
}

const loops: Readonly<Record<string, ReadonlyMap<string, Entry>>> = {
  readline: new Map(all("createInterface promises.createInterface", 0)),
  "readline/promises": new Map(all("createInterface", 0)),
  "timers/promises": new Map(all("setInterval", 2))
}

/** Wrappers that call again what has failed, and sleep in between. */
const retries: Readonly<Record<string, ReadonlyMap<string, Entry>>> = {
  cockatiel: new Map(all("policy.execute", "second")),
  "p-retry": new Map(all("default pRetry", 1))
}

const lookUp = (
  table: Readonly<Record<string, ReadonlyMap<string, Entry>>>,
  origin: Origin,
  call: Call
): Place | undefined => {
  const entry = table[origin.module ?? ""]?.get(origin.path.join(".") || "default")
  return typeof entry === "function" ? entry(call) : entry
}

/** `listening` comes by itself, and soon: a cancellation may wait for it. */
const comesSoon = (call: Call): boolean => {
  const event = call.arguments[1] && unwrap(call.arguments[1])
  return event?.type === "Literal" && event.value === "listening"
}

/** How a call takes a signal, undefined when it takes none or that is not known. */
export const signalTakerOf = (sourceCode: SourceCode, call: Call): SignalTaker | undefined => {
  const origin = callOrigin(sourceCode, call.callee)
  if (origin === undefined) return undefined
  if (origin.module === undefined) {
    return origin.path.join(".") === "fetch" ? { place: 1, messageId: "fetch" } : undefined
  }
  if (origin.module === "events") {
    const method = origin.path.at(-1)
    if (method === "once" && !comesSoon(call)) return { place: 2, messageId: "once" }
    return method === "on" ? { place: 2, messageId: "on", isLoop: true } : undefined
  }
  const place = lookUp(calls, origin, call)
  if (place !== undefined) return { place, messageId: "noSignal" }
  const loop = lookUp(loops, origin, call)
  if (loop !== undefined) return { place: loop, messageId: "noSignal", isLoop: true }
  const retry = lookUp(retries, origin, call)
  return retry === undefined ? undefined : { place: retry, messageId: "retry" }
}

/** A signal among the options of a call that aborts when its time is up, and knows nothing of the task. */
export interface TimeSignal {
  readonly property: ESTree.Property
  /** `AbortSignal.timeout(ms)`, or the constant that holds it. */
  readonly signal: Node
}

/** The {@link TimeSignal} that a call is given. */
export const timeSignalOf = (sourceCode: SourceCode, call: Call): TimeSignal | undefined => {
  for (const argument of call.arguments) {
    const options = unwrap(argument)
    if (options.type !== "ObjectExpression") continue
    for (const property of options.properties) {
      if (property.type !== "Property" || propertyName(property) !== "signal") continue
      const made = valueOf(sourceCode, unwrap(property.value))
      const isOfTime = made?.type === "CallExpression" && isGlobal(sourceCode, made.callee, "AbortSignal.timeout")
      if (isOfTime) return { property, signal: property.value }
    }
  }
  return undefined
}

/** What makes a client, and what its methods are called in the tables above. */
const makers: Readonly<Record<string, readonly [pattern: RegExp, prefix: ReadonlyArray<string>]>> = {
  axios: [/^create$/, []],
  cockatiel: [/./, ["policy"]],
  got: [/^(?:got\.)?extend$/, []],
  ky: [/^(?:create|extend)$/, []],
  "readline/promises": [/^createInterface$/, ["interface"]],
  undici: [/^(?:Agent|Client|Pool|ProxyAgent)$/, ["dispatcher"]]
}

const clientTypes: Readonly<Record<string, string>> = {
  Axios: "axios",
  AxiosInstance: "axios",
  Got: "got",
  KyInstance: "ky"
}

/** Where a callee comes from, seen through `promisify(exec)` and clients such as `axios.create()`. */
export const callOrigin = (sourceCode: SourceCode, callee: Node): Origin | undefined => {
  const direct = originOf(sourceCode, callee)
  if (direct !== undefined) return direct
  const path: Array<string> = []
  let base = unwrap(callee)
  while (base.type === "MemberExpression") {
    const name = propertyName(base)
    if (name === undefined) return undefined
    path.unshift(name)
    const type = path.length === 1 ? namedTypeOf(sourceCode, base.object) : undefined
    const client = type?.module === undefined ? undefined : clientTypes[type.name]
    if (client !== undefined) return { module: client, path }
    base = unwrap(base.object)
  }
  const made = valueOf(sourceCode, base)
  if (made?.type !== "CallExpression" && made?.type !== "NewExpression") return undefined
  const origin = originOf(sourceCode, made.callee)
  if (origin?.module === "util" && origin.path.at(-1) === "promisify") {
    const inner = made.arguments[0] && originOf(sourceCode, made.arguments[0])
    return inner && path.length === 0 ? { module: inner.module, path: ["promisify", ...inner.path] } : undefined
  }
  const [pattern, prefix] = makers[origin?.module ?? ""] ?? []
  if (origin === undefined || !pattern?.test(origin.path.join("."))) return undefined
  return { module: origin.module, path: path.length === 0 ? ["default"] : [...prefix!, ...path] }
}

const valueOf = (sourceCode: SourceCode, node: Node): Node | undefined => {
  const variable = variableOf(sourceCode, node)
  return variable === undefined ? node : constantValue(variable)
}
