import { isNoTime, readTime } from '../../record/time.ts'
import { cleanText } from '../clean-text.ts'
import type { Reading, RefusalReason } from '../reading.ts'
import { CHANNEL_ID } from './utc-shift.ts'

/** One row of `Master.csv`. Times are epoch microseconds of whole seconds; null is "empty" or "no such column". */
export interface MasterRow {
  accountcode: string | null
  src: string | null
  dst: string | null
  dcontext: string | null
  clid: string | null
  channel: string | null
  dstchannel: string | null
  lastapp: string
  lastdata: string
  /** `start` as written. */
  startText: string
  startUs: number
  answerUs: number | null
  endUs: number
  disposition: string
  uniqueid: string | null
  userfield: string | null
  linkedid: string | null
}

export type Refusal = Extract<Reading, { ok: false }>

export function refuse(reason: RefusalReason, field: string | null, detail: string): Refusal {
  return { ok: false, reason, field, detail }
}

/**
 * The columns of cdr_csv (`build_csv_record` of cdr/cdr_csv.c), the same in every version: 16 fixed ones, then
 * `uniqueid` (loguniqueid), `userfield` (loguserfield), and `peeraccount`, `linkedid`, `sequence` (newcdrcolumns).
 */
export function readMasterColumns(
  columns: readonly string[],
  { timeZone, shiftUs }: { timeZone: string; shiftUs: number },
): MasterRow | Refusal {
  if (columns.length < 16 || columns.length > 21)
    return refuse('unreadable', null, `has ${columns.length} columns; a row of Master.csv has 16 to 21`)
  const times = readTimes(columns, timeZone, shiftUs)
  if ('ok' in times) return times
  const text = (index: number, maxLength: number) => cleanText(columns[index], maxLength)
  return {
    accountcode: text(0, 128),
    src: text(1, 256),
    dst: text(2, 256),
    dcontext: text(3, 256),
    clid: text(4, 512),
    channel: text(5, 100),
    dstchannel: text(6, 100),
    lastapp: text(7, 256) ?? '',
    lastdata: text(8, 256) ?? '',
    startText: text(9, 32) ?? '',
    ...times,
    disposition: (text(14, 32) ?? '').toUpperCase(),
    ...readExtraColumns(columns.slice(16)),
  }
}

/** The columns after the sixteenth, told by their number. */
export function readExtraColumns(extra: readonly string[]): Pick<MasterRow, 'uniqueid' | 'userfield' | 'linkedid'> {
  const isNew = extra.length >= 3
  const [first = '', second = ''] = isNew ? extra.slice(0, -3) : extra
  // One column alone is either of the two: an id looks like one.
  const isId = extra.length % 3 === 2 || CHANNEL_ID.test(first)
  return {
    uniqueid: isId ? cleanText(first, 150) : null,
    userfield: cleanText(isId ? second : first, 8192),
    linkedid: isNew ? cleanText(extra.at(-2), 150) : null,
  }
}

type Times = Pick<MasterRow, 'startUs' | 'answerUs' | 'endUs'>

function readTimes(columns: readonly string[], timeZone: string, shiftUs: number): Times | Refusal {
  const times: (number | null)[] = []
  for (const [index, name] of [
    [9, 'start'],
    [10, 'answer'],
    [11, 'end'],
  ] as const) {
    const written = columns[index] ?? ''
    const isNone = isNoTime(written)
    if (isNone && name !== 'answer') return refuse('missing_field', name, `a CDR has its ${name}`)
    const timeUs = isNone ? null : readTime(written, timeZone)
    if (!isNone && timeUs === null) return refuse('bad_time', name, 'must be a time such as 2024-01-15 14:28:48')
    times.push(timeUs === null ? null : laterHour(timeUs + shiftUs, times[0] ?? null))
  }
  const [startUs, answerUs = null, endUs] = times as [number, number | null, number]
  return { startUs, answerUs, endUs }
}

/** A time in the hour that autumn repeats is read as the first such hour; one before the call's start is the second. */
function laterHour(timeUs: number, startUs: number | null): number {
  const hourUs = 3_600_000_000
  return startUs !== null && timeUs < startUs && timeUs + hourUs >= startUs ? timeUs + hourUs : timeUs
}
