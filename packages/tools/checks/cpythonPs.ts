// `npm run dev -- inspect:cpython`: what CPython 3.14 prints with `ps` and `pstree` of the programs that the tests of packages/inspect
// compare with, into their file.
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { loadPyodide } from "pyodide"
import { root } from "../repository.ts"

const conformance = join(root, "packages/conformance/python")
const tests = join(root, "packages/inspect/test/cpython")

const python = await loadPyodide()
for (const file of [
  join(conformance, "interp.py"),
  join(conformance, "program.py"),
  join(root, "packages/tools/checks/cpythonPs.py")
]) {
  python.FS.writeFile(`/home/pyodide/${file.slice(file.lastIndexOf("/") + 1)}`, readFileSync(file))
}
const { texts } = python.pyimport("cpythonPs")

const [, ...programs] = readFileSync(join(tests, "programs.py"), "utf8").split(/^# --- /m)
const expected = Object.fromEntries(
  programs.map((program) => {
    const end = program.indexOf("\n")
    const [ps, pstree] = texts(program.slice(end)).toJs() as ReadonlyArray<string>
    return [program.slice(0, end), { ps: ps!.split("\n"), pstree: pstree!.split("\n") }]
  })
)
writeFileSync(join(tests, "expected.json"), `${JSON.stringify(expected, undefined, 2)}\n`)
