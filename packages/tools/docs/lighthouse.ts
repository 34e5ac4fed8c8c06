// What Lighthouse says of the built site: `npm run docs`, then `npm run dev -- docs:lighthouse`. At least 95 in each category, on the home
// page, the start, a page of the tutorial and one of the API. Not a part of continuous integration: Lighthouse and what it needs are
// large, and its measure of speed is only as good as the machine is calm. It comes from npm when it is called, in this version:
import { execFile } from "node:child_process"
import { existsSync, statSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { createServer } from "node:http"
import { extname, join } from "node:path"
import { promisify } from "node:util"
import { gzipSync } from "node:zlib"
import { root } from "../repository.ts"
import { missingChromium } from "../runtimes/chromium.ts"

const lighthouse = "lighthouse@13.5.0"
const pages =
  process.argv.slice(2).length > 0 ? process.argv.slice(2) : ["/", "/start", "/tutorial/cancelling", "/api/core/gather"]
const least = 95

// Lighthouse takes the machine for four times as fast as a phone. A machine that is busy, or slow, is not: the index that is printed
// below is some 1500 on a calm one of today, and 4 is right for it; for an index of 400 it is 1.
const slowdown = process.env.LIGHTHOUSE_SLOWDOWN ?? "4"

const dist = join(root, "docs/.vitepress/dist")
if (missingChromium !== undefined || !existsSync(join(dist, "index.html"))) {
  console.error(missingChromium === undefined ? "There is no site: `npm run docs` builds it." : `no ${missingChromium}`)
  process.exit(2)
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".txt": "text/plain",
  ".png": "image/png",
  ".woff2": "font/woff2"
}

/** Compresses and lets the browser keep what has a hash in its name, as any server of files does. */
const server = createServer((request, response) => {
  const path = join(dist, decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname))
  const file = [path, `${path}.html`, join(path, "index.html")].find((it) => existsSync(it) && statSync(it).isFile())
  if (file === undefined) {
    response.writeHead(404).end()
    return
  }
  void readFile(file).then((body) => {
    const packed = /\.(?:html|js|css|svg|txt)$/.test(file)
    response.writeHead(200, {
      "content-type": types[extname(file)] ?? "application/octet-stream",
      "cache-control": path.includes("/assets/") ? "max-age=31536000, immutable" : "no-cache",
      ...(packed ? { "content-encoding": "gzip" } : {})
    })
    response.end(packed ? gzipSync(body) : body)
  })
})
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
const { port } = server.address() as { readonly port: number }

interface Category {
  readonly title: string
  readonly score: number | null
  readonly auditRefs: ReadonlyArray<{ readonly id: string; readonly weight: number }>
}

interface Report {
  readonly environment: { readonly benchmarkIndex: number }
  readonly categories: Readonly<Record<string, Category>>
  readonly audits: Readonly<
    Record<string, { readonly title: string; readonly score: number | null; readonly displayValue?: string }>
  >
}

let low = 0
for (const page of pages) {
  const { stdout } = await promisify(execFile)(
    "pnpm",
    [
      "dlx",
      lighthouse,
      `http://127.0.0.1:${port}${page}`,
      "--quiet",
      "--output=json",
      `--throttling.cpuSlowdownMultiplier=${slowdown}`,
      "--chrome-flags=--headless=new --no-sandbox --disable-gpu"
    ],
    {
      env: { ...process.env, CHROME_PATH: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium" },
      maxBuffer: 64 * 1024 * 1024
    }
  )
  const { audits, categories, environment } = JSON.parse(stdout.slice(stdout.indexOf("{"))) as Report
  const scores = Object.values(categories).map(({ score, title }) => ({ title, score: Math.round(100 * (score ?? 0)) }))
  const machine = `on a machine with the index ${Math.round(environment.benchmarkIndex)}`
  console.log(`${page}: ${scores.map(({ score, title }) => `${title} ${score}`).join(", ")} (${machine})`)
  if (scores.some(({ score }) => score < least)) low++
  // Of a category that is less than perfect, what is wrong. Of the speed, only where it is too low: something always takes time.
  for (const { auditRefs, score, title } of Object.values(categories)) {
    if (score === null || score >= (title === "Performance" ? least / 100 : 1)) continue
    for (const { id, weight } of auditRefs) {
      const { displayValue = "", score: points, title: what } = audits[id]!
      if (weight > 0 && points !== null && points < 0.9) console.log(`    ${title}: ${what} ${displayValue}`)
    }
  }
}
server.close()
process.exit(low === 0 ? 0 : 1)
