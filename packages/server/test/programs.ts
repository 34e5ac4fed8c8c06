/**
 * Services in processes of their own.
 */
import { fileURLToPath } from "node:url"
import { type Program, startProgram } from "../../tools/servers/programs.ts"

export interface Service extends Program {
  /** The port that it prints, once it listens; one that ends before never has any. */
  readonly port: Promise<number>
}

/** Starts a program: one of the folder `programs`, or one given by its path. */
export const start = (name: string, args: ReadonlyArray<string> = [], env: NodeJS.ProcessEnv = {}): Service => {
  const path = name.endsWith(".ts") ? name : `programs/${name}.ts`
  const program = startProgram(fileURLToPath(new URL(path, import.meta.url)), { args, env })
  const port = new Promise<number>((resolve) => {
    program.line(/^port (\d+)$/).then(
      ([, text]) => resolve(Number(text)),
      () => {}
    )
  })
  return { ...program, port }
}
