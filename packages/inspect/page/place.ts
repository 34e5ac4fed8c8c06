/**
 * The document that the dashboard is in: the one of this script, or a frame or a window that the script has opened.
 */
import { createContext } from "preact"

export const Place = createContext<Document>(document)

/** The window of a document that is shown. */
export const viewOf = (page: Document): Window & typeof globalThis => page.defaultView!
