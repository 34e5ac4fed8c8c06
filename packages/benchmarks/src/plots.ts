/**
 * Cost against size as SVG: both axes logarithmic, so that cost in proportion to size is a level line. The picture brings its
 * own background and follows the reader's preference for light or dark.
 */
import type { Growth } from "./scaling.ts"

const width = 480
const height = 300
const area = { left: 62, right: 460, top: 64, bottom: 258 }

export const style = `
  .surface { fill: #fcfcfb; stroke: #e1e0d9 }
  .grid { stroke: #e1e0d9; stroke-width: 1 }
  text { font: 11px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #52514e }
  .title { font-size: 13px; font-weight: 600; fill: #0b0b0b }
  .series { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round }
  .dot { stroke: #fcfcfb; stroke-width: 1.5 }
  .a { --color: #2a78d6 } .b { --color: #eb6834 } .c { --color: #1baf7a } .d { --color: #4a3aa7 }
  .series { stroke: var(--color) } .dot { fill: var(--color) }
  @media (prefers-color-scheme: dark) {
    .surface { fill: #1a1a19; stroke: #383835 }
    .grid { stroke: #2c2c2a }
    text { fill: #c3c2b7 }
    .title { fill: #ffffff }
    .dot { stroke: #1a1a19 }
    .a { --color: #3987e5 } .b { --color: #d95926 } .c { --color: #199e70 } .d { --color: #9085e9 }
  }`

// The order is fixed: a peer has the same color in every plot.
const classes: Readonly<Record<string, string>> = { core: "a", compat: "b", "raw Effect": "c" }

export const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")

/** 1, 10, 1k, 1M. */
const count = (n: number): string => {
  if (n >= 1e6) return `${n / 1e6}M`
  return n >= 1000 ? `${n / 1000}k` : String(n)
}

/** 10 ns, 1 µs, 1 ms. */
const duration = (nanos: number): string => {
  if (nanos >= 1e6) return `${nanos / 1e6} ms`
  return nanos >= 1000 ? `${nanos / 1000} µs` : `${nanos} ns`
}

const decades = (values: ReadonlyArray<number>): ReadonlyArray<number> => {
  const low = Math.floor(Math.log10(Math.min(...values)))
  const high = Math.max(Math.ceil(Math.log10(Math.max(...values))), low + 1)
  return Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i))
}

/** Maps the range of `ticks` to pixels. */
const scale = (ticks: ReadonlyArray<number>, from: number, to: number) => {
  const low = Math.log10(ticks[0]!)
  const high = Math.log10(ticks.at(-1)!)
  return (value: number): number => Number((from + ((Math.log10(value) - low) / (high - low)) * (to - from)).toFixed(1))
}

const grid = (
  xTicks: ReadonlyArray<number>,
  yTicks: ReadonlyArray<number>,
  x: (n: number) => number,
  y: (nanos: number) => number
): ReadonlyArray<string> => [
  ...yTicks.flatMap((tick) => [
    `<line class="grid" x1="${area.left}" x2="${area.right}" y1="${y(tick)}" y2="${y(tick)}"/>`,
    `<text x="${area.left - 8}" y="${y(tick) + 4}" text-anchor="end">${duration(tick)}</text>`
  ]),
  ...xTicks.map((tick) => `<text x="${x(tick)}" y="${area.bottom + 18}" text-anchor="middle">${count(tick)}</text>`),
  `<text x="${(area.left + area.right) / 2}" y="${height - 10}" text-anchor="middle">N</text>`
]

/** The plot of one workload: `growth` has one entry for each peer. */
export const plot = (growth: ReadonlyArray<Growth>): string => {
  const drawn = growth.filter(({ peer, points }) => classes[peer] !== undefined && points.length > 0)
  const points = drawn.flatMap(({ points }) => points)
  const title = drawn[0]!.workload
  const xTicks = decades(points.map(({ n }) => n))
  const yTicks = decades(points.map(({ nanos }) => nanos))
  const x = scale(xTicks, area.left, area.right)
  const y = scale(yTicks, area.bottom, area.top)
  const lines = drawn.flatMap(({ peer, points }) => [
    `<polyline class="series ${classes[peer]}" points="${points.map(({ n, nanos }) => `${x(n)},${y(nanos)}`).join(" ")}"/>`,
    ...points.map(({ n, nanos }) => `<circle class="dot ${classes[peer]}" cx="${x(n)}" cy="${y(nanos)}" r="4"/>`)
  ])
  const legend = drawn.flatMap(({ peer }, i) => [
    `<circle class="dot ${classes[peer]}" cx="${area.left + 5 + i * 96}" cy="44" r="5"/>`,
    `<text x="${area.left + 16 + i * 96}" y="48">${escape(peer)}</text>`
  ])
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escape(title)}: time per operation against N</title>`,
    `<style>${style}</style>`,
    `<rect class="surface" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="6"/>`,
    `<text class="title" x="16" y="24">${escape(title)}: time per operation</text>`,
    ...legend,
    ...grid(xTicks, yTicks, x, y),
    ...lines,
    "</svg>",
    ""
  ].join("\n")
}

/** The name of a workload's plot, without folder. */
export const plotFile = (workload: string): string =>
  `${workload
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "")}.svg`
