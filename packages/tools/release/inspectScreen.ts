/**
 * The screen of inspect's `top`, with the libraries that draw it in one file: who installs the package in a service installs none of them.
 * It takes the place of what tsc has made of the source.
 */
import { existsSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { type Plugin, rolldown } from "rolldown"
import { isProgram, root } from "../repository.ts"
import { writeChanged } from "./writeChanged.ts"

const folder = join(root, "packages/inspect")
const into = join(folder, "dist/top")

/** The folder of the package that a file is of. */
const packageOf = (file: string): string | undefined => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]

/** The licences of what was bundled, one after the other. */
const licencesOf = (files: ReadonlyArray<string>): string =>
  [...new Set(files.flatMap((file) => packageOf(file) ?? []))]
    .map((at) => {
      const { license, name, version } = JSON.parse(readFileSync(join(at, "package.json"), "utf8")) as Record<
        string,
        string
      >
      const file = ["LICENSE", "license", "LICENSE.md", "LICENSE.txt"].map((name) => join(at, name)).find(existsSync)
      return `${name} ${version} (${license})\n\n${file === undefined ? "" : readFileSync(file, "utf8").trim()}\n`
    })
    .sort()
    .join("\n---\n\n")

/** Ink asks for React's developer tools with DEV=true, which is a constant here. */
const withoutDevtools: Plugin = {
  name: "without-devtools",
  resolveId: (id) => (id === "react-devtools-core" ? `\0${id}` : undefined),
  load: (id) => (id === "\0react-devtools-core" ? "export default {}" : undefined)
}

/** Builds the screen. */
export const buildScreen = async (): Promise<void> => {
  const build = await rolldown({
    input: join(folder, "src/top/screen.ts"),
    platform: "node",
    external: /^node:/,
    plugins: [withoutDevtools],
    tsconfig: false,
    transform: { target: "node20", define: { "process.env.NODE_ENV": '"production"', "process.env.DEV": '"false"' } }
  })
  const { output } = await build.generate({ format: "esm", minify: true, codeSplitting: false })
  await build.close()
  const [{ code, imports, moduleIds }] = output
  const others = imports.filter((each) => !each.startsWith("node:"))
  if (others.length > 0) throw new Error(`the screen of top still imports ${others.join(", ")}`)
  writeChanged(join(into, "screen.js"), code)
  writeChanged(join(into, "LICENSES.txt"), licencesOf(moduleIds))
  rmSync(join(into, "screen.js.map"), { force: true })
}

if (isProgram(import.meta.url)) await buildScreen()
