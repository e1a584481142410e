import { formatRfc3339 } from '../../record/time.ts'
import type { Reading } from '../reading.ts'
import { isAnswered, readHangup } from './disposition.ts'
import { type MasterRow, readExtraColumns, readMasterColumns } from './master-row.ts'
import { dialedTarget, directionOf, readCaller } from './parties.ts'
import { utcShiftUs } from './utc-shift.ts'

export interface MasterOptions {
  /** Zone of the times in the file: an IANA name, an offset, or `UTC` (for `usegmtime=yes`). */
  timeZone: string
}

/** What was made of some rows of a chain; `rows` are their places in it, from 0. */
export interface ChainReading {
  rows: number[]
  reading: Reading
}

/**
 * Whether a row is of the same channel as the row before it. Asterisk writes the rows of a channel (each Dial, each
 * transfer, the final Hangup) one after another when the channel is gone. In files without ids the channel's name
 * tells; because names come again after a restart, the row must then begin while the one before it lasts.
 */
export function continuesChain(previous: readonly string[], next: readonly string[]): boolean {
  const [before, after] = [previous, next].map((columns) => readExtraColumns(columns.slice(16)).uniqueid)
  if (before !== null || after !== null) return before === after
  if (!isChannelName(next[5]) || previous[5] !== next[5]) return false
  const [start = ''] = next.slice(9)
  return start >= (previous[9] ?? '') && start <= (previous[11] ?? '')
}

/**
 * The calls in the rows of one channel, in the order of the file. The first reading is the whole conversation as its
 * caller saw it: begun with the first row, answered when first answered, ended with the last. Where several channels
 * were called in turn, at once or by transfer, each of them follows as a B leg. A row that cannot be read comes as its
 * own refusal. Half a chain, read before the whole of it, is corrected by it: the ids are the same and the longer chain
 * has the later `reported_at`.
 */
export function readMasterChain(chain: readonly (readonly string[])[], { timeZone }: MasterOptions): ChainReading[] {
  const [first = []] = chain
  const shiftUs = utcShiftUs(first[9] ?? '', readExtraColumns(first.slice(16)).uniqueid, timeZone)
  const refusals: ChainReading[] = []
  const rows: { row: MasterRow; index: number }[] = []
  chain.forEach((columns, index) => {
    if (index > 0 && String(columns) === String(chain[index - 1])) return // a row told twice, as in a sorted file
    const row = readMasterColumns(columns, { timeZone, shiftUs })
    if ('ok' in row) refusals.push({ rows: [index], reading: row })
    else rows.push({ row, index })
  })
  if (rows.length === 0) return refusals
  const id = conversationId(rows[0]?.row as MasterRow)
  const conversation: ChainReading = {
    rows: rows.map(({ index }) => index),
    reading: readConversation(
      rows.map(({ row }) => row),
      id,
    ),
  }
  const dialed = rows.filter(({ row }) => row.dstchannel !== null)
  const legs = id === null || dialed.length < 2 || !isPrimary(dialed[0]?.row as MasterRow) ? [] : dialed
  return [
    conversation,
    ...legs.map(({ row, index }) => ({ rows: [index], reading: readLeg(row, id as string) })),
    ...refusals,
  ]
}

/** A row on its own: a chain of one. Never throws. */
export function readMasterRow(columns: readonly string[], options: MasterOptions): Reading {
  return (readMasterChain([columns], options)[0] as ChainReading).reading
}

/** Names of real channels: `PJSIP/lab-0000000c`, `Local/100@ctx-00000000;2`, `DAHDI/1-1`. */
function isChannelName(channel: string | undefined): boolean {
  return channel !== undefined && /^[A-Za-z0-9_]+\/.+-[0-9a-f]+(?:;[12])?$/.test(channel)
}

/**
 * `source_id` of a channel's conversation: its uniqueid; without one, its name and when it began, because names come
 * again when Asterisk is restarted. Null where the name says nothing: then equal rows are told apart by the pipeline.
 */
function conversationId({ uniqueid, channel, startText }: MasterRow): string | null {
  if (uniqueid !== null) return uniqueid
  return channel !== null && isChannelName(channel) ? `${channel}@${startText}` : null
}

