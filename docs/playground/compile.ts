/** Makes a function of a program's text. Lines keep their numbers, so that stacks and reprs show those of the editor. */
import { transform } from "sucrase"
import { rewriteAsyncFunctions } from "./asyncFunctions.ts"
import type { asyncRuntime } from "./asyncRuntime.ts"
import { rewriteImports } from "./imports.ts"

/** How the program is called where we show places. */
const programName = "main.ts"

// A path, because the library looks for one where it tells in which line a task was made.
const programPath = `file:///${programName}`

/** What a rewritten function adds to a stack: its generator, what drives that, and the function itself. */
const framesOfRewriting =
  /\n +at [^\n]*\.next \(<anonymous>\)(?:\n +at [^\n]*playground\.js[^\n]*)*(?:\n +at new Promise \(<anonymous>\)(?:\n +at [^\n]*playground\.js[^\n]*)*\n +at [^\n]*main\.ts[^\n]*)?/g

/** A text with the places of the program as its author knows them: by line, because columns are those of the rewritten text. */
export const withPlaces = (text: string): string =>
  text.replace(framesOfRewriting, "").replaceAll(/(?:file:\/\/)?\/main\.ts:(\d+)(?::\d+)?/g, `${programName}:$1`)

/** A program, given what its rewritten text calls. */
export type Compiled = (
  run: typeof asyncRuntime,
  importModule: (name: string, names?: ReadonlyArray<string>) => unknown,
  importLater: (name: string) => Promise<unknown>
) => Promise<unknown>

/** The compilers' own errors, with the place as {@link withPlaces} shows it. */
const readable = (error: unknown): unknown => {
  const { loc, message } = error as { readonly loc?: { readonly line: number }; readonly message: string }
  if (loc === undefined) return error
  const text = message.replace(/^Error transforming .*?: /, "").replace(/ \(\d+:\d+\)$/, "")
  return new SyntaxError(`${text} (${programName}:${loc.line})`)
}

/** The text of the function. */
export const compiledText = (source: string): string => {
  try {
    const { code } = transform(source, { transforms: ["typescript"], disableESTransforms: true })
    const body = rewriteAsyncFunctions(rewriteImports(code))
    const head = `(function (__run, __import, __importLater) { "use strict"; return __run.asyncFunction(undefined, [], function* () {`
    return `${head}${body}\n}) })\n//# sourceURL=${programPath}`
  } catch (error) {
    throw readable(error)
  }
}

/** The only place where text becomes code, and the text is what stands in the editor. */
// oxlint-disable-next-line no-eval -- indirect, so that the program sees nothing of this module
export const compile = (source: string): Compiled => (0, eval)(compiledText(source)) as Compiled
