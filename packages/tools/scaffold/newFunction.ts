// `npm run dev -- new-function frobnicate`: makes all the places of a new function, in core and in compat. What it makes passes every
// test at once, does nothing of use, and has TODO(frobnicate) wherever somebody has to write what the function is about.
import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { isProgram, root } from "../repository.ts"
import { compatSource, compatTest, compatTypesTest, coreSource, coreTest, coreTypesTest, section } from "./texts.ts"

/** What is wrong with the name of a new function; the message says what to do. */
export class NameError extends Error {}

/** What a file of the repository is to say; a path is relative to the top. */
export interface Edit {
  readonly path: string
  readonly text: string
}

/** Reads a file of the repository; undefined where there is none. */
export type Read = (path: string) => string | undefined

const insertBefore = (text: string, index: number, added: string) => text.slice(0, index) + added + text.slice(index)

/** A module with one export more, in the order of the alphabet. */
const withExport = (index: string, name: string): string => {
  const line = `export * from "./${name}.ts"\n`
  const later = Array.from(index.matchAll(/^export \* from "\.\/(\w+)\.ts"\n/gm)).find(
    ([, other = ""]) => other.toLowerCase() > name.toLowerCase()
  )
  return insertBefore(index, later?.index ?? index.length, line)
}

/** A page with one row more, at the end of the table whose head begins with a cell. */
const withRow = (page: string, head: string, cells: ReadonlyArray<string>): string => {
  const lines = page.split("\n")
  const first = lines.findIndex((line) => line.startsWith(`| ${head} `))
  if (first < 0) throw new Error(`no table begins with the cell ${JSON.stringify(head)}`)
  let end = first
  while (lines[end]?.startsWith("|")) end++
  return [...lines.slice(0, end), `| ${cells.join(" | ")} |`, ...lines.slice(end)].join("\n")
}

/** A text with one word more in the list that begins with others. */
const withWord = (text: string, list: RegExp, name: string): string => {
  const [found] = list.exec(text) ?? []
  if (found === undefined) throw new Error(`nothing is like ${list}`)
  return text.replace(found, `${found}, \`${name}\``)
}

const checkName = (name: string, read: Read): void => {
  if (!/^[a-z][A-Za-z0-9]*$/.test(name)) {
    throw new NameError(`${JSON.stringify(name)} is no name for a function: say it in camelCase, such as frobnicate`)
  }
  for (const owner of ["core", "compat"]) {
    const path = `packages/${owner}/src/${name}.ts`
    if (read(path) !== undefined) throw new NameError(`there is ${path} already`)
    const index = read(`packages/${owner}/src/index.ts`) ?? ""
    const modules = Array.from(index.matchAll(/from "\.\/(\w+)\.ts"/g), ([, module = ""]) => module)
    const declares = new RegExp(`export (?:type )?(?:\\{[^}]*|(?:abstract )?\\w+ )\\b${name}\\b`)
    const found = ["index", ...modules].find((module) =>
      declares.test(read(`packages/${owner}/src/${module}.ts`) ?? "")
    )
    if (found !== undefined) throw new NameError(`packages/${owner}/src/${found}.ts has a ${name} already`)
  }
}

