// The packages that are published, by their folders.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { published } from "../packages.mjs"
import { root } from "../repository.ts"

export { published }

export interface Manifest {
  readonly name: string
  readonly version: string
}

export const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(root, "packages", folder, "package.json"), "utf8"))
