/**
 * What runs on a thread of `toThread`: as text, because a thread has no part of the program that made it.
 */

/** What a thread has to say of its job: what it gave, and whether the thread is as quiet as before. */
export type ThreadAnswer = { readonly quiet: boolean } & (
  | { readonly value: unknown }
  | { readonly error: unknown; readonly hint: unknown }
)

/** Says that nothing in the thread can wake its job any more. */
export const stuck = "stuck"

const noFunction = {
  // When: the module that `toThread` was given has no such function.
  name: "TypeError",
  message: "exports no function",
  hint: "Export the function from the module, or look at the name."
}

const noSource = {
  // When: `toThread` was given a method, or a function that is not whole as text: one with `super` or `import.meta`, for one.
  name: "TypeError",
  message: "the function cannot be sent to a thread as text",
  hint: "A method goes without its object: write a function around it, `(user) => ...`, or give it { module, name }."
}

const plainData = "Threads share no memory: return plain data, which is copied, and no functions."

const outsideVariable =
  "The function is sent as text, without the variables and imports around it, and without what a build step adds: hand over " +
  "what it needs as an argument, `await import(...)` inside of it, or give it { module, name }."

// Functions, because bundlers keep a text that has to be put together.

/**
 * Whether the thread is as quiet as before its first job. What is still there is seen in the resources that keep a thread alive, in
 * the listeners of the process, or was noted when it was told not to keep the thread alive.
 */
const quietness = (): string => `
  let stirred = false
  const note = (object, method) => {
    const original = object?.[method]
    if (original !== undefined) object[method] = function (...args) {
      stirred = true
      return original.apply(this, args)
    }
  }
  const timers = [setTimeout(() => {}), setImmediate(() => {})]
  const prototypes = [...timers.map(Object.getPrototypeOf), Worker.prototype]
  for (const prototype of prototypes) note(prototype, "unref")
  note(AbortSignal, "timeout")
  clearTimeout(timers[0])
  clearImmediate(timers[1])

  const nextMacrotask = globalThis.setImmediate
  const resources = process.getActiveResourcesInfo?.bind(process)
  const state = () => [
    ...resources().sort(),
    ...process.eventNames().map((event) => String(event) + process.listenerCount(event))
  ].join()
  let quietState
  const isQuiet = () => !stirred && resources !== undefined && state() === quietState
`

// A thread of Node.js has these of its own, the one of our port among them.
const ownAsyncs = 6
// Timers that do not keep the thread were noted.
const harmless = ["async", "check", "idle", "loop", "prepare", "timer"]

/**
 * Whether a job can never be done: it waits, and the thread is as quiet as before it. Node.js says when a thread has nothing to do, if the port
 * does not keep it; what does not keep a thread either is among its handles. They are asked for then, and not before each job, because that is
 * as dear as to make a thread. Other hosts do not tell.
 */
const stuckness = (): string => `
  const { bun, deno } = process.versions
  const tells = bun === undefined && deno === undefined && typeof process.report?.getReport === "function"
  note(Atomics, "waitAsync")
  const harmless = ${JSON.stringify(harmless)}
  const othersCouldWake = () => {
    process.report.excludeNetwork = true
    const types = process.report.getReport().libuv.flatMap(({ is_active, type }) => (is_active ? type : []))
    return types.filter((type) => type === "async").length > ${ownAsyncs} || types.some((type) => !harmless.includes(type))
  }
  if (tells) process.on("beforeExit", () => {
    port.ref()
    if (isQuiet() && !othersCouldWake()) port.postMessage(${JSON.stringify(stuck)})
  })
`

/** What is sent: copies, as far as they can be made. */
const answers = (): string => `
  const send = (answer) => {
    try {
      port.postMessage(answer)
    } catch (error) {
      if ("error" in answer) port.postMessage({ error: new Error(textOf(answer.error)), quiet: answer.quiet })
      else fail(error, ${JSON.stringify(plainData)}, answer.quiet)
    }
  }
  const textOf = (error) => {
    try {
      return String(error)
    } catch {
      return "an error that cannot be read"
    }
  }
  // A copy of an error loses what it says beside its message.
  const hintOf = (error) => {
    try {
      return typeof error?.hint === "string" ? error.hint : undefined
    } catch {
      return undefined
    }
  }
  const fail = (error, hint, quiet) => send({ error, hint: hintOf(error) ?? hint, quiet })
  const told = ({ hint, message }, detail) => Object.assign(new TypeError(message + detail), { hint })
`

/**
 * An answer is sent a macrotask after the job is done: until then an error of what it left is its own. A thread that says it is not
 * quiet is ended, so its output has to be written before.
 */
const timing = (): string => `
  const flush = (stream) => new Promise((resolve) => void stream.write("", resolve))
  const unwritten = () => [process.stdout, process.stderr].filter((stream) => stream.writableLength > 0)
  const afterwards = (answer) => nextMacrotask(async () => {
    if (tells) port.ref()
    // What was printed is under way until the other side has taken it.
    if (!isQuiet()) await Promise.all(unwritten().map(flush))
    answer(isQuiet())
  })
`

/** The function of a job, from its text or its module. */
const functions = (): string => `
  // Put in by esbuild, and so by tsx, where functions are to keep their names.
  const __name = (f, value) => Object.defineProperty(f, "name", { value, configurable: true })
  const evaluate = (source) => {
    try {
      return (0, eval)('"use strict"; (__name) => (' + source + "\\n)")(__name)
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      throw told(${JSON.stringify(noSource)}, ": " + error.message)
    }
  }
  const load = async (module, name) => {
    const f = (await import(module))[name]
    if (typeof f === "function") return f
    throw told(Object.assign(${JSON.stringify(noFunction)}, { message: module + " ${noFunction.message} " + name }), "")
  }
`

const jobs = (): string => `
  port.on("message", async ({ source, module, name, args, taskName, variables }) => {
    if (resources !== undefined) quietState ??= state()
    if (tells) port.unref()
    try {
      globalThis.asyncio = { taskName, variables }
      const run = source === undefined ? await load(module, name) : evaluate(source)
      const value = await run(...args)
      afterwards((quiet) => send({ value, quiet }))
    } catch (error) {
      const unknown = source !== undefined && error instanceof ReferenceError && error.message.endsWith(" is not defined")
      afterwards((quiet) => fail(error, unknown ? ${JSON.stringify(outsideVariable)} : undefined, quiet))
    }
  })
  port.on("messageerror", (error) => afterwards((quiet) => fail(error, undefined, quiet)))
`

/** A script that is a module as well: a process that was started with `--input-type=module` passes that on. */
export const threadProgram = (): string => `
import("node:worker_threads").then(({ Worker, workerData }) => {
  const { port } = workerData
  delete workerData.port
${[quietness, stuckness, answers, timing, functions, jobs].map((part) => part()).join("")}
})
`
