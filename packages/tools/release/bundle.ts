/**
 * The JavaScript that core and compat publish: one file for each entry of a package, and one with what the entries share.
 *
 * Node.js finds, reads and links each file by itself, which costs more than to compile what is in it: a hundred files took
 * four times as long to import as these few. `node bundle.ts` writes them into the dist folders, beside the types that
 * tsc puts there.
 */
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join, sep } from "node:path"
import { rolldown } from "rolldown"
import { isProgram, root } from "../repository.ts"

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
}

const condition = "@effect-asyncio/source"

/** What package.json exports: from the name of the built file, without its ending, to its source. */
export const entriesOf = (name: Bundled): Readonly<Record<string, string>> => {
  const folder = join(root, "packages", name)
  const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest
  const targets = Object.values(exports).filter((target) => typeof target === "object" && target !== null)
  return Object.fromEntries(
    targets.map((target) => [target.default!.replace(/^\.\/dist\/|\.js$/g, ""), join(folder, target[condition]!)])
  )
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
  const isShared = (id: string) => id.startsWith(src + sep) && !apart.some((each) => id.startsWith(each + sep))

  const build = await rolldown({
    input: { ...entries },
    cwd: folder,
    platform: "neutral",
    // Effect, and core for compat, are the program's.
    external: /^[^./]/,
    tsconfig: false,
    transform: { target: "es2022" },
    // As package.json says.
    treeshake: { moduleSideEffects: false },
    onwarn: (warning) => {
      throw new Error(warning.message)
    }
  })
  const { output } = await build.generate({
    dir: join(folder, "dist"),
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "[name].js",
    codeSplitting: { groups: [{ name: "shared", test: isShared }] },
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
  for (const { name, text } of files) {
    const path = join(dist, name)
    // A program may be about to read what is there already.
    if (existsSync(path) && readFileSync(path, "utf8") === text) continue
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
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
