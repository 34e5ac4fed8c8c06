/**
 * Scripts in files, one JSON object per line.
 */
import { readFileSync } from "node:fs"
import type { RecordedScript, Script } from "./script.ts"

/** The scripts of a file; what is wrong with it is an error that names the line. */
export const readScripts = (file: string | URL): Array<Script> => {
  const scripts: Array<Script> = []
  for (const [index, line] of readFileSync(file, "utf8").split("\n").entries()) {
    if (line.trim() === "") continue
    scripts.push(parseScript(line, `${file}:${index + 1}`))
  }
  return scripts
}

const parseScript = (line: string, where: string): Script => {
  let script: unknown
  try {
    script = JSON.parse(line)
  } catch (error) {
    throw new Error(`${where}: ${(error as Error).message}`, { cause: error })
  }
  const { id, coros } = (script ?? {}) as Partial<Script>
  if (typeof id !== "string" || typeof coros?.main !== "object") {
    throw new Error(`${where}: a script has an "id" and a coroutine "main" in "coros"`)
  }
  return script as Script
}

/** The recorded scripts: `generated`, chosen for variety among thousands, and `handwritten`, one situation each. */
export const corpusNames = ["generated", "handwritten"] as const

export const readCorpus = (name: (typeof corpusNames)[number]): Array<RecordedScript> =>
  readScripts(new URL(`../corpus/${name}.jsonl`, import.meta.url)) as Array<RecordedScript>
