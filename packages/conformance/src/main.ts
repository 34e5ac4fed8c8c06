/**
 * `npm run conformance`: compares an implementation with CPython and shows the first divergence as a short program.
 */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { withBorders } from "./borders.ts"
import { compare, type Divergence, divergingVariants, recordTraces, Tally } from "./comparison.ts"
import { readScripts } from "./corpus.ts"
import { featuresOf } from "./features.ts"
import { generate } from "./generator/generate.ts"
import { type Options, parseOptions, usage, UsageError } from "./options.ts"
import { OraclePool } from "./oracle/pool.ts"
import { ProgressBar } from "./progress.ts"
import { renderScript, sideBySide } from "./render.ts"
import { allStatements, type RecordedScript, type Script } from "./script.ts"
import { shrink } from "./shrink.ts"

const batchSize = 500

/** The scripts to compare, and how many there will be. */
const sourceOf = ({
  source,
  features,
  focus,
  size,
  borders
}: Options): { readonly total: number; scripts(): Iterable<Script> } => {
  const placed = (script: Script): Script => (borders ? withBorders(script) : script)
  if ("files" in source) {
    const all = source.files.flatMap((file) => readScripts(file))
    const allowed = new Set<string>(features ?? [])
    const isAllowed = (script: Script) => featuresOf(script).every((feature) => allowed.has(feature))
    const scripts = (features === undefined ? all : all.filter(isAllowed)).map(placed)
    return { total: scripts.length, scripts: () => scripts }
  }
  const [from, to] = source.seeds
  return {
    total: to - from + 1,
    scripts: function* () {
      for (let seed = from; seed <= to; seed++) yield placed(generate(seed, { size, features, focus }))
    }
  }
}

function* batchesOf<T>(items: Iterable<T>): Iterable<ReadonlyArray<T>> {
  let batch: Array<T> = []
  for (const item of items) {
    batch.push(item)
    if (batch.length < batchSize) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

class Run {
  readonly #options: Options
  readonly #tally = new Tally()
  readonly #progress = new ProgressBar()
  readonly #start = performance.now()
  #oracle: Promise<OraclePool> | undefined = undefined

  constructor(options: Options) {
    this.#options = options
  }

  /** Compares, reports and says how the process should exit. */
  async perform(): Promise<number> {
    process.once("SIGINT", () => {
      this.#progress.clear()
      console.log(`${this.#summary()}, then interrupted`)
      for (const [kind, { length }] of this.#tally.kinds()) console.log(`${length} x ${kind}`)
      process.exit(130)
    })
    await this.#compareAll()
    this.#progress.clear()
    console.log(this.#summary())
    if (this.#tally.divergences.length > 0) await this.#report()
    await (await this.#oracle)?.stop()
    return this.#tally.divergences.length > 0 ? 1 : 0
  }

  #getOracle = (): Promise<OraclePool> => {
    this.#progress.say("starting CPython")
    return (this.#oracle ??= OraclePool.start(this.#options.jobs))
  }

  async #compareAll(): Promise<void> {
    const { candidate, strict, timeLimit = Infinity } = this.#options
    const source = sourceOf(this.#options)
    const tally = this.#tally
    let comparing: Promise<void> = Promise.resolve()
    for (const batch of batchesOf(source.scripts())) {
      if (performance.now() - this.#start > timeLimit * 1000) break
      const recorded = await recordTraces(batch, { oracle: this.#getOracle, strict, tally })
      await comparing
      const done = tally.scripts
      // While the implementation runs this batch, CPython runs the next.
      comparing = compare(candidate, recorded, tally).then(() =>
        this.#progress.show({ done, total: source.total, note: `${tally.divergences.length} diverging` })
      )
    }
    await comparing
  }

  #summary(): string {
    const { source, candidate, borders } = this.#options
    const name = borders ? `${candidate.name} with borders` : candidate.name
    const what = "seeds" in source ? `seeds ${source.seeds.join("..")}` : source.files.join(", ")
    const seconds = (performance.now() - this.#start) / 1000
    return `${name}, ${what}: ${this.#tally} in ${seconds.toFixed(1)} s`
  }

  async #report(): Promise<void> {
    const { out, report } = this.#options
    const kinds = this.#tally.kinds()
    console.log(
      `\n${kinds.length} ${kinds.length === 1 ? "kind" : "kinds"} of divergence (CPython <> ${this.#options.candidate.name}):`
    )
    for (const [kind, divergences] of kinds.slice(0, 20)) {
      console.log(`${String(divergences.length).padStart(6)}  ${kind}   (${divergences[0]!.script.id})`)
    }
    if (kinds.length > 20) console.log(`        and ${kinds.length - 20} more`)
    if (out !== undefined) {
      mkdirSync(out, { recursive: true })
      for (const { script } of this.#tally.divergences) this.#save(script.id, script)
    }
    const shown = new Set<string>()
    for (const [, divergences] of kinds) {
      if (shown.size >= report) break
      await this.#show(smallest(divergences), shown)
    }
  }

  /** Shrinks and prints a divergence, unless what it shrinks to was printed before. */
  async #show(found: Divergence, shown: Set<string>): Promise<void> {
    const { candidate, shrink: wanted } = this.#options
    const divergence = wanted ? await this.#shrunk(found) : found
    const { id } = found.script
    const key = JSON.stringify(divergence.script.coros)
    if (shown.has(key)) return console.log(`\n${id} shrinks to the same program as one above.`)
    shown.add(key)
    console.log(`\n${"=".repeat(120)}\n${id}: ${found.kind}\n`)
    console.log(renderScript({ ...divergence.script, id }))
    console.log(
      `\n${sideBySide(divergence.script.expect, divergence.actual, { titles: ["CPython 3.14", candidate.name] })}`
    )
    const { expect: _expect, deps: _deps, ...script } = divergence.script
    console.log(`\n${JSON.stringify({ ...script, id })}`)
    this.#save(`${id}.shrunk`, divergence.script)
  }

  async #shrunk(found: Divergence): Promise<Divergence> {
    const { candidate, strict } = this.#options
    const oracle = await this.#getOracle()
    const ask = (variants: ReadonlyArray<Script>) => divergingVariants(variants, candidate, oracle, strict)
    const result = await shrink(
      found.script,
      async (variants) => (await ask(variants)).map((divergence) => divergence !== undefined),
      { onProgress: (script) => this.#progress.say(`shrinking, ${allStatements(script).length} statements left`) }
    )
    const [divergence] = result === undefined ? [] : await ask([result.script])
    this.#progress.clear()
    if (divergence !== undefined) return divergence
    console.log(
      `\n${found.script.id} does not diverge when it runs alone: state leaks between scripts, or chance decides.`
    )
    return found
  }

  #save(name: string, script: RecordedScript): void {
    const { out } = this.#options
    if (out !== undefined) writeFileSync(join(out, `${name}.json`), `${JSON.stringify(script)}\n`)
  }
}

const smallest = (divergences: ReadonlyArray<Divergence>): Divergence =>
  divergences.reduce((least, other) =>
    allStatements(other.script).length < allStatements(least.script).length ? other : least
  )

try {
  const options = parseOptions(process.argv.slice(2))
  if (options === undefined) console.log(usage)
  else process.exitCode = await new Run(options).perform()
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(`conformance: ${error.message}\nconformance: --help lists the options`)
  process.exitCode = 2
}
