// Runs every example that packages/tools/docs/examples.ts took out of the docstrings and the pages. The programs of the pages,
// which it took out as well, are for pages.test.ts.
import { globSync } from "node:fs"
import { describe, test } from "vitest"

const examples = new URL("../../.examples/", import.meta.url)

describe("documentation examples", () => {
  for (const path of globSync("**/*.ts", { cwd: examples, exclude: ["pages", "refused"] }).sort()) {
    test(path.replace(/\.L(\d+)\.ts$/, ":$1"), () => import(new URL(path, examples).href))
  }
})
