/**
 * The one place that lists the test projects of this repository.
 *
 * Vitest does not look for this name: every call needs `--config vitest.workspace.ts`.
 */
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { defineConfig } from "vitest/config"
import { extract } from "./packages/tools/docs/examples.ts"

extract()

// Our packages resolve to their sources, so that tests and coverage see what is written, not what was last built.
const conditions = ["@effect-asyncio/source", "module", "node", "development|production"]

const project = (name: string, root: string, include: string) => ({
  extends: true as const,
  root,
  test: { name, include: [include] }
})

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
      project("core", "packages/core", "test/**/*.test.ts"),
      project("compat", "packages/compat", "test/**/*.test.ts"),
      project("eslint-plugin", "packages/eslint-plugin", "test/**/*.test.ts"),
      project("create", "packages/create", "test/**/*.test.ts"),
      {
        ...project("inspect", "packages/inspect", "test/**/*.test.ts"),
        test: {
          name: "inspect",
          include: ["test/**/*.test.ts"],
          // Programs that are looked into begin there, which takes its time on a machine that does other things too.
          hookTimeout: 60_000,
          globalSetup: join(import.meta.dirname, "packages/tools/release/inspectPage.ts")
        }
      },
      project("testing", "packages/testing", "test/**/*.test.ts"),
      project("server", "packages/server", "test/**/*.test.ts"),
      project("mcp", "packages/mcp", "test/**/*.test.ts"),
      project("cluster", "packages/cluster", "test/**/*.test.ts"),
      project("conformance", "packages/conformance", "test/**/*.test.ts"),
      project("tools", "packages/tools", "test/**/*.test.ts"),
      project("benchmarks", "packages/benchmarks", "test/**/*.test.ts"),
      // Its programs load the built packages, as a reader's do.
      {
        ...project("docs", "docs", "**/*.test.ts"),
        test: {
          name: "docs",
          include: ["**/*.test.ts"],
          globalSetup: join(import.meta.dirname, "packages/tools/release/bundle.ts")
        }
      }
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
