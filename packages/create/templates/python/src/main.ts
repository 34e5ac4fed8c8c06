import * as asyncio from "@effect-asyncio/compat"
import { pool } from "./pool.ts"

await asyncio.run(async () => {
  for (const line of await pool([3, 1, 2, 1])) console.log(line)
})
