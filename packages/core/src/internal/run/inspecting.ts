/**
 * The option `inspect` of a run. Core has no inspector: it takes the one that a package has set, or imports that package by its name.
 */
import { RuntimeError } from "../model/errors.ts"
import type { EventLoop } from "../model/EventLoop.ts"
import { withHint } from "../model/hints.ts"
import { type Inspector, knownInspector } from "./inspector.ts"

const packageName = "@effect-asyncio/inspect"

/** A run that cannot be looked into runs all the same, but for one whose package is not there. */
export const letInspect = async (loop: EventLoop, options: object): Promise<void> => {
  const inspector = knownInspector() ?? (await imported())
  try {
    await inspector(options)
  } catch (exception) {
    loop.callExceptionHandlerUnsafe({
      // When: the option `inspect` of a run, where no socket could be made.
      message: "This process cannot be looked into",
      hint: "Make the folder safe that the error names, or leave `inspect` out. The program runs all the same.",
      exception
    })
  }
}

const imported = async (): Promise<Inspector> => {
  // From here it is found where all packages are in one folder, and from the program where each sees its own only.
  for (const name of [packageName, fromProgram()]) {
    if (name === undefined) continue
    try {
      const { serve } = (await import(/* webpackIgnore: true */ /* @vite-ignore */ name)) as { serve: Inspector }
      return serve
    } catch (error) {
      if (!isMissing(error)) throw error
    }
  }
  // When: the option `inspect` of a run, and the package is not installed.
  throw withHint(
    new RuntimeError(`run() was given inspect, and ${packageName} is not there`),
    `Install it: \`npm install ${packageName}\`. In a bundle, import it before the run.`
  )
}

interface HostProcess {
  readonly argv?: ReadonlyArray<string>
  cwd?(): string
  getBuiltinModule?(name: "node:module"): { createRequire(from: string): { resolve(name: string): string } } | undefined
  getBuiltinModule?(name: "node:url"): { pathToFileURL(path: string): { readonly href: string } } | undefined
}

/** The package as the program would import it; undefined where it would not. */
const fromProgram = (): string | undefined => {
  const { process } = globalThis as { process?: HostProcess }
  const modules = process?.getBuiltinModule?.("node:module")
  if (modules === undefined) return undefined
  try {
    const path = modules.createRequire(process?.argv?.[1] ?? `${process?.cwd?.()}/main.js`).resolve(packageName)
    return process?.getBuiltinModule?.("node:url")?.pathToFileURL(path).href
  } catch {
    return undefined
  }
}

const isMissing = (error: unknown): boolean =>
  /^(ERR_)?MODULE_NOT_FOUND$/.test(String((error as { code?: unknown }).code)) ||
  /Cannot find (module|package)|Module not found|not a dependency|resolve module|fetch dynamically/i.test(String(error))
