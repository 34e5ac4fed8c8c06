// Pages of the site whose text is elsewhere in the repository: the rules of the linter, and what changed in each version. They are
// written before the site is built, and each knows its source, so that "Edit this page" leads there.
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { root } from "../repository.ts"

const plugin = "packages/eslint-plugin"

/** Where the pages are, below docs: git, the formatter and the tests leave them alone. */
export const sitePagePaths: ReadonlyArray<string> = ["docs/lint/**", "docs/changelog.md"]

const read = (path: string): string => readFileSync(join(root, path), "utf8")

const withFrontmatter = (fields: Readonly<Record<string, string>>, text: string): string =>
  `---\n${Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n")}\n---\n\n${text}`

/** The plugin's README and the pages of its rules, as pages of the site. */
export const lintPages = (): ReadonlyMap<string, string> => {
  const rules = globSync("docs/*.md", { cwd: join(root, plugin) }).toSorted()
  const index = read(`${plugin}/README.md`)
    .replace(/^# .*$/m, "# Lint rules")
    .replaceAll(/\]\(docs\/([\w-]+)\.md/g, "](./$1.md")
  return new Map([
    ["docs/lint/index.md", withFrontmatter({ source: `${plugin}/README.md` }, index)],
    ...rules.map(
      (rule) =>
        [
          `docs/lint/${basename(rule)}`,
          withFrontmatter(
            { source: `${plugin}/${rule}` },
            read(`${plugin}/${rule}`).replaceAll("](../README.md", "](./index.md")
          )
        ] as const
    )
  ])
}

interface Release {
  readonly version: string
  readonly changes: string
}

/** The versions of a changelog, the newest first. */
export const releasesOf = (changelog: string): ReadonlyArray<Release> =>
  changelog
    .split(/^## (?=\d)/m)
    .slice(1)
    .map((part) => {
      const [version = "", ...lines] = part.split("\n")
      return { version: version.trim(), changes: lines.join("\n").trim() }
    })

const numbersOf = (version: string) => version.split(/[.-]/).map(Number)

/** The newest first; a version before 1.0.0-beta is older than the one it leads to. */
const newestFirst = (a: string, b: string): number => {
  const [left, right] = [numbersOf(a), numbersOf(b)]
  for (const at of [0, 1, 2]) if (left[at] !== right[at]) return (right[at] ?? 0) - (left[at] ?? 0)
  return a.length - b.length
}

/** One page of the changelogs of all packages: what came with each version. */
export const changelogPage = (changelogs: ReadonlyMap<string, string>): string => {
  const all = [...changelogs].flatMap(([name, text]) => releasesOf(text).map((release) => ({ name, ...release })))
  const versions = [...new Set(all.map(({ version }) => version))].toSorted(newestFirst)
  const sections = versions.flatMap((version) => [
    `## ${version}`,
    "",
    ...all
      .filter((release) => release.version === version)
      .flatMap(({ changes, name }) => [
        `### ${name} {#${name}-${version.replaceAll(".", "-")}}`,
        "",
        changes.replaceAll(/^### (.*)$/gm, "**$1**"),
        ""
      ])
  ])
  return withFrontmatter(
    { editLink: "false", outline: "2" },
    ["# Changelog", "", "What has changed for those who use the packages, version by version.", "", ...sections].join(
      "\n"
    )
  )
}

/** Writes a file in one go, and only when it has changed: the site may be read, or served, at the same time. */
const write = (path: string, text: string) => {
  const file = join(root, path)
  if (existsSync(file) && readFileSync(file, "utf8") === text) return
  mkdirSync(dirname(file), { recursive: true })
  const unfinished = `${file}.${process.pid}`
  writeFileSync(unfinished, text)
  renameSync(unfinished, file)
}

export const writeSitePages = (): void => {
  const pages = lintPages()
  for (const old of globSync("docs/lint/*.md", { cwd: root })) if (!pages.has(old)) rmSync(join(root, old))
  for (const [path, text] of pages) write(path, text)
  const published = ["core", "compat", "eslint-plugin"]
  const changelogs = new Map(published.map((name) => [name, read(`packages/${name}/CHANGELOG.md`)]))
  write("docs/changelog.md", changelogPage(changelogs))
}
