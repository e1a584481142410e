import { setTimeout as delay } from 'node:timers/promises'
import type { FileRecord } from '../../ingest/file/read-call-file.ts'
import type { IngestResult, Pipeline } from '../../ingest/pipeline.ts'
import { StoreBusyError } from '../../store/call-store.ts'
import type { Target } from './targets.ts'

/** A record on its way, and what is to be done once it is on the disk or in the quarantine. */
export interface Sent {
  record: FileRecord
  place: string
  ordinal: number
  settled(result: IngestResult): void
}

const BATCH_RECORDS = 1000
const BATCH_BYTES = 1024 * 1024
/** Batches that may wait for the disk at once: enough to keep it busy while the next ones are read. */
const BATCHES_AHEAD = 4
const BUSY_WAIT_MS = 250

/** Sends records to the pipeline in batches and settles them in their order. */
export class Sender {
  readonly #pipeline: Pipeline
  readonly #signal: AbortSignal
  readonly #onSettled: (last: FileRecord) => void
  #target: Target | null = null
  #batch: Sent[] = []
  #bytes = 0
  readonly #ahead: Promise<() => void>[] = []

  /** `onSettled` is called after each batch with its last record. */
  constructor(given: { pipeline: Pipeline; signal: AbortSignal; onSettled: (last: FileRecord) => void }) {
    this.#pipeline = given.pipeline
    this.#signal = given.signal
    this.#onSettled = given.onSettled
  }

  /** Takes a record; waits where too many are on their way. */
  async add(target: Target, sent: Sent): Promise<void> {
    if (this.#target !== target) await this.#send()
    this.#target = target
    this.#batch.push(sent)
    this.#bytes += sent.record.raw.length
    if (this.#batch.length >= BATCH_RECORDS || this.#bytes >= BATCH_BYTES) await this.#send()
  }

  /** Sends what is left and resolves when all is settled. */
  async finish(): Promise<void> {
    await this.#send()
    while (this.#ahead.length > 0) await this.#settleFirst()
  }

  async #send(): Promise<void> {
    const batch = this.#batch
    const target = this.#target
    if (batch.length === 0 || target === null) return
    this.#batch = []
    this.#bytes = 0
    const sent = this.#store(target, batch).then((results) => () => {
      for (const [index, { settled }] of batch.entries()) settled(results[index] as IngestResult)
      this.#onSettled((batch.at(-1) as Sent).record)
    })
    // Awaited in its turn; until then a failure has somebody who minds it.
    sent.catch(() => {})
    this.#ahead.push(sent)
    if (this.#ahead.length >= BATCHES_AHEAD) await this.#settleFirst()
  }

  async #settleFirst(): Promise<void> {
    const settle = await this.#ahead.shift()
    settle?.()
  }

  async #store(target: Target, batch: readonly Sent[]): Promise<IngestResult[]> {
    for (;;) {
      try {
        return await ingest(this.#pipeline, target, batch)
      } catch (error) {
        if (!(error instanceof StoreBusyError)) throw error
        await delay(BUSY_WAIT_MS, undefined, { signal: this.#signal })
      }
    }
  }
}

function ingest(pipeline: Pipeline, { source, account }: Target, batch: readonly Sent[]): Promise<IngestResult[]> {
  if (account === null)
    return pipeline.ingestReadings(
      source,
      batch.map(({ record: { raw, reading }, place, ordinal }) => {
        if ('native' in reading) throw new Error('a native record has an account')
        return { raw, place, ordinal, reading }
      }),
    )
  return pipeline.ingest(
    account,
    source.name,
    batch.map(({ record: { raw, reading }, place, ordinal }) =>
      'native' in reading
        ? { raw, place, ordinal, body: reading.native }
        : { raw, place, ordinal, body: null, problem: reading.ok ? 'is not native' : reading.detail },
    ),
  )
}
