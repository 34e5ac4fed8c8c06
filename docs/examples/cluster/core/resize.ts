// What client and worker agree on.
import * as cluster from "@effect-asyncio/cluster"
import { Schema } from "effect"

export const resize = cluster.task("resize", {
  payload: Schema.Struct({ image: Schema.String }),
  success: Schema.String
})

export const url = process.env["DATABASE_URL"] ?? "postgresql://localhost/tasks"
