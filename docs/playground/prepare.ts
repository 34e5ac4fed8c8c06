/** What has to be done in the worker before the library is loaded. */
import { installAsyncLocalStorage } from "./asyncLocalStorage.ts"

/**
 * What a program of the playground does not get: the program may come from a link, and this is the origin of the site, so it may
 * neither ask the network nor keep anything.
 */
const forbidden = [
  "fetch",
  "XMLHttpRequest",
  "WebSocket",
  "WebTransport",
  "EventSource",
  "Worker",
  "SharedWorker",
  "BroadcastChannel",
  "importScripts",
  "caches",
  "indexedDB",
  "cookieStore",
  "navigator",
  "Notification"
]

/** Takes globals away. */
export const withhold = (names: ReadonlyArray<string>): void => {
  for (let object: object | null = globalThis; object !== null; object = Object.getPrototypeOf(object)) {
    for (const name of names) Reflect.deleteProperty(object, name)
  }
}

withhold(forbidden)
installAsyncLocalStorage()
