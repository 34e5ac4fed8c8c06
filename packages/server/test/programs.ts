/**
 * Services in processes of their own.
 */
import { fileURLToPath } from "node:url"
import { type Program, startProgram } from "../../tools/servers/programs.ts"

export interface Service extends Program {
  /** The port that it prints, once it listens; one that ends before never has any. */
  readonly port: Promise<number>
}

export const start = (name: string, args: ReadonlyArray<string> = [], env: NodeJS.ProcessEnv = {}): Service => {
  const program = startProgram(fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url)), { args, env })
  const port = new Promise<number>((resolve) => {
    program.line(/^port (\d+)$/).then(
      ([, text]) => resolve(Number(text)),
      () => {}
    )
  })
  return { ...program, port }
}
