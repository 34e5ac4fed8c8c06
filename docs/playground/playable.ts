/** Which programs of the pages have a link to the playground: those that need nothing but what is in it. */
import { importable } from "./importable.ts"

/** The two kinds of programs, by the package they are about. */
export type Kind = "core" | "compat"

const imported = (code: string): ReadonlyArray<string> =>
  Array.from(
    code.matchAll(/^(?:import|export)\b[^"]*?"([^"]+)"|\bimport\("([^"]+)"\)/gm),
    ([, from, later]) => (from ?? later)!
  )

/** The kind of a program, undefined where it cannot be played. `marks` are those of its fence. */
export const kindOf = (code: string, marks: ReadonlyArray<string>): Kind | undefined => {
  if (marks.some((mark) => mark !== "throws")) return undefined
  const modules = imported(code)
  if (!modules.every((name) => importable.includes(name))) return undefined
  // What only Node.js has, heap snapshots among it, and threads, which browsers have of another kind.
  if (/\b(?:process|Buffer|global)\.|\b(?:require|gc)\(|\b(?:toThread|threadPool|assertNoLeaks)\b/.test(code))
    return undefined
  if (modules.some((name) => name.startsWith("@effect-asyncio/compat"))) return "compat"
  return modules.some((name) => name.startsWith("@effect-asyncio/core")) ? "core" : undefined
}
