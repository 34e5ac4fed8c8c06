import { isOurs } from "./places.ts"

/** Has the stack of an error begin at the program: our own frames say nothing to its readers. */
export const hideOwnFrames = (error: Error): void => {
  const { stack } = error
  if (stack === undefined) return
  const start = stack.indexOf("\n    at ")
  if (start < 0) return
  const frames = stack.slice(start + 1).split("\n")
  const kept = frames.filter((line) => !isOurs(line) && !line.includes("(node:internal"))
  Object.defineProperty(error, "stack", {
    value: [stack.slice(0, start), ...kept].join("\n"),
    configurable: true,
    writable: true
  })
}
