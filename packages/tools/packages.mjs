// The packages of this repository, by their folders: what commands.mjs, vitest.workspace.ts and TypeDoc go through. Plain JavaScript, because the
// commands are read before there is a Node.js that runs TypeScript.
//
// Not here are consumers and ecosystem: they stand for programs of users, and have no tests.

/** What programs on pages import. The API reference has a part for each. */
export const onPages = ["core", "compat", "testing", "mcp", "server", "cluster"]

/** What users get from npm, in the order in which they need each other. */
export const published = [...onPages, "eslint-plugin", "create", "inspect"]

/** What has types to check and tests to run. */
export const all = [...published, "conformance", "benchmarks", "tools"]
