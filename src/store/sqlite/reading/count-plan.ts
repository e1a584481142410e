import type { Expr } from '../../query.ts'
import type { CountTable } from '../counts/count-tables.ts'
import { DAY_US, QUARTER_US } from '../folder/schema.ts'
import { asksOnly } from './conjuncts.ts'
import { ALWAYS, isEmpty, type TimeRange } from './time-range.ts'

const IN_QUARTERS: ReadonlySet<string> = new Set(['direction', 'primary', 'onTrunk', 'state'])
const IN_DAYS: ReadonlySet<string> = new Set([...IN_QUARTERS, 'hangup.code', 'callTypes'])

/**
 * The counts that tell, of ended calls, whether these conditions hold: `quarters`, which `days` can stand for, or `days`
 * alone; null where no counts do. Whether there is an end at all is told too.
 */
export function countsThatTell(conditions: readonly Expr[]): CountTable | null {
  const within = (fields: ReadonlySet<string>) =>
    conditions.every((expr) =>
      asksOnly(expr, (leaf) => {
        if (leaf.field !== 'endedAtUs') return fields.has(leaf.field)
        return (leaf.op === 'eq' || leaf.op === 'ne') && leaf.value === null
      }),
    )
  if (within(IN_QUARTERS)) return 'quarters'
  return within(IN_DAYS) ? 'days' : null
}

/** A part of a range: whole buckets of a table, the last excluded, or a rest that only rows tell. */
export type CountPiece = { table: CountTable; from: number; before: number } | { rows: TimeRange }

const WIDTH_US = { days: DAY_US, quarters: QUARTER_US } as const

/**
 * A range cut into whole days, whole quarters at its ends where `finest` allows it, and what is left. A side that is not
 * bounded has no rest.
 */
export function countPieces(range: TimeRange, finest: CountTable): CountPiece[] {
  return cut(range, finest === 'quarters' ? ['days', 'quarters'] : ['days'])
}

function cut(range: TimeRange, [table, ...finer]: readonly CountTable[]): CountPiece[] {
  if (isEmpty(range)) return []
  if (table === undefined) return [{ rows: range }]
  const { from, before, head, tail } = wholeBuckets(range, WIDTH_US[table])
  if (from >= before) return cut(range, finer)
  return [...cut(head, finer), { table, from, before }, ...cut(tail, finer)]
}

/** The buckets that lie within a range, the last excluded, and what is before and behind them. */
export function wholeBuckets(
  { fromUs, beforeUs }: TimeRange,
  widthUs: number,
): { from: number; before: number; head: TimeRange; tail: TimeRange } {
  const from = Math.ceil(fromUs / widthUs)
  const isOpen = beforeUs >= ALWAYS.beforeUs
  const before = isOpen ? Number.MAX_SAFE_INTEGER : Math.floor(beforeUs / widthUs)
  return {
    from,
    before,
    head: { fromUs, beforeUs: Math.min(beforeUs, from * widthUs) },
    tail: isOpen ? { fromUs: beforeUs, beforeUs } : { fromUs: Math.max(fromUs, before * widthUs), beforeUs },
  }
}
