// `npm run dev -- docs:outputs`: writes what the programs of the pages print into the pages. Exits with 1 where a program does
// something that its page does not announce. Words choose the pages with such a word in their paths.
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { root } from "../repository.ts"
import { extract } from "./examples.ts"
import { allPrograms, type Fence, runPrograms } from "./pages.ts"

const writeOutputs = async () => {
  const words = process.argv.slice(2)
  const programs = allPrograms().filter(({ page }) => words.length === 0 || words.some((word) => page.includes(word)))
  const results = await runPrograms(programs)
  let failed = false
  for (const page of new Set(programs.map((program) => program.page))) {
    const lines = readFileSync(join(root, page), "utf8").split("\n")
    const outputs = new Map<number, { readonly fence: Fence; readonly text: string }>()
    for (const program of programs.filter((other) => other.page === page)) {
      const { problem, text } = results.get(program) ?? { problem: undefined, text: "" }
      const complaint =
        problem ??
        (program.shown === undefined && text !== ""
          ? `the page does not show what it prints:\n${text}`
          : program.shown !== undefined && (outputs.get(program.shown.line)?.text ?? text) !== text
            ? `it prints something else than the others of its group:\n${text}`
            : undefined)
      if (complaint !== undefined) {
        failed = true
        console.error(`${page}:${program.line}: ${complaint}`)
      }
      if (program.shown !== undefined && !outputs.has(program.shown.line))
        outputs.set(program.shown.line, { fence: program.shown, text })
    }
    for (const { fence, text } of [...outputs.values()].sort((a, b) => b.fence.line - a.fence.line)) {
      lines.splice(fence.line, fence.end - fence.line - 1, ...text.split("\n"))
    }
    writeFileSync(join(root, page), lines.join("\n"))
  }
  process.exitCode = failed ? 1 : 0
}

extract()
await writeOutputs()
