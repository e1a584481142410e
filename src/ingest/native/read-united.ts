import type { UnitedList } from '../../record/facts.ts'
import type { Entry, UnitedEntries } from '../../record/united-lists.ts'
import type { WireFault } from '../../record/wire.ts'

type Keyed = UnitedEntries['entries'][number]

const NONE: Keyed[] = []

/**
 * Reads one of the lists that unite: its entries by key, so that a list is the same report in whatever order it comes.
 * Adds to `faults` what is wrong.
 */
export function readUnited(value: unknown, list: UnitedList, faults: WireFault[]): Keyed[] {
  if (value == null) return NONE
  const at = list.wire.join('.')
  if (!Array.isArray(value) || value.length > 200) {
    faults.push({ field: at, reason: 'must be a list of at most 200 entries' })
    return NONE
  }
  const entries: Keyed[] = []
  for (let index = 0; index < value.length; index++) {
    const before = faults.length
    const entry = list.item.read(value[index], `${at}[${index}]`, faults) as Entry | undefined
    if (entry === undefined || faults.length > before) continue
    const key = list.keyOf(entry)
    if (key === null)
      faults.push({ field: `${at}[${index}]`, reason: `needs ${list.keyFields}, to tell it from the others` })
    else entries.push({ key, entry })
  }
  const united = entries.length < 2 ? entries : eachOnce(entries, list)
  for (const { entry } of united) if (entry.ringGroup != null && isInKeyAlone(entry)) entry.ringGroup = null
  return united
}

/** What several entries say of one, together: of a field the last that says something. */
function eachOnce(entries: readonly Keyed[], list: UnitedList): Keyed[] {
  const byKey = new Map<string, Entry>()
  for (const { key, entry } of entries) {
    const known = byKey.get(key)
    if (known === undefined) byKey.set(key, entry)
    else for (const name of list.fields) known[name] = entry[name] ?? known[name] ?? null
  }
  return [...byKey.keys()].sort().map((key) => ({ key, entry: byKey.get(key) as Entry }))
}

/**
 * Whether a queue says no more of its ring group than its key does: what repeats the id without the name must not take
 * the name away. A queue that says nothing else has to say it, or it were none.
 */
function isInKeyAlone(entry: Entry): boolean {
  if ((entry.ringGroup as { name: string | null }).name !== null) return false
  for (const name in entry) if (name !== 'ringGroup' && entry[name] !== null) return true
  return false
}
