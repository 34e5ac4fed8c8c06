// `node compileWith.ts PATH-OF-TYPESCRIPT FOLDER`: what one TypeScript says of the programs in a folder, in both ways to find
// modules, as JSON. With its interface and not its command, so that what is read once is not read again, and so that the types of
// Effect are not checked themselves, which takes half a minute each time.
import { createRequire } from "node:module"
import { join } from "node:path"
import type TypeScript from "typescript"

const [path = "", folder = ""] = process.argv.slice(2)
const ts = createRequire(import.meta.url)(path) as typeof TypeScript

const kinds = {
  NodeNext: { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext },
  Bundler: { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler }
}

/** Whether somebody would check a file: the programs always, the types of our packages without `skipLibCheck`. */
const isOurs = (file: string) => !file.includes("/node_modules/") || file.includes("/@effect-asyncio/")

const said: Array<string> = []
const parsed = new Map<string, TypeScript.SourceFile | undefined>()
for (const [kind, resolution] of Object.entries(kinds)) {
  const options: TypeScript.CompilerOptions = {
    ...resolution,
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    types: [],
    skipLibCheck: false
  }
  const host = ts.createCompilerHost(options)
  const read = host.getSourceFile.bind(host)
  host.getSourceFile = (file, languageVersion, ...rest) => {
    // What kind of module a file is depends on the way modules are found; lines of text do not.
    const key = `${file} ${JSON.stringify(languageVersion)}`
    if (!parsed.has(key)) parsed.set(key, read(file, languageVersion, ...rest))
    return parsed.get(key)
  }
  const files = ["core.ts", "compat.ts", "testing.ts"].map((name) => join(folder, name))
  const program = ts.createProgram(files, options, host)
  const diagnostics = [
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...program
      .getSourceFiles()
      .filter(({ fileName }) => isOurs(fileName))
      .flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)])
  ]
  for (const { file, messageText, start } of diagnostics) {
    const at = file === undefined ? "" : `${file.fileName}:${file.getLineAndCharacterOfPosition(start ?? 0).line + 1} `
    said.push(`${kind}: ${at.replace(/.*node_modules\//, "")}${ts.flattenDiagnosticMessageText(messageText, " ")}`)
  }
}
console.log(JSON.stringify(said))
