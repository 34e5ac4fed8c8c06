// The changelogs. `npm run dev -- version` makes versions and entries of the changesets, as changesets does it: except for a
// version that was never published. There is nobody who could have noticed a change since, so that the version stays what it
// is, and its own entry takes the changesets in, below what it says of the version.
import { readChangesets } from "@changesets/read"
import { execFileSync } from "node:child_process"
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { isProgram, root } from "../repository.ts"
import { manifestOf, published } from "./published.ts"

/** A change, as a changeset tells it. */
export interface Change {
  readonly id: string
  readonly summary: string
  /** The names of the packages that it concerns. */
  readonly packages: ReadonlyArray<string>
}

const heading = "### On the way there"
const explanation =
  "What changed while this version was made, the latest last; for those who used the repository before the packages were published."

/** A changelog whose entry for a version tells some more changes. */
export const withChanges = (changelog: string, version: string, changes: ReadonlyArray<Change>): string => {
  if (changes.length === 0) return changelog
  const sections = changelog.split(/^(?=## )/m)
  const at = sections.findIndex((section) => section.startsWith(`## ${version}\n`))
  if (at < 0) throw new Error(`the changelog has no entry for ${version}`)
  const items = changes.map(({ summary }) => `- ${summary.trim().replace(/\n(?=.)/g, "\n  ")}`)
  const entry = sections[at]!.trimEnd()
  const before = entry.includes(`\n${heading}\n`) ? entry : `${entry}\n\n${heading}\n\n${explanation}`
  sections[at] = `${before}\n\n${items.join("\n\n")}\n${at === sections.length - 1 ? "" : "\n"}`
  return sections.join("")
}

const git = (...args: ReadonlyArray<string>) => execFileSync("git", args, { cwd: root, encoding: "utf8" })

/** The tag of a version that was published. */
export const tagOf = ({ name, version }: { readonly name: string; readonly version: string }): string =>
  `${name}@${version}`

/** What waits in .changeset, in the order in which it came. */
export const pendingChanges = async (): Promise<ReadonlyArray<Change>> => {
  const added = git("log", "--reverse", "--diff-filter=A", "--name-only", "--format=", "--", ".changeset").split("\n")
  const orderOf = ({ id }: Change) => {
    const at = added.lastIndexOf(`.changeset/${id}.md`)
    return at < 0 ? added.length : at
  }
  const changesets = await readChangesets(root)
  return changesets
    .map(({ id, releases, summary }) => ({ id, summary, packages: releases.map(({ name }) => name) }))
    .sort((a, b) => orderOf(a) - orderOf(b))
}

/** Puts the pending changes into the entries of the versions that are there, and takes their changesets away. */
const takeIn = async () => {
  const changes = await pendingChanges()
  for (const folder of published) {
    const { name, version } = manifestOf(folder)
    const file = join(root, "packages", folder, "CHANGELOG.md")
    const concerned = changes.filter(({ packages }) => packages.includes(name))
    writeFileSync(file, withChanges(readFileSync(file, "utf8"), version, concerned))
    console.log(`${name} ${version}: ${concerned.length} changes`)
  }
  for (const { id } of changes) rmSync(join(root, ".changeset", `${id}.md`))
}

if (isProgram(import.meta.url)) {
  const tags = new Set(git("tag", "--list").split("\n"))
  const isOut = published.some((folder) => tags.has(tagOf(manifestOf(folder))))
  if (isOut)
    execFileSync("changeset", ["version"], { cwd: root, stdio: "inherit", shell: process.platform === "win32" })
  else await takeIn()
}
