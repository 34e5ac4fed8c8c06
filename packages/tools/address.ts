// Where this repository and its site are. `address.json` is the one place that knows: there is no public address yet, so it has
// OWNER where the name of an account will be, and nothing is published while it does.
//
//   npm run dev -- address                                              the address, and which files have it
//   npm run dev -- address --repository URL --site URL                  another one, written into all of them
import { execFileSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { isProgram, root } from "./repository.ts"

export interface Address {
  /** Without a slash at its end. */
  readonly repository: string
  /** With a slash at its end. */
  readonly site: string
}

const file = "packages/tools/address.json"

/** What address.json says. */
export const address: Address = JSON.parse(readFileSync(join(root, file), "utf8"))

/** Whether nobody has said yet where the repository will be. */
export const isPlaceholder = ({ repository, site }: Address): boolean => /\bOWNER\b/.test(`${repository} ${site}`)

/** Whose the repository is, as CODEOWNERS says it. */
const ownerOf = ({ repository }: Address) => `@${new URL(repository).pathname.split("/")[1] ?? ""}`

/** The files of the repository that have its address in them, except for address.json and what tells of placeholders. */
export const filesWithAddress = (address: Address): ReadonlyArray<string> => {
  const patterns = [address.repository, address.site, ownerOf(address)].flatMap((text) => ["-e", text])
  // Those that are new are not in git's index yet.
  const args = ["grep", "--untracked", "--files-with-matches", "--fixed-strings", ...patterns]
  const found = execFileSync("git", args, { cwd: root, encoding: "utf8" })
  return found
    .trim()
    .split("\n")
    .filter((name) => name !== file && !name.startsWith("packages/tools/test/"))
}

/** A text in which the new address stands for the old one. */
export const readdressed = (text: string, from: Address, to: Address): string =>
  text
    .replaceAll(from.repository, to.repository)
    .replaceAll(from.site, to.site)
    .replace(new RegExp(`${ownerOf(from)}(?![\\w-])`, "g"), ownerOf(to))

const move = (to: Address) => {
  for (const name of [...filesWithAddress(address), file]) {
    const path = join(root, name)
    writeFileSync(path, readdressed(readFileSync(path, "utf8"), address, to))
    console.log(`written: ${name}`)
  }
}

if (isProgram(import.meta.url)) {
  const { values } = parseArgs({ options: { repository: { type: "string" }, site: { type: "string" } } })
  const { repository = address.repository, site = address.site } = values
  const to = { repository: repository.replace(/\/+$/, "").replace(/\.git$/, ""), site: site.replace(/\/*$/, "/") }
  if (to.repository === address.repository && to.site === address.site) {
    console.log(`repository: ${address.repository}\nsite:       ${address.site}`)
    if (isPlaceholder(address))
      console.log("A placeholder: --repository URL --site URL writes the true one everywhere.")
    for (const name of filesWithAddress(address)) console.log(`  in ${name}`)
  } else {
    move(to)
  }
}
