import type { Facts, Json, UNITED_LISTS } from '../../record/facts.ts'
import type { WireFault } from '../../record/wire.ts'

/** Reads one of the lists that unite: puts a fact for each field of each entry, and adds to `faults` what is wrong. */
export function readUnited(
  value: unknown,
  list: (typeof UNITED_LISTS)[number],
  facts: Facts,
  faults: WireFault[],
): void {
  if (value == null) return
  const at = list.wire.join('.')
  if (!Array.isArray(value) || value.length > 200) {
    faults.push({ field: at, reason: 'must be a list of at most 200 entries' })
    return
  }
  const entries = new Map<string, Record<string, Json>>()
  value.forEach((entry, index) => {
    const before = faults.length
    const read = list.item.read(entry, `${at}[${index}]`, faults) as Record<string, Json> | undefined
    if (read === undefined || faults.length > before) return
    const key = list.keyOf(read)
    if (key === null) {
      faults.push({ field: `${at}[${index}]`, reason: `needs ${list.keyFields}, to tell it from the others` })
      return
    }
    const known = entries.get(key)
    if (known === undefined) entries.set(key, read)
    else for (const name of list.fields) known[name] = read[name] ?? known[name] ?? null
  })
  // By key, so that a list is the same report in whatever order it comes.
  for (const key of entries.size < 2 ? entries.keys() : [...entries.keys()].sort()) {
    const entry = entries.get(key) as Record<string, Json>
    const before = `${list.path}#${key}.`
    for (const name of list.fields) {
      const held = entry[name]
      if (held == null || (name === 'ringGroup' && isInKeyAlone(entry))) continue
      facts[before + name] = held
    }
  }
}

/**
 * Whether a queue says no more of its ring group than its key does: what repeats the id without the name must not take
 * the name away. A queue that says nothing else has to say it, or it were none.
 */
function isInKeyAlone(entry: Record<string, Json>): boolean {
  if ((entry.ringGroup as { name: string | null }).name !== null) return false
  for (const name in entry) if (name !== 'ringGroup' && entry[name] !== null) return true
  return false
}
