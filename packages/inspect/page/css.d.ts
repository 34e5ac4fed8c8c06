/** The bundler makes a text of a style sheet. */
declare module "*.css" {
  const text: string
  export default text
}
