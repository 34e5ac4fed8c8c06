// Why `npm run release -- --publish` would not publish what is there.
import { execFileSync } from "node:child_process"
import type { Address } from "../address.ts"
import { isPlaceholder } from "../address.ts"
import { type Manifest } from "./published.ts"
import { type Change, tagOf } from "./changelog.ts"

/** What is to be published, and from where. */
export interface Intent {
  readonly address: Address
  readonly manifests: ReadonlyArray<Manifest>
  readonly changes: ReadonlyArray<Change>
  /** The files that differ from the last commit, as git shows them. */
  readonly uncommitted: ReadonlyArray<string>
  readonly tags: ReadonlyArray<string>
}

/** What `git` knows of a folder. */
export const stateOf = (folder: string): Pick<Intent, "uncommitted" | "tags"> => {
  const linesOf = (...args: ReadonlyArray<string>) =>
    execFileSync("git", args, { cwd: folder, encoding: "utf8" }).split("\n").filter(Boolean)
  return { uncommitted: linesOf("status", "--porcelain"), tags: linesOf("tag", "--list") }
}

const some = (things: ReadonlyArray<string>) =>
  things.length > 5 ? `${things.slice(0, 5).join(", ")} and ${things.length - 5} more` : things.join(", ")

/** Each with what to do about it; nothing where it may be published. */
export const obstacles = ({ address, changes, manifests, tags, uncommitted }: Intent): ReadonlyArray<string> => {
  const found: Array<string> = []
  if (uncommitted.length > 0) {
    found.push(
      `What would be published is in no commit (${some(uncommitted.map((line) => line.slice(3)))}): commit it.`
    )
  }
  if (changes.length > 0) {
    found.push(
      `Changes that no changelog tells yet (${some(changes.map(({ id }) => id))}): npm run dev -- version, and commit.`
    )
  }
  if (isPlaceholder(address)) {
    found.push(
      `The packages would lead to ${address.repository}, a placeholder: npm run dev -- address --repository URL --site URL`
    )
  }
  if (manifests.every((manifest) => tags.includes(tagOf(manifest)))) {
    found.push(
      `All versions are out already (${some(manifests.map(tagOf))}): npm run changeset, npm run dev -- version.`
    )
  }
  return found
}
