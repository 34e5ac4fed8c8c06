// Finds in the sources of core and compat every message that the library can produce: what errors are made with, and what
// goes to the exception handler. A `…` stands for what is filled in.
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))

const made =
  /\bnew (?:\w+\.)?(RuntimeError|ValueError|TypeError|RangeError|InvalidStateError|BrokenBarrierError|ExceptionGroup|SuppressedError|Error)\(|\b(super|checkCollection)\(|\bmessage(:|\s=) |\b(?:const) (?:\w*[mM]essage|lost|expected|text)\b( =)\s/g

/** The end of what begins with an opening bracket at `start`, or of an expression that goes to a comma or the line's end. */
const endOf = (/** @type {string} */ text, /** @type {number} */ start) => {
  let depth = 0
  for (let i = start; i < text.length; i++) {
    const char = text[i]
    if (char === '"' || char === "`") i = endOfString(text, i)
    else if ("([{".includes(char)) depth++
    else if (")]}".includes(char)) {
      if (--depth < 0) return i
    } else if (
      depth === 0 &&
      (char === "," || (char === "\n" && !/^\s*[?:+"`]|^\s*$/.test(text.slice(i + 1, text.indexOf("\n", i + 1)))))
    )
      return i
  }
  return text.length
}

const endOfString = (/** @type {string} */ text, /** @type {number} */ start) => {
  const quote = text[start]
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === "\\") i++
    else if (text[i] === quote) return i
    else if (quote === "`" && text.startsWith("${", i)) i = endOf(text, i + 2)
  }
  return text.length
}

/** The text of the strings in an expression, joined where they are added up. */
const stringsIn = (/** @type {string} */ expression) => {
  /** @type {Array<string>} */
  const strings = []
  for (let i = 0; i < expression.length; i++) {
    if (expression[i] !== '"' && expression[i] !== "`") continue
    const end = endOfString(expression, i)
    const text = expression.slice(i + 1, end).replace(/\\(.)/g, "$1")
    const added = /\+\s*$/.test(expression.slice(0, i)) && strings.length > 0
    if (added) strings.push(strings.pop() + text)
    else strings.push(text)
    i = end
  }
  return strings.map((text) => withGaps(text).replace(/…+/g, "…").trim())
}

const withGaps = (/** @type {string} */ text) => {
  let out = ""
  for (let i = 0; i < text.length; i++) {
    if (!text.startsWith("${", i)) out += text[i]
    else {
      i = endOf(text, i + 2)
      out += "…"
    }
  }
  return out
}

/** A message has words. The rest are names of things, and what is put together elsewhere. */
const isMessage = (/** @type {string} */ text) => /[a-z]{2,} .*[a-z]|is expected|invalid state/.test(text)

/**
 * Each message once, by file, with the class it is made with where that stands at the same place.
 *
 * @returns {ReadonlyArray<{ message: string, file: string, kind: string }>}
 */
export const errorMessages = () => {
  const found = new Map()
  for (const file of globSync("packages/{core,compat}/src/**/*.ts", { cwd: root }).sort()) {
    const source = readFileSync(join(root, file), "utf8").replace(/\/\*\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "")
    for (const match of source.matchAll(made)) {
      const start = match.index + match[0].length
      const bracket = match[0].endsWith("(")
      let end = endOf(source, start)
      if (bracket) while (source[end] !== ")" && end < source.length) end = endOf(source, end + 1)
      for (const message of stringsIn(source.slice(start, end))) {
        if (isMessage(message) && !found.has(message)) found.set(message, { file, kind: match[1] ?? "" })
      }
    }
  }
  return [...found].map(([message, { file, kind }]) => ({ message, file, kind }))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { file, message } of errorMessages()) console.log(`${file}: ${message}`)
}
