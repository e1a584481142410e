import { SingleBar } from 'cli-progress'
import type { Progress } from './console.ts'

const LINE_EVERY_MS = 2000

/**
 * Progress on standard error: a bar on a terminal; elsewhere, where it is known how much there is to do, a line at first
 * and then every two seconds.
 */
export class ProgressLine {
  readonly #say: (line: string) => void
  #bar: SingleBar | null = null
  #saidAtMs = Number.NEGATIVE_INFINITY

  constructor(say: (line: string) => void) {
    this.#say = say
  }

  /** Null: there is nothing more to show. */
  show(state: Progress | null): void {
    if (state === null) {
      this.clear()
      this.#saidAtMs = Number.NEGATIVE_INFINITY
    } else if (process.stderr.isTTY) this.#draw(state)
    else if (state.total > 0 && performance.now() - this.#saidAtMs >= LINE_EVERY_MS) {
      this.#saidAtMs = performance.now()
      this.#say(lineOf(state))
    }
  }

  /** Makes way for a line of text; the next state draws the bar anew. */
  clear(): void {
    this.#bar?.stop()
    this.#bar = null
  }

  #draw({ done, total, note }: Progress): void {
    if (this.#bar === null) {
      this.#bar = new SingleBar({
        format: '{bar} {percentage}%  {note}',
        stream: process.stderr,
        clearOnComplete: true,
        barsize: 24,
        barCompleteChar: '█',
        barIncompleteChar: '░',
      })
      this.#bar.start(Math.max(1, total), Math.min(done, total), { note })
    } else this.#bar.update(Math.min(done, total), { note })
  }
}

function lineOf({ done, total, note }: Progress): string {
  return `${Math.floor((100 * Math.min(done, total)) / total)} %  ${note}`
}
