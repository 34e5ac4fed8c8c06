/**
 * A program that runs all scripts of the corpus, on core and on compat, and prints what each has done: for a tool that looks at it meanwhile, and
 * compares with what it prints without one.
 */
import { createHash } from "node:crypto"
import { corpusNames, readCorpus } from "./corpus.ts"
import { runScript as onCompat } from "./interpreter/compat/machine.ts"
import { runScript as onCore } from "./interpreter/core/machine.ts"
import { Unsupported } from "./interpreter/session.ts"

const scripts = corpusNames.flatMap(readCorpus)

const traceOf = async (run: () => Promise<unknown>): Promise<string> => {
  try {
    return createHash("sha256")
      .update(JSON.stringify(await run()))
      .digest("hex")
  } catch (error) {
    if (error instanceof Unsupported) return "unsupported"
    throw error
  }
}

console.log("ready")
for (const [name, runScript] of [
  ["core", onCore],
  ["compat", onCompat]
] as const) {
  for (const script of scripts) console.log(`${name} ${script.id} ${await traceOf(() => runScript(script))}`)
}
console.log("done")
