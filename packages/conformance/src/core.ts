/**
 * The candidate for `@effect-asyncio/core`.
 */
import { runScript } from "./interpreter/core/machine.ts"
import { serve } from "./serve.ts"

await serve(runScript)
