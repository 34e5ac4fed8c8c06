/**
 * The page of inspect's dashboard: one script, one style sheet, and what they need, in packages/inspect/dist/page; and the same as a panel for
 * other pages, in dist/browser. The libraries in it are bundled, so that nobody installs them, and come with their licences.
 */
import { existsSync, readFileSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { rolldown } from "rolldown"
import { isProgram, root } from "../repository.ts"
import { manifestOf } from "./published.ts"
import { writeChanged } from "./writeChanged.ts"

const folder = join(root, "packages/inspect")
const from = join(folder, "page")
const into = join(folder, "dist/page")
const panel = join(folder, "dist/browser")

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

/** A script of the page's folder, with the libraries in it. */
const bundleOf = async (entry: string): Promise<string> => {
  const build = await rolldown({
    input: join(from, entry),
    platform: "browser",
    tsconfig: false,
    moduleTypes: { ".css": "text" },
    transform: { target: "es2022", jsx: { runtime: "automatic", importSource: "preact" } },
    onwarn: (warning) => {
      throw new Error(warning.message)
    }
  })
  const { output } = await build.generate({ format: "esm", minify: true })
  await build.close()
  return output[0].code
}

/** Builds the page, and the panel that is the same in a page of somebody else. */
export const buildPage = async (): Promise<void> => {
  writeChanged(join(into, "page.js"), await bundleOf("main.tsx"))
  for (const file of ["index.html", "page.css", "icon.svg"]) {
    writeChanged(join(into, file), readFileSync(join(from, file), "utf8"))
  }
  writeChanged(join(panel, "panel.js"), await bundleOf("panel.tsx"))
  writeChanged(
    join(panel, "version.js"),
    `export const ownVersion = () => ${JSON.stringify(manifestOf("inspect").version)}\n`
  )
  rmSync(join(panel, "version.js.map"), { force: true })
  for (const folder of [into, panel]) writeChanged(join(folder, "LICENSES.txt"), licences())
}

/** Before the tests that ask for it. */
export const setup = buildPage

if (isProgram(import.meta.url)) await buildPage()
