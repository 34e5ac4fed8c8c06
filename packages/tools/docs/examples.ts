// Takes every fence of TypeScript out of the sources and the pages into docs/.examples, one module per fence, where
// `tsc -b` type-checks them and the "docs" test project runs them. Line numbers stay the document's own.
//
// On a page a fence is a program, see pages.ts, unless it is marked `ts import.meta.vitest`. In a docstring each has to be
// marked. A marked one is an example. Every example can use vitest's `expect`. A line that ends in `// => value` becomes an assertion, Effect's convention:
//
//   expr // => value             expect(expr).toEqual(value)             expr may begin with `await` or `yield*`
//   const x = expr // => value   const x = expr; expect(x).toEqual(value)
//
// An expression may span several lines when its last line begins with a closing bracket: it then starts at the nearest
// line above with the same indentation. Anything else (`return x // => 1`) becomes a syntax error, never a silent skip.
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { isProgram, root } from "../repository.ts"
import { pagePaths, programModules } from "./pages.ts"

const out = join(root, "docs/.examples")

/** A fence that is an example. */
interface Example {
  /** Of the opening. */
  readonly line: number
  /** Without the docstring's stars. */
  readonly code: string
}

const fences = (text: string): ReadonlyArray<Example> => {
  const unmarked = /^[ \t]*\* ```(?!\w+ import\.meta\.vitest\n)(?:ts|typescript|js|javascript)\b.*$/m.exec(text)
  if (unmarked !== null) throw new Error(`nothing would run this: ${unmarked[0].trim()}`)
  const pattern = /^([ \t]*(?:\* )?)```ts[^\n]*\bimport\.meta\.vitest\b[^\n]*\n([\s\S]*?)^\1```/gm
  return Array.from(text.matchAll(pattern), (match) => {
    const [, indent = "", code = ""] = match
    return {
      line: text.slice(0, match.index).split("\n").length,
      code: indent.includes("*") ? code.replace(/^[ \t]*\* ?/gm, "") : code
    }
  })
}

/** The lines of an example, with each `// => value` turned into an assertion on the line where it stands. */
export const withAssertions = (source: ReadonlyArray<string>): ReadonlyArray<string> => {
  const lines = [...source]
  for (const [index, line] of source.entries()) {
    const [, indent = "", code = "", value] = /^(\s*)(\S.*?);?\s*\/\/ => (.+)$/.exec(line) ?? []
    if (value === undefined || code.startsWith("//")) continue
    const start = /^[)\]}]/.test(code) ? source.findLastIndex((above, at) => at < index && opens(above, indent)) : index
    const first = (lines[start] ?? line).slice(indent.length)
    const name = /^(?:const|let) (\w+)(?::[^=]+)? = /.exec(first)?.[1]
    lines[index] = `${indent}${code}${name === undefined ? ")" : `; expect(${name})`}.toEqual(${value});`
    if (name === undefined) lines[start] = `${indent}expect(${(lines[start] ?? "").slice(indent.length)}`
  }
  return lines
}

/** Whether a line begins at this indentation with anything but a closing bracket. */
const opens = (line: string, indent: string) => line.startsWith(indent) && /^[^\s)\]}]/.test(line.slice(indent.length))

const toModule = ({ line, code }: Example) => {
  // On the line of the opening fence, so that the code keeps its place.
  const prelude = /import \{[^}]*\bexpect\b[^}]*\} from "vitest"/.test(code)
    ? ""
    : `import { expect } from "vitest"; void expect`
  return "\n".repeat(line - 1) + prelude + "\n" + withAssertions(code.split("\n")).join("\n")
}

/** Brings docs/.examples up to date and gives the number of examples. Untouched files stay, for runs side by side. */
export const extract = (): number => {
  const modules = programModules()
  for (const source of [
    ...globSync("packages/{core,compat,testing,server,mcp,cluster}/src/**/*.ts", { cwd: root }),
    ...pagePaths()
  ]) {
    for (const fence of fences(readFileSync(join(root, source), "utf8"))) {
      modules.set(join(out, `${source}.L${fence.line}.ts`), toModule(fence))
    }
  }
  for (const old of globSync("**/*.ts", { cwd: out })) {
    if (!modules.has(join(out, old))) rmSync(join(out, old))
  }
  for (const [path, text] of modules) {
    if (existsSync(path) && readFileSync(path, "utf8") === text) continue
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  return modules.size
}

if (isProgram(import.meta.url)) console.log(`${extract()} examples`)