/**
 * Whether a channel's rows are a conversation of their own. With linkedid: it is the channel that began it. Without:
 * every channel, but for the dialplan's half of a Local channel and for a called party's own row, which Queue and
 * Dial through Local channels leave behind.
 */
function isPrimary({ uniqueid, linkedid, channel, lastapp }: MasterRow): boolean {
  if (linkedid !== null && uniqueid !== null) return linkedid === uniqueid
  return lastapp !== 'AppDial' && lastapp !== 'AppQueue' && !/^Local\/.*;2$/s.test(channel ?? '')
}

function readConversation(rows: readonly MasterRow[], id: string | null): Reading {
  const first = rows[0] as MasterRow
  const last = rows.at(-1) as MasterRow
  const answered = rows.filter(isAnswered)
  const dialed = rows.filter(({ dstchannel }) => dstchannel !== null)
  const deciding = answered.at(-1) ?? dialed.at(-1) ?? last
  const primary = isPrimary(first)
  const hangup = readHangup({ deciding, last, dialed: dialed.length > 0 })
  const destination = primary ? dialedTarget(deciding) : null
  const endedAtUs = Math.max(...rows.map(({ endUs }) => endUs))
  const empty = Object.entries({
    'hangup.side': hangup.side,
    'hangup.sip_status': hangup.sip_status,
    'hangup.q850': hangup.q850,
    destination,
  })
    .filter(([, value]) => value === null)
    .map(([name]) => name)
  return {
    ok: true,
    call: {
      ...(id === null ? {} : { source_id: id }),
      session_id: first.linkedid ?? (primary ? id : null),
      kind: 'cdr',
      // Seconds are all that a CDR has: its microseconds are free to put the longer chain after its own beginning.
      reported_at: formatRfc3339(endedAtUs + rows.length),
      leg: primary ? 'whole' : 'b',
      direction: primary ? directionOf(first) : 'outbound',
      from: readCaller(first),
      to: { as_sent: first.dst },
      destination,
      ...timesOf({ rows, answered, endedAtUs }),
      hangup,
      user_data: rows.find(({ userfield }) => userfield !== null)?.userfield ?? null,
      cost: { account: first.accountcode },
      ...(rows.length > 1 && empty.length > 0 ? { clear: empty } : {}),
    },
    hints: hintsOf(first),
    ...(primary || first.linkedid === null ? {} : { parentSourceId: first.linkedid }),
  }
}

/** One channel that the conversation `id` called, as a leg of its own. */
function readLeg(row: MasterRow, id: string): Reading {
  return {
    ok: true,
    call: {
      source_id: `${id}/${row.dstchannel}/${row.startText}`.slice(0, 256),
      session_id: row.linkedid ?? id,
      kind: 'cdr',
      reported_at: formatRfc3339(row.endUs),
      leg: 'b',
      direction: 'outbound',
      from: readCaller(row),
      to: { as_sent: dialedTarget(row) ?? row.dst },
      ...timesOf({ rows: [row], answered: isAnswered(row) ? [row] : [], endedAtUs: row.endUs }),
      hangup: readHangup({ deciding: row, last: row, dialed: true }),
      cost: { account: row.accountcode },
    },
    hints: hintsOf(row),
    parentSourceId: id,
  }
}

function timesOf({
  rows,
  answered,
  endedAtUs,
}: {
  rows: readonly MasterRow[]
  answered: readonly MasterRow[]
  endedAtUs: number
}): Record<string, string | null> {
  const answeredAtUs = answered.map(({ answerUs, endUs }) => answerUs ?? endUs)
  return {
    started_at: formatRfc3339(Math.min(...rows.map(({ startUs }) => startUs))),
    answered_at: answered.length === 0 ? null : formatRfc3339(Math.min(...answeredAtUs)),
    ended_at: formatRfc3339(endedAtUs),
  }
}

function hintsOf({ accountcode, channel, dst, dcontext }: MasterRow): Record<string, string | null> {
  return {
    accountcode,
    tenant: dcontext,
    did: dst,
    trunk: /^[A-Za-z0-9_]+\/(.+)-[0-9a-f]+(?:;[12])?$/.exec(channel ?? '')?.[1] ?? null,
  }
}
