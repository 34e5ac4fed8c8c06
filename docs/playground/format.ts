/** Texts of values as Node.js prints them: a program says the same here as in a terminal. */

const inspect = Symbol.for("nodejs.util.inspect.custom")

/** Longer than this, and every entry gets a line of its own. */
const width = 72

/** Deeper, and only the kind of a value is told. */
const depth = 2

const most = 100

const quoted = (text: string): string =>
  text.includes("'") && !text.includes('"')
    ? JSON.stringify(text)
    : `'${text.replace(/[\\']/g, "\\$&").replaceAll("\n", "\\n")}'`

const ownText = (value: object): string | undefined => {
  const { [inspect]: custom, toString } = value as { readonly [inspect]?: unknown; readonly toString?: unknown }
  if (typeof custom === "function") {
    const text: unknown = custom.call(value, depth, {}, show)
    return typeof text === "string" ? text : show(text)
  }
  const isOrdinary = toString === Object.prototype.toString || typeof toString !== "function"
  return isOrdinary || typeof value === "function" || value instanceof Date ? undefined : String(toString.call(value))
}

const block = (open: string, entries: ReadonlyArray<string>, close: string, indent: string): string => {
  if (entries.length === 0) return open + close
  const line = `${open} ${entries.join(", ")} ${close}`
  if (line.length <= width && !line.includes("\n")) return line
  return `${open}\n${entries.map((entry) => `${indent}  ${entry}`).join(",\n")}\n${indent}${close}`
}

const kindOf = (value: object): string => {
  const name = (Object.getPrototypeOf(value) as { readonly constructor?: { readonly name?: string } } | null)
    ?.constructor?.name
  return name === undefined || name === "Object" ? "" : `${name} `
}

const errorText = (error: Error): string => {
  const head = String(error)
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at .*main\.ts/.test(line))
  return [head, ...frames].join("\n")
}

/** A value inside of another. */
const show = (value: unknown, seen: ReadonlyArray<object> = [], indent = ""): string => {
  if (typeof value === "string") return quoted(value)
  if (typeof value === "bigint") return `${value}n`
  if (typeof value === "function") {
    const kind = /^class\b/.test(String(value)) ? "class" : value.name === "" ? "Function" : "Function:"
    return `[${kind} ${value.name || "(anonymous)"}]`
  }
  if (typeof value !== "object" || value === null) return Object.is(value, -0) ? "-0" : String(value)
  if (seen.includes(value)) return "[Circular *1]"
  if (value instanceof Error) return seen.length === 0 ? errorText(value) : `[${errorText(value)}]`
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString()
  if (value instanceof RegExp) return String(value)
  if (value instanceof Promise) return "Promise"
  const kind = kindOf(value)
  const isArray = Array.isArray(value)
  const isCollection = value instanceof Map || value instanceof Set
  const own = isArray || isCollection ? undefined : ownText(value)
  if (own !== undefined) return own
  if (seen.length > depth) return isArray ? "[Array]" : `[${kind.trim() || "Object"}]`
  const inner = [...seen, value]
  const text = (each: unknown) => show(each, inner, `${indent}  `)
  if (isArray) {
    const entries = value.slice(0, most).map(text)
    if (value.length > most) entries.push(`... ${value.length - most} more items`)
    return block("[", entries, "]", indent)
  }
  if (value instanceof Map)
    return block(
      `Map(${value.size}) {`,
      Array.from(value, ([key, each]) => `${text(key)} => ${text(each)}`),
      "}",
      indent
    )
  if (value instanceof Set) return block(`Set(${value.size}) {`, Array.from(value, text), "}", indent)
  const entries = Object.entries(value).map(
    ([key, each]) => `${/^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key)}: ${text(each)}`
  )
  return block(`${kind}{`, entries, "}", indent)
}

/** What `console.log(...values)` prints. */
export const textOf = (values: ReadonlyArray<unknown>): string => {
  const [first, ...rest] = values
  if (typeof first !== "string" || !/%[sdifjoOc%]/.test(first)) return values.map(shown).join(" ")
  const text = first.replace(/%([sdifjoOc%])/g, (all, kind: string) => {
    if (kind === "%") return "%"
    if (rest.length === 0) return all
    const value = rest.shift()
    if (kind === "c") return ""
    if (kind === "d" || kind === "f") return String(Number(value))
    if (kind === "i") return String(Math.trunc(Number(value)))
    if (kind === "j") return JSON.stringify(value)
    return kind === "s" ? shown(value) : show(value)
  })
  return [text, ...rest.map(shown)].join(" ")
}

const shown = (value: unknown): string => (typeof value === "string" ? value : show(value))
