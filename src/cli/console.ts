/** How far a long command is. `done` and `total` count the same thing; a `total` of 0 is not known. */
export interface Progress {
  done: number
  total: number
  /** What people want to know beside the share: `31,000 records, 12,400/s`. */
  note: string
}

/** What a command writes to and hears from: a terminal, or a client of the server that runs it. */
export interface Console {
  /** The result, to standard output. Resolves when more can be taken; rejects when nobody takes it any more. */
  out(text: string): Promise<void>
  /** A line for people, to standard error. */
  say(line: string): void
  /** Shown as a bar, or as a line now and then; null takes the bar away. */
  progress(state: Progress | null): void
  /** Standard input. */
  stdin(): AsyncIterable<Uint8Array>
  /** Aborted by Ctrl-C, by a reader that went away, and by a server that stops. */
  signal: AbortSignal
}

/** Whoever took the output is gone, as after `| head`; that is nobody's mistake. */
export class OutputClosedError extends Error {
  constructor() {
    super('nobody takes the output any more')
  }
}
