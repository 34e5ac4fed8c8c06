/** The text of docs/conformance.md. */
export declare const conformanceDoc: () => string
export declare const conformanceDocPath: string
