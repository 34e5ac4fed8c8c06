// Where the tools are, and how one of them is called.
import { fileURLToPath } from "node:url"

/** The top folder of the repository. */
export const root: string = fileURLToPath(new URL("../..", import.meta.url))

/** Whether a module is the program that runs, and not imported by another: `isProgram(import.meta.url)`. */
export const isProgram = (url: string): boolean => process.argv[1] === fileURLToPath(url)
