/**
 * A picture as SVG. How it is coloured is in timeline.css, which a picture on its own brings along.
 */
import { traceText } from "./describe.ts"
import { type Arrow, type Bar, type Cell, layout, type Picture, sizes } from "./layout.ts"
import type { Trace } from "./trace.ts"

export interface SvgOptions {
  /** What the picture is called for readers who do not see it. */
  readonly title: string
  /** Makes the ids in the picture unique on its page. */
  readonly id: string
  /** The style sheet, for a picture that stands on its own. */
  readonly css?: string | undefined
}

export const svg = (trace: Trace, options: SvgOptions): string =>
  draw(layout(trace), traceText(trace).join("\n"), options)

export const draw = (picture: Picture, description: string, { css, id, title }: SvgOptions): string => {
  const { height, width } = picture
  const foot = css === undefined ? 0 : legendHeight
  const whole = css === undefined ? width : Math.max(width, legendWidth)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="timeline" width="${whole}" height="${height + foot}" viewBox="0 0 ${whole} ${height + foot}" role="img" aria-labelledby="${id}-title ${id}-desc">`,
    `<title id="${id}-title">${escaped(title)}</title>`,
    `<desc id="${id}-desc">${escaped(description)}</desc>`,
    ...(css === undefined
      ? []
      : [`<style>${standaloneCss(css)}</style>`, rect(0, 0, whole, height + foot, "tl-paper", 6)]),
    ...picture.instants.map(({ label, width, x }) =>
      [rect(x, 22, width, height - 26, "tl-instant", 4), text(x + 2, 14, label, "tl-time")].join("")
    ),
    ...picture.columns.map(({ x }, n) => text(x + sizes.column / 2, 36, String(n + 1), "tl-number")),
    ...picture.bars.map(barSvg),
    ...picture.arrows.filter(({ kind }) => kind !== "asked").map(arrowSvg),
    ...picture.rows.map(({ label, x, y }) => text(x + 6, y - 15, label, "tl-name")),
    ...picture.cells.map(cellSvg),
    ...picture.ends.map(endSvg),
    ...picture.arrows.filter(({ kind }) => kind === "asked").map(arrowSvg),
    ...(css === undefined ? [] : [legend(height)]),
    `</svg>`
  ].join("")
}

const escaped = (value: string): string =>
  value.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;")

/** A number without a tail of digits. */
const px = (value: number): string => String(Math.round(value * 10) / 10)

const rect = (x: number, y: number, width: number, height: number, className: string, radius: number): string =>
  `<rect class="${escaped(className)}" x="${px(x)}" y="${px(y)}" width="${px(width)}" height="${px(height)}" rx="${radius}"/>`

const text = (x: number, y: number, value: string, className: string): string =>
  value === "" ? "" : `<text class="${className}" x="${px(x)}" y="${px(y)}">${escaped(value)}</text>`

const path = (d: string, className: string): string => `<path class="${escaped(className)}" d="${d}"/>`

const barSvg = ({ kind, label, width, x, y }: Bar): string => {
  const thin = kind === "ready" || kind === "iteration"
  const height = thin ? 4 : sizes.bar
  return (
    rect(x, y - height / 2, width, height, `tl-bar tl-${thin ? "ready" : kind}`, thin ? 2 : 3) +
    text(x + 6, y + 4, label, "tl-wait")
  )
}

const cellSvg = ({ callback, cancellation, prints, x, y }: Cell): string => {
  const half = sizes.cell / 2
  const parts = [rect(x + 3, y - half, sizes.column - 6, sizes.cell, callback ? "tl-cell tl-callback" : "tl-cell", 4)]
  const middle = x + sizes.column / 2
  if (prints) parts.push(path(`M${px(middle - 5)} ${px(y - 3)}h10m-10 6h6`, "tl-print"))
  if (cancellation !== "none") {
    parts.push(rect(x + 1, y - half - 2, sizes.column - 2, sizes.cell + 4, `tl-${cancellation}`, 5))
  }
  return parts.join("")
}

const endSvg = ({ kind, label, x, y }: Picture["ends"][number]): string => {
  if (kind === "running") return ""
  const sign = {
    returned: path(`M${px(x)} ${px(y - 6)}v12`, "tl-end"),
    failed: path(`M${px(x)} ${px(y - 4)}l8 8m0 -8l-8 8`, "tl-end tl-failed"),
    cancelled: path(`M${px(x)} ${px(y - 7)}v14m4 -14v14`, "tl-end tl-failed")
  }[kind]
  return sign + text(x + 12, y + 4, label, kind === "returned" ? "tl-outcome" : "tl-outcome tl-bad")
}

const arrowSvg = ({ from, kind, to }: Arrow): string => {
  if (kind === "woke") {
    const bend = Math.max((to.x - from.x) / 2, 6)
    const curve = `C${px(from.x + bend)} ${px(from.y)} ${px(to.x - bend)} ${px(to.y)} ${px(to.x)} ${px(to.y)}`
    return path(`M${px(from.x)} ${px(from.y)}${curve}`, "tl-arrow tl-woke")
  }
  const sign = Math.sign(to.y - from.y)
  if (kind === "made") return path(`M${px(from.x)} ${px(from.y)}V${px(to.y + sign * 7)}`, "tl-arrow tl-made")
  const head = `m-4 ${-6 * sign}l4 ${6 * sign}l4 ${-6 * sign}`
  return path(`M${px(from.x)} ${px(from.y)}V${px(to.y)}${head}`, "tl-arrow tl-asked")
}

const legendHeight = 30
const legendWidth = 520

/** What the signs mean; on a page that is said beside the picture. */
const legend = (top: number): string => {
  const y = top + 14
  return [
    rect(14, y - 7, 16, 14, "tl-cell", 4),
    text(36, y + 4, "runs", "tl-wait"),
    rect(74, y - 6, 24, 12, "tl-bar tl-sleep", 3),
    text(104, y + 4, "waits", "tl-wait"),
    rect(150, y - 7, 16, 14, "tl-cell", 4) + path(`M153 ${y - 3}h10m-10 6h6`, "tl-print"),
    text(172, y + 4, "prints", "tl-wait"),
    path(`M224 ${y - 8}v14m-4 -6l4 6l4 -6`, "tl-arrow tl-asked"),
    text(234, y + 4, "asks to cancel", "tl-wait"),
    rect(332, y - 8, 18, 16, "tl-arrived", 5),
    text(356, y + 4, "the cancellation arrives", "tl-wait")
  ].join("")
}

/** The style sheet of the site, for a picture alone: dark where the reader's system is. */
const standaloneCss = (css: string): string =>
  css
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(
      /\.dark \.timeline \{[^}]*\}/,
      (rule) => `@media (prefers-color-scheme: dark) { ${rule.replace(".dark ", "")} }`
    )
    .replace(/\s+/g, " ")
    .trim()
