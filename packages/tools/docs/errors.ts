// Writes docs/errors.md: `npm run dev -- errors:docs`. All it says comes from the sources, by way of errorMessages.ts; here stands
// only what a user was doing. docs/test/pages/errors.test.ts fails where something is missing.
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { isProgram, root } from "../repository.ts"
import { errorClasses, type ErrorMessage, errorMessages, lintMessages } from "./errorMessages.ts"
import { code } from "./markdown.ts"

/** What the user was doing, and the sources that then complain. */
const sections = {
  "Running a program":
    /\/(?:run|Runner|internal\/(?:[a-z]+\/)?(?:loop|loopArguments|services|current|scopes|copy|inspecting|signals|noSignals|deadlock|DeadlockError)|testing\/virtualTime)\.ts$/i,
  "Making tasks and groups":
    /\/(?:compat\/src\/Task|TaskGroup|BackgroundTasks|restart|mapTasks|internal\/(?:[a-z]+\/)?(?:tasks|taskGroup|checkBody|promiseCoroutine|failingMembers|mapTasksOptions|promote|readiness|restart|sources))\.ts$/,
  Awaiting:
    /\/(?:Future|abortable|awaitables|effects|internal\/(?:[a-z]+\/)?(?:awaitables|cannotAwait|future|futureMethods|task|taskMethods|taskTexts))\.ts$/,
  "Waiting for several":
    /\/(?:asCompleted|cancelAndWait|findTasks|gather|wait|staggered|competitors|internal\/(?:[a-z]+\/)?(?:gather|competitors|contest|selection|staggered))\.ts$/,
  "Time limits and cancellation": /\/(?:catchCancelled|moveOn|shielded|timeout|waitFor)\.ts$/,
  "Locks, queues and the like":
    /\/(?:Barrier|Condition|Lock|Queue|Semaphore|holding|internal\/(?:[a-z]+\/)?(?:holding|waitQueue))\.ts$/,
  "Passing arguments": /\/internal\/(?:[a-z]+\/)?arguments\.ts$/,
  "Callbacks and loops":
    /\/(?:compat\/src\/EventLoop|internal\/(?:[a-z]+\/)?(?:endedTasks|eventLoop|handle|reports|runs))\.ts$/,
  Threads: /\/(?:toThread|internal\/(?:[a-z]+\/)?(?:thread(?:s|Program)?|noThreads))\.ts$/,
  "Groups of errors, variables, looking inside":
    /\/(?:ExceptionGroup|exceptionOf|ContextVar|callGraph|leaks|recording|withTaskSpan|internal\/(?:[a-z]+\/)?(?:contextVars|exceptStar|variables))\.ts$/
}

/** The section that a message of a source file belongs to. */
export const sectionOf = (file: string): string | undefined =>
  Object.entries(sections).find(([, files]) => files.test(file))?.[0]

/** A message as it is printed. */
const printed = ({ kind, message }: ErrorMessage): string => (kind === "" ? message : `${kind}: ${message}`)

/** The anchor of a message: its words, without what is filled in. */
export const anchorOf = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")

/** A section for each message: a heading to link to, when one meets it, and what to do. */
const messageSections = (messages: ReadonlyArray<ErrorMessage>): ReadonlyArray<string> =>
  messages.flatMap((each) => [
    `### ${code(printed(each))} {#${anchorOf(printed(each))}}`,
    "",
    each.when ?? "",
    "",
    `**What to do:** ${each.hint ?? ""}`,
    ""
  ])

/** A message of the page, and how it is found in what a program prints. */
export interface LinkedMessage {
  readonly anchor: string
  readonly title: string
  readonly pattern: RegExp
}

/** Too little of a message is fixed: what it says may stand anywhere. */
const shortest = 12

/** The messages that can be told from other text. */
export const linkedMessages = (): ReadonlyArray<LinkedMessage> =>
  errorMessages().flatMap((each) => {
    const parts = each.message.split("…").filter((part) => part.trim() !== "")
    if (each.message.replaceAll("…", "").length < shortest) return []
    const quoted = parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    const title = printed(each)
    return [{ anchor: anchorOf(title), title, pattern: new RegExp(quoted.join(".{1,200}?")) }]
  })

const introduction: ReadonlyArray<string> = [
  "---",
  "outline: 2",
  "pageClass: errors",
  "---",
  "",
  "# Errors",
  "",
  "<!-- Written by `npm run dev -- errors:docs` from the sources: what to say there is beside each error. -->",
  "",
  "Everything the library can say, each with a heading to link to. A `…` stands for what is filled in, such as the task, as it prints. An",
  "error that is printed has no link to its place here, and needs none: give its message to the search of this site. Outputs on these",
  "pages have the link below them.",
  "",
  "The message of an error is asyncio's to the letter where asyncio has one, so that it can be searched for, and programs print",
  "the same. What asyncio does not say stands beside it, as the notes of a Python exception do: `error.hint` is what to do,",
  "`error.task` the name of the task whose code it was. Node.js, Bun and Deno print both with the error, and the loop's reports",
  "log the hint:",
  "",
  "```txt",
  "RuntimeError: Lock is not acquired.",
  "    at worker (file:///app/main.ts:5:16) {",
  "  task: 'worker',",
  "  hint: 'Use `lock.use(...)`, which releases once and by itself.'",
  "}",
  "```",
  "",
  "In core, mistakes of the program are defects. In compat, a function that gives a promise rejects with them, as an async",
  "function does; all others throw.",
  ""
]

/** The text of docs/errors.md. */
export const errorsDoc = (): string => {
  const messages = errorMessages()
  const errors = messages.filter(({ kind }) => kind !== "")
  return [
    ...introduction,
    "## Kinds of errors",
    "",
    ...errorClasses().flatMap(({ happened, name, todo }) => [
      `### ${code(name)} {#${name.toLowerCase()}}`,
      "",
      happened,
      "",
      `**What to do:** ${todo}`,
      ""
    ]),
    ...Object.keys(sections).flatMap((section) => [
      `## ${section}`,
      "",
      ...messageSections(errors.filter(({ file }) => sectionOf(file) === section))
    ]),
    "## Reports",
    "",
    "What nobody else would see goes to the loop's exception handler, which logs it; see",
    "[failures nobody retrieved](concepts/failures.md).",
    "",
    ...messageSections(messages.filter(({ kind }) => kind === "")),
    "## Lint rules",
    "",
    "What `@effect-asyncio/eslint-plugin` says before a program runs. Each rule has [a page](/lint/).",
    "",
    ...lintMessages().flatMap(({ message, rule }, n, all) => [
      ...(rule === all[n - 1]?.rule ? [] : [`### [${code(rule)}](/lint/${rule}) {#${rule}}`, ""]),
      message,
      ""
    ]),
    ""
  ].join("\n")
}

export const errorsDocPath: string = join(root, "docs/errors.md")

if (isProgram(import.meta.url)) writeFileSync(errorsDocPath, errorsDoc())
