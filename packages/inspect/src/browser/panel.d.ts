/**
 * The dashboard with the libraries that draw it: packages/tools/release/inspectPage.ts makes dist/browser/panel.js of page/panel.tsx.
 */
import type { Source } from "../dashboard/source.ts"

/** Draws the dashboard in an empty document, until what this gives is called. */
export declare const mount: (page: Document, source: Source) => () => void
