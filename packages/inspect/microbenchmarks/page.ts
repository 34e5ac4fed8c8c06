/**
 * The part of the page "What leaks?" that is written from the results.
 */
import { readFileSync, writeFileSync } from "node:fs"
import type { Results } from "./results.ts"

const page = new URL("../../../docs/what-leaks.md", import.meta.url)
const [begin, end] = ["<!-- microbenchmarks -->", "<!-- /microbenchmarks -->"]

/** The projects that the originals are from, by how their names begin. */
const origins = ["cockroach", "etcd", "grpc", "hugo", "istio", "kubernetes", "moby", "serving", "syncthing"] as const

const originOf = (name: string): string => origins.find((origin) => name.startsWith(origin)) ?? "patterns"

const sum = (counts: ReadonlyArray<number>): number => counts.reduce((all, count) => all + count, 0)

const render = ({ falsePositives, healthy, results }: Results): string => {
  const rows = [...origins, "patterns"].map((origin) => {
    const its = results.filter(({ program }) => originOf(program.name) === origin)
    const lost = sum(its.map(({ program }) => program.lost.length))
    const [byLeaks, byDeadlock] = [sum(its.map((each) => each.byLeaks)), sum(its.map((each) => each.byDeadlock))]
    return [origin, its.length, lost, byLeaks, byDeadlock] as const
  })
  const total = ([1, 2, 3, 4] as const).map((column) => sum(rows.map((row) => row[column])))
  return [
    "| original | programs | lost tasks | found by `leaks` | named in the deadlock |",
    "| --- | --: | --: | --: | --: |",
    ...rows.map((row) => `| ${row.join(" | ")} |`),
    `| **all** | ${total.map((count) => `**${count}**`).join(" | ")} |`,
    "",
    `False positives: ${falsePositives.length}, among ${healthy} tasks beside them that something can wake.`,
    "",
    "::: details Each program, and what is wrong with it",
    "",
    "| program | bug | lost | `leaks` | deadlock |",
    "| --- | --- | --: | --: | --: |",
    ...results.map(
      ({ byDeadlock, byLeaks, program: { bug, lost, name } }) =>
        `| ${name} | ${bug} | ${lost.length} | ${byLeaks} | ${byDeadlock} |`
    ),
    "",
    ":::"
  ].join("\n")
}

/** The page is formatted behind us: only its words count. */
const words = (text: string): string => text.replaceAll(/[-:\s|]+/g, " ").trim()

const parts = () => {
  const text = readFileSync(page, "utf8")
  const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)]
  return { before: text.slice(0, from), shown: text.slice(from, to), after: text.slice(to) }
}

export const isShown = (results: Results): boolean => words(parts().shown) === words(render(results))

export const show = (results: Results): void => {
  const { after, before } = parts()
  writeFileSync(page, `${before}\n\n${render(results)}\n\n${after}`)
}
