// How large the files and the functions are, in all packages but core and compat, which measures.ts measures.
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { root } from "../repository.ts"
import { linesOf, longestFunction } from "./measures.ts"

/** A size of each file, by its path below packages/. */
export type Sizes = Readonly<Record<string, number>>

/** The lines of each file, and the code lines of its longest function. */
export const sizesOfOthers = (): { readonly files: Sizes; readonly functions: Sizes } => {
  const files = globSync("packages/{*/src,tools}/**/*.ts", {
    cwd: root,
    exclude: ["packages/{core,compat}/**", "packages/tools/dist/**", "**/node_modules"]
  })
  const sources = files.map((file) => [file.replace("packages/", ""), readFileSync(join(root, file), "utf8")] as const)
  const sizes = (size: (source: string) => number): Sizes =>
    Object.fromEntries(sources.map(([file, source]) => [file, size(source)]))
  return { files: sizes(linesOf), functions: sizes(longestFunction) }
}
