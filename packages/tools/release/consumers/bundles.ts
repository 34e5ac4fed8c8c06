// The same program, bundled with what most people use. Each gives the path of what it has made.
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { createRequire } from "node:module"
import { root } from "../../repository.ts"

const require = createRequire(join(root, "packages/consumers/package.json"))

/** A bundler that its own folder has; its types are not ours to depend on. */
const load = async (name: string) => {
  const module = await import(pathToFileURL(require.resolve(name)).href)
  return module.default ?? module
}

/** Bundles `NAME.js` in a folder. */
export type Bundler = (folder: string, name: string) => Promise<string>

const esbuild: Bundler = async (folder, name) => {
  const outfile = join(folder, `esbuild/${name}.mjs`)
  const options = {
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    logLevel: "silent"
  }
  const { build } = await load("esbuild")
  const { warnings } = await build({ ...options, entryPoints: [join(folder, `${name}.js`)], outfile })
  if (warnings.length > 0) throw new Error(`esbuild warns: ${JSON.stringify(warnings)}`)
  return outfile
}

const rollup: Bundler = async (folder, name) => {
  const file = join(folder, `rollup/${name}.mjs`)
  const { nodeResolve } = await import(pathToFileURL(require.resolve("@rollup/plugin-node-resolve")).href)
  const { rollup } = await import(pathToFileURL(require.resolve("rollup")).href)
  const build = await rollup({
    input: join(folder, `${name}.js`),
    plugins: [nodeResolve({ browser: true })],
    onwarn: (warning: { readonly message: string; readonly code: string }) => {
      // Effect's own modules import each other in circles.
      if (!/effect/.test(warning.message) || warning.code !== "CIRCULAR_DEPENDENCY") throw new Error(warning.message)
    }
  })
  await build.write({ file, format: "es" })
  await build.close()
  return file
}

const vite: Bundler = async (folder, name) => {
  const { build } = await import(pathToFileURL(require.resolve("vite")).href)
  await build({
    root: folder,
    configFile: false,
    logLevel: "warn",
    build: {
      outDir: join(folder, "vite"),
      emptyOutDir: false,
      target: "es2022",
      lib: { entry: join(folder, `${name}.js`), formats: ["es"], fileName: () => `${name}.mjs` }
    }
  })
  return join(folder, `vite/${name}.mjs`)
}

const webpack: Bundler = async (folder, name) => {
  const pack = await load("webpack")
  const stats: any = await new Promise((resolve, reject) =>
    pack(
      {
        mode: "production",
        context: folder,
        entry: join(folder, `${name}.js`),
        target: ["web", "es2022"],
        experiments: { outputModule: true },
        performance: false,
        output: { path: join(folder, "webpack"), filename: `${name}.mjs`, library: { type: "module" } }
      },
      (error: unknown, stats: unknown) => (error ? reject(error) : resolve(stats))
    )
  )
  const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true })
  const problems = [...errors, ...warnings].map(({ message }) => message)
  if (problems.length > 0) throw new Error(`webpack says: ${problems.join("\n")}`)
  return join(folder, `webpack/${name}.mjs`)
}

export const bundlers: Readonly<Record<string, Bundler>> = { esbuild, rollup, vite, webpack }