/** All that a new function needs: the files that are made, and those that are changed. */
export const newFunction = (name: string, read: Read): ReadonlyArray<Edit> => {
  checkName(name, read)
  const since = (JSON.parse(read("packages/core/package.json")!) as { readonly version: string }).version
  const change = (path: string, edit: (text: string) => string): Edit => ({ path, text: edit(read(path)!) })
  const todo = (what: string) => `TODO(${name}): ${what}`
  const call = `\`${name}(work)\``
  return [
    { path: `packages/core/src/${name}.ts`, text: coreSource(name, since) },
    change("packages/core/src/index.ts", (text) => withExport(text, name)),
    { path: `packages/core/test/waiting/${name}.test.ts`, text: coreTest(name) },
    { path: `packages/core/test/api/${name}Types.test.ts`, text: coreTypesTest(name) },
    { path: `packages/compat/src/${name}.ts`, text: compatSource(name, since) },
    change("packages/compat/src/index.ts", (text) => withExport(text, name)),
    { path: `packages/compat/test/waiting/${name}.test.ts`, text: compatTest(name) },
    { path: `packages/compat/test/api/${name}Types.test.ts`, text: compatTypesTest(name) },
    change("docs/coming-from-asyncio.md", (text) =>
      withRow(text, "written by hand", [todo("in Python"), call, todo("who else has it")])
    ),
    change("docs/coming-from-promises.md", (text) =>
      withRow(text, "you write today", [todo("with promises"), call, todo("what is better about it")])
    ),
    // Where each cell of the column that says what to write has to compile.
    change("docs/test/pages/comingFromPromises.test.ts", (text) =>
      text
        .replace(/(?=\n {2}wait\n\} from)/, `\n  ${name},`)
        .replace(/(?=\n {2}await run\(main\)\n)/, `\n  await ${name}(work)`)
    ),
    change("docs/coming-from-effect.md", (text) => withRow(text, "Effect", [todo("with fibers"), call])),
    change("docs/concepts/beyond-asyncio.md", (text) =>
      withRow(`${text.trimEnd()}\n\n${section(name)}`, "your situation", [
        todo("when"),
        `[${call}](#${name.toLowerCase()})`
      ])
    ),
    change("docs/versions.md", (text) => withWord(text, /`staggered`(?:, `\w+`)*?(?=, and what they take)/, name)),
    change("packages/core/README.md", (text) => withWord(text, /^- waiting: .*`(?=$)/m, name)),
    change("packages/compat/README.md", (text) => withWord(text, /^- waiting: .*`(?=$)/m, name)),
    {
      path: `.changeset/${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.md`,
      text: `---\n"@effect-asyncio/core": minor\n"@effect-asyncio/compat": minor\n---\n\n\`${name}\` ${todo("what one can do now")}.\n`
    }
  ]
}

/** What no program can write. */
const left = (name: string) => `
What is left to do, besides every TODO(${name}):
  docs/differences.md                          if it has a name of asyncio's and does not do the same; then its row in
                                               docs/coming-from-asyncio.md belongs to asyncio's names
  packages/conformance/SPEC.md, src/script.ts, python/interp.py, src/interpreter, src/generator
                                               if asyncio has it: npm run conformance -- --seeds 1..5000 --focus ...
  packages/core/test/cpython                   CPython's own tests for it: npm run dev -- conformance:docs
  packages/core/src/internal                   where it needs a state machine; each error with withHint, below // When:
  packages/tools/checks                        its guards, for npm run mutations
  docs/typedoc.config.mjs                      @stability unstable, and docs/versions.md, until its shape is sure

Then: npm run format, npm test -- ${name}, npm run dev -- docs:outputs, npm run dev -- errors:docs, npm run dev -- sizes --write,
npm run docs, npm run lint. A commit to look at: git log -1 --stat --grep "^threadPool: a toThread".`

if (isProgram(import.meta.url)) {
  const [name = ""] = process.argv.slice(2)
  try {
    const edits = newFunction(name, (path) => {
      const file = join(root, path)
      return existsSync(file) ? readFileSync(file, "utf8") : undefined
    })
    for (const { path, text } of edits) {
      console.log(`${existsSync(join(root, path)) ? "changed" : "made   "} ${path}`)
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), text)
    }
    execFileSync(
      "oxfmt",
      edits.map(({ path }) => path),
      { cwd: root, stdio: ["ignore", "ignore", "inherit"] }
    )
    console.log(left(name))
  } catch (error) {
    if (!(error instanceof NameError)) throw error
    console.error(error.message)
    process.exitCode = 2
  }
}
