// The timelines of the pages. `<!-- timeline: TITLE -->` on a page shows the program above it, the last `ts` fence on core,
// as a picture that a reader can step through, see docs/.vitepress/theme/Timeline.vue.
//
// `npm run docs` calls this first: every program becomes a module in docs/.timelines, for the browser, and a picture, for
// the page as it is before its scripts have run. `npm run dev -- docs:picture` draws the picture of the README.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { basename, extname, join } from "node:path"
import { pathToFileURL } from "node:url"
import { parseSync, transformSync } from "rolldown/utils"
import type { Trace } from "../../testing/src/timeline/trace.ts"
import { isProgram, root } from "../repository.ts"
import { pagePaths, type Program, programsOf } from "./pages.ts"

const out = join(root, "docs/.timelines")
const library = "@effect-asyncio/core"

/** A place on a page that shows a program as a picture. */
export interface Timeline {
  /** Unique on the site, by the page and the place on it. */
  readonly id: string
  readonly page: string
  /** Of the comment. */
  readonly line: number
  readonly title: string
  readonly program: Program
}

/** The timelines of a page. A comment that has no program is an error. */
export const timelinesOf = (page: string, markdown: string): ReadonlyArray<Timeline> => {
  const programs = programsOf(page, markdown).filter(({ code, lang, marks }) => {
    return lang === "ts" && code.includes(`from "${library}"`) && !marks.includes("type-error")
  })
  const lines = markdown.split("\n")
  const comments = [...lines.keys()].filter((n) => lines[n]!.startsWith("<!-- timeline"))
  return comments.map((line, n) => {
    const where = `${page}:${line + 1}`
    const title = /^<!-- timeline: (.+?) -->$/.exec(lines[line]!)?.[1]
    if (title === undefined) throw new Error(`${where}: write <!-- timeline: TITLE -->`)
    const program = programs.findLast((program) => program.line <= line)
    if (program === undefined) throw new Error(`${where}: there is no program on core above the timeline`)
    if (program.marks.includes("real-time")) throw new Error(`${where}: a program on real time has no timeline`)
    return {
      id: `${page.replace(/^docs\/|\.md$/g, "").replace(/\W+/g, "-")}-${n + 1}`,
      page,
      line: line + 1,
      title,
      program
    }
  })
}

/** All timelines of all pages. */
export const allTimelines = (): ReadonlyArray<Timeline> =>
  pagePaths().flatMap((page) => timelinesOf(page, readFileSync(join(root, page), "utf8")))

/**
 * A program as a module of JavaScript that gives a function: it can be run again and again, with the library and the console
 * that it is given.
 */
export const moduleOf = (code: string): string => {
  const stripped = transformSync("program.ts", code, { lang: "ts", typescript: { onlyRemoveTypeImports: true } })
  if (stripped.errors.length > 0) throw new Error(String(stripped.errors[0]))
  const imports: Array<string> = []
  let asyncio = "_"
  let body = ""
  for (const node of parseSync("program.js", stripped.code).program.body) {
    const source = stripped.code.slice(node.start, node.end)
    if (node.type !== "ImportDeclaration") body += `${source}\n`
    else if (node.source.value !== library) imports.push(source)
    else if (node.specifiers[0]?.type === "ImportNamespaceSpecifier") asyncio = node.specifiers[0].local.name
    else throw new Error(`a program with a timeline imports all of ${library}: import * as asyncio`)
  }
  return `${imports.join("\n")}\nexport default async (${asyncio}, console) => {\n${body}}\n`
}

/** Writes a file in one go: the site may be read while the tests run. */
const write = (file: string, text: string) => {
  const unfinished = `${file}.${process.pid}`
  writeFileSync(unfinished, text)
  renameSync(unfinished, file)
}

/** Runs the program of a timeline and gives its trace. */
const traceOf = async ({ id, program }: Timeline) => {
  const file = join(out, `${id}.js`)
  write(file, moduleOf(program.code))
  // A query, so that a program that has changed is loaded anew.
  const { default: run } = await import(`${pathToFileURL(file).href}?${Date.now()}`)
  const { record } = await import("../../testing/src/timeline/record.ts")
  return record(run)
}

/** The traces of all timelines, by id. */
export const allTraces = async (): Promise<ReadonlyMap<string, Trace>> => {
  mkdirSync(out, { recursive: true })
  const traces = new Map<string, Trace>()
  for (const timeline of allTimelines()) traces.set(timeline.id, await traceOf(timeline))
  return traces
}

const css = () => readFileSync(join(root, "packages/testing/src/timeline/timeline.css"), "utf8")

/** Where the picture of the README is, and the timeline that it shows. */
export const readmePicture: { readonly path: string; readonly id: string } = {
  path: "docs/public/timeline.svg",
  id: "tutorial-cancelling-1"
}

/** The picture of the README as it has to be. */
export const drawReadme = async (): Promise<string> => {
  const { svg } = await import("../../testing/src/timeline/svg.ts")
  const timeline = allTimelines().find(({ id }) => id === readmePicture.id)
  if (timeline === undefined) throw new Error(`there is no timeline ${readmePicture.id}`)
  mkdirSync(out, { recursive: true })
  return `${svg(await traceOf(timeline), { id: "readme", title: timeline.title, css: css() })}\n`
}

/** The timeline that the hero of the home page runs, see docs/.vitepress/theme/Hero.vue. */
const heroId = "index-1"

/** All that is shown of it: the picture, the right edge of each step in it, and which step prints which lines. */
const heroOf = (trace: Trace, title: string, { draw, layout, sizes, traceText }: Drawing) => {
  const picture = layout(trace)
  return {
    title,
    width: picture.width,
    height: picture.height,
    columns: picture.columns.map(({ x }) => x + sizes.column),
    lines: trace.steps.flatMap(({ happenings }, step) =>
      happenings.flatMap((it) => (it.type === "printed" ? [{ step, text: it.text }] : []))
    ),
    svg: draw(picture, traceText(trace).join("\n"), { id: "hero", title })
  }
}

/** The modules of docs/timeline, which are loaded when they are needed. */
const loadDrawing = async () => ({
  ...(await import("../../testing/src/timeline/svg.ts")),
  ...(await import("../../testing/src/timeline/layout.ts")),
  ...(await import("../../testing/src/timeline/describe.ts"))
})
type Drawing = Awaited<ReturnType<typeof loadDrawing>>

const writeAll = async () => {
  const drawing = await loadDrawing()
  const { svg } = drawing
  const traces = await allTraces()
  for (const old of readdirSync(out)) if (!traces.has(basename(old, extname(old)))) rmSync(join(out, old))
  for (const { id, title } of allTimelines()) {
    const trace = traces.get(id)
    if (trace !== undefined) write(join(out, `${id}.svg`), svg(trace, { id, title }))
  }
  const hero = allTimelines().find(({ id }) => id === heroId)
  const trace = traces.get(heroId)
  if (hero === undefined || trace === undefined) throw new Error(`there is no timeline ${heroId} for the home page`)
  write(join(out, "hero.json"), JSON.stringify(heroOf(trace, hero.title, drawing)))
  return traces.size
}

if (isProgram(import.meta.url)) {
  if (process.argv.includes("--readme")) writeFileSync(join(root, readmePicture.path), await drawReadme())
  else console.log(`${await writeAll()} timelines`)
}
