/** The version of this package. What is published has the number here: packages/tools/release/inspectPage.ts. */
export const ownVersion = (): string => "of the sources"
