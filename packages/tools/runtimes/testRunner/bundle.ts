// Bundles test files with the runner beside this file, so that they run where vitest does not.
import { existsSync, globSync, rmSync } from "node:fs"
import { isBuiltin } from "node:module"
import { join, sep } from "node:path"
import { fileURLToPath } from "node:url"
import { type Plugin, rolldown } from "rolldown"
import { root } from "../../repository.ts"
import { skips } from "./skips.ts"

const here = fileURLToPath(new URL(".", import.meta.url))

/** Where bundles go: `dist`, as everything that is built. */
const outputs = join(root, "packages/tools/dist/tests")

/** The test files of packages, from the top of the repository. */
export const testFiles = (packages: ReadonlyArray<string>): ReadonlyArray<string> =>
  packages.flatMap((name) =>
    globSync(`packages/${name}/test/**/*.test.ts`, { cwd: root })
      .map((file) => file.replaceAll(sep, "/"))
      .sort()
  )

/** The files of a list whose names contain one of the words; all of them without words. Ends the program with none. */
export const chosen = (files: ReadonlyArray<string>, words: ReadonlyArray<string>): ReadonlyArray<string> => {
  const found = files.filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  if (found.length === 0) {
    console.error(`no test file is named like ${words.join(" or ")}`)
    process.exit(2)
  }
  return found
}

/** The module that main.ts imports the tests through. */
const listOfTests = (files: ReadonlyArray<string>): Plugin => ({
  name: "test-files",
  resolveId: (id) => (id === "virtual:test-files" ? `\0${id}` : undefined),
  load: (id) => {
    if (id !== "\0virtual:test-files") return undefined
    const entries = files.map((file) => {
      const path = JSON.stringify(join(root, file))
      return `[${JSON.stringify(file)}, () => import(${path})],`
    })
    return `export default [${entries.join("\n")}]`
  }
})

/**
 * What a browser lacks. Node.js's own modules load, so that a file can be read, but nothing in them works: a test that
 * uses one is skipped by its name. `setImmediate`, which tests use to wait for a macrotask, is there for the tests alone:
 * our packages must do without it.
 */
export const forBrowsers: Plugin = {
  name: "for-browsers",
  resolveId: (id) => (isBuiltin(id) ? `\0node:${id.replace(/^node:/, "")}` : undefined),
  load: async (id) => {
    if (!id.startsWith("\0node:")) return undefined
    const module = id.slice(1)
    const names = Object.keys(await import(module)).filter((name) => name !== "default" && name !== "module.exports")
    return [
      `const missing = (name) => function () { throw new Error(name + " of ${module} is not in a browser") }`,
      ...names.map((name) => `const ${name}_ = missing("${name}"); export { ${name}_ as ${name} }`),
      `export default { ${names.map((name) => `${name}: ${name}_`).join(", ")} }`
    ].join("\n")
  },
  transform: (code, id) =>
    /[\\/]test[\\/]/.test(id) && /\bsetImmediate\b/.test(code)
      ? `import { setImmediate } from ${JSON.stringify(join(here, "browser.ts"))};${code}`
      : undefined
}

/** A new bundle of the given test files: its folder, and the program in it. */
export const bundleTests = async (
  name: string,
  files: ReadonlyArray<string>,
  { browser = false }: { readonly browser?: boolean } = {}
): Promise<{ readonly folder: string; readonly program: string }> => {
  // Node.js 20 takes no `.ts`. A browser takes any name, and its stacks are then as in vitest.
  const extension = browser ? ".ts" : ".ts.mjs"
  const lost = skips.find(({ file }) => !existsSync(join(root, file)))
  if (lost !== undefined) throw new Error(`skips.ts names ${lost.file}, which does not exist`)
  const folder = join(outputs, name)
  rmSync(folder, { recursive: true, force: true })
  const bundle = await rolldown({
    input: { main: join(here, "main.ts") },
    cwd: root,
    platform: browser ? "browser" : "node",
    tsconfig: false,
    resolve: {
      conditionNames: ["@effect-asyncio/source", "import", "default"],
      alias: { vitest: join(here, "vitest.ts"), "@effect/vitest": join(here, "vitest.ts") }
    },
    // What the oldest runtimes have; `await using`, for one, becomes code that does the same.
    transform: { target: "es2022" },
    // A test file is there for what it does; package.json says of the package around it that nothing in it does anything.
    treeshake: { moduleSideEffects: [{ test: /[\\/]test[\\/]/, sideEffects: true }] },
    plugins: [listOfTests(files), ...(browser ? [forBrowsers] : [])],
    onwarn: (warning) => {
      throw new Error(warning.message)
    }
  })
  await bundle.write({
    dir: folder,
    format: "esm",
    // Tests read the names of functions, and find their own file in a stack: a module of its own for each file, named
    // after it, and every function by the name it was written with.
    preserveModules: true,
    preserveModulesRoot: root,
    entryFileNames: `[name]${extension}`,
    keepNames: true,
    // Not even what would be simpler: the code that is tested is the code that was written.
    minify: false
  })
  await bundle.close()
  return { folder, program: `main${extension}` }
}

/** Prints what some runtimes skip of some files, and why. */
export const printSkips = (files: ReadonlyArray<string>, runtimes: ReadonlyArray<string>): void => {
  const entries = skips.filter(({ file, on }) => files.includes(file) && on.some((name) => runtimes.includes(name)))
  console.log(`\nWhat is skipped, and why${entries.length === 0 ? ": nothing" : ""}`)
  for (const { file, on, reason, tests } of entries) {
    console.log(`- ${on.filter((name) => runtimes.includes(name)).join(", ")}: ${file}: ${reason}`)
    for (const test of tests ?? ["the whole file"]) console.log(`    ${test}`)
  }
}
