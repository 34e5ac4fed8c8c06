// Runs Python programs on CPython 3.14, the conformance tests' oracle: a list of sources as JSON on stdin, a list of
// `{ printed, error }` as JSON on stdout.
import { readFileSync } from "node:fs"
import { text } from "node:stream/consumers"
import { loadPyodide } from "pyodide"

const folder = new URL("../../conformance/python/", import.meta.url)

const python = await loadPyodide()
for (const name of ["interp.py", "program.py"]) {
  python.FS.writeFile(`/home/pyodide/${name}`, readFileSync(new URL(name, folder), "utf8"))
}
const { run } = python.pyimport("program")

const sources = JSON.parse(await text(process.stdin)) as ReadonlyArray<string>
const results = sources.map((source) => {
  const [printed, error] = run(source).toJs()
  return { printed, error: error ?? undefined }
})
process.stdout.write(JSON.stringify(results))
