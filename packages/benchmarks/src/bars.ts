/**
 * One figure of several peers as SVG: a bar for each, the shortest first in the order of the peers. It looks as the plots do.
 */
import { escape, style } from "./plots.ts"

export interface Bar {
  readonly peer: string
  readonly value: number
  /** The value as the reader sees it. */
  readonly label: string
}

const width = 480
const rowHeight = 24
const area = { left: 118, right: 392, top: 48 }

// Ours stand out; the others are the ground they stand on.
const classOf = (peer: string): string => ({ core: "a", compat: "b" })[peer] ?? "other"

/** The picture: `what` says what is measured, in a few words, and that less is better. */
export const bars = (title: string, what: string, all: ReadonlyArray<Bar>): string => {
  const height = area.top + all.length * rowHeight + 14
  const greatest = Math.max(...all.map(({ value }) => value))
  const rows = all.flatMap(({ label, peer, value }, i) => {
    const y = area.top + i * rowHeight
    const length = Number(Math.max((value / greatest) * (area.right - area.left), 2).toFixed(1))
    return [
      `<text x="${area.left - 8}" y="${y + 14}" text-anchor="end">${escape(peer)}</text>`,
      `<rect class="bar ${classOf(peer)}" x="${area.left}" y="${y + 3}" width="${length}" height="15" rx="2"/>`,
      `<text x="${Number((area.left + length + 6).toFixed(1))}" y="${y + 14}">${escape(label)}</text>`
    ]
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escape(`${title}, ${what}: ${all.map(({ label, peer }) => `${peer} ${label}`).join(", ")}`)}</title>`,
    `<style>${style}  .bar { fill: var(--color) } .other { --color: #9d9c94 }</style>`,
    `<rect class="surface" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="6"/>`,
    `<text class="title" x="16" y="24">${escape(title)}</text>`,
    `<text x="16" y="40">${escape(what)}</text>`,
    ...rows,
    "</svg>",
    ""
  ].join("\n")
}
