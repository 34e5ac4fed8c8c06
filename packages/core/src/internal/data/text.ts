/**
 * Text that is safe to print: of one line, of bounded length, without what a terminal or a log viewer would obey.
 *
 * Names, messages and results come from anywhere, and print in the middle of what we say ourselves. Nothing here throws,
 * whatever the program made of its objects.
 */

/** How many characters of a name, a message or a value print; the middle of what is longer is cut out, as reprlib does. */
export const longest = 200

/** Whether there is nothing to escape: by far the most common case. */
const isPlain = (text: string): boolean => /^[ -~]*$/.test(text)

// What Python's `str.isprintable` calls unprintable: the categories Other and Separator, except the space.
const unprintable = /(?! )[\p{C}\p{Z}]/gu

const shortEscapes = new Map([
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"]
])

const escapeOf = (character: string): string => {
  const short = shortEscapes.get(character)
  if (short !== undefined) return short
  const code = character.codePointAt(0)!
  const digits = code.toString(16)
  if (code <= 0xff) return `\\x${digits.padStart(2, "0")}`
  return code <= 0xffff ? `\\u${digits.padStart(4, "0")}` : `\\U${digits.padStart(8, "0")}`
}

/** Text with what cannot be seen escaped as Python's repr escapes it: control and format characters, bidi marks, odd spaces. */
export const escape = (text: string): string => (isPlain(text) ? text : text.replace(unprintable, escapeOf))

/** As much of the ends of a text as `cut` can use, so that what is done before takes no longer for a long text. */
export const ends = (text: string): string =>
  text.length <= 2 * longest ? text : head(text, longest) + tail(text, longest)

/** A text that is too long, without its middle. */
export const cut = (text: string, most = longest): string => {
  if (text.length <= most) return text
  const half = (most - 3) / 2
  return `${head(text, Math.floor(half))}...${tail(text, Math.ceil(half))}`
}

// Half of a surrogate pair would not be printable.
const isHigh = (code: number): boolean => code >= 0xd800 && code <= 0xdbff
const isLow = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff

const head = (text: string, length: number): string =>
  text.slice(0, isHigh(text.charCodeAt(length - 1)) ? length - 1 : length)

const tail = (text: string, length: number): string => {
  const start = text.length - length
  return text.slice(isLow(text.charCodeAt(start)) ? start + 1 : start)
}

/** A sentence that the program, or a library, wrote. */
export const sentence = (text: string): string => escape(cut(text, 2000))

/** A name, a place, or anything else that stands without quotes. */
export const plain = (text: string): string => cut(escape(ends(text)))

/** A string as Python's repr quotes it. */
export const quote = (text: string): string => {
  const short = ends(text)
  const escaped = escape(short.replaceAll("\\", "\\\\"))
  return cut(escaped.includes("'") && !escaped.includes('"') ? `"${escaped}"` : `'${escaped.replaceAll("'", "\\'")}'`)
}

/** What `read` gives, or `otherwise` where it throws: getters, proxies and `toString` are the program's own code. */
export const safely = <A, B>(read: () => A, otherwise: B): A | B => {
  try {
    return read()
  } catch {
    return otherwise
  }
}

/** The name of a function, or of a class; empty where it has none, or one that is no string or cannot be read. */
export const nameOf = (named: unknown): string =>
  safely(() => {
    const { name } = named as { readonly name?: unknown }
    return typeof name === "string" ? name : ""
  }, "")

/** A call of a function, which is perhaps `otherwise`. */
export const callOf = (name: string, otherwise = "<anonymous>"): string => `${name === "" ? otherwise : plain(name)}()`

/** So many names say enough in one line. */
export const mostNamed = 10

/** The first and the last of a list of texts, `most` at most, and between them how many more there are. */
export const abridged = <A>(items: ReadonlyArray<A>, most: number, text: (item: A) => string): Array<string> => {
  if (items.length <= most) return items.map(text)
  const first = Math.ceil(most / 2)
  const last = most - first
  const left = `<${items.length - most} more>`
  return [...items.slice(0, first).map(text), left, ...items.slice(items.length - last).map(text)]
}

/** Whether a value is an instance of a class. A proxy may not even let itself be asked. */
export const isInstance = <T>(value: unknown, type: abstract new (...args: never) => T): value is T =>
  safely(() => value instanceof type, false)
