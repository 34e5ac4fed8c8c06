// `npm run dev -- sizes`: what small programs weigh in a browser, and what ours add to Effect; and what the entries of the server package are by
// themselves. `--write` puts the tables into README.md and into that of the package.
import { readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { gzipSync } from "node:zlib"
import { type OutputChunk, type Plugin, rolldown } from "rolldown"
import { bundle, bundled, replacedInBrowsers } from "../release/bundle.ts"
import { isProgram, root } from "../repository.ts"

/** Its package.json has what the programs import. */
const folder = join(root, "packages/tools")
const readme = join(root, "README.md")
const server = join(root, "packages/server")
const readmeOfServer = join(server, "README.md")

/** A program and its size in bytes. */
export interface Size {
  readonly name: string
  readonly bytes: number
}

const core = `
  import { createTask, run, sleep } from "@effect-asyncio/core"
  import { Effect } from "effect"
  const worker = Effect.gen(function* () { yield* sleep(1) })
  run(Effect.gen(function* () { yield* yield* createTask(worker) }))`

const compat = `
  import { createTask, run, sleep } from "@effect-asyncio/compat"
  run(async () => { await createTask(() => sleep(1)) })`

const programs: ReadonlyArray<readonly [name: string, program: string]> = [
  [
    "Effect alone: `runPromise`, `gen`, `sleep`",
    `import { Effect } from "effect"
     Effect.runPromise(Effect.gen(function* () { yield* Effect.sleep(1) }))`
  ],
  ["core: `run`, `createTask`, `sleep`", core],
  ["core: everything", `export * from "@effect-asyncio/core"`],
  ["compat: `run`, `createTask`, `sleep`", compat],
  ["compat: everything", `export * from "@effect-asyncio/compat"`],
  [
    "compat: `run`, `createTask`, `sleep`, and `serveTo` of inspect",
    `${compat}
     import { serveTo } from "@effect-asyncio/inspect/browser"
     serveTo(new MessageChannel().port1)`
  ]
]

/** The files that our packages publish, by the paths that they will have. */
const published = async (): Promise<ReadonlyMap<string, string>> => {
  const files = new Map<string, string>()
  for (const name of bundled) {
    for (const file of await bundle(name)) files.set(join(root, "packages", name, "dist", file.name), file.text)
  }
  return files
}

const inBrowsers = new Map(
  bundled.flatMap((name) =>
    replacedInBrowsers(name).map((pair) => pair.map((file) => join(root, "packages", name, file)) as [string, string])
  )
)

/** Has what imports our packages, and these each other, take `files` for what is in their dist folders. */
const asPublished = (files: ReadonlyMap<string, string>): Plugin => ({
  name: "as published",
  resolveId: (id, importer) => {
    const [, name, entry = "."] = /^@effect-asyncio\/([^/]+)(?:\/(\w+))?$/.exec(id) ?? []
    if (name !== undefined && (bundled as ReadonlyArray<string>).includes(name)) {
      return join(root, "packages", name, "dist", entry, "index.js")
    }
    if (importer === undefined || !files.has(importer) || !id.startsWith(".")) return undefined
    const path = join(dirname(importer), id)
    return inBrowsers.get(path) ?? path
  },
  load: (id) => {
    const code = files.get(id)
    return code === undefined ? undefined : { code, moduleSideEffects: false }
  }
})

/** A program with all it imports, minified: without what it loads only when it needs that. */
const chunksOf = async (program: string, packages: Plugin | undefined): Promise<ReadonlyArray<OutputChunk>> => {
  const bundle = await rolldown({
    input: "virtual:program",
    cwd: folder,
    platform: "browser",
    tsconfig: false,
    // What inspect loads only when somebody looks, and what only its build has.
    external: ["./panel.js"],
    resolve: { conditionNames: ["@effect-asyncio/source", "import", "default"] },
    plugins: [
      {
        name: "program",
        // As if it were a file of the package.
        resolveId: (id) => (id === "virtual:program" ? join(folder, "program.js") : undefined),
        load: (id) => (id === join(folder, "program.js") ? program : undefined)
      },
      packages
    ],
    onwarn: (warning) => {
      throw new Error(warning.message)
    }
  })
  const { output } = await bundle.generate({ format: "esm", minify: true })
  await bundle.close()
  const chunks = new Map(output.flatMap((file) => (file.type === "chunk" ? [[file.fileName, file] as const] : [])))
  const loaded = new Set([output[0]])
  for (const { imports } of loaded) for (const name of imports) loaded.add(chunks.get(name)!)
  return [...loaded]
}

/** The bytes of a program with all it imports, minified and packed with gzip. */
const sizeOf = async (program: string, packages: Plugin | undefined) => packed(await chunksOf(program, packages))

const packed = (chunks: ReadonlyArray<OutputChunk>) =>
  chunks.reduce((sum, { code }) => sum + gzipSync(code, { level: 9 }).length, 0)

/**
 * What a program that runs a task weighs more when it uses one of `helpers` as well, and which files of ours it has because of that.
 */
export const addedBy = async (name: "core" | "compat", helpers: ReadonlyArray<string>) => {
  const smallest = name === "core" ? core : compat
  const before = await chunksOf(smallest, undefined)
  const known = new Set(filesOf(before))
  const added = []
  for (const helper of helpers) {
    const used = `${smallest}
      import { ${helper} as helper } from "@effect-asyncio/${name}"
      globalThis.helper = helper`
    const after = await chunksOf(used, undefined)
    const files = filesOf(after).filter((file) => !known.has(file))
    added.push({ helper, bytes: packed(after) - packed(before), files })
  }
  return added
}

/** The files of ours of which chunks have something. */
const filesOf = (chunks: ReadonlyArray<OutputChunk>): ReadonlyArray<string> =>
  chunks
    .flatMap(({ modules }) => Object.entries(modules))
    .filter(([, { renderedLength }]) => renderedLength > 0)
    .flatMap(
      ([path]) => /packages[\\/](?:core|compat)[\\/]src[\\/](.*)\.ts$/.exec(path)?.[1]?.replaceAll("\\", "/") ?? []
    )

/**
 * Every program with its size, the first being the one that the others are compared with: with what our packages publish,
 * or with each of their sources as a file of its own.
 */
export const measure = async (from: "published" | "sources" = "published"): Promise<ReadonlyArray<Size>> => {
  const packages = from === "published" ? asPublished(await published()) : undefined
  const sizes: Array<Size> = []
  for (const [name, program] of programs) sizes.push({ name, bytes: await sizeOf(program, packages) })
  return sizes
}

/** The entries of the server package, minified and packed: what is in them of this package alone, which is what they add to a program. */
export const measureEntries = async (): Promise<ReadonlyArray<Size>> => {
  const { exports, name } = JSON.parse(readFileSync(join(server, "package.json"), "utf8")) as {
    readonly name: string
    readonly exports: Readonly<Record<string, string | { readonly "@effect-asyncio/source": string }>>
  }
  const sizes: Array<Size> = []
  for (const [entry, target] of Object.entries(exports)) {
    if (typeof target === "string") continue
    const bundle = await rolldown({
      input: join(server, target["@effect-asyncio/source"]),
      platform: "node",
      tsconfig: false,
      external: /^[^./]/
    })
    const { output } = await bundle.generate({ format: "esm", minify: true })
    await bundle.close()
    sizes.push({ name: `\`${name}${entry.slice(1)}\``, bytes: packed(output.filter((file) => file.type === "chunk")) })
  }
  return sizes
}

const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`

const begin = "<!-- sizes -->"
const end = "<!-- /sizes -->"

type Row = ReadonlyArray<string>

/** A table whose first column is text, and the others are numbers. */
const tableOf = (head: Row, rows: ReadonlyArray<Row>) => {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]!.length)))
  const cells = (row: Row) => row.map((cell, n) => (n === 0 ? cell.padEnd(widths[n]!) : cell.padStart(widths[n]!)))
  const rule = widths.map((width, n) => (n === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`))
  return [cells(head), rule, ...rows.map(cells)].map((row) => `| ${row.join(" | ")} |`).join("\n")
}

