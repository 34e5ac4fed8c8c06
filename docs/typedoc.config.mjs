// What `npm run dev -- docs` writes the API reference of.
import { onPages } from "../packages/tools/packages.mjs"

/** @type {Partial<import("typedoc").TypeDocOptions>} */
export default {
  name: "API reference",
  entryPointStrategy: "packages",
  entryPoints: onPages.map((name) => `../packages/${name}`),
  // Types are checked by `npm run typecheck`, with the compiler that this repository pins; TypeDoc needs an older one.
  packageOptions: {
    entryPoints: ["src/index.ts", "src/testing/index.ts"],
    tsconfig: "tsconfig.build.json",
    blockTags: ["@since", "@category", "@see", "@stability"],
    excludeInternal: true,
    excludePrivate: true,
    excludeProtected: true,
    excludeExternals: true,
    readme: "none",
    // What a program begins with comes first.
    categoryOrder: [
      "running",
      "constructors",
      "getters",
      "waiting",
      "structure",
      "cancellation",
      "errors",
      "constants",
      "logging",
      "references",
      "introspection",
      "elsewhere",
      "bridges",
      "models",
      "guards",
      "*",
      "for libraries"
    ],
    skipErrorChecking: true,
    disableGit: true,
    gitRevision: "main",
    sourceLinkTemplate: "{path}#{line}"
  },
  plugin: ["typedoc-plugin-markdown", "./reference/plugin.ts"],
  router: "short",
  theme: "reference",
  out: "api",
  readme: "none",
  entryFileName: "index",
  disableGit: true,
  gitRevision: "main",
  sourceLinkTemplate: "{path}#{line}",
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
  packagesRequiringDocumentation: onPages.map((name) => `@effect-asyncio/${name}`),
  // What `new` gives is said at the class.
  intentionallyNotDocumented: [
    "@effect-asyncio/core.index.TimeoutError.__type",
    "@effect-asyncio/core.index.CreateTask.Given",
    "@effect-asyncio/core.index.staggered.T",
    "@effect-asyncio/compat.index.TimeoutError.__type"
  ],
  requiredToBeDocumented: ["Class", "Interface", "TypeAlias", "Function", "Variable", "Enum"],
  validation: { notExported: true, invalidLink: true, notDocumented: true }
}
