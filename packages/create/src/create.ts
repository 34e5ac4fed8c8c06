/**
 * Makes the folder of a new program from one of the templates, which are in the package: nothing is asked of the network.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs"
import { basename, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"

const templatesFolder = fileURLToPath(new URL("../templates/", import.meta.url))

/** The templates, each with the readers that it is for. */
export const templates = {
  promises: "async functions: a group of jobs with a time limit",
  effect: "Effect: the same, with a service, and errors that the types know",
  python: "a program that is moved from Python's asyncio, with a test that compares what both print"
} as const

export type Template = keyof typeof templates

export const isTemplate = (name: string): name is Template => Object.hasOwn(templates, name)

/** What is wrong with what was asked for; its message says what to do. */
export class CreateError extends Error {}

/** What npm takes for the name of a package without a scope. */
const isPackageName = (name: string): boolean => /^[a-z0-9~-][a-z0-9._~-]*$/.test(name) && name.length <= 214

/** A name like the one that was given, which npm would take. */
const likeThat = (name: string): string => {
  const close = name
    .toLowerCase()
    .replace(/[^a-z0-9._~-]+/g, "-")
    .replace(/^[^a-z0-9]+|-+$/g, "")
  return isPackageName(close) ? close : "my-app"
}

/** Throws a {@link CreateError} for a folder in which no new program can be made. */
export const checkFolder = (folder: string): void => {
  const path = resolve(folder)
  const name = basename(path)
  if (!isPackageName(name)) {
    throw new CreateError(
      `${JSON.stringify(name)} is no name for a package: take lower-case letters, digits, "-", "." and "_", such as ${likeThat(name)}`
    )
  }
  if (!existsSync(path)) return
  if (!statSync(path).isDirectory()) throw new CreateError(`${path} is a file: choose another name`)
  // What `git init` and editors leave is no program.
  const files = readdirSync(path).filter((file) => ![".git", ".idea", ".vscode", ".DS_Store"].includes(file))
  if (files.length === 0) return
  const some = files.length > 3 ? `${files.slice(0, 3).join(", ")} and ${files.length - 3} more` : files.join(", ")
  throw new CreateError(`${path} is not empty, it has ${some}: choose another folder, or empty it`)
}

// Files of a program that begin with a dot. In the templates they do not: npm leaves some of these names out of what it publishes, and a
// linter would read the others where the templates are.
const hidden = ["gitignore", "oxlintrc.json"]

/** Makes the program, and gives the path of its folder. */
export const create = (folder: string, template: Template): string => {
  checkFolder(folder)
  const path = resolve(folder)
  mkdirSync(path, { recursive: true })
  for (const from of ["common", template]) cpSync(join(templatesFolder, from), path, { recursive: true })
  for (const name of hidden) {
    const from = join(path, `_${name}`)
    if (existsSync(from)) renameSync(from, join(path, `.${name}`))
  }
  const file = join(path, "package.json")
  const manifest = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>
  writeFileSync(file, `${JSON.stringify({ ...manifest, name: basename(path) }, null, 2)}\n`)
  return path
}
