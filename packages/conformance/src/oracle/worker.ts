/**
 * One CPython in a worker thread, as WebAssembly. Takes scripts as JSON lines and posts back the answers.
 */
import { readFileSync } from "node:fs"
import { parentPort } from "node:worker_threads"
import { loadPyodide } from "pyodide"

export interface Question {
  readonly number: number
  readonly lines: ReadonlyArray<string>
  readonly mode: string
}

export interface Reply {
  readonly number: number
  readonly lines?: ReadonlyArray<string>
  readonly error?: string
}

const source = readFileSync(new URL("../../python/interp.py", import.meta.url), "utf8")

const python = await loadPyodide()
python.FS.writeFile("/home/pyodide/interp.py", source)
python.runPython("import interp\ninterp.configure()")
const interpreter = python.globals.get("interp") as { run_lines(lines: string, mode: string): string }

const port = parentPort!
port.on("message", ({ number, lines, mode }: Question) => {
  try {
    const answers = lines.length === 0 ? [] : interpreter.run_lines(lines.join("\n"), mode).split("\n")
    port.postMessage({ number, lines: answers } satisfies Reply)
  } catch (error) {
    // The end of a Python traceback says what went wrong.
    port.postMessage({ number, error: String(error).slice(-800) } satisfies Reply)
  }
})
port.postMessage({ number: 0 } satisfies Reply)
