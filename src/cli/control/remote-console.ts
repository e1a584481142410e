import type { ServerResponse } from 'node:http'
import { type Console, OutputClosedError, type Progress } from '../console.ts'
import type { CommandEvent } from './control-protocol.ts'

const PROGRESS_EVERY_MS = 100

/** The console of a command that a client asked for: what it says goes back as events. */
export class RemoteConsole implements Console {
  readonly signal: AbortSignal
  readonly #response: ServerResponse
  readonly #stdin: AsyncIterable<Uint8Array>
  #progressAtMs = Number.NEGATIVE_INFINITY

  constructor(given: { response: ServerResponse; stdin: AsyncIterable<Uint8Array>; signal: AbortSignal }) {
    this.#response = given.response
    this.#stdin = given.stdin
    this.signal = given.signal
  }

  async out(text: string): Promise<void> {
    if (this.#response.destroyed) throw new OutputClosedError()
    if (this.#send({ out: text })) return
    await new Promise<void>((resolve, reject) => {
      const stop = () => settle(new OutputClosedError())
      const settle = (error?: Error) => {
        this.#response.off('drain', settle).off('close', stop)
        this.signal.removeEventListener('abort', stop)
        if (error === undefined) resolve()
        else reject(error)
      }
      this.#response.once('drain', settle).once('close', stop)
      this.signal.addEventListener('abort', stop)
    })
  }

  say(line: string): void {
    this.#send({ say: line })
  }

  progress(state: Progress | null): void {
    const nowMs = performance.now()
    if (state !== null && nowMs - this.#progressAtMs < PROGRESS_EVERY_MS) return
    this.#progressAtMs = state === null ? Number.NEGATIVE_INFINITY : nowMs
    this.#send({ progress: state })
  }

  stdin(): AsyncIterable<Uint8Array> {
    return this.#stdin
  }

  /** The last event; resolves when it has been sent, or when there is nobody to send it to. */
  async exit(code: number): Promise<void> {
    if (this.#response.destroyed) return
    const sent = new Promise<void>((resolve) => this.#response.once('finish', resolve).once('close', resolve))
    this.#response.end(`${JSON.stringify({ exit: code } satisfies CommandEvent)}\n`)
    await sent
  }

  #send(event: CommandEvent): boolean {
    return this.#response.destroyed || this.#response.write(`${JSON.stringify(event)}\n`)
  }
}
