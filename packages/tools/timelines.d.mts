import type { Trace } from "../../docs/timeline/trace.ts"
import type { Program } from "./pages.mjs"

/** A place on a page that shows a program as a picture. */
export interface Timeline {
  /** Unique on the site, by the page and the place on it. */
  readonly id: string
  readonly page: string
  /** Of the comment. */
  readonly line: number
  readonly title: string
  readonly program: Program
}

export declare const timelinesOf: (page: string, markdown: string) => ReadonlyArray<Timeline>
export declare const allTimelines: () => ReadonlyArray<Timeline>
export declare const moduleOf: (code: string) => string
export declare const allTraces: () => Promise<ReadonlyMap<string, Trace>>
export declare const readmePicture: { readonly path: string; readonly id: string }
export declare const drawReadme: () => Promise<string>
