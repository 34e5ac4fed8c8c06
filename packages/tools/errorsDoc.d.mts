/** What the user was doing who meets an error of a source file, `undefined` where the page does not know. */
export declare const sectionOf: (file: string) => string | undefined
/** The text of docs/errors.md. */
export declare const errorsDoc: () => string
export declare const errorsDocPath: string
