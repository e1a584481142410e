import { readdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { folderPaths, type SegmentRange } from '../folder/folder.ts'
import type { FileNames } from '../folder/migrate.ts'
import type { Row } from '../row/row-columns.ts'
import { rowFacts } from '../row/row-facts.ts'
import { rowHead, rowSource } from '../row/row-head.ts'
import { type CallFile, placedOf } from '../segments/call-file.ts'
import type { OpenSegments } from '../segments/open-segments.ts'
import type { MoveJournal } from './move-journal.ts'

/** What a segment's files are called: its number, and what of it they are. */
const SEGMENT_FILE = /^(\d{6,})\.(db|db-wal|db-shm|db-journal|filter|filter\.new|draft|draft-journal)$/

/**
 * Removes what a crash has left in `segments/`: files of segments that the map does not name, not yet or no more, and
 * drafts. Numbers beyond `lastNo` were never given here: such a file came from elsewhere, and is left alone.
 */
export function removeOrphans(folder: string, { ranges, lastNo }: { ranges: readonly SegmentRange[]; lastNo: number }) {
  const { segments } = folderPaths(folder)
  const named = new Set(ranges.map(({ path }) => basename(path, '.db')))
  for (const name of readdirSync(segments)) {
    const [, stem, what] = SEGMENT_FILE.exec(name) ?? []
    if (stem === undefined || Number(stem) > lastNo) continue
    if (!named.has(stem) || what === 'filter.new') rmSync(join(segments, name), { force: true })
  }
}

interface Parts {
  live: CallFile
  segments: OpenSegments
  names: FileNames
}

/** A call in both `live.db` and a segment is the segment's: its end was committed, its removal from `live.db` was not. */
export function mendLive({ live, segments, names }: Parts): void {
  const calls = live.db.prepare('SELECT account, uuid FROM calls').all() as unknown as {
    account: number
    uuid: Uint8Array
  }[]
  for (const { account, uuid } of calls)
    if (segments.find(uuid, account) !== null) remove(live, live.find(uuid, account) as Row, names)
  if (live.dirty) live.commit()
}

/**
 * A call in two segments was being moved when the writer was killed: where it went was committed, and its removal from
 * where it was before was not. The later change is right.
 */
export function mendMoves({ segments, names }: Omit<Parts, 'live'>, journal: MoveJournal): void {
  const moves = journal.noted()
  for (const { account, uuid } of moves) {
    const found = segments.findAll(uuid, account)
    const latest = Math.max(...found.map(({ row }) => rowHead(row).seq))
    for (const { file, row } of found) if (rowHead(row).seq < latest) remove(file, row, names)
  }
  for (const file of segments.files()) if (file.dirty) file.commit()
  if (moves.length > 0) journal.note([])
}

function remove(file: CallFile, row: Row, names: FileNames): void {
  const { account, callUuid } = rowHead(row)
  const facts = rowFacts(row, names.sources.nameOf(rowSource(row)))
  file.begin()
  file.remove(placedOf(row, facts, { accountId: names.accounts.nameOf(account), callUuid }))
}
