import { hash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import type { Directory } from '../../store/directory.ts'

/** Entries of the quarantine that are looked through, newest first. */
const MOST = 100_000

/**
 * A directory whose quarantine takes no record that it holds already from the same place of the same file: an import
 * that is run again refuses the same lines again.
 */
export async function withoutKnownRefusals(directory: Directory): Promise<Directory> {
  const known = new Set<string>()
  for (let beforeId = Number.MAX_SAFE_INTEGER; known.size < MOST; ) {
    const { entries } = directory.quarantined({ accountId: null, limit: 200, beforeId })
    if (entries.length === 0) break
    await setImmediate() // The thread may be a server's.
    for (const entry of entries) if (entry.origin !== null) known.add(keyOf(entry))
    beforeId = entries.at(-1)?.id as number
  }
  return {
    ...directory,
    quarantine(entries) {
      directory.quarantine(entries.filter((entry) => entry.origin === null || !known.has(keyOf(entry))))
    },
  }
}

function keyOf({ source, origin, raw }: { source: string; origin: string | null; raw: string }): string {
  return hash('sha256', JSON.stringify([source, origin, raw]), 'base64')
}
