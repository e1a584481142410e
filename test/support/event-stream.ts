import type { RunningServer } from './running-server.ts'

/** One message of a `text/event-stream`: an event, or a comment, which has no data. */
export interface StreamMessage {
  /** What a client would send as `Last-Event-ID` after it; null before the first. */
  id: string | null
  event: string | null
  data: Record<string, unknown> | null
}

/** What watches a server's change stream, as a browser would: reads messages as they come, for as long as asked. */
export class EventStream {
  readonly response: Response
  readonly #abort: AbortController
  readonly #messages: AsyncGenerator<StreamMessage>
  /** Of the last message that had one. */
  lastEventId: string | null = null

  private constructor(response: Response, abort: AbortController) {
    this.response = response
    this.#abort = abort
    this.#messages = this.#read()
  }

  /** `query` begins with `?` or is empty. Resolves when the headers are there. */
  static async open(
    server: RunningServer,
    { query = '', headers = {} }: { query?: string; headers?: Record<string, string> } = {},
  ): Promise<EventStream> {
    const abort = new AbortController()
    const response = await server.native(`/changes/stream${query}`, { headers, signal: abort.signal })
    return new EventStream(response, abort)
  }

  /** The next message, comments and `ready` included; null at the end of the stream. */
  async next(): Promise<StreamMessage | null> {
    const { done, value } = await this.#messages.next()
    return done ? null : value
  }

  /** The call of the next event `call`. Throws when the stream ends before. */
  async call(): Promise<Record<string, unknown>> {
    for (;;) {
      const message = await this.next()
      if (message === null) throw new Error('the stream has ended')
      if (message.event === 'call') return message.data as Record<string, unknown>
    }
  }

  /** Goes away without a word. */
  close(): void {
    this.#abort.abort()
  }

  async *#read(): AsyncGenerator<StreamMessage> {
    let text = ''
    const decoder = new TextDecoder()
    for await (const chunk of this.response.body as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true })
      const blocks = text.split('\n\n')
      text = blocks.pop() as string
      for (const block of blocks) yield this.#message(block)
    }
  }

  #message(block: string): StreamMessage {
    const fields = new Map(block.split('\n').map((line) => [/^[^:]*/.exec(line)?.[0], line.replace(/^[^:]*: ?/, '')]))
    this.lastEventId = fields.get('id') ?? this.lastEventId
    const data = fields.get('data')
    return {
      id: this.lastEventId,
      event: fields.get('event') ?? null,
      data: data === undefined ? null : (JSON.parse(data) as Record<string, unknown>),
    }
  }
}