const tableOfPrograms = (sizes: ReadonlyArray<Size>) => {
  const alone = sizes[0]?.bytes ?? 0
  const added = (bytes: number, n: number) => (n === 0 ? "" : kilobytes(bytes - alone))
  const rows = sizes.map(({ bytes, name }, n) => [name, kilobytes(bytes), added(bytes, n)])
  return tableOf(["program", "size", "added to Effect"], rows)
}

const tableOfEntries = (sizes: ReadonlyArray<Size>) =>
  tableOf(
    ["entry", "size"],
    sizes.map(({ bytes, name }) => [name, kilobytes(bytes)])
  )

/** The part of a README between the markers, and what is before and after. */
const partsOf = (file: string) => {
  const text = readFileSync(file, "utf8")
  const from = text.indexOf(begin)
  const to = text.indexOf(end)
  if (from < 0 || to < from) throw new Error(`${file} needs the lines ${begin} and ${end}`)
  return {
    before: text.slice(0, from + begin.length),
    table: text.slice(from + begin.length, to),
    after: text.slice(to)
  }
}

const rowsIn = (file: string): ReadonlyArray<Size> =>
  partsOf(file)
    .table.split("\n")
    .filter((line) => line.startsWith("|"))
    .slice(2)
    .map((line) => {
      const [, name = "", size = ""] = line.split("|").map((cell) => cell.trim())
      return { name, bytes: Math.round(Number.parseFloat(size) * 1000) }
    })

/** The rows of the table in README.md. */
export const committed = (): ReadonlyArray<Size> => rowsIn(readme)

/** The rows of the table in the server package's README.md. */
export const committedEntries = (): ReadonlyArray<Size> => rowsIn(readmeOfServer)

if (isProgram(import.meta.url)) {
  const tables = [
    [readme, tableOfPrograms(await measure())],
    [readmeOfServer, tableOfEntries(await measureEntries())]
  ] as const
  for (const [file, table] of tables) {
    console.log(table)
    if (!process.argv.includes("--write")) continue
    const { after, before } = partsOf(file)
    writeFileSync(file, `${before}\n\n${table}\n\n${after}`)
  }
}
