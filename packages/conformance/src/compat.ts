/**
 * The candidate for `@effect-asyncio/compat`.
 */
import { runScript } from "./interpreter/compat/machine.ts"
import { serve } from "./serve.ts"

await serve(runScript)
