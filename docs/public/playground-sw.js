// Keeps the playground for a reader without a network. The page tells which files it is made of, once it has loaded them; from the
// network they come as ever, and only where that fails from here.
const name = "playground"

self.addEventListener("install", (event) => event.waitUntil(self.skipWaiting()))
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()))

self.addEventListener("message", (event) => {
  const { keep } = event.data ?? {}
  if (!Array.isArray(keep)) return
  const kept = async () => {
    const cache = await caches.open(name)
    const wanted = new Set(keep.map((url) => new URL(url, self.location.href).href))
    await cache.addAll(wanted)
    // Those of an older version of the site.
    for (const request of await cache.keys()) if (!wanted.has(request.url)) await cache.delete(request)
  }
  event.waitUntil(
    kept().then(
      () => event.source?.postMessage({ kept: true }),
      () => event.source?.postMessage({ kept: false })
    )
  )
})

self.addEventListener("fetch", (event) => {
  const { request } = event
  if (request.method !== "GET" || new URL(request.url).origin !== self.location.origin) return
  const fromCache = () => caches.match(request, { ignoreSearch: request.mode === "navigate" })
  event.respondWith(fetch(request).catch(async (error) => (await fromCache()) ?? Promise.reject(error)))
})
