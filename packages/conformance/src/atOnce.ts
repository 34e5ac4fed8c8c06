// Runs scripts of the corpus, all at once, on core and on compat; argv says that every how manieth is wanted.
import { readCorpus } from "./corpus.ts"
import { runScript as onCompat } from "./interpreter/compat/machine.ts"
import { runScript as onCore } from "./interpreter/core/machine.ts"
import { Unsupported } from "./interpreter/session.ts"

const every = Number(process.argv[2] ?? 1)
const scripts = [...readCorpus("generated"), ...readCorpus("handwritten")].filter((_, i) => i % every === 0)

const runs = [onCore, onCompat].flatMap((runScript) =>
  scripts.map((script) =>
    runScript(script).catch((error: unknown) => {
      if (!(error instanceof Unsupported)) throw error
    })
  )
)
await Promise.all(runs)
