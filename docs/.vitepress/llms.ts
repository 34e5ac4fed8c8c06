// The site as text, for programs that read it: `llms.txt` lists the guides with a sentence for each, as https://llmstxt.org proposes,
// `llms-full.txt` is all of them in one file, and each page is there as Markdown beside its HTML. Written when the site is built.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { tabs } from "./markdown/codeGroups.ts"
import { addressOfLink } from "./markdown/links.ts"
import { firstParagraph } from "./markdown/summary.ts"
import type { Section } from "./menu.ts"

/** A page of the guides. */
export interface Guide {
  readonly title: string
  /** Without a slash before it: `tutorial/names`. */
  readonly path: string
  /** Its first paragraph, as plain text. */
  readonly about: string
  readonly markdown: string
}

export interface Chapter {
  readonly title: string
  readonly guides: ReadonlyArray<Guide>
}

/** Tables of figures, which say nothing that is not told on the page above them. */
const isFigures = (path: string) => path.startsWith("performance/")

/** The pages of the menus, in their order. A page that stands in several is taken once. `docs` is the folder of the pages. */
export const chaptersOf = (sections: ReadonlyArray<Section>, docs: string, site: string): ReadonlyArray<Chapter> => {
  const seen = new Set<string>()
  return sections.map(({ items, text }) => ({
    title: text,
    guides: items.flatMap(({ link, text: title }) => {
      const path = link.slice(1)
      const file = join(docs, `${path}.md`)
      if (seen.has(path) || isFigures(path) || !existsSync(file)) return []
      seen.add(path)
      const markdown = readFileSync(file, "utf8")
      return [{ title, path, about: firstParagraph(markdown), markdown: plain(path, markdown, site) }]
    })
  }))
}

/**
 * A page as plain Markdown: without what only the site understands, with the programs of a group one below the other under the names
 * of their tabs, and with links that lead somewhere from outside of the site.
 */
export const plain = (path: string, markdown: string, site: string): string => {
  let fenced = false
  const lines = markdown
    .replace(/^---\n[^]*?\n---\n+/, "")
    .split("\n")
    .flatMap((line) => {
      if (/^`{3,}/.test(line)) {
        fenced = !fenced
        const label = /\[(.*)\]/.exec(line)?.[1]
        const info = line.replace(/ *\[.*\]/, "").replace(/^(`{3,}\w*).*$/, "$1")
        return label === undefined ? [info] : [`${tabs.get(label) ?? label}:`, "", info]
      }
      if (fenced) return [line]
      if (line.startsWith(":::") || /^<!--.*-->$/.test(line)) return []
      const [, snippet, label = ""] = /^<<< \.\/(\S+) \[(.*)\]$/.exec(line) ?? []
      if (snippet !== undefined) return [`${tabs.get(label) ?? label}:`, "", "```ts", ...fileLines(snippet), "```"]
      const text = line.replace(/^(#+ .*?) \{#[\w-]+\}$/, "$1")
      return [text.replaceAll(/\]\(([^)\s]+)\)/g, (_, href: string) => `](${absolute(path, href, site)})`)]
    })
  return (
    lines
      .join("\n")
      .replaceAll(/\n{3,}/g, "\n\n")
      .trim() + "\n"
  )
}

/** A file below docs that a page shows. */
const fileLines = (path: string): ReadonlyArray<string> =>
  readFileSync(new URL(`../${path}`, import.meta.url), "utf8")
    .trimEnd()
    .split("\n")

/** Where a link of a page leads, from anywhere. */
const absolute = (path: string, href: string, site: string): string => {
  if (/^[a-z]+:/.test(href)) return href
  const file = addressOfLink(`docs/${path}.md`, href)
  if (file !== undefined) return file
  const url = new URL(href, `http://site/${path}.html`)
  return `${site}${url.pathname.replace(/^\//, "").replace(/(?:index)?\.md$/, "")}${url.hash}`
}

/** What `llms.txt` is. `site` is the address of the site, with a slash at its end. */
export const llmsText = (chapters: ReadonlyArray<Chapter>, about: string, site: string): string =>
  [
    "# effect-asyncio",
    "",
    `> ${about}`,
    "",
    "Two packages with the same names: `@effect-asyncio/compat` for async functions, `@effect-asyncio/core` for Effect 4 programs. Where a",
    `page has a program in both, it says async/await and Effect. All pages in one file: ${site}llms-full.txt`,
    ...chapters.flatMap(({ guides, title }) => [
      "",
      `## ${title}`,
      "",
      ...guides.map(
        (guide) => `- [${guide.title}](${site}${guide.path}.md)${guide.about === "" ? "" : `: ${guide.about}`}`
      )
    ]),
    "",
    "## Optional",
    "",
    `- [API reference](${site}api/): every public name of both packages`,
    ""
  ].join("\n")

/** What `llms-full.txt` is: the pages one after the other, each with its address. */
export const llmsFullText = (chapters: ReadonlyArray<Chapter>, site: string): string =>
  chapters
    .flatMap(({ guides }) => guides)
    .map(({ markdown, path }) => `<!-- ${site}${path} -->\n\n${markdown}`)
    .join("\n---\n\n")

/** Writes all of it into the folder of the built site. */
export const writeLlms = (out: string, chapters: ReadonlyArray<Chapter>, about: string, site: string): void => {
  writeFileSync(join(out, "llms.txt"), llmsText(chapters, about, site))
  writeFileSync(join(out, "llms-full.txt"), llmsFullText(chapters, site))
  for (const { markdown, path } of chapters.flatMap(({ guides }) => guides)) {
    const file = join(out, `${path}.md`)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, markdown)
  }
}
