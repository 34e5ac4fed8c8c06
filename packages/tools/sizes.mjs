// `npm run dev -- sizes`: what small programs weigh in a browser, and what ours add to Effect. `--write` puts the table into
// README.md.
import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { rolldown } from "rolldown"

const here = fileURLToPath(new URL(".", import.meta.url))
const readme = new URL("../../README.md", import.meta.url)

const core = `
  import { createTask, run, sleep } from "@effect-asyncio/core"
  import { Effect } from "effect"
  const worker = Effect.gen(function* () { yield* sleep(1) })
  run(Effect.gen(function* () { yield* yield* createTask(worker) }))`

const compat = `
  import { createTask, run, sleep } from "@effect-asyncio/compat"
  run(async () => { await createTask(() => sleep(1)) })`

/** @type {ReadonlyArray<readonly [name: string, program: string]>} */
const programs = [
  [
    "Effect alone: `runPromise`, `gen`, `sleep`",
    `import { Effect } from "effect"
     Effect.runPromise(Effect.gen(function* () { yield* Effect.sleep(1) }))`
  ],
  ["core: `run`, `createTask`, `sleep`", core],
  ["core: everything", `export * from "@effect-asyncio/core"`],
  ["compat: `run`, `createTask`, `sleep`", compat],
  ["compat: everything", `export * from "@effect-asyncio/compat"`]
]

/** The bytes of a program with all it imports, minified and packed with gzip. */
const sizeOf = async (program) => {
  const bundle = await rolldown({
    input: "virtual:program",
    cwd: here,
    platform: "browser",
    tsconfig: false,
    resolve: { conditionNames: ["@effect-asyncio/source", "import", "default"] },
    plugins: [
      {
        name: "program",
        // As if it were a file of this folder, whose package.json has what the program imports.
        resolveId: (id) => (id === "virtual:program" ? `${here}program.js` : undefined),
        load: (id) => (id === `${here}program.js` ? program : undefined)
      }
    ],
    onwarn: (warning) => {
      throw new Error(warning.message)
    }
  })
  const { output } = await bundle.generate({ format: "esm", minify: true })
  await bundle.close()
  return gzipSync(output[0].code, { level: 9 }).length
}

/**
 * Every program with its size, the first being the one that the others are compared with.
 *
 * @returns {Promise<Array<{ name: string, bytes: number }>>}
 */
export const measure = async () => {
  const sizes = []
  for (const [name, program] of programs) sizes.push({ name, bytes: await sizeOf(program) })
  return sizes
}

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`

const begin = "<!-- sizes -->"
const end = "<!-- /sizes -->"

const tableOf = (sizes) => {
  const rows = sizes.map(({ bytes, name }, n) => [
    name,
    kilobytes(bytes),
    n === 0 ? "" : kilobytes(bytes - sizes[0].bytes)
  ])
  const all = [["program", "size", "added to Effect"], ...rows]
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column].length)))
  const line = (row) =>
    `| ${row.map((cell, n) => (n === 0 ? cell.padEnd(widths[n]) : cell.padStart(widths[n]))).join(" | ")} |`
  const rule = `| ${widths.map((width, n) => (n === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`
  return [line(all[0]), rule, ...rows.map(line)].join("\n")
}

/** The part of README.md between the markers, and what is before and after. */
const partsOfReadme = () => {
  const text = readFileSync(readme, "utf8")
  const from = text.indexOf(begin)
  const to = text.indexOf(end)
  if (from < 0 || to < from) throw new Error(`README.md needs the lines ${begin} and ${end}`)
  return {
    before: text.slice(0, from + begin.length),
    table: text.slice(from + begin.length, to),
    after: text.slice(to)
  }
}

/**
 * The rows of the table in README.md.
 *
 * @returns {Array<{ name: string, bytes: number }>}
 */
export const committed = () =>
  partsOfReadme()
    .table.split("\n")
    .filter((line) => line.startsWith("|"))
    .slice(2)
    .map((line) => {
      const [, name = "", size = ""] = line.split("|").map((cell) => cell.trim())
      return { name, bytes: Math.round(Number.parseFloat(size) * 1000) }
    })

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const table = tableOf(await measure())
  console.log(table)
  if (process.argv.includes("--write")) {
    const { after, before } = partsOfReadme()
    writeFileSync(readme, `${before}\n\n${table}\n\n${after}`)
  }
}
