import { DERIVABLE, FACTS } from '../../../record/facts.ts'
import { docCode } from './doc-codes.ts'
import { AFTER_START, AT, CODED, FLAG, PLAIN } from './row-columns.ts'

/** Where a fact of a path goes, and the bits of `stated` and `flags` that it sets by being there. */
export type Place = { stated: number; flags: number } & (
  | { in: 'column' | 'after start'; at: number }
  | { in: 'codes'; at: number; values: readonly string[] }
  | { in: 'flag'; yes: number; no: number }
  | { in: 'types' | 'nothing' }
  | { in: 'currency' | 'document'; code: number }
)

/** The place of every fact, and of `source`. */
export const PLACES = new Map<string, Place>(
  [...FACTS.map(({ path }) => path), 'source'].map((path) => [path, placeOf(path)]),
)

/** Whether a fact is a column, in whatever form. */
export function isColumn(path: string): boolean {
  const place = PLACES.get(path)
  return place !== undefined && place.in !== 'document'
}

function placeOf(path: string): Place {
  const bit = DERIVABLE.indexOf(path)
  const stated = bit < 0 ? 0 : 1 << bit
  const isCenter = path.startsWith('center.') && path !== 'center.callTypes'
  const isTrunk = path === 'trunk.id' || path === 'trunk.domain'
  const own = { stated, flags: (isCenter ? FLAG.center : 0) | (isTrunk ? FLAG.onTrunk : 0) }
  const column = path === 'endedAtUs' ? 'ended_at' : PLAIN[path]
  const coded = CODED[path]
  if (column !== undefined) return { ...own, in: 'column', at: AT[column] }
  if (coded !== undefined) return { ...own, in: 'codes', at: AT[coded.column], values: coded.values }
  if (path === 'answeredAtUs' || path === 'rangAtUs') return { ...own, in: 'after start', at: AT[AFTER_START[path]] }
  if (path === 'endInferred') return { ...own, in: 'flag', yes: FLAG.endInferred, no: 0 }
  if (path === 'trunk.srtp') return { ...own, in: 'flag', yes: 2 << FLAG.srtpShift, no: 1 << FLAG.srtpShift }
  if (path === 'trunk.secure') return { ...own, in: 'flag', yes: 2 << FLAG.secureShift, no: 1 << FLAG.secureShift }
  if (path === 'center.callTypes') return { ...own, in: 'types' }
  if (path === 'startedAtUs' || path === 'source') return { ...own, in: 'nothing' }
  const code = docCode(path)
  if (code === undefined) throw new Error(`${path} has no place in a row's document`)
  return { ...own, in: path === 'cost.currency' ? 'currency' : 'document', code }
}
