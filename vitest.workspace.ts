/**
 * The one place that lists the test projects of this repository.
 *
 * Vitest does not look for this name: every call needs `--config vitest.workspace.ts`.
 */
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { defineConfig } from "vitest/config"
import { extract } from "./packages/tools/docs/examples.ts"
import { all } from "./packages/tools/packages.mjs"

extract()

// Our packages resolve to their sources, so that tests and coverage see what is written, not what was last built.
const conditions = ["@effect-asyncio/source", "module", "node", "development|production"]

const project = (name: string) => ({
  extends: true as const,
  root: `packages/${name}`,
  test: { name, include: ["test/**/*.test.ts"] }
})

const inspect = project("inspect")

// Its programs load the built packages, as a reader's do.
const docs = {
  extends: true as const,
  root: "docs",
  test: {
    name: "docs",
    include: ["**/*.test.ts"],
    globalSetup: join(import.meta.dirname, "packages/tools/release/bundle.ts")
  }
}

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // Files of a project share a worker: loading Effect anew for each of them takes five times as long as all the tests.
    isolate: false,
    // Also where there are two processors: many tests wait for programs that they have started.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Only against a test that hangs: a machine that does other things as well may be ten times slower.
    testTimeout: 60_000,
    projects: [
      ...all.filter((name) => name !== "inspect").map(project),
      {
        ...inspect,
        test: {
          ...inspect.test,
          // Programs that are looked into begin there, which takes its time on a machine that does other things too.
          hookTimeout: 60_000,
          globalSetup: join(import.meta.dirname, "packages/tools/release/inspectPage.ts")
        }
      },
      docs
    ],
    coverage: {
      provider: "v8",
      // Matched against whole paths: each project has a root of its own.
      include: [
        "**/packages/core/src/**/*.ts",
        "**/packages/compat/src/**/*.ts",
        "**/packages/eslint-plugin/src/**/*.ts",
        "**/packages/inspect/src/**/*.ts",
        "**/packages/server/src/**/*.ts"
      ],
      reporter: ["text", "json-summary"],
      reportsDirectory: "coverage",
      // Branches, because a missed branch in a state machine is a state nobody tried.
      thresholds: { "**/packages/core/src/**": { branches: 95 }, "**/packages/compat/src/**": { branches: 95 } }
    }
  }
})
