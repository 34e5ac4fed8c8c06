#!/usr/bin/env node
/**
 * `npm create @effect-asyncio`. It asks for what was not said, where a user can answer: with a terminal.
 */
import { readFileSync } from "node:fs"
import { relative } from "node:path"
import { createInterface } from "node:readline/promises"
import { parseArgs } from "node:util"
import { checkFolder, create, CreateError, isTemplate, type Template, templates } from "./create.ts"

const names = Object.keys(templates) as ReadonlyArray<Template>

const usage = `Makes a small program with tasks and tests.

  npm create @effect-asyncio@latest                                     asks for the rest
  npm create @effect-asyncio@latest my-app -- --template promises       asks nothing

Templates:
${names.map((name) => `  ${name.padEnd(10)} ${templates[name]}`).join("\n")}

  --template NAME   one of them
  --version         the version of this package
  --help            this text`

/** The package manager that has called this one, as its user types it. */
const manager = (): string => /^(pnpm|yarn|bun)\//.exec(process.env.npm_config_user_agent ?? "")?.[1] ?? "npm"

const checkTemplate = (name: string): Template => {
  if (isTemplate(name)) return name
  throw new CreateError(`there is no template ${JSON.stringify(name)}: take ${names.join(", ")}`)
}

/** What Ctrl-C and Ctrl-D do: nothing has been made yet. */
const leave = () => process.exit(130)

/** Asks until the answer is one; what is wrong with an answer is said, and asked again. */
const ask = async <A>(question: string, preset: string, check: (answer: string) => A): Promise<A> => {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  terminal.on("SIGINT", leave)
  terminal.on("close", leave)
  try {
    while (true) {
      const answer = (await terminal.question(`${question} (${preset}) `)).trim()
      try {
        return check(answer === "" ? preset : answer)
      } catch (error) {
        if (!(error instanceof CreateError)) throw error
        console.log(`  ${error.message}`)
      }
    }
  } finally {
    terminal.off("close", leave)
    terminal.close()
  }
}

const parse = () => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        template: { type: "string", short: "t" },
        help: { type: "boolean", short: "h" },
        version: { type: "boolean", short: "v" }
      }
    })
  } catch (error) {
    throw new CreateError((error as Error).message)
  }
}

const main = async (): Promise<void> => {
  const { positionals, values } = parse()
  if (values.help === true) return console.log(usage)
  if (values.version === true) {
    const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8")
    return console.log((JSON.parse(manifest) as { readonly version: string }).version)
  }
  if (positionals.length > 1) throw new CreateError(`one folder, and not ${positionals.join(", ")}`)

  // What was said is looked at before anything is asked.
  const [said] = positionals
  if (said !== undefined) checkFolder(said)
  const chosen = values.template === undefined ? undefined : checkTemplate(values.template)
  const interactive = process.stdin.isTTY && process.stdout.isTTY
  if (!interactive && (said === undefined || chosen === undefined)) {
    throw new CreateError(
      `without a terminal to ask on, say both: npm create @effect-asyncio@latest my-app -- --template ${names.join("|")}`
    )
  }

  const folder = said ?? (await ask("Folder", "my-app", (answer) => (checkFolder(answer), answer)))
  if (chosen === undefined) for (const name of names) console.log(`  ${name.padEnd(10)} ${templates[name]}`)
  const template = chosen ?? (await ask("Template", "promises", checkTemplate))
  const path = create(folder, template)

  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
  const command = manager()
  console.log(`\n${path} is ready:\n`)
  for (const step of [
    ...(relative(process.cwd(), path) === "" ? [] : [`cd ${relative(process.cwd(), path)}`]),
    `${command} install`,
    `${command} test`,
    `${command} start`
  ]) {
    console.log(`  ${step}`)
  }
  if (major < 22 || (major === 22 && minor < 18)) {
    console.log(
      `\n\`${command} start\` needs Node.js 22.18, which runs TypeScript as it is; this is ${process.version}.`
    )
  }
}

try {
  await main()
} catch (error) {
  if (!(error instanceof CreateError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
