import { openCallFile } from '../../ingest/file/open-file.ts'
import { type FileEnd, type FileRecord, readCallFile } from '../../ingest/file/read-call-file.ts'
import { type FileFormat, sniffFormat } from '../../ingest/file/sniff.ts'
import type { Pipeline } from '../../ingest/pipeline.ts'
import type { Progress } from '../console.ts'
import { grouped } from '../table.ts'
import { BEGINNING, FileWork } from './file-work.ts'
import type { FileProgress, ImportJournal } from './import-journal.ts'
import type { InputFile } from './input-files.ts'
import { Ordinals } from './ordinals.ts'
import { Sender } from './sender.ts'
import { stdinRecords } from './stdin-records.ts'
import { Tally } from './tally.ts'
import { type Target, type Targets, targetKey } from './targets.ts'

const NO_LIMITS = { maxBytes: Number.POSITIVE_INFINITY, maxRatio: Number.POSITIVE_INFINITY }
const WRITE_JOURNAL_EVERY_MS = 1000
const SHOW_EVERY_MS = 100

/** A file that could not be read, or not to its end. */
export interface Incomplete {
  file: string
  reason: string
  /** Whole records before that, and the line where they end; null where not one byte could be read. */
  records: number | null
  line: number | null
}

interface Parts {
  pipeline: Pipeline
  targets: Targets
  /** Null: nothing can be resumed. */
  journal: ImportJournal | null
  /** Whether to go on where an earlier import was interrupted. */
  resumes: boolean
  signal: AbortSignal
  progress: (state: Progress) => void
  /** Bytes of all files. */
  bytes: number
}

/** One import on its way through its files. */
export class ImportRun {
  readonly tally = new Tally()
  readonly incomplete: Incomplete[] = []
  /** Files of an earlier import that was interrupted: what it has done is not done again. */
  resumedFiles = 0
  resumedRecords = 0
  readonly #parts: Parts
  readonly #sender: Sender
  readonly #unwritten = new Set<FileProgress>()
  readonly #begun: FileProgress[] = []
  readonly #startMs = performance.now()
  #writtenAtMs = performance.now()
  #shownAtMs = Number.NEGATIVE_INFINITY
  #bytesBefore = 0

  constructor(parts: Parts) {
    this.#parts = parts
    this.#sender = new Sender({ ...parts, onSettled: (last) => this.#settled(last) })
  }

  /** Imports files in their format, or in the one that each shows; stops early when the signal is aborted. */
  async files(files: readonly InputFile[], format: FileFormat | null): Promise<void> {
    try {
      for (const file of files) {
        if (this.#parts.signal.aborted) break
        await this.#file(file, format).catch((error) => this.#unreadable(file, error))
        this.#bytesBefore += file.bytes
      }
      await this.#settle()
    } finally {
      this.#writeJournal()
    }
  }

  /** Imports native NDJSON from standard input. */
  async input(input: AsyncIterable<Uint8Array>): Promise<void> {
    const target = this.#parts.targets.of('native-ndjson')
    const records = stdinRecords(untilAborted(input, this.#parts.signal))
    await this.#records(records, { name: 'standard input', target, work: new FileWork(null) })
    await this.#settle()
  }

  /** The import has ended: nothing of it is to be resumed. */
  forget(): void {
    this.#parts.journal?.forget(this.#begun)
  }

  async #file(file: InputFile, given: FileFormat | null): Promise<void> {
    if (file.bytes === 0) return
    const format = given ?? sniffFormat((await openCallFile(file.path, NO_LIMITS)).head, file.path)
    if (format === null) {
      const reason = 'holds none of the formats that are read; --format says which it is'
      this.incomplete.push({ file: file.path, reason, records: null, line: null })
      return
    }
    const target = this.#parts.targets.of(format)
    const key = targetKey(target)
    const before = this.#parts.resumes ? (this.#parts.journal?.find(file, key) ?? null) : null
    const progress = before ?? { file, target: key, next: BEGINNING, records: 0, done: false }
    this.#begun.push(progress)
    if (before !== null && (before.done || before.next.offset > 0)) {
      this.resumedFiles += 1
      this.resumedRecords += before.records
    } else progress.records = 0
    if (progress.done) return
    const { timeZone } = target.source
    const read = await readCallFile(file.path, { format, timeZone, from: progress.next, limits: NO_LIMITS })
    if (read !== null) await this.#records(read.records, { name: file.path, target, work: new FileWork(progress) })
  }

  async #records(
    records: AsyncIterable<FileRecord | FileEnd>,
    { name, target, work }: { name: string; target: Target; work: FileWork },
  ): Promise<void> {
    const ordinals = new Ordinals()
    for await (const record of records) {
      if (this.#parts.signal.aborted) return
      if (record.kind === 'end') {
        this.#note(work.end())
        if (record.fault === null) return
        const { fault, next } = record
        this.incomplete.push({ file: name, reason: fault.detail, records: work.records, line: next.line })
        return
      }
      const ordinal = ordinals.of(record.reading)
      const next = work.give(record, ordinal === null)
      await this.#sender.add(target, {
        record,
        place: `${name}:${record.line}`,
        ordinal: ordinal ?? 0,
        settled: (result) => {
          this.tally.count(result)
          this.#note(work.settle(next))
        },
      })
    }
  }

  /** A file that cannot be read costs no other one; anything else that goes wrong ends the import. */
  #unreadable({ path: file }: InputFile, error: NodeJS.ErrnoException): void {
    if (error.syscall === undefined) throw error
    const hint =
      error.code === 'EACCES' ? '; what a server may not read, it can be piped: calltrail import - < FILE' : ''
    this.incomplete.push({ file, reason: `${error.message}${hint}`, records: null, line: null })
  }

  #note(progress: FileProgress | null): void {
    if (progress !== null) this.#unwritten.add(progress)
  }

  /** After each batch that is on the disk. */
  #settled({ fileBytes }: FileRecord): void {
    if (performance.now() - this.#writtenAtMs >= WRITE_JOURNAL_EVERY_MS) this.#writeJournal()
    this.#show(fileBytes)
  }

  /** Waits for what is on its way. */
  async #settle(): Promise<void> {
    try {
      await this.#sender.finish()
    } catch (error) {
      if (!this.#parts.signal.aborted) throw error
    }
  }

  #writeJournal(): void {
    this.#writtenAtMs = performance.now()
    if (this.#unwritten.size > 0) this.#parts.journal?.write([...this.#unwritten])
    this.#unwritten.clear()
  }

  #show(fileBytes: number): void {
    const nowMs = performance.now()
    if (nowMs - this.#shownAtMs < SHOW_EVERY_MS) return
    this.#shownAtMs = nowMs
    const { records } = this.tally
    const perS = Math.round((records * 1000) / (nowMs - this.#startMs))
    this.#parts.progress({
      done: this.#bytesBefore + fileBytes,
      total: this.#parts.bytes,
      note: `${grouped(records)} records, ${grouped(perS)}/s`,
    })
  }
}

/** Ends with the abort's reason where the input would go on waiting. */
async function* untilAborted<T>(input: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  aborted.catch(() => {})
  const items = input[Symbol.asyncIterator]()
  for (;;) {
    signal.throwIfAborted()
    const { done, value } = await Promise.race([items.next(), aborted])
    if (done === true) return
    yield value
  }
}
