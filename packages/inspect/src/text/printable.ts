/**
 * Text of the program as it may be printed: a name with an escape code must not move the user's cursor.
 */

// What Python's `str.isprintable` calls unprintable: the categories Other and Separator, except the space.
const unprintable = /(?! )[\p{C}\p{Z}]/gu

const escaped = (character: string): string => {
  const code = character.codePointAt(0)!
  if (character === "\n") return "\\n"
  if (character === "\r") return "\\r"
  if (character === "\t") return "\\t"
  const hex = code.toString(16)
  if (code < 0x100) return `\\x${hex.padStart(2, "0")}`
  return code < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`
}

/** A text of one line, with what cannot be seen escaped. What another process calls a text may be anything. */
export const printable = (text: unknown): string => {
  const known = typeof text === "string" ? text : (JSON.stringify(text) ?? "")
  // Nearly all names: to look is faster than to replace nothing.
  return plain.test(known) ? known : known.replace(unprintable, escaped)
}

const plain = /^[ -~]*$/

/** Data as JSON that may be printed: what cannot be seen is escaped, as JSON escapes. */
export const printableJson = (data: unknown, indent?: number): string => {
  const json = whole(JSON.stringify(data, undefined, indent) ?? "null")
  return plainLines.test(json) ? json : json.replace(unprintable, (sign) => (sign === "\n" ? sign : jsonEscaped(sign)))
}

/** Half of a pair of surrogates, which is no text, is refused by some readers of JSON, `jq` for one. `JSON.stringify` escapes those, and no others. */
const whole = (json: string): string =>
  json.includes("\\ud") ? json.replace(/(?<=(?:^|[^\\])(?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g, "\\ufffd") : json

const plainLines = /^[ -~\n]*$/

const jsonEscaped = (sign: string): string =>
  Array.from({ length: sign.length }, (_, i) => `\\u${sign.charCodeAt(i).toString(16).padStart(4, "0")}`).join("")
