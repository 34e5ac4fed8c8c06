export declare const classes: Readonly<Record<string, ReadonlyArray<string>>>
export declare const explained: ReadonlySet<string>
export declare const errorClasses: () => ReadonlySet<string>
export declare const errorsDoc: (messages: ReadonlyArray<{ readonly message: string; readonly kind: string }>) => string
export declare const errorsDocPath: string
