/** What a command's exit code says; docs/cli.md lists them for people. */
export const EXIT = {
  done: 0,
  /** Something went wrong on the way; what was acknowledged before is stored. */
  failed: 1,
  /** The command line or the configuration cannot be used; nothing was done. */
  usage: 2,
  /** Done, but for records that were refused or could not be reached. */
  refused: 3,
  /** Another process holds the data folder, and it takes no commands. */
  inUse: 4,
  /** Ended by Ctrl-C, or because the server stopped. */
  interrupted: 130,
} as const

/** Ends a command with a message for people and an exit code of `EXIT`. */
export class CommandError extends Error {
  readonly exitCode: number
  constructor(exitCode: number, message: string) {
    super(message)
    this.exitCode = exitCode
  }
}

export function wrongUsage(message: string): CommandError {
  return new CommandError(EXIT.usage, message)
}
