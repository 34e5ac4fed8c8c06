import { defineConfig } from "vitest/config"

// Our packages resolve to their sources: what is tried is what is written.
const conditions = ["@effect-asyncio/source", "node", "development|production"]

export default defineConfig({
  root: import.meta.dirname,
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["test/**/*.test.ts"],
    // Real servers, and two thousand rounds: only against a test that hangs.
    testTimeout: 300_000,
    hookTimeout: 60_000,
    // A file of its own process each: libraries patch globals, and what one leaves open is its own.
    pool: "forks",
    maxWorkers: 2
  }
})
