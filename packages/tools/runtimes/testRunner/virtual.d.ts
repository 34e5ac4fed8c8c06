/** The test files of a bundle: the path of each, from the top of the repository, and how to import it. */
declare module "virtual:test-files" {
  const files: ReadonlyArray<readonly [file: string, load: () => Promise<unknown>]>
  export default files
}
