/**
 * The JavaScript that core and compat publish: one file for each entry of a package, one with what the entries share, and those that bundlers
 * replace where they make a program for browsers, with what they put there.
 *
 * Node.js finds, reads and links each file by itself, which costs more than to compile what is in it: a hundred files took
 * four times as long to import as these few. `node bundle.ts` writes them into the dist folders, beside the types that
 * tsc puts there.
 */
import { existsSync, globSync, readFileSync, rmSync } from "node:fs"
import { dirname, join, sep } from "node:path"
import { rolldown } from "rolldown"
import { isProgram, root } from "../repository.ts"
import { writeChanged } from "./writeChanged.ts"

/** The packages that are published as few files. */
export const bundled = ["core", "compat"] as const

export type Bundled = (typeof bundled)[number]

/** One file of a package's dist folder. */
export interface OutputFile {
  /** Relative to dist, with slashes. */
  readonly name: string
  readonly text: string
}

interface Manifest {
  readonly exports: Readonly<Record<string, string | null | Readonly<Record<string, string>>>>
  /** What takes the place of a file in browsers: built files and sources. */
  readonly browser?: Readonly<Record<string, string>>
}

const condition = "@effect-asyncio/source"

const manifestOf = (name: Bundled): Manifest =>
  JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8")) as Manifest

/** What package.json exports: from the name of the built file, without its ending, to its source. */
export const entriesOf = (name: Bundled): Readonly<Record<string, string>> => {
  const folder = join(root, "packages", name)
  const { exports } = manifestOf(name)
  const targets = Object.values(exports).filter((target) => typeof target === "object" && target !== null)
  return Object.fromEntries(
    targets.map((target) => [target.default!.replace(/^\.\/dist\/|\.js$/g, ""), join(folder, target[condition]!)])
  )
}

/** The built files that have others in their place in browsers, and these: paths in the package's folder. */
export const replacedInBrowsers = (name: Bundled): ReadonlyArray<readonly [file: string, replacement: string]> =>
  Object.entries(manifestOf(name).browser ?? {}).filter(([file]) => file.startsWith("./dist/"))

/** What stands apart for browsers: from the name of the built file, without its ending, to its source. */
const replaceable = (name: Bundled): Readonly<Record<string, string>> => {
  const names = replacedInBrowsers(name)
    .flat()
    .map((file) => file.replace(/^\.\/dist\/|\.js$/g, ""))
  return Object.fromEntries(names.map((each) => [each, join(root, "packages", name, "src", `${each}.ts`)]))
}

/** The files of a package's dist folder that are not types. */
export const bundle = async (name: Bundled): Promise<ReadonlyArray<OutputFile>> => {
  const folder = join(root, "packages", name)
  const entries = entriesOf(name)
  const src = join(folder, "src")
  // An entry with a folder of its own keeps what is in that to itself.
  const apart = Object.values(entries)
    .map(dirname)
    .filter((each) => each !== src)
  const replaced = replaceable(name)
  const alone = new Set([...Object.values(entries), ...Object.values(replaced)])
  const isShared = (id: string) =>
    id.startsWith(src + sep) && !alone.has(id) && !apart.some((each) => id.startsWith(each + sep))

  const build = await rolldown({
    input: { ...entries, ...replaced },
    cwd: folder,
    platform: "neutral",
    // Effect, and core for compat, are the program's.
    external: /^[^./]/,
    tsconfig: false,
    transform: { target: "es2022" },
    // As package.json says.
    treeshake: { moduleSideEffects: false },
    // As codeSplitting below wants it. No entry is extended: test/release/bundle.test.ts compares them with their sources.
    preserveEntrySignatures: "allow-extension",
    onwarn: (warning) => {
      throw new Error(warning.message)
    }
  })
  const { output } = await build.generate({
    dir: join(folder, "dist"),
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "[name].js",
    codeSplitting: { includeDependenciesRecursively: false, groups: [{ name: "shared", test: isShared }] },
    // The names that the sources have, also for whoever reads a stack trace.
    minifyInternalExports: false,
    // The docs are in the types, and the sources in the package.
    comments: { annotation: true, jsdoc: false, legal: true },
    sourcemap: true,
    sourcemapExcludeSources: true
  })
  await build.close()
  return output.map((file) => ({
    name: file.fileName,
    text: file.type === "chunk" ? file.code : String(file.source)
  }))
}

/** Writes a package's files into its dist folder, and takes away what an earlier build has left, also of tsc's. */
const write = async (name: Bundled) => {
  const folder = join(root, "packages", name)
  const dist = join(folder, "dist")
  const files = await bundle(name)
  for (const { name, text } of files) writeChanged(join(dist, name), text)
  const built = new Set(files.map((file) => join(dist, file.name)))
  const isStale = (file: string) => {
    const [, module] = /^(.*)\.d\.ts(?:\.map)?$/.exec(file) ?? []
    return module === undefined ? !built.has(join(dist, file)) : !existsSync(join(folder, "src", `${module}.ts`))
  }
  for (const file of globSync("**/*.{js,ts,map}", { cwd: dist })) if (isStale(file)) rmSync(join(dist, file))
}

/** Writes what is built into the dist folders; before the tests that run programs on it. */
export const setup = async (): Promise<void> => {
  await Promise.all(bundled.map(write))
}

if (isProgram(import.meta.url)) await setup()
