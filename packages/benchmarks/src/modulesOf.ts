/**
 * `node modulesOf.ts SPECIFIER`: imports it and prints, as JSON, the files that this has loaded: of packages, from the
 * package on.
 */
import { registerHooks } from "node:module"

const loaded: Array<string> = []
registerHooks({
  load: (url, context, next) => {
    loaded.push(url.replace(/^.*\/(?:node_modules|packages)\//, ""))
    return next(url, context)
  }
})

await import(process.argv[2]!)
console.log(JSON.stringify(loaded))
