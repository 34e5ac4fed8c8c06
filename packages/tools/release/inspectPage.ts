/**
 * The page of inspect's dashboard: one script, one style sheet, and what they need, in packages/inspect/dist/page. The libraries in it are
 * bundled, so that nobody installs them, and come with their licences.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { rolldown } from "rolldown"
import { isProgram, root } from "../repository.ts"

const folder = join(root, "packages/inspect")
const from = join(folder, "page")
const into = join(folder, "dist/page")

/** What is bundled of others. */
const libraries = ["preact", "@tanstack/virtual-core"]

/** The licences of the libraries, one after the other. */
const licences = (): string =>
  libraries
    .map((name) => {
      // The package's folder is the first above its entry that has a licence.
      let at = dirname(createRequire(join(folder, "package.json")).resolve(name))
      while (!existsSync(join(at, "LICENSE"))) at = dirname(at)
      return `${name}\n\n${readFileSync(join(at, "LICENSE"), "utf8").trim()}\n`
    })
    .join("\n---\n\n")

/** Builds the page. */
export const buildPage = async (): Promise<void> => {
  const build = await rolldown({
    input: join(from, "main.tsx"),
    platform: "browser",
    tsconfig: false,
    transform: { target: "es2022", jsx: { runtime: "automatic", importSource: "preact" } },
    onwarn: (warning) => {
      throw new Error(warning.message)
    }
  })
  const { output } = await build.generate({ format: "esm", minify: true })
  await build.close()
  mkdirSync(into, { recursive: true })
  writeFileSync(join(into, "page.js"), output[0].code)
  writeFileSync(join(into, "LICENSES.txt"), licences())
  for (const file of ["index.html", "page.css", "icon.svg"]) copyFileSync(join(from, file), join(into, file))
}

/** Before the tests that ask for it. */
export const setup = buildPage

if (isProgram(import.meta.url)) await buildPage()
