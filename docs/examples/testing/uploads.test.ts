import { it } from "@effect-asyncio/testing/vitest"
import { uploads } from "./uploadsRight.ts"

it.sweep("uploads give their slots back", uploads)
