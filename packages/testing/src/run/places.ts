/**
 * Lines of the program under test.
 */
import { relative } from "node:path"
import { fileURLToPath } from "node:url"

const V8Error = Error as { stackTraceLimit?: number }

// The folder that this package is in, and core and compat beside it: `node_modules/@effect-asyncio` where it is installed.
const besideUs = new URL("../../../", import.meta.url)
const ownFrames = ["core", "compat", "testing"].flatMap((name) =>
  ["src", "dist"].map((folder) => fileURLToPath(new URL(`${name}/${folder}/`, besideUs)))
)

/** Whether a frame is of the library, of others' packages, or of the host. A program may have a package that is called core. */
export const isOurs = (file: string): boolean =>
  /^\(?node:|\/node_modules\//.test(file) || ownFrames.some((folder) => file.includes(folder))

/** `FILE:LINE` of the innermost frame of the program in a stack. */
export const placeIn = (stack: string | undefined): string | undefined => {
  for (const line of stack?.split("\n").slice(1) ?? []) {
    // Others, such as Deno's `ext:`, are of the host.
    const match = /(?:\(|at (?:async )?)((?:file:\/\/|node:|\/|[A-Z]:\\)[^()]*?):(\d+):\d+\)?$/.exec(line)
    if (match === null) continue
    const [, url, number] = match
    if (isOurs(url!)) continue
    return `${relativeTo(url!)}:${number}`
  }
  return undefined
}

const relativeTo = (url: string): string => {
  const path = url.startsWith("file://") ? fileURLToPath(url.replace(/\?.*$/, "")) : url.replace(/\?.*$/, "")
  const short = relative(process.cwd(), path)
  return short.startsWith("..") ? path : short
}

/** `FILE:LINE` of the program, of the code that is running. */
export const placeHere = (): string | undefined => {
  const before = V8Error.stackTraceLimit
  V8Error.stackTraceLimit = 60
  try {
    return placeIn(new Error().stack)
  } finally {
    if (before !== undefined) V8Error.stackTraceLimit = before
  }
}
