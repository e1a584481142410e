import { decompress } from '../../ingest/file/decompress.ts'
import { splitLines } from '../../ingest/file/lines.ts'
import type { FileEnd, FileRecord } from '../../ingest/file/read-call-file.ts'

const NO_LIMITS = { maxBytes: Number.POSITIVE_INFINITY, maxRatio: Number.POSITIVE_INFINITY }

/** The records of native NDJSON on standard input, packed or not; as `readCallFile` gives them. */
export async function* stdinRecords(input: AsyncIterable<Uint8Array>): AsyncGenerator<FileRecord | FileEnd, void> {
  let fileBytes = 0
  let next = { offset: 0, line: 1 }
  const counted = (async function* () {
    for await (const chunk of input) {
      fileBytes += chunk.length
      yield chunk
    }
  })()
  for await (const lines of splitLines(decompress(counted, NO_LIMITS), next)) {
    if (!Array.isArray(lines)) return yield { kind: 'end', fault: lines, next, fileBytes }
    for (const { text: raw, line, end, nextLine, problem } of lines) {
      next = { offset: end, line: nextLine }
      yield { kind: 'record', line, raw, reading: readingOf(raw, problem), next, fileBytes }
    }
  }
  yield { kind: 'end', fault: null, next, fileBytes }
}

function readingOf(raw: string, problem: string | null): FileRecord['reading'] {
  try {
    if (problem === null) return { native: JSON.parse(raw) }
    return { ok: false, reason: 'unreadable', field: null, detail: problem }
  } catch {
    return { ok: false, reason: 'unreadable', field: null, detail: 'is not JSON' }
  }
}
