import { Readable } from 'node:stream'

/** A page of changes, as it goes out. */
export interface StreamPage {
  /** Events in the form of `text/event-stream`; empty when nothing changed. */
  text: string
  /** The `changeSeq` to go on after. */
  next: number
  /** Whether there may be more already. */
  more: boolean
}

export interface ChangeStreamGiven {
  /** The `changeSeq` after which the stream begins. */
  after: number
  /** What is sent first. */
  greeting: string
  read(after: number): Promise<StreamPage>
  /** Whether whoever watches still may. Asked before each page and each heartbeat. */
  mayWatch(): boolean
  /** Milliseconds without an event after which a comment is sent. */
  heartbeatMs: number
  /** Cuts the connection; without effect when it is gone. */
  cutOff(): void
  /** Called once, when the stream has ended for whatever reason. */
  onClose(): void
}

/** Milliseconds in which a reader has to take what was sent to it, once its stream has ended. */
const LAST_WORDS_MS = 1000

/** A comment of `text/event-stream`: nobody hears it, and no proxy on the way finds the connection idle. */
const HEARTBEAT = ': still here\n\n'

/**
 * The changes of one account as text, for as long as somebody reads. The next page is read when the one before has left
 * for the socket and a change is known of: a reader that is slow holds up nobody and costs one page of memory.
 */
export class ChangeStream {
  readonly readable: Readable
  readonly #given: ChangeStreamGiven
  readonly #heartbeat: NodeJS.Timeout
  #after: number
  #greeting: string | null
  /** Whether there may be changes that were not read. */
  #behind = true
  /** The socket takes more. */
  #wanted = false
  #reading = false
  #ended = false

  constructor(given: ChangeStreamGiven) {
    this.#given = given
    this.#after = given.after
    this.#greeting = given.greeting
    this.readable = new Readable({
      // Nothing is read ahead of the socket.
      highWaterMark: 0,
      read: () => {
        this.#wanted = true
        this.#advance()
      },
      destroy: (error, done) => {
        this.#ended = true
        clearInterval(this.#heartbeat)
        given.onClose()
        done(error)
      },
    })
    this.#heartbeat = setInterval(() => this.#beat(), given.heartbeatMs)
    this.#heartbeat.unref()
  }

  /** Says that the account's last change is now this one. */
  wake(changeSeq: number): void {
    if (changeSeq <= this.#after) return
    this.#behind = true
    this.#advance()
  }

  /** Ends the stream; a reader that does not keep up loses its connection instead. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    if (!this.#wanted) {
      this.readable.destroy()
      return
    }
    this.readable.push(null)
    setTimeout(this.#given.cutOff, LAST_WORDS_MS).unref()
  }

  #advance(): void {
    if (this.#greeting !== null && this.#wanted) {
      const greeting = this.#greeting
      this.#greeting = null
      this.#push(greeting)
      return
    }
    if (!this.#behind || !this.#wanted || this.#reading || this.#ended) return
    this.#reading = true
    this.#behind = false
    this.#given.read(this.#after).then(
      (page) => this.#take(page),
      (error: Error) => this.readable.destroy(error),
    )
  }

  #take({ text, next, more }: StreamPage): void {
    this.#reading = false
    this.#after = next
    if (more) this.#behind = true
    if (this.#ended) return
    if (!this.#given.mayWatch()) this.end()
    else if (text === '') this.#advance()
    else this.#push(text)
  }

  #beat(): void {
    if (this.#ended) return
    if (!this.#given.mayWatch()) this.end()
    else if (this.#wanted && !this.#reading) this.#push(HEARTBEAT)
  }

  #push(text: string): void {
    this.#wanted = false
    this.#heartbeat.refresh()
    this.readable.push(text)
  }
}
