/**
 * Moving promise code to `@effect-asyncio/compat`: what the command `migrate` does, for other tools.
 *
 * @since 0.2.0
 */
export { command, type Output, usage } from "./command.ts"
export type { Remark } from "./draft.ts"
export { migrate, type Migration } from "./migrate.ts"
export { SyntaxProblem } from "./source.ts"
