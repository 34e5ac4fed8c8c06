/**
 * `npx @effect-asyncio/eslint-plugin migrate`: the command, apart from the process it runs in.
 */
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff"
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join, relative, resolve } from "node:path"
import type { Remark } from "./draft.ts"
import { type Migration, migrate } from "./migrate.ts"
import { extensions, SyntaxProblem } from "./source.ts"

export const usage = `usage: npx @effect-asyncio/eslint-plugin migrate [--dry-run] FILE_OR_FOLDER...

Moves promise code to @effect-asyncio/compat, as far as it goes by itself:
Promise.all, allSettled and race, timers in promises, AbortSignal parameters, p-limit, p-queue and async-mutex.
What it leaves alone it lists, with the reason. Folders are searched for JavaScript and TypeScript files.

  --dry-run   print the changes as a diff, and write nothing
  --help      print this

exit status: 0 done; 1 a file could not be read, parsed or written; 2 the command itself is wrong
`

export interface Output {
  /** The diff, and the report. */
  readonly out: (text: string) => void
  /** What went wrong. */
  readonly err: (text: string) => void
}

/** What is wrong with the command line. */
class UsageError extends Error {}

interface Options {
  readonly dryRun: boolean
  readonly paths: ReadonlyArray<string>
}

const optionsOf = ([command, ...args]: ReadonlyArray<string>): Options => {
  if (command === undefined) throw new UsageError("the command is missing: `migrate`")
  if (command !== "migrate") throw new UsageError(`there is no command \`${command}\`, only \`migrate\``)
  const unknown = args.find((arg) => arg.startsWith("-") && arg !== "--dry-run")
  if (unknown !== undefined) throw new UsageError(`there is no option \`${unknown}\``)
  const paths = args.filter((arg) => !arg.startsWith("-"))
  if (paths.length === 0) throw new UsageError("say which files or folders, for example `migrate src`")
  return { dryRun: args.includes("--dry-run"), paths }
}

const isSource = (name: string): boolean => extensions.test(name) && !/\.d\.[cm]?ts$/.test(name)

const filesIn = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder, { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return /^(?:\.|node_modules$|dist$|coverage$)/.test(entry.name) ? [] : filesIn(path)
      return entry.isFile() && isSource(entry.name) ? [path] : []
    })

/** The files that are meant, each once; a path that leads nowhere is an error before anything is written. */
const filesOf = (cwd: string, paths: ReadonlyArray<string>): ReadonlyArray<string> => {
  const found = paths.flatMap((given) => {
    const path = resolve(cwd, given)
    let stats
    try {
      stats = statSync(path)
    } catch {
      throw new UsageError(`there is no file or folder \`${given}\``)
    }
    if (stats.isDirectory()) return filesIn(path)
    if (!isSource(path)) throw new UsageError(`\`${given}\` is no JavaScript or TypeScript file`)
    return [path]
  })
  if (found.length === 0) throw new UsageError(`no JavaScript or TypeScript files in ${paths.join(", ")}`)
  return [...new Set(found)]
}

const problemOf = (name: string, error: unknown): string => {
  if (error instanceof SyntaxProblem) return `${name}:${error.line}: cannot be parsed: ${error.message}\n`
  return `${name}: ${error instanceof Error ? error.message : String(error)}\n`
}

const linesOf = (name: string, remarks: ReadonlyArray<Remark>): string =>
  remarks.map(({ line, text }) => `  ${name}:${line}  ${text}\n`).join("")

const count = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`

interface Moved extends Migration {
  readonly name: string
}

const report = (output: Output, dryRun: boolean, files: number, moved: ReadonlyArray<Moved>): void => {
  const changes = moved.map(({ changed, name }) => linesOf(name, changed)).join("")
  const left = moved.map((each) => linesOf(each.name, dryRun ? each.left : each.leftNow)).join("")
  if (changes.length > 0) output.out(`${dryRun ? "would change" : "changed"}:\n${changes}\n`)
  if (left.length > 0) output.out(`left alone:\n${left}\n`)
  const changed = moved.filter((each) => each.changed.length > 0).length
  const places = moved.reduce((sum, each) => sum + (dryRun ? each.left : each.leftNow).length, 0)
  output.out(
    `${count(files, "file", "files")}: ${changed} ${dryRun ? "would change" : "changed"}, ${count(places, "place", "places")} left alone\n`
  )
}

/** Runs the command and gives its exit status. */
export const command = (args: ReadonlyArray<string>, cwd: string, output: Output): number => {
  if (args.includes("--help")) {
    output.out(usage)
    return 0
  }
  let options: Options
  let files: ReadonlyArray<string>
  try {
    options = optionsOf(args)
    files = filesOf(cwd, options.paths)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    output.err(`${error.message}\n\n${usage}`)
    return 2
  }
  const moved: Array<Moved> = []
  let status = 0
  for (const file of files) {
    const name = relative(cwd, file)
    try {
      const before = readFileSync(file, "utf8")
      const migration = migrate(file, before)
      if (migration.text !== before && options.dryRun) {
        const headers = { context: 3, headerOptions: FILE_HEADERS_ONLY }
        output.out(`${createTwoFilesPatch(`a/${name}`, `b/${name}`, before, migration.text, "", "", headers)}\n`)
      } else if (migration.text !== before) writeFileSync(file, migration.text)
      moved.push({ ...migration, name })
    } catch (error) {
      status = 1
      output.err(problemOf(name, error))
    }
  }
  report(output, options.dryRun, files.length, moved)
  return status
}
