import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Source } from '../store/directory.ts'
import type { IncomingReading, IngestResult, Pipeline } from './pipeline.ts'

/** Readings that wait for the disk at once: those of the longest event fit. */
const BATCH = 250

/**
 * Stores what was read of one request or record: a result for each reading, in order. Others have their turn on the
 * event loop after every batch, whatever became of it.
 */
export async function ingestInTurns(
  pipeline: Pipeline,
  source: Source,
  readings: Iterable<IncomingReading>,
): Promise<IngestResult[]> {
  const results: IngestResult[] = []
  let batch: IncomingReading[] = []
  const store = async () => {
    for (const result of await pipeline.ingestReadings(source, batch)) results.push(result)
    batch = []
    await nextTurn()
  }
  for (const reading of readings) if (batch.push(reading) === BATCH) await store()
  if (batch.length > 0) await store()
  return results
}
