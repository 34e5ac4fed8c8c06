import { it } from "@effect-asyncio/testing/vitest"
import { Pool, queries } from "./poolRight.ts"

it.explore("no connection is booked twice", queries, { setup: () => new Pool(), schedules: 200 })
