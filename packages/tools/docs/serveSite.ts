// The built site as a server would give it to a browser.
import { existsSync, statSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { extname, join } from "node:path"
import { root } from "../repository.ts"

export const dist: string = join(root, "docs/.vitepress/dist")

const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".json": "application/json",
  ".woff2": "font/woff2"
}

/** The file of a path: /start is start.html, /api/ is api/index.html. */
export const fileOf = (pathname: string): string | undefined => {
  const path = join(dist, decodeURIComponent(pathname))
  return [path, `${path}.html`, join(path, "index.html")].find((file) => existsSync(file) && statSync(file).isFile())
}

export const contentType = (file: string): string => types[extname(file)] ?? "application/octet-stream"

/** Serves the site on a free port, for what a browser asks of no page: workers that serve without a network. */
export const serveSite = async (): Promise<{ readonly origin: string; readonly close: () => void }> => {
  const server = createServer((request, response) => {
    const file = fileOf(new URL(request.url ?? "/", "http://localhost").pathname)
    if (file === undefined) response.writeHead(404).end()
    else void readFile(file).then((body) => response.writeHead(200, { "content-type": contentType(file) }).end(body))
  })
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve))
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close()
      server.closeAllConnections()
    }
  }
}
