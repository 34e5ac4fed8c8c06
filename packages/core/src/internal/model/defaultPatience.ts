/** How long what was asked to end, and hangs on something that does not listen, is waited for where no option says how long: in milliseconds. */
export const defaultPatience = 5000
