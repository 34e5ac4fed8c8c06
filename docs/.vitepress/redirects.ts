import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"

/** A page that sends whoever comes by an old address to the new one. Any server of files will do. */
export const redirectPage = (to: string): string =>
  `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Moved</title>
<meta name="robots" content="noindex">
<meta http-equiv="refresh" content="0; url=${to}">
<link rel="canonical" href="${to}">
<p>This page is now at <a href="${to}">${to}</a>.</p>
</html>
`

/** Writes the page of an old address into the built site. */
export const redirect = (outDir: string, base: string, from: string, to: string): void => {
  const file = join(outDir, from.endsWith("/") ? `${from}index.html` : `${from}.html`)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, redirectPage(base + to.slice(1)))
}
